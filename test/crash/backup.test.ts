// J-36: a backup of a system that runs is a prefix of its log at one position, in whole turns, and so is what is restored
// of it. A backup that is killed, or finds no room, leaves nothing that could be taken for one.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  backup,
  dump,
  LmdbStore,
  openJournal,
  restore,
  ship,
  verifyStore,
  type VerifyReport,
} from '@holdfast/journal'
import { actor, machineAuthorities, System } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Program } from './process.js'
import { ACCOUNTS, bank, START } from './programs/bank.js'
import { SmallDisk, whyNoSmallDisk } from './small-disk.js'

let home: string
let data: string
let to: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-backup-'))
  data = join(home, 'data')
  to = join(home, 'backup')
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

async function reading<T>(dir: string, read: (store: LmdbStore) => T): Promise<T> {
  const store = new LmdbStore({ dir, readOnly: true })
  try {
    return read(store)
  } finally {
    await store.close()
  }
}

const verified = (dir: string): Promise<VerifyReport> => reading(dir, (store) => verifyStore(store))

const batchesOf = (dir: string): Promise<Buffer[]> =>
  reading(dir, (store) => [...store.batches(1)].map(({ bytes }) => Buffer.from(bytes)))

/** Positions, times and heads of all records. */
async function headsOf(dir: string): Promise<unknown[]> {
  const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
  const heads = [...journal.read(1)].map(({ position, timeMs, kind, actor: of, correlation, cause }) => {
    return { position, timeMs, kind, of, correlation, cause }
  })
  await journal.close()
  return heads
}

describe('a bank that runs in another process', () => {
  let program: Program

  beforeEach(async () => {
    program = new Program('bank', [data, '7', '1', '0'])
    await program.until('acked 300')
  })

  afterEach(async () => {
    await program.kill()
  })

  it('J-36 is backed up under load to a prefix at one position, which verifies, and restored to exactly P', async () => {
    const backups = []
    for (const name of ['first', 'second', 'third']) {
      backups.push({ dir: join(home, name), ...(await backup({ data, to: join(home, name) })) })
      await program.until('acked')
    }
    program.say('stop')
    await program.until('stopped')
    const original = await batchesOf(data)
    const all = await headsOf(data)
    for (const { dir, position, batches, head } of backups) {
      expect(await verified(dir)).toMatchObject({ ok: true, next: position + 1, head })
      expect(await batchesOf(dir)).toEqual(original.slice(0, batches))
    }
    const { dir: from, position } = backups[1]!
    for (const at of [position, position - 1, Math.floor(position / 2)]) {
      const restored = join(home, `restored-${at}`)
      const { position: last } = await restore({ from, to: restored, at })
      expect(last).toBeLessThanOrEqual(at)
      expect(await headsOf(restored)).toEqual(all.slice(0, last))
      expect(await verified(restored)).toMatchObject({ ok: true })
      expect(await moneyIn(restored)).toBe(ACCOUNTS * START)
    }
  })

  it('J-36 is shipped under load, and what was shipped is restored to exactly P', async () => {
    const shipping = await ship({ data, to, everyMs: 20, fileBytes: 20_000 })
    for (let n = 0; n < 300; n++) await program.until('acked')
    program.say('stop')
    await program.until('stopped')
    const { position, lagRecords } = await shipping.catchUp()
    await shipping.stop()
    const all = await headsOf(data)
    expect([position, lagRecords]).toEqual([all.length, 0])
    for (const at of [position, Math.floor(position / 3)]) {
      const restored = join(home, `restored-${at}`)
      const { position: last } = await restore({ from: to, to: restored, at })
      expect(await headsOf(restored)).toEqual(all.slice(0, last))
      expect(await moneyIn(restored)).toBe(ACCOUNTS * START)
    }
  })

  it('J-36 is shipped on where a shipping was killed, whenever that was', async () => {
    for (const files of [1, 3, 12]) {
      const killed = new Program('ship', [data, to])
      for (let n = 0; n < files; n++) await killed.until('shipped')
      await killed.kill()
    }
    program.say('stop')
    await program.until('stopped')
    const shipping = await ship({ data, to })
    await shipping.catchUp()
    await shipping.stop()
    const restored = join(home, 'restored')
    await restore({ from: to, to: restored })
    expect(await headsOf(restored)).toEqual(await headsOf(data))
  })

  it('J-36 has no backup of one that was killed, and the next one takes away what is left of it', async () => {
    for (const batches of [1, 20, 200]) {
      const killed = new Program('backup', [data, to])
      for (let n = 0; n < batches; n++) if ((await killed.line())?.startsWith('copied') !== true) break
      await killed.kill()
      expect(existsSync(to)).toBe(false)
    }
    expect(readdirSync(home).some((name) => name.endsWith('.unfinished'))).toBe(true)
    await backup({ data, to })
    expect(await verified(to)).toMatchObject({ ok: true })
    expect(readdirSync(home).sort()).toEqual(['backup', 'data'])
  })
})

