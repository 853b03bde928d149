import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, createSystem, type System } from 'holdfast'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backedUp, moved, restoredAsOf, whileShipping } from './backups.js'

const till = actor({
  name: 'till',
  state: () => ({ sum: 0 }),
  on: {
    pay(ctx, amount: number) {
      return (ctx.state.sum += amount)
    },
    sum: (ctx) => ctx.state.sum,
  },
})

describe('the guide to backups', () => {
  let home: string
  let data: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-backups-'))
    data = join(home, 'data')
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  const opened = (dir: string): Promise<System> => createSystem({ name: 'shop', data: dir, root: till })

  async function sumIn(dir: string): Promise<number> {
    await using system = await opened(dir)
    return await system.ref(till, '/till').ask('sum')
  }

  it('makes a backup while the system runs, and data out of it', async () => {
    await using system = await opened(data)
    await system.ref(till, '/till').ask('pay', 5)
    const to = join(home, 'backup')
    expect(await backedUp(data, to)).toBeGreaterThan(0)
    await system.ref(till, '/till').ask('pay', 6)
    await restoredAsOf(new Date(), to, join(home, 'restored'))
    expect(await sumIn(join(home, 'restored'))).toBe(5)
  })

  it('ships the log, and makes data out of what was shipped', async () => {
    const to = join(home, 'shipped')
    await using system = await opened(data)
    const waits = await whileShipping(data, to, async () => {
      await system.ref(till, '/till').ask('pay', 7)
    })
    expect(waits).toBe(0)
    await restoredAsOf(new Date(), to, join(home, 'restored'))
    expect(await sumIn(join(home, 'restored'))).toBe(7)
  })

  it('takes a system elsewhere as one file', async () => {
    await (async () => {
      await using system = await opened(data)
      await system.ref(till, '/till').ask('pay', 8)
    })()
    await moved(data, join(home, 'shop.hfd'), join(home, 'loaded'))
    expect(await sumIn(join(home, 'loaded'))).toBe(8)
  })
})
