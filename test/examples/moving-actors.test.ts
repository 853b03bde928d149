import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, child, createSystem, supervisor, swarm } from 'holdfast'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { putIn, takenOut } from './moving-actors.js'

const till = actor({
  name: 'till',
  state: () => ({ sum: 0 }),
  on: {
    pay(ctx, amount: number) {
      return (ctx.state.sum += amount)
    },
  },
})

const shop = supervisor({ name: 'shop', children: [child(till, { id: 'a' }), child(till, { id: 'b' })] })

describe('the guide to moving actors', () => {
  let home: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-moving-'))
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  it('takes one till elsewhere, where it goes on with its sum, and the other one begins', async () => {
    const data = join(home, 'data')
    await (async () => {
      await using system = await createSystem({ name: 'shop', data, root: shop })
      for (const at of ['/shop/a', '/shop/b']) await system.ref(till, at).ask('pay', 5)
    })()
    const file = join(home, 'a.hfa')
    expect(await takenOut(data, ['/shop/a'], swarm({ name: 'shop', root: shop }), file)).toEqual([])
    expect(await putIn(file, join(home, 'moved'))).toEqual(['/shop', '/shop/a'])
    await using system = await createSystem({ name: 'shop', data: join(home, 'moved'), root: shop })
    expect(await system.ref(till, '/shop/a').ask('pay', 1)).toBe(6)
    expect(await system.ref(till, '/shop/b').ask('pay', 1)).toBe(1)
  })
})
