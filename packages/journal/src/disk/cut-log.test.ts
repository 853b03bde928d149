// A log that lies in segments, and one whose beginning was cut away, as they are copied.

import { existsSync } from 'node:fs'
import { machineAuthorities, System } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal } from '../journal.js'
import { fill, sketches } from '../log.fixture.js'
import { add, batchesOf, place, recordsOf, root, total, verified } from '../moving.fixture.js'
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
})
