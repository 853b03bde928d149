// Moving
// ======
// Takes old batches out of LMDB, whose file never gets shorter, into segments, which can be taken away.
//
//   slice, flush, breathe, slice, flush ... name the file | note it | remove some rows, breathe, remove some rows ...
//
// A process may die anywhere. Before the file is noted, its batches are in LMDB, and it is swept away; after that they
// are in the file, and what is left of them in LMDB is removed by the next writer.
//
// Invariants
//   M1  A segment is whole, flushed and read back by its header and table before it is noted, and noted before the first of
//       its batches leaves LMDB.
//   M2  Rows leave LMDB from the lowest on, a few in each transaction: lmdb-js has lost its way in mass deletions.
//   M3  The last batch stays: the end of the log is in LMDB.
//   M4  Batches are moved as they are stored, damaged or sealed as they may be.
//   M5  A batch that its segment does not have stays in LMDB, and so does everything behind it, until the segment is whole
//       again or was cut away. Nothing more is moved until then: LMDB holds an end of the log without a gap.

import type { HoldfastError } from '@holdfast/kernel'
import { HASH_BYTES, isIntact, previousOf } from '../batch-format.js'
import {
  REMOVED_BYTES,
  REMOVED_ROWS,
  SEGMENT_BATCHES,
  SEGMENT_BYTES,
  SLICE_BATCHES,
  SLICE_BYTES,
  TAIL_BYTES,
  TAIL_TIMES_BUSY,
} from '../limits.js'
import { diskFull } from '../store-failure.js'
import type { Steps, StoredBatch } from '../store.js'
import { hashOf } from './checksum.js'
import type { LogPlace } from './log-place.js'
import { SegmentWriter } from './segment-file.js'
import { makeSegmentFolder } from './segment-folder.js'
import { noteSegment, type Segment } from './segments.js'

/** How much of the log lies where. */
export interface SegmentOptions {
  /** Bytes of log that stay in LMDB at least. @default 64 MiB */
  readonly tailBytes?: number
  /** Bytes after which a segment ends. @default 32 MiB */
  readonly segmentBytes?: number
}

const NO_ROOM = Buffer.alloc(0)

interface Slice {
  readonly batches: readonly StoredBatch[]
  /** Where the batch behind them begins. */
  readonly next: number
}

/** Moves the old batches of one store. */
export class Moving {
  readonly #place: LogPlace
  readonly #tailBytes: number
  readonly #segmentBytes: number
  /** Bytes that the log takes in LMDB, by its pages and by what was added since they were counted. */
  #inTable = 0
  #hasLeft = false
  /** Where a slice is put together; it grows with the largest batch. */
  #room = NO_ROOM

  constructor(
    place: LogPlace,
    { tailBytes = TAIL_BYTES, segmentBytes = SEGMENT_BYTES }: SegmentOptions = {},
  ) {
    this.#place = place
    this.#tailBytes = tailBytes
    this.#segmentBytes = segmentBytes
  }

  /** The store was opened: looks at what there is. */
  load(): void {
    this.#count()
    this.#hasLeft = this.#left(1).length > 0
  }

  /** Whether rows are in LMDB that are in a segment as well. */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** Whether more of the log is in LMDB than should be; of a busy one, than can be. */
  isCrowded(isBusy: boolean): boolean {
    const tailBytes = isBusy ? TAIL_TIMES_BUSY * this.#tailBytes : this.#tailBytes
    return this.#inTable > tailBytes + this.#segmentBytes
  }

  /** So many bytes were added to the log. */
  added(bytes: number): void {
    this.#inTable += bytes
  }

