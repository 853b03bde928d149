import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  add,
  batchesOf,
  keep,
  place,
  recordsOf,
  start,
  total,
  verified,
  withStore,
} from '../moving.fixture.js'
import { headerOf } from '../batch-format.js'
import { Pins } from '../pins.js'
import { backup } from './backup.js'
import { LmdbStore } from './lmdb-store.js'
import { restore } from './restore.js'
import { KeyRing } from './sealing/key-ring.js'

describe('a backup', () => {
  let home: ReturnType<typeof place>
  let data: string
  let to: string

  beforeEach(() => {
    home = place()
    data = home.dir('data')
    to = home.dir('backup')
  })

  afterEach(() => {
    home.remove()
  })

  async function recorded(keys?: KeyRing): Promise<void> {
    await using system = await start(data, keys)
    await add(system, 1, 40)
  }

  const others = (): string[] => readdirSync(dirname(data)).filter((name) => name !== 'data')

  it('J-36 of a system that goes on is a prefix at one position, byte for byte, and verifies', async () => {
    await using system = await start(data)
    await add(system, 1, 30)
    let isDone = false
    const working = (async () => {
      for (let by = 31; !isDone; by++) await add(system, by, by)
    })()
    const made = await backup({ data, to })
    isDone = true
    await working
    const copy = await batchesOf(to)
    const original = await batchesOf(data)
    expect(original.length).toBeGreaterThan(copy.length)
    expect(copy).toEqual(original.slice(0, copy.length))
    const report = await verified(to)
    expect(report).toMatchObject({ ok: true, findings: [], next: made.position + 1, head: made.head })
    expect(made.store).toBe(report.store)
  })

  it('J-36 restored to P holds exactly what stands up to P, whole turns only, and goes on from there', async () => {
    await recorded()
    await backup({ data, to })
    const all = await recordsOf(data)
    for (const at of [1, 2, 7, Math.floor(all.length / 2), all.length - 1, all.length]) {
      const dir = home.dir(`restored-${at}`)
      const made = await restore({ from: to, to: dir, at }).catch((error: unknown) => error)
      if (!(made instanceof Error)) {
        const { position } = made as { position: number }
        expect(await recordsOf(dir)).toEqual(all.slice(0, position))
        const behind = all.slice(position).find(({ kind }) => kind === 'turn')
        const told = Number(behind?.['told'] ?? 0)
        expect(position === at || Number(behind?.['position']) - told <= at).toBe(true)
        expect(await verified(dir)).toMatchObject({ ok: true })
      } else expect(made).toMatchObject({ code: 'HF_INVALID', field: 'at' })
    }
    await using system = await start(home.dir(`restored-${all.length}`))
    await using before = await start(data)
    expect(await total(system)).toBe(await total(before))
  })

  it('ends with the last batch that ends at its position or before it', async () => {
    await recorded()
    const original = await batchesOf(data)
    const second = headerOf(original[2]!)!.first
    const { position, batches } = await backup({ data, to, at: second })
    expect(position).toBeLessThanOrEqual(second)
    expect(await batchesOf(to)).toEqual(original.slice(0, batches))
    const refused = backup({ data, to: home.dir('none'), at: headerOf(original[0]!)!.count - 1 })
    await expect(refused).rejects.toMatchObject({ code: 'HF_INVALID', field: 'at' })
    expect(existsSync(home.dir('none'))).toBe(false)
  })

  it('has the snapshots, names and pins of the original, and the index', async () => {
    await using system = await start(data)
    await add(system, 1, 40)
    await keep(
      system,
      Array.from({ length: 600 }, (_, i) => i),
    )
    await withStore(data, undefined, (store) => {
      new Pins(store).add({ id: 9, correlation: 'x', from: 1, to: 9, actors: [] })
    })
    await system.stop()
    await backup({ data, to })
    const shown = (store: LmdbStore): unknown => ({
      snapshots: [0, 1, 2, 3, 4].flatMap((actor) => [...store.snapshots(actor, Infinity)]),
      names: [...store.names()],
      pins: store.pins(),
      indexedUpTo: store.indexedUpTo(),
    })
    const original = await withStore(data, undefined, shown)
    expect(await withStore(to, undefined, shown)).toEqual(original)
    expect(original).toMatchObject({ pins: [{ id: 9 }], names: [{}, {}, {}, {}] })
    expect((original as { snapshots: unknown[]; indexedUpTo: number }).indexedUpTo).toBeGreaterThan(1)
    expect((original as { snapshots: unknown[] }).snapshots.length).toBeGreaterThan(0)
  })

  it('of an encrypted store needs no key, and is read with the one of the original', async () => {
    const keys = new KeyRing([randomBytes(32)])
    await recorded(keys)
    const made = await backup({ data, to })
    expect(made).toMatchObject({ isShut: true })
    expect(await verified(to, keys)).toMatchObject({ ok: true, isShut: false })
    expect(await recordsOf(to, keys)).toEqual(await recordsOf(data, keys))
    expect(await backup({ data, to: home.dir('second'), keys })).toMatchObject({ isShut: false })
    const dir = home.dir('restored')
    await restore({ from: to, to: dir, keys })
    expect(await recordsOf(dir, keys)).toEqual(await recordsOf(data, keys))
    await expect(restore({ from: to, to: home.dir('shut') })).rejects.toMatchObject({ code: 'HF_KEY' })
  })

  it('is only read: whoever wants to go on from it is told to restore it', async () => {
    await recorded()
    await backup({ data, to })
    expect(() => new LmdbStore({ dir: to })).toThrow(
      expect.objectContaining({
        code: 'HF_STORE_UNWRITABLE',
        hint: expect.stringContaining('restore') as string,
      }),
    )
  })

  it('that is not finished is nothing that could be opened', async () => {
    await new LmdbStore({ dir: to, isUnfinished: true }).close()
    for (const readOnly of [true, false])
      expect(() => new LmdbStore({ dir: to, readOnly })).toThrow(
        expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
      )
  })

  it('of a damaged store is not made, and nothing is left of it', async () => {
    await recorded()
    const store = new LmdbStore({ dir: data })
    const batch = store.batchAt(9)!
    const bytes = Buffer.from(batch.bytes)
    bytes[150] = bytes[150]! ^ 1
    await store.commit({
      batches: [{ first: batch.first, bytes }],
      snapshots: [],
      groups: [],
      names: [],
      outdated: [],
    })
    await store.close()
    await expect(backup({ data, to })).rejects.toMatchObject({ code: 'HF_STORE_DAMAGED' })
    expect(others()).toEqual([])
  })

  it('takes away what a killed one left, and leaves alone one that is being made', async () => {
    await recorded()
    const [left, alive] = [`${to}.00000000.unfinished`, `${to}.11111111.unfinished`]
    await backup({ data, to: home.dir('first') })
    for (const dir of [left, alive]) mkdirSync(dir)
    writeFileSync(join(left, 'owner.json'), JSON.stringify({ pid: 1, boot: 'before' }))
    const { self } = await import('./owner.js')
    writeFileSync(join(alive, 'owner.json'), JSON.stringify(self()))
    await backup({ data, to })
    expect([existsSync(left), existsSync(alive)]).toEqual([false, true])
  })

  it.each([
    ['to', (dir: string) => ({ to: dir })],
    ['to', (dir: string) => ({ to: join(dir, 'inside') })],
    ['to', (dir: string) => ({ to: dirname(dir) })],
    ['to', () => ({ to: '' })],
    ['at', (dir: string) => ({ to: `${dir}-2`, at: 0 })],
    ['at', (dir: string) => ({ to: `${dir}-2`, at: 1.5 })],
  ])('is refused with its field: %s', async (field, options) => {
    await recorded()
    await expect(backup({ data, ...options(data) })).rejects.toMatchObject({ code: 'HF_INVALID', field })
    expect(others()).toEqual([])
  })

  it('is refused where there is something already', async () => {
    await recorded()
    await backup({ data, to })
    await expect(backup({ data, to })).rejects.toMatchObject({ code: 'HF_INVALID', field: 'to' })
  })
})

