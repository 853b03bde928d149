// Log on disk
// ===========
// The batches of a store: the younger ones in LMDB, the older ones below them in segments.
//
// Boundary: reads, and moves nothing. `moving.ts` moves, beside a reader in this process or another one.
//
// Invariants
//   P1  LMDB holds an end of the log without a gap. What has left it was noted as a segment in an earlier transaction, so
//       that whoever does not find a batch in LMDB finds it in a segment.
//   P2  What is looked up for one batch, or for one page of keys, is of one moment: the border between both parts, and the
//       keys behind it. Between two of them batches may change their side, and are given once all the same.
//   P3  Whoever only reads stays in no transaction for longer than `READ_MS` and one batch, however long the reading goes on
//       without a step of the event loop: LMDB uses nothing again that is freed meanwhile.
//   P4  What is in both parts counts as it is in LMDB, when it is whole there: `left-batches.ts` says why it may be.

import { intact } from '../damage.js'
import { READ_MS } from '../limits.js'
import type { StoredBatch, StoredSegment } from '../store.js'
import type { LeftBatches } from './left-batches.js'
import { segmentName, type SegmentFile } from './segment-file.js'
import type { Segments } from './segments.js'
import type { Tables } from './tables.js'

const KEYS_PER_PAGE = 64

/** The log of one store. */
export class DiskLog {
  readonly #tables: () => Tables
  readonly #segments: Segments
  readonly #left: LeftBatches
  readonly #isSealed: () => boolean
  readonly #isShared: boolean
  #untilMs = 0

  /** `isShared` says that another process may write the store. */
  constructor(
    tables: () => Tables,
    segments: Segments,
    left: LeftBatches,
    isSealed: () => boolean,
    isShared: boolean,
  ) {
    this.#tables = tables
    this.#segments = segments
    this.#left = left
    this.#isSealed = isSealed
    this.#isShared = isShared
  }

  // P3
  /** Between two looks at a store that is only read: the next one is at its newest state when the last was long ago. */
  renew(): void {
    if (!this.#isShared) return
    const now = performance.now()
    if (now < this.#untilMs) return
    this.#untilMs = now + READ_MS
    this.#tables().meta.resetReadTxn()
  }

  /** The batch that holds a position. */
  batchAt(position: number): StoredBatch | undefined {
    this.renew()
    const first = this.#inTable(position)
    return first === undefined ? this.#older(position) : this.#batch(first)
  }

  // What lmdb-js reads fast, it reads into one buffer again and again, which says that it is as long as what it holds;
  // below, it is longer.
  /** Shows the batch that holds a position where it lies. */
  look<T>(position: number, see: (bytes: Uint8Array) => T): T | undefined {
    this.renew()
    const first = this.#inTable(position)
    if (first === undefined) {
      const left = this.#left.at(position)
      return left === undefined
        ? this.#inSegment(position, (file, index) => file.look(index, see))
        : see(left.bytes)
    }
    // Who opens what is sealed may have to read a key meanwhile, and gets bytes that stay.
    const { log } = this.#tables()
    const bytes = this.#isSealed() ? log.getBinary(first) : log.getBinaryFast(first)
    return bytes === undefined ? undefined : see(bytes.subarray(0, bytes.length))
  }

  /** Batches from the one that holds `from`, in order. */
  *batches(from: number): Generator<StoredBatch> {
    for (const first of this.firsts(from)) {
      const batch = this.#batch(first)
      if (batch !== undefined) yield batch
    }
  }

  /** First positions of the batches from the one that holds `from`, in order. */
  *firsts(from: number): Generator<number> {
    let next = this.#firstAt(from) ?? from
    // They are fetched in short pages, so that no cursor pins old pages while a caller takes its time.
    for (;;) {
      const page = this.#page(next)
      if (page.length === 0) return
      for (const first of page) {
        // Pages that stand in each other's place would have it read in circles.
        intact(first >= next, `its log has position ${first} behind position ${next - 1}`)
        yield first
        next = first + 1
      }
    }
  }

  /** The last batch. It never leaves LMDB, and is looked for nowhere else, whatever is noted of segments. */
  last(): StoredBatch | undefined {
    this.renew()
    const { log } = this.#tables()
    for (const first of log.getKeys({ reverse: true, limit: 1 })) {
      const bytes = log.getBinary(first)
      return bytes && { first, bytes }
    }
    return undefined
  }

  /** The parts of it that lie in files, in order. */
  *segments(): Generator<StoredSegment> {
    for (const segment of this.#segments.list)
      yield {
        ...segment,
        name: segmentName(segment.first),
        check: () => {
          this.#segments.check(segment)
        },
        lacks: () => this.#left.lackedBy(segment),
      }
  }

  // P2
  #page(next: number): number[] {
    this.renew()
    const { border, floor } = this.#segments
    const from = Math.max(next, floor.position)
    const page = from < border ? this.#segments.firstsFrom(from, KEYS_PER_PAGE, this.#left) : []
    return page.length > 0 ? page : [...this.#tables().log.getKeys({ start: from, limit: KEYS_PER_PAGE })]
  }

  #firstAt(position: number): number | undefined {
    return (
      this.#inTable(position) ??
      this.#left.at(position)?.first ??
      this.#inSegment(position, (file, index) => file.firstOf(index))
    )
  }

  // Below the border that was looked up last there is nothing of LMDB but what is left.
  #inTable(position: number): number | undefined {
    if (position < this.#segments.lastBorder) return undefined
    for (const first of this.#tables().log.getKeys({ start: position, reverse: true, limit: 1 })) return first
    return undefined
  }

  // P4
  #older(position: number): StoredBatch | undefined {
    return this.#left.at(position) ?? this.#inSegment(position, (file, index) => file.batch(index))
  }

  #inSegment<T>(position: number, give: (file: SegmentFile, index: number) => T): T | undefined {
    const segment = this.#segments.at(position)
    const file = segment === undefined ? undefined : this.#segments.fileOf(segment)
    const index = file?.indexOf(position) ?? -1
    return file === undefined || index === -1 ? undefined : give(file, index)
  }

  // P1: it may have left LMDB since its position was given.
  #batch(first: number): StoredBatch | undefined {
    this.renew()
    const isBelow = first < this.#segments.lastBorder
    const bytes = isBelow ? undefined : this.#tables().log.getBinary(first)
    return bytes === undefined ? this.#older(first) : { first, bytes }
  }
}