/** What all accounts have together, once everything that was on its way has arrived. */
async function moneyIn(dir: string): Promise<number> {
  const authorities = machineAuthorities()
  const system = await System.start({
    name: 'bank',
    root: bank,
    log: openJournal({ dir, authorities }),
    authorities,
  })
  await system.flushed()
  const balance = (i: number): number =>
    (system.inspect(`/bank/account-${i}`).state as { balance: number }).balance
  const waits = (i: number): number => system.inspect(`/bank/account-${i}`).waiting.length
  const all = Array.from({ length: ACCOUNTS }, (_, i) => i)
  while (all.some((i) => waits(i) > 0)) await new Promise((resolve) => setImmediate(resolve))
  const money = all.reduce((sum, i) => sum + balance(i), 0)
  await system.stop()
  return money
}

const notes = actor({
  name: 'notes',
  state: () => ({ kept: 0 }),
  on: {
    keep(ctx, _text: string) {
      return ++ctx.state.kept
    },
  },
})

const missing = whyNoSmallDisk()

describe.skipIf(missing !== undefined)(
  `J-27 a disk that is too small for it${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let disk: SmallDisk
    let system: System

    beforeEach(async () => {
      disk = SmallDisk.mount(8)
      const authorities = machineAuthorities()
      const log = openJournal({ dir: data, authorities })
      system = await System.start({ name: 'notes', root: notes, log, authorities })
      for (let n = 1; n <= 120; n++) await system.ref(notes, '/notes').ask('keep', 'x'.repeat(100_000))
    })

    afterEach(async () => {
      await system.stop()
      disk.unmount()
    })

    it.each([
      ['backup', (dir: string) => backup({ data, to: join(dir, 'copy') })],
      ['restore', (dir: string) => restore({ from: data, to: join(dir, 'copy') })],
      ['dump', (dir: string) => dump({ data, file: join(dir, 'copy') })],
    ])('J-27 has no %s, which says so by its code, and the system goes on', async (_what, make) => {
      await expect(make(disk.dir)).rejects.toMatchObject({ code: 'HF_STORE_FULL' })
      expect(readdirSync(disk.dir)).toEqual([])
      expect(await system.ref(notes, '/notes').ask('keep', 'more')).toBe(121)
    })

    it('J-27 has what was shipped before it was full, and the shipping goes on when there is room', async () => {
      const shipped = join(disk.dir, 'shipped')
      const first = await ship({ data, to: shipped, fileBytes: 1_000_000 })
      await expect(first.catchUp()).rejects.toMatchObject({ code: 'HF_STORE_FULL' })
      await first.stop()
      expect(await system.ref(notes, '/notes').ask('keep', 'more')).toBe(121)
      expect(readdirSync(shipped).filter((name) => name.endsWith('.new'))).toEqual([])
      const { position } = await restore({ from: shipped, to: join(home, 'part') })
      expect(position).toBeGreaterThan(0)
      expect(await headsOf(join(home, 'part'))).toEqual((await headsOf(data)).slice(0, position))
    })
  },
)