  /** Moves one segment. @returns whether there was anything to move */
  async move(steps: Steps): Promise<boolean> {
    const { home, room, segments } = this.#place
    if (!room.has(2 * this.#segmentBytes)) throw diskFull()
    let slice = this.#slice(segments.border, 0, 0)
    if (slice.batches.length === 0) return false
    await makeSegmentFolder(home)
    const writer = await SegmentWriter.create(segments.folder, slice.batches[0]!.first)
    let segment: Segment
    try {
      let count = 0
      let last: Slice
      do {
        last = slice
        count += last.batches.length
        await writer.add(last.batches)
        await steps.breathe()
        slice = this.#slice(last.next, count, writer.bytes)
      } while (slice.batches.length > 0)
      segment = await this.#finish(writer, last.batches.at(-1)!.first, last.next)
    } catch (error) {
      await writer.discard()
      throw error
    } finally {
      this.#room = NO_ROOM
    }
    await this.#note(segment, steps)
    await this.removeLeft(steps)
    return true
  }

  /**
   * Removes what is in a segment as well.
   *
   * @throws {HoldfastError} `HF_STORE_DAMAGED` when a segment does not have what was moved into it
   */
  async removeLeft(steps: Steps): Promise<void> {
    const { left } = this.#place
    const most = this.#rowsAtOnce()
    for (let keys = this.#left(most); keys.length > 0; keys = this.#left(most)) {
      await steps.breathe()
      // M5
      let why: HoldfastError | undefined
      const staying = keys.findIndex((key) => (why = left.whyStays(key)) !== undefined)
      await this.#remove(why === undefined ? keys : keys.slice(0, staying), steps)
      if (why !== undefined) throw why
    }
    this.#hasLeft = false
    this.#count()
  }

  async #remove(keys: readonly number[], steps: Steps): Promise<void> {
    if (keys.length === 0) return
    await steps.alone(() =>
      this.#place.write(0, () => {
        for (const key of keys) void this.#place.tables().log.remove(key)
      }),
    )
  }

  async #finish(writer: SegmentWriter, last: number, next: number): Promise<Segment> {
    const { segments } = this.#place
    const before = segments.list.at(-1)?.after ?? segments.floor.before
    const after = this.#hashOf(last, next)
    const written = await writer.finish({ storeId: this.#place.storeId(), next, before })
    return { ...written, after }
  }

  // A damaged batch says nothing of itself; the one behind it says what it was.
  #hashOf(last: number, next: number): Uint8Array {
    const { log } = this.#place.tables()
    const bytes = log.getBinary(last)
    if (bytes !== undefined && isIntact(bytes)) return hashOf(bytes)
    const behind = log.getBinary(next)
    return behind === undefined ? new Uint8Array(HASH_BYTES) : Uint8Array.from(previousOf(behind))
  }

  async #note(segment: Segment, steps: Steps): Promise<void> {
    const { segments } = this.#place
    // M1
    segments.check(segment)
    await steps.alone(() =>
      this.#place.write(0, () => {
        noteSegment(this.#place.tables().meta, segment)
      }),
    )
    segments.add(segment)
    this.#hasLeft = true
  }

  /**
   * What is next in LMDB, as much as one slice takes and as the segment has room for; never the last batch. The next slice
   * stands in the same memory.
   */
  #slice(from: number, count: number, bytes: number): Slice {
    const most = Math.min(SLICE_BATCHES, SEGMENT_BATCHES - count)
    const { log } = this.#place.tables()
    const isFull = bytes >= this.#segmentBytes || most === 0
    const keys = isFull ? [] : [...log.getKeys({ start: from, limit: most + 1 })]
    const batches: StoredBatch[] = []
    let size = 0
    let next = from
    for (let i = 0; i + 1 < keys.length && bytes + size < this.#segmentBytes; i++) {
      const stored = log.getBinaryFast(keys[i]!)
      if (stored === undefined || (size > 0 && size + stored.length > SLICE_BYTES)) break
      batches.push({ first: keys[i]!, bytes: this.#copied(stored, size) })
      size += stored.length
      next = keys[i + 1]!
    }
    return { batches, next }
  }

  // What lmdb-js reads fast is longer below than what it holds.
  #copied(stored: Buffer, at: number): Buffer {
    const { length } = stored
    if (at + length > this.#room.byteLength)
      this.#room = Buffer.allocUnsafeSlow(Math.max(SLICE_BYTES, length))
    this.#room.set(stored.subarray(0, length), at)
    return this.#room.subarray(at, at + length)
  }

  #left(limit: number): number[] {
    const { segments, tables } = this.#place
    return [...tables().log.getKeys({ end: segments.border, limit })]
  }

  // M2
  #rowsAtOnce(): number {
    const last = this.#place.segments.list.at(-1)
    if (last === undefined) return REMOVED_ROWS
    return Math.max(1, Math.min(REMOVED_ROWS, Math.floor((REMOVED_BYTES * last.count) / last.bytes)))
  }

  #count(): void {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = this.#place
      .tables()
      .log.getStats() as Record<
      'pageSize' | 'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages',
      number
    >
    this.#inTable = pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages)
  }
}
