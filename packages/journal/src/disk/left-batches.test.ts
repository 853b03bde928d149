// A segment that was noted, and hurt before its batches had left LMDB: what is good there stays, and is read.

import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal } from '../journal.js'
import { everything, fill, journalOn, sketches, stored, tell, temporaryDirectory } from '../log.fixture.js'
import { AT_ONCE, type Steps, type StoredBatch, type StoredSegment } from '../store.js'
import { verifyStore } from '../verify.js'
import { SEGMENTS_FOLDER } from './data-directory.js'
import { LmdbStore } from './lmdb-store.js'

const SMALL = { tailBytes: 0, segmentBytes: 4_000 }

/** What a hurt segment is refused with when somebody is about to take its batches out of LMDB. */
const HURT = expect.objectContaining({ code: 'HF_STORE_DAMAGED', field: 'data' }) as unknown

describe('a segment whose batches are still in LMDB', () => {
  let dir: string
  let file: string
  let segment: StoredSegment
  let batches: readonly StoredBatch[]
  let whole: Buffer

  // A process that ends right after a segment was noted leaves its batches where they were, too.
  beforeEach(async () => {
    dir = temporaryDirectory()
    const store = new LmdbStore({ dir, segments: SMALL })
    await fill(store, sketches(100))
    batches = [...store.batches(1)]
    await expect(store.tidy(endingAt(store, 1))).rejects.toThrow('the process has ended')
    segment = [...store.segments()][0]!
    await store.close()
    file = join(dir, SEGMENTS_FOLDER, segment.name)
    whole = readFileSync(file)
  })

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  /** Steps of a process that ends at its nth breath after a segment was noted. */
  function endingAt(store: LmdbStore, breath: number): Steps {
    let breaths = 0
    return {
      ...AT_ONCE,
      breathe: () => {
        if ([...store.segments()].length > 0 && ++breaths === breath) throw new Error('the process has ended')
        return Promise.resolve()
      },
    }
  }

  const moved = (): readonly StoredBatch[] => batches.filter(({ first }) => first < segment.next)
  const inLmdb = (store: LmdbStore): number[] => [...store.rows.log.getKeys({ end: segment.next })]
  const plain = (all: Iterable<StoredBatch>): string[] =>
    [...all].map(({ first, bytes }) => `${first} ${Buffer.from(bytes).toString('hex')}`)

  /** One bit of a batch in the file is another. */
  function flip(nth: number): StoredBatch {
    const batch = batches[nth]!
    const changed = Buffer.from(whole)
    changed[whole.indexOf(batch.bytes) + (batch.bytes.byteLength >> 1)]! ^= 4
    writeFileSync(file, changed)
    return batch
  }

  /** Every way to a batch gives the ones that were written. */
  function expectAll(store: LmdbStore): void {
    expect(plain(store.batches(1))).toEqual(plain(batches))
    expect([...store.firsts(1)]).toEqual(batches.map(({ first }) => first))
    for (const { first, bytes } of batches) {
      expect(Buffer.compare(store.batchAt(first)!.bytes, bytes)).toBe(0)
      expect(store.look(first, (seen) => Buffer.compare(seen, bytes))).toBe(0)
    }
    expect(everything(journalOn(store)).length).toBe(batches.length * 2 - 1)
  }

  async function beside(look: (reader: LmdbStore) => void): Promise<void> {
    const reader = new LmdbStore({ dir, readOnly: true })
    try {
      look(reader)
    } finally {
      await reader.close()
    }
  }

  it('gives them up when it is whole, and nobody has to look at it again', async () => {
    const store = new LmdbStore({ dir, segments: SMALL })
    while (await store.tidy());
    expect(inLmdb(store)).toEqual([])
    expect(plain(store.batches(1))).toEqual(plain(batches))
    expect(verifyStore(store)).toMatchObject({ ok: true })
    await store.close()
  })

  it.each([0, 2])(
    'and whose file has a flipped bit in batch %i: nothing leaves LMDB from there on, and what was written is read',
    async (nth) => {
      const { first } = flip(nth)
      const store = new LmdbStore({ dir, segments: SMALL })
      await expect(store.tidy()).rejects.toEqual(HURT)
      expect(inLmdb(store)).toEqual(
        moved()
          .map((batch) => batch.first)
          .filter((each) => each >= first),
      )
      expectAll(store)
      await beside(expectAll)
      await beside((reader) => {
        const { ok, findings, batches: read, damaged } = verifyStore(reader)
        expect([ok, read, damaged]).toEqual([false, batches.length, []])
        expect(findings).toEqual([
          { kind: 'segment', position: first, what: expect.stringContaining(segment.name) as unknown },
        ])
      })
      await store.close()
    },
  )

  it.each([
    ['is gone', () => rmSync(file)],
    ['is cut off', () => truncateSync(file, 200)],
    ['has another bit in its header', () => writeFileSync(file, Buffer.from(whole).fill(0x55, 30, 31))],
  ])('and whose file %s: nothing leaves LMDB, and what was written is read', async (_, hurt) => {
    hurt()
    const store = new LmdbStore({ dir, segments: SMALL })
    await expect(store.tidy()).rejects.toEqual(HURT)
    expect(inLmdb(store)).toEqual(moved().map(({ first }) => first))
    expectAll(store)
    await beside(expectAll)
    await beside((reader) => {
      const { ok, findings, batches: read, damaged } = verifyStore(reader)
      expect([ok, read, damaged]).toEqual([false, batches.length, []])
      expect(findings.map(({ kind, position }) => [kind, position])).toEqual(
        moved().map(({ first }) => ['segment', first]),
      )
    })
    await store.close()
  })

  it('and of which a part has left LMDB is held against its file from there on', async () => {
    const store = new LmdbStore({ dir, segments: SMALL })
    const { first } = flip(3)
    await expect(store.tidy()).rejects.toEqual(HURT)
    // A batch before it that has left LMDB is hurt as well: nobody has it any more.
    const both = readFileSync(file)
    both[whole.indexOf(batches[1]!.bytes) + 140]! ^= 4
    writeFileSync(file, both)
    await beside((reader) => {
      expect(verifyStore(reader).findings.map(({ kind, position }) => [kind, position])).toEqual(
        expect.arrayContaining([
          ['checksum', batches[1]!.first],
          ['segment', first],
        ]),
      )
    })
    await store.close()
  })

  it('and whose copy in LMDB is the one that is hurt gives them up: the segment has them', async () => {
    const store = new LmdbStore({ dir, segments: SMALL })
    const { first, bytes } = batches[2]!
    const hurt = Buffer.from(bytes)
    hurt[140]! ^= 4
    await store.rows.root.transaction(() => void store.rows.log.put(first, hurt))
    expectAll(store)
    while (await store.tidy());
    expect(inLmdb(store)).toEqual([])
    expect(plain(store.batches(1))).toEqual(plain(batches))
    await store.close()
  })

  it('and is put right again gives them up then, and what is behind them is moved', async () => {
    flip(2)
    const store = new LmdbStore({ dir, segments: SMALL })
    await expect(store.tidy()).rejects.toEqual(HURT)
    await expect(store.tidy()).rejects.toEqual(HURT)
    expect([...store.segments()].length).toBe(1)
    writeFileSync(join(dir, 'from-a-backup'), whole)
    renameSync(join(dir, 'from-a-backup'), file)
    while (await store.tidy());
    expect([inLmdb(store), [...store.segments()].length > 1]).toEqual([[], true])
    expect(plain(store.batches(1))).toEqual(plain(batches))
    expect(verifyStore(store)).toMatchObject({ ok: true })
    await store.close()
  })

  it('and is cut away takes with it what was left of it, and nothing is told of it any more', async () => {
    flip(2)
    const store = new LmdbStore({ dir, segments: SMALL })
    expect(await store.dropBelow(segment.next)).toBe(segment.next)
    while (await store.tidy());
    expect(inLmdb(store)).toEqual([])
    expect(plain(store.batches(1))).toEqual(plain(batches.filter(({ first }) => first >= segment.next)))
    expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
    await store.close()
  })

  it('keeps a log from being cut behind it, which says why, and is left by a journal that goes on', async () => {
    flip(0)
    const store = new LmdbStore({ dir, segments: SMALL })
    const journal = new Journal(store, machineAuthorities())
    tell(journal, { to: 1 })
    await stored(journal)
    while (journal.tidyFailure === null) await new Promise(setImmediate)
    expect(journal.tidyFailure).toEqual(HURT)
    await expect(journal.cut(segment.next + 1)).rejects.toEqual(HURT)
    expect([journal.failure, journal.floor, everything(journal).length]).toEqual([null, 1, journal.next - 1])
    await journal.close()
  })
})