describe('a restored store', () => {
  let home: ReturnType<typeof place>

  beforeEach(() => {
    home = place()
  })

  afterEach(() => {
    home.remove()
  })

  it('is another one than its original in every batch, and says where it is from', async () => {
    const [data, from, to] = [home.dir('data'), home.dir('backup'), home.dir('restored')]
    await (async () => {
      await using system = await start(data)
      await add(system, 1, 20)
    })()
    await backup({ data, to: from })
    const made = await restore({ from, to, nowMs: 0 })
    expect(made.store).not.toBe(made.origin)
    const report = await verified(to)
    expect(report).toMatchObject({ ok: true, store: made.store })
    expect(await withStore(to, undefined, ({ origin }) => origin)).toEqual({
      how: 'restored',
      store: made.origin,
      position: made.position,
      at: '1970-01-01T00:00:00.000Z',
    })
    expect((await verified(data)).store).toBe(made.origin)
  })

  it('ends with the last turn that began at a moment or before it', async () => {
    const [data, from, to] = [home.dir('data'), home.dir('backup'), home.dir('restored')]
    await (async () => {
      await using system = await start(data)
      await add(system, 1, 40)
    })()
    await backup({ data, to: from })
    const all = await recordsOf(data)
    const times = [...new Set(all.map(({ timeMs }) => Number(timeMs)))]
    const time = new Date(times[Math.floor(times.length / 2)]!)
    const { position } = await restore({ from, to, time: time.toISOString() })
    expect(position).toBe(all.filter(({ timeMs }) => Number(timeMs) <= time.getTime()).length)
    const early = restore({ from, to: home.dir('early'), time: new Date(0) })
    await expect(early).rejects.toMatchObject({ code: 'HF_INVALID', field: 'time' })
  })

  it.each([
    ['at', { at: 1_000_000 }],
    ['at', { at: -1 }],
    ['time', { time: 'yesterday' }],
  ])('is not made of what there is not: %s', async (field, options) => {
    const [data, to] = [home.dir('data'), home.dir('restored')]
    await (await start(data)).stop()
    await expect(restore({ from: data, to, ...options })).rejects.toMatchObject({ code: 'HF_INVALID', field })
    expect(existsSync(to)).toBe(false)
  })

  it('is not made of a log in which a batch is missing or changed', async () => {
    const [data, to] = [home.dir('data'), home.dir('restored')]
    await (async () => {
      await using system = await start(data)
      await add(system, 1, 10)
    })()
    const store = new LmdbStore({ dir: data })
    const { first } = store.batchAt(9)!
    await store.rows.log.remove(first)
    await store.close()
    await expect(restore({ from: data, to })).rejects.toMatchObject({ code: 'HF_STORE_DAMAGED' })
    expect(existsSync(to)).toBe(false)
  })
})
