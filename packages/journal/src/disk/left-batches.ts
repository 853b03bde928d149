// Left batches
// ============
// What is left in LMDB of segments that were noted. Nearly always that is nothing: a batch leaves LMDB right after its
// segment was noted, or when the next writer comes by. But the copy in LMDB is the one that was flushed first, and a segment
// may have been hurt since. So each batch is held against the segment before it goes, and stays when the segment has another.
//
//   segment   [ a | b | c# | d ]              c# is not what was written
//   LMDB              [ c  | d ][ e | f ...
//                        border^
//
// Boundary: looks, and removes nothing. `moving.ts` removes.
//
// Invariants
//   W1  A batch may go when the segment gives it back to the byte, or gives a whole one where LMDB has none.
//   W2  A whole batch that is left counts, whatever the segment has in its place. One that is not whole counts for nothing.
//   W3  Where nothing is left, a reading of older batches costs one comparison more.

import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { headerOf, isIntact } from '../batch-format.js'
import type { StoredBatch } from '../store.js'
import { damagedSegment, segmentName, type SegmentFile } from './segment-file.js'
import type { Segment, Segments } from './segments.js'
import type { Tables } from './tables.js'

/** What is left in the table of one store. */
export class LeftBatches {
  readonly #tables: () => Tables
  readonly #segments: Segments
  /** The border below which nothing was left when that was looked up. What has left LMDB does not come back. */
  #emptyBelow = 0

  constructor(tables: () => Tables, segments: Segments) {
    this.#tables = tables
    this.#segments = segments
  }

  /** The store was opened: a commit that failed may have brought something back. */
  load(): void {
    this.#emptyBelow = 0
  }

  /** The whole batch in LMDB that holds a position below the border. */
  at(position: number): StoredBatch | undefined {
    if (this.#isEmpty()) return undefined
    const { log } = this.#tables()
    const end = this.#segments.floor.position - 1
    for (const first of log.getKeys({ start: position, end, reverse: true, limit: 1 })) {
      const bytes = log.getBinary(first)
      return bytes !== undefined && holds(bytes, position) ? { first, bytes } : undefined
    }
    return undefined
  }

  /** First positions in a segment, from a position on, as many as are wanted; `undefined` when one may have gone. */
  firstsIn({ first, next }: Segment, from: number, most: number): number[] | undefined {
    if (this.#isEmpty()) return undefined
    const start = Math.max(from, first)
    const { log } = this.#tables()
    const [left] = log.getKeys({ start: first, end: next, limit: 1 })
    return left === undefined || left > start
      ? undefined
      : [...log.getKeys({ start, end: next, limit: most })]
  }

  /** What is left of a segment and stays, and why. */
  *lackedBy({ first, next }: Segment): Generator<{ first: number; why: HoldfastError }> {
    if (this.#isEmpty()) return
    for (const left of [...this.#tables().log.getKeys({ start: first, end: next })]) {
      const why = this.whyStays(left)
      if (why !== undefined) yield { first: left, why }
    }
  }

  /** Why a batch stays in LMDB; `undefined` when it may go. */
  whyStays(first: number): HoldfastError | undefined {
    const { floor, folder } = this.#segments
    if (first < floor.position) return undefined
    try {
      const segment = this.#segments.at(first)
      const file = segment === undefined ? undefined : this.#segments.fileOf(segment)
      if (file === undefined || this.#isGivenBack(first, file)) return undefined
      // Whoever puts it right puts another file there, and this one would be looked at for as long as it is open.
      this.#segments.close()
      return damagedSegment(join(folder, segmentName(segment!.first)), notAsMoved(first))
    } catch (error) {
      if (error instanceof HoldfastError) return error
      throw error
    }
  }

  // W1
  #isGivenBack(first: number, file: SegmentFile): boolean {
    const index = file.indexOf(first)
    if (index === -1 || file.firstOf(index) !== first) return false
    const fast = this.#tables().log.getBinaryFast(first)
    if (fast === undefined) return true
    const left = fast.subarray(0, fast.length)
    return file.look(
      index,
      (moved) => Buffer.compare(moved, left) === 0 || (isIntact(moved) && !isIntact(left)),
    )
  }

  // W3
  #isEmpty(): boolean {
    const border = this.#segments.lastBorder
    if (border === this.#emptyBelow) return true
    const start = this.#segments.floor.position
    for (const _ of this.#tables().log.getKeys({ start, end: border, limit: 1 })) return false
    this.#emptyBelow = border
    return true
  }
}

function notAsMoved(first: number): string {
  return `the batch at position ${first} is not the one that was moved into it, which is still in LMDB and is read from there`
}

// W2
function holds(bytes: Uint8Array, position: number): boolean {
  const header = headerOf(bytes)
  return header !== undefined && position < header.first + header.count && isIntact(bytes)
}
