// Segments
// ========
// Which segment files belong to a store, and where its log begins. Both stand in its table about itself: a row for each
// file, and the floor, below which nothing is there any more.
//
//   cut away | segment | segment | segment | LMDB, and what is being written
//       floor^                       border^
//
//   row of a segment:  position after its last (f64) | batches (u32) | bytes (f64) | checksum of header and table (u32)
//                      | hash of the batch before it (32) | hash of its last batch (32)
//   row of the floor:  position (f64) | hash of the batch before it (32)
//
// Invariants
//   N1  A file counts when it is noted, and is read when it is what its row says: the store, the positions, the checksum.
//   N2  Whoever only reads looks up again what is noted: a writer beside it notes segments, and cuts.
//   N3  A file that is gone is missing, unless the floor says that it was cut away: then nothing is there.

import { join } from 'node:path'
import type { Database } from 'lmdb'
import { NO_STORE_ID } from '../batch-format.js'
import { SEGMENTS_OPEN } from '../limits.js'
import { damagedSegment, isMissing, SegmentFile, segmentName, type SegmentHeader } from './segment-file.js'

type Meta = Database<Buffer, string>

/** A segment as its store has noted it. */
export interface Segment extends Omit<SegmentHeader, 'storeId'> {
  readonly bytes: number
  readonly checksum: number
  /** Hash of its last batch: what the batch behind it must name. */
  readonly after: Uint8Array
}

/** Who knows what is left of a segment where it came from. */
export interface LeftElsewhere {
  firstsIn(segment: Segment, from: number, most: number): number[] | undefined
}

/** Where a log begins. */
export interface Floor {
  readonly position: number
  /** Hash of the batch before it. */
  readonly before: Uint8Array
}

const HASH_BYTES = 32
const ROW_BYTES = 24 + 2 * HASH_BYTES
const PREFIX = 'segment '
const PREFIX_END = 'segment!'
const FLOOR = 'floor'
const NOTHING_CUT: Floor = { position: 1, before: new Uint8Array(HASH_BYTES) }

/** The segments of one store. */
export class Segments {
  readonly folder: string
  readonly #meta: () => Meta
  readonly #storeId: () => Uint8Array
  readonly #isShared: boolean
  readonly #open = new Map<number, SegmentFile>()
  #noted: readonly Segment[] = []
  #lastKey: string | undefined
  #floor = NOTHING_CUT
  #bytes = 0
  #border = NOTHING_CUT.position

  /** `isShared` says that another process may write the store. */
  constructor(folder: string, meta: () => Meta, storeId: () => Uint8Array, isShared: boolean) {
    this.folder = folder
    this.#meta = meta
    this.#storeId = storeId
    this.#isShared = isShared
  }

  /** Where the log begins. */
  get floor(): Floor {
    if (this.#isShared && positionIn(this.#meta()) !== this.#floor.position) this.load()
    return this.#floor
  }

  /** Where the part of the log begins that is in LMDB. */
  get border(): number {
    if (this.#isShared && this.#hasChanged()) this.load()
    return this.#border
  }

  /** The same as it was when the segments were looked up last: whoever only reads may be behind, and is never ahead. */
  get lastBorder(): number {
    return this.#border
  }

  /** Where the last segment ends that ends at or before a position; the floor when none does. */
  boundary(position: number): number {
    return this.list.findLast(({ next }) => next <= position)?.next ?? this.#floor.position
  }

  /** The segments in order, apart from those that lie below the floor. */
  get list(): readonly Segment[] {
    if (this.#isShared && this.#hasChanged()) this.load()
    return this.#noted
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.#bytes
  }

  /** Reads what is noted. */
  load(): void {
    const meta = this.#meta()
    this.#floor = floorIn(meta)
    const keys = [...meta.getKeys({ start: PREFIX, end: PREFIX_END })]
    this.#lastKey = keys.at(-1)
    this.#keep(keys.flatMap((key) => segmentIn(Number(key.slice(PREFIX.length)), meta.getBinary(key)) ?? []))
  }

  /** A segment was noted. */
  add(segment: Segment): void {
    this.#lastKey = segmentKey(segment.first)
    this.#keep([...this.#noted, segment])
  }

  /** What lies below a floor was cut away. */
  cut(floor: Floor): void {
    this.#floor = floor
    this.#keep(this.#noted)
  }

  /** The segment that holds a position. */
  at(position: number): Segment | undefined {
    const segment = this.#endingBehind(position)
    return segment !== undefined && segment.first <= position ? segment : undefined
  }

  /**
   * First positions of batches from a position on, as many as one segment has or as are wanted. Those in a file that cannot
   * be believed are known as long as they are left elsewhere.
   */
  firstsFrom(position: number, most: number, left: LeftElsewhere): number[] {
    for (let next = position; ;) {
      const segment = this.#endingBehind(next)
      if (segment === undefined) return []
      const firsts = this.#firstsIn(segment, next, most, left)
      if (firsts.length > 0) return firsts
      next = segment.next
    }
  }

  /**
   * The file of a segment, open.
   *
   * @returns `undefined` when it was cut away meanwhile
   * @throws {HoldfastError} `HF_STORE_DAMAGED` when it is not the one that is noted
   */
  fileOf(segment: Segment): SegmentFile | undefined {
    const open = this.#open.get(segment.first)
    if (open !== undefined) this.#open.delete(segment.first)
    const file = open ?? this.#opened(segment)
    if (file === undefined) return undefined
    this.#open.set(segment.first, file)
    if (this.#open.size > SEGMENTS_OPEN) this.#close(this.#open.keys().next().value!)
    return file
  }

  /** Looks whether the file of a segment is the one that is noted, or is about to be. @throws {HoldfastError} */
  check(segment: Segment): void {
    this.#opened(segment)?.close()
  }

  /** Closes all files; they are opened again when they are asked for. */
  close(): void {
    for (const first of this.#open.keys()) this.#close(first)
  }

  #firstsIn(segment: Segment, next: number, most: number, left: LeftElsewhere): number[] {
    let file: SegmentFile | undefined
    try {
      file = this.fileOf(segment)
    } catch (error) {
      const firsts = left.firstsIn(segment, next, most)
      if (firsts === undefined) throw error
      return firsts
    }
    if (file === undefined) return []
    const before = file.indexOf(next)
    const from = before !== -1 && file.firstOf(before) === next ? before : before + 1
    const count = Math.max(0, Math.min(most, file.header.count - from))
    return Array.from({ length: count }, (_, i) => file.firstOf(from + i))
  }

  // N1
  #opened(segment: Segment): SegmentFile | undefined {
    const path = join(this.folder, segmentName(segment.first))
    let file: SegmentFile
    try {
      file = new SegmentFile(path)
    } catch (error) {
      if (isMissing(error) && this.#wasCut(segment)) return undefined
      throw error
    }
    const wrong = mismatch(segment, this.#storeId(), file)
    if (wrong === undefined) return file
    file.close()
    throw damagedSegment(path, wrong)
  }

  // N3: what is read within one step of the event loop is of one moment, which may be before the cut.
  #wasCut({ next }: Segment): boolean {
    if (this.#isShared) {
      this.#meta().resetReadTxn()
      this.load()
    }
    return next <= this.#floor.position
  }

  // N2
  #hasChanged(): boolean {
    const meta = this.#meta()
    return positionIn(meta) !== this.#floor.position || lastKeyIn(meta) !== this.#lastKey
  }

  #endingBehind(position: number): Segment | undefined {
    const { list } = this
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (list[middle]!.next <= position) low = middle + 1
      else high = middle
    }
    return list[low]
  }

  #keep(segments: readonly Segment[]): void {
    this.#noted = segments.filter(({ next }) => next > this.#floor.position)
    this.#border = this.#noted.at(-1)?.next ?? this.#floor.position
    this.#bytes = this.#noted.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const first of this.#open.keys())
      if (!this.#noted.some((segment) => segment.first === first)) this.#close(first)
  }

  #close(first: number): void {
    this.#open.get(first)?.close()
    this.#open.delete(first)
  }
}

