// A log that lies in segments, and one whose beginning was cut away, as they are copied.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { machineAuthorities, System, type Retention } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forkJournal } from '../fork-journal.js'
import { Journal } from '../journal.js'
import { fill, sketches } from '../log.fixture.js'
import { add, batchesOf, place, recordsOf, root, total, verified, withStore } from '../moving.fixture.js'
import { backup } from './backup.js'
import { dump } from './dump/dump.js'
import { LmdbStore } from './lmdb-store.js'
import { restore } from './restore.js'
import { ship } from './ship.js'

const SMALL = { tailBytes: 0, segmentBytes: 3_000 }

describe('a log in segments', () => {
  let home: ReturnType<typeof place>
  let data: string

  beforeEach(() => {
    home = place()
    data = home.dir('data')
  })

  afterEach(() => {
    home.remove()
  })

  async function recorded(cutBelow = 1): Promise<void> {
    const store = new LmdbStore({ dir: data, segments: SMALL })
    await fill(store, sketches(300))
    while (await store.tidy());
    expect([...store.segments()].length).toBeGreaterThan(3)
    if (cutBelow > 1) expect(await store.dropBelow(cutBelow)).toBeGreaterThan(1)
    await store.close()
  }

  it('is backed up, restored, shipped and dumped as any other', async () => {
    await recorded()
    await backup({ data, to: home.dir('backup') })
    expect(await batchesOf(home.dir('backup'))).toEqual(await batchesOf(data))
    await restore({ from: home.dir('backup'), to: home.dir('restored') })
    await using shipping = await ship({ data, to: home.dir('shipped') })
    await shipping.catchUp()
    await restore({ from: home.dir('shipped'), to: home.dir('rebuilt') })
    for (const dir of ['restored', 'rebuilt'])
      expect(await recordsOf(home.dir(dir))).toEqual(await recordsOf(data))
    expect(await dump({ data, file: home.dir('file') })).toMatchObject({
      records: (await recordsOf(data)).length,
    })
  })

  it('that was cut is backed up and restored from where it begins now', async () => {
    await recorded(200)
    const made = await backup({ data, to: home.dir('backup') })
    const all = await batchesOf(data)
    expect(await batchesOf(home.dir('backup'))).toEqual(all)
    expect(await verified(home.dir('backup'))).toMatchObject({ ok: true, findings: [], head: made.head })
    const { position } = await restore({ from: home.dir('backup'), to: home.dir('restored') })
    expect(position).toBe(made.position)
    expect(await recordsOf(home.dir('restored'))).toEqual(await recordsOf(data))
    const below = restore({ from: home.dir('backup'), to: home.dir('below'), at: 3 })
    await expect(below).rejects.toMatchObject({ code: 'HF_INVALID', field: 'at' })
  })

  it('that was cut is neither shipped from its middle nor dumped, and is shipped on when nothing is missing', async () => {
    await recorded()
    await using first = await ship({ data, to: home.dir('shipped') })
    const { position } = await first.catchUp()
    await first.stop()
    const store = new LmdbStore({ dir: data, segments: SMALL })
    await store.dropBelow(200)
    await store.close()
    await using again = await ship({ data, to: home.dir('shipped') })
    expect(await again.catchUp()).toMatchObject({ position, lagRecords: 0 })
    await expect(ship({ data, to: home.dir('other') })).rejects.toMatchObject({ code: 'HF_LOG_CUT' })
    await expect(dump({ data, file: home.dir('file') })).rejects.toMatchObject({
      code: 'HF_INVALID',
      field: 'data',
    })
    expect(existsSync(home.dir('file'))).toBe(false)
  })

  it('is gone on from by its checkpoint, which names the batch that it has in the copy', async () => {
    const authorities = machineAuthorities()
    const started = (dir: string): Promise<System> => {
      const log = new Journal(new LmdbStore({ dir, segments: SMALL }), authorities)
      return System.start({ name: 'moving', root, log, authorities, checkpointEvery: 1 })
    }
    const system = await started(data)
    await add(system, 1, 60)
    const sum = await total(system)
    await system.stop()
    await backup({ data, to: home.dir('backup') })
    const { position } = await restore({ from: home.dir('backup'), to: home.dir('restored') })
    const copy = new Journal(new LmdbStore({ dir: home.dir('restored'), readOnly: true }), authorities)
    expect(copy.checkpoint()?.position).toBe(position)
    await copy.close()
    const again = await started(home.dir('restored'))
    expect(await total(again)).toBe(sum)
    await again.stop()
  })

  describe('whose beginning was given up', () => {
    let authorities: VirtualAuthorities

    beforeEach(() => {
      authorities = new VirtualAuthorities()
    })

    /** Lets everybody go on until something has come about. */
    async function come<T>(promise: Promise<T>): Promise<T> {
      let isPending = true
      const end = (): void => {
        isPending = false
      }
      promise.then(end, end)
      while (isPending) await authorities.settle()
      return promise
    }

    function started(dir: string, retention?: Retention): Promise<System> {
      const log = new Journal(new LmdbStore({ dir, segments: SMALL }), authorities)
      const wanted = retention === undefined ? undefined : { wanted: retention, beginning: log.beginning }
      const parts = { name: 'moving', root, log, authorities, checkpointEvery: 50, retention: wanted }
      return come(System.start(parts))
    }

    /** Has a system add numbers until the beginning of its log was cut away. */
    async function cut(): Promise<{ sum: number; base: number; floor: number }> {
      const system = await started(data, { maxRecords: 60 })
      let found: { base: number; floor: number } | undefined
      system.on('log-cut', (each) => {
        found = each
      })
      for (let n = 1; found === undefined || n < 200; n++) {
        await come(add(system, n, n))
        await authorities.advance(50)
      }
      const sum = await come(total(system))
      await come(system.stop())
      return { sum, ...found }
    }

    it('has smaller files, verifies, and goes on from what is left', async () => {
      const { sum, base, floor } = await cut()
      expect(base).toBeGreaterThanOrEqual(floor)
      expect(readdirSync(join(data, 'segments')).some((name) => Number.parseInt(name) < floor)).toBe(false)
      expect(await verified(data)).toMatchObject({ ok: true, findings: [] })
      const [first] = await recordsOf(data)
      expect(first!['position']).toBeGreaterThanOrEqual(floor)
      const system = await started(data)
      expect(await come(total(system))).toBe(sum)
      await come(system.stop())
    })

    it('J-36 is backed up, restored to positions from its beginning on, and forked', async () => {
      const { sum } = await cut()
      const base = await withStore(data, undefined, (store) => new Journal(store, authorities).beginning.base)
      await backup({ data, to: home.dir('backup') })
      await restore({ from: home.dir('backup'), to: home.dir('restored') })
      await forkJournal({
        data,
        to: home.dir('forked'),
        at: (await recordsOf(data)).at(-1)!['position'] as number,
      })
      for (const name of ['restored', 'forked']) {
        const system = await started(home.dir(name))
        expect(await come(total(system)), name).toBe(sum)
        await come(system.stop())
      }
      await restore({ from: data, to: home.dir('first'), at: base })
      const system = await started(home.dir('first'))
      await come(system.stop())
    })

    it('is not gone on from when no checkpoint is left', async () => {
      await cut()
      const store = new LmdbStore({ dir: data, segments: SMALL })
      await store.deleteSnapshots(0, 0, Infinity)
      await store.close()
      await expect(started(data)).rejects.toMatchObject({ code: 'HF_STORE_DAMAGED' })
    })

    it('J-16 an actor none of whose snapshots can be read is told of, and not begun anew', async () => {
      await cut()
      const store = new LmdbStore({ dir: data, segments: SMALL })
      const [counter] = [...store.snapshotActors()].filter((id) => id !== 0)
      for (const { actor, position, bytes } of [...store.snapshots(counter!, Infinity)]) {
        const damaged = Buffer.from(bytes)
        damaged[damaged.length - 1]! ^= 1
        const snapshots = [{ actor, position, bytes: damaged }]
        await store.commit({ batches: [], snapshots, groups: [], names: [], outdated: [] })
      }
      await store.close()
      const system = await started(data)
      expect(system.inspect('/root/counter')).toMatchObject({
        status: 'quarantined',
        quarantined: { code: 'HF_STORE_DAMAGED' },
      })
      await come(system.stop())
    })
  })
})
