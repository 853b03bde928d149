import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { headerOf } from './batch-format.js'
import { OFFSET_EVERY } from './limits.js'
import { fill, journalOn, STORES, type Sketch, type StorePlace } from './log.fixture.js'
import type { BatchStore } from './store.js'

const EARLY = 5
const damaged = expect.objectContaining({ code: 'HF_STORE_DAMAGED' }) as unknown

/** Batches of ten blocks; the second and the fourth have the early correlation in their third and their last block. */
const LOG: readonly (readonly Sketch[])[] = Array.from({ length: 4 }, (_, batch) =>
  Array.from({ length: 10 * OFFSET_EVERY - 3 }, (_record, i) => {
    const isEarly = batch % 2 === 1 && [2 * OFFSET_EVERY + 1, 9 * OFFSET_EVERY].includes(i)
    return { actor: 1 + (i % 7), correlation: isEarly ? EARLY : 0 }
  }),
)

describe.each(STORES)('a reader of a log on $store', ({ make }) => {
  let place: StorePlace
  let store: BatchStore

  beforeEach(async () => {
    place = make()
    store = place.open()
    await fill(store, LOG)
  })

  afterEach(async () => {
    await store.close()
    place.remove()
  })

  /** Writes a batch again with one bit changed. */
  async function damage(position: number, at: number): Promise<void> {
    const { first, bytes } = store.batchAt(position)!
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 8
    const batches = [{ first, bytes: flipped }]
    await store.commit({ batches, snapshots: [], outdated: [], groups: [], names: [] })
  }

  it('finds the records of a correlation in the few blocks that they stand in', () => {
    const all = [...journalOn(store).read(1)].filter(({ correlation }) => correlation === EARLY)
    const { records, highest } = journalOn(store).query({ correlation: EARLY })
    expect(all).toHaveLength(5)
    expect(records.map(({ position }) => position)).toEqual(all.map(({ position }) => position))
    expect(highest).toBe(all.at(-1)!.position)
    const [, second] = all
    const from = second!.position + 1
    expect(journalOn(store).query({ correlation: EARLY, from }).records).toHaveLength(3)
  })

  it('R2 believes no record of a batch that has another bit anywhere, however small the part that it needs', async () => {
    const { first, bytes } = store.batchAt(store.last()!.first)!
    const { recordBytes } = headerOf(bytes)!
    const { byteLength } = bytes
    for (const at of [
      9,
      17,
      25,
      29,
      41,
      50,
      81,
      80 + recordBytes - 1,
      80 + recordBytes + 1,
      byteLength - 1,
    ]) {
      const journal = journalOn(store)
      await damage(first, at)
      expect(() => journal.query({ correlation: EARLY })).toThrow(damaged)
      expect(() => [...journal.readCorrelation(EARLY)]).toThrow(damaged)
      await damage(first, at)
      expect(journal.query({ correlation: EARLY }).records).toHaveLength(5)
    }
  })

  it('R2 says so when a batch is gone that the index knows', () => {
    const journal = journalOn(store)
    const { first } = store.last()!
    const gone = { look: () => undefined, batchAt: () => undefined }
    Object.assign(store, gone)
    expect(() => journal.query({ correlation: EARLY, from: first })).toThrow(damaged)
    expect(() => journal.query({ actor: 1, from: first })).toThrow(damaged)
  })
})