/** Notes a segment. Call it inside a write. */
export function noteSegment(
  meta: Meta,
  { first, next, count, bytes, checksum, before, after }: Segment,
): void {
  const row = Buffer.alloc(ROW_BYTES)
  row.writeDoubleLE(next, 0)
  row.writeUInt32LE(count, 8)
  row.writeDoubleLE(bytes, 12)
  row.writeUInt32LE(checksum, 20)
  row.set(before, 24)
  row.set(after, 24 + HASH_BYTES)
  void meta.put(segmentKey(first), row)
}

/** Notes where the log begins. Call it inside a write. */
export function noteFloor(meta: Meta, { position, before }: Floor): void {
  const row = Buffer.alloc(8 + HASH_BYTES)
  row.writeDoubleLE(position, 0)
  row.set(before, 8)
  void meta.put(FLOOR, row)
}

/** Under which key a segment is noted. */
function segmentKey(first: number): string {
  return `${PREFIX}${segmentName(first).slice(0, -'.hfs'.length)}`
}

/** Keys of the segments that are noted below a position, so many at the most. */
export function keysBelow(meta: Meta, position: number, limit: number): string[] {
  return [...meta.getKeys({ start: PREFIX, end: segmentKey(position), limit })]
}

/** The name of the file that is noted under a key. */
export function fileNameIn(key: string): string {
  return segmentName(Number(key.slice(PREFIX.length)))
}

function floorIn(meta: Meta): Floor {
  const row = meta.getBinary(FLOOR)
  if (row === undefined) return NOTHING_CUT
  return { position: row.readDoubleLE(0), before: Uint8Array.from(row.subarray(8, 8 + HASH_BYTES)) }
}

function positionIn(meta: Meta): number {
  return meta.getBinary(FLOOR)?.readDoubleLE(0) ?? NOTHING_CUT.position
}

function lastKeyIn(meta: Meta): string | undefined {
  for (const key of meta.getKeys({ start: PREFIX_END, end: PREFIX, reverse: true, limit: 1 })) return key
  return undefined
}

function segmentIn(first: number, row: Buffer | undefined): Segment | undefined {
  if (row?.byteLength !== ROW_BYTES) return undefined
  return {
    first,
    next: row.readDoubleLE(0),
    count: row.readUInt32LE(8),
    bytes: row.readDoubleLE(12),
    checksum: row.readUInt32LE(20),
    before: Uint8Array.from(row.subarray(24, 24 + HASH_BYTES)),
    after: Uint8Array.from(row.subarray(24 + HASH_BYTES)),
  }
}

/** What is wrong with a file that stands where a segment is noted. */
function mismatch(segment: Segment, storeId: Uint8Array, file: SegmentFile): string | undefined {
  const { header, checksum, bytes } = file
  if (Buffer.compare(header.storeId, storeId) !== 0 && storeId !== NO_STORE_ID)
    return `it was written for another store, ${Buffer.from(header.storeId).toString('hex')}`
  const { first, next, count } = segment
  if (header.first !== first) return `it says that it belongs at position ${header.first}`
  const isSame = header.next === next && header.count === count && checksum === segment.checksum
  return isSame && bytes === segment.bytes
    ? undefined
    : 'it is another one than the one that was written there'
}
