// Index group
// ===========
// Many batches' entries in order, so that those of one key stand together. An entry is a key and a place: the number of
// a block of records, counted over the batches of the group. A head says what the group covers and where each page
// begins, so that one page is enough to find a key.
//
//   head:  end of its batches (f64) | batches n (u32) | pages m (u32) | highest key (f64)
//          | first positions of n batches (f64 each) | their first places (u32 each) | lowest keys of m pages (f64 each)
//          | checksum (u32)
//   page:  entries: key as the distance from the one before, then place as the distance from the one before, which
//          has its sign in the lowest bit; both of variable length | checksum (u32)
//
// An actor concerns a whole batch, which counts as one block; a correlation concerns those that were noted.
//
// Invariants
//   G1  Head and pages follow from the batches alone, to the byte.
//   G2  A page is read on its own, and no bytes are believed whose checksum is another.

import { intact } from './damage.js'
import { checksumAround } from './disk/checksum.js'
import { forEachCorrelation } from './index-notes.js'
import { orderOf } from './index-order.js'
import { INDEX_PAGE_BYTES, OFFSET_EVERY } from './limits.js'
import type { IndexGroup, IndexKind } from './store.js'
import { putVarint } from './varint.js'

const HEAD_BYTES = 24
const CHECKSUM_BYTES = 4

/** Bytes of the longest entry: two numbers of 53 bits. */
const ENTRY_BYTES_MAX = 16

/** Where pages are written before they are cut to their length: always the same bytes, which the compiler can rely on. */
const room = new Uint8Array(INDEX_PAGE_BYTES)

/** A batch and what it notes of its records. */
export interface IndexedBatch {
  readonly first: number
  readonly next: number
  readonly keys: Readonly<Record<IndexKind, readonly number[]>>
}

/** A batch that concerns a key. */
export interface Place {
  readonly first: number
  /** The blocks of it that do, rising; `undefined` when it may be any. */
  readonly blocks: number[] | undefined
}

/** Where the batches that an index group covers end. */
export function endOf(head: Uint8Array): number {
  return viewOf(head).getFloat64(0, true)
}

/** One group of the index, as it is stored. */
export function makeGroup(kind: IndexKind, batches: readonly IndexedBatch[]): IndexGroup {
  const { keys, places, count, bases } = entriesOf(kind, batches)
  const order = orderOf(keys, count)
  const { pages, lowest } = writePages(keys, places, order)
  const head = new Uint8Array(HEAD_BYTES + 12 * batches.length + 8 * pages.length + CHECKSUM_BYTES)
  const view = viewOf(head)
  view.setFloat64(0, batches.at(-1)!.next, true)
  view.setUint32(8, batches.length, true)
  view.setUint32(12, pages.length, true)
  view.setFloat64(16, count === 0 ? 0 : keys[order[count - 1]!]!, true)
  let at = HEAD_BYTES
  for (const { first } of batches) at = writeFloat(view, at, first)
  for (const base of bases) {
    view.setUint32(at, base, true)
    at += 4
  }
  for (const key of lowest) at = writeFloat(view, at, key)
  return { kind, first: batches[0]!.first, head: withChecksum(head), pages }
}

/** The batches of a group that concern a key, from a position on, in order. `page` reads one of its pages. */
export function searchGroup(
  kind: IndexKind,
  head: Uint8Array,
  page: (page: number) => Uint8Array | undefined,
  key: number,
  from: number,
): Place[] {
  intact(isWhole(head, HEAD_BYTES), 'an index group is not the one that was written')
  const group = new GroupHead(head)
  const found: Place[] = []
  if (key > group.highest) return found
  for (let i = group.firstPage(key); i < group.pages && group.lowest(i) <= key; i++) {
    const bytes = page(i)
    intact(bytes !== undefined && isWhole(bytes, 0), 'a page of the index is not the one that was written')
    searchPage(bytes, key, (place) => {
      const batch = group.batchOf(place)
      if (group.next(batch) <= from) return
      const first = group.first(batch)
      const block = place - group.base(batch)
      const last = found.at(-1)
      if (last?.first !== first) found.push({ first, blocks: kind === 'actor' ? undefined : [block] })
      else last.blocks?.push(block)
    })
  }
  return found
}

/** Blocks of records in a batch; the last one may be short. */
function blocksIn({ first, next }: IndexedBatch): number {
  return Math.ceil((next - first) / OFFSET_EVERY)
}

interface Entries {
  readonly keys: Float64Array
  readonly places: Int32Array
  readonly count: number
  /** The first place of each batch. */
  readonly bases: readonly number[]
}

function entriesOf(kind: IndexKind, batches: readonly IndexedBatch[]): Entries {
  const most = batches.reduce((sum, batch) => sum + batch.keys[kind].length, 0)
  const keys = new Float64Array(most)
  const places = new Int32Array(most)
  const bases: number[] = []
  let count = 0
  let base = 0
  const add = (key: number, block: number): void => {
    keys[count] = key
    places[count++] = base + block
  }
  for (const batch of batches) {
    bases.push(base)
    if (kind === 'actor') for (const key of batch.keys.actor) add(key, 0)
    else forEachCorrelation(batch.keys.correlation, add)
    base += kind === 'actor' ? 1 : blocksIn(batch)
  }
  return { keys, places, count, bases }
}

// An entry that stands twice is written once: a correlation may be noted again and again in one block.
function writePages(
  keys: Float64Array,
  places: Int32Array,
  order: Int32Array,
): { pages: Uint8Array[]; lowest: number[] } {
  const pages: Uint8Array[] = []
  const lowest: number[] = []
  const full = INDEX_PAGE_BYTES - CHECKSUM_BYTES - ENTRY_BYTES_MAX
  let at = 0
  let lastKey = 0
  let lastPlace = 0
  const end = (): void => {
    pages.push(withChecksum(room.slice(0, at + CHECKSUM_BYTES)))
    at = 0
  }
  for (let i = 0; i < order.length; i++) {
    const index = order[i]!
    const key = keys[index]!
    const place = places[index]!
    if (at === 0) {
      lowest.push(key)
      lastKey = 0
      lastPlace = 0
    } else if (key === lastKey && place === lastPlace) continue
    at = putVarint(room, at, key - lastKey)
    at = putVarint(room, at, place >= lastPlace ? (place - lastPlace) * 2 : (lastPlace - place) * 2 - 1)
    lastKey = key
    lastPlace = place
    if (at > full) end()
  }
  if (at > 0) end()
  return { pages, lowest }
}

function searchPage(bytes: Uint8Array, wanted: number, visit: (place: number) => void): void {
  const end = bytes.byteLength - CHECKSUM_BYTES
  let at = 0
  let key = 0
  let place = 0
  const varint = (): number => {
    let byte = bytes[at++]!
    let value = byte & 0x7f
    for (let scale = 128; byte >= 0x80 && at < end; scale *= 128) {
      byte = bytes[at++]!
      value += (byte & 0x7f) * scale
    }
    return value
  }
  while (at < end && key <= wanted) {
    key += varint()
    const step = varint()
    place += step % 2 === 0 ? step / 2 : -(step + 1) / 2
    if (key === wanted) visit(place)
  }
}

/** What stands in the head of a group; its checksum was looked at. */
class GroupHead {
  readonly pages: number
  readonly highest: number
  readonly #view: DataView
  readonly #batches: number
  readonly #bases: number
  readonly #lowest: number

  constructor(head: Uint8Array) {
    this.#view = viewOf(head)
    this.#batches = this.#view.getUint32(8, true)
    this.pages = this.#view.getUint32(12, true)
    this.highest = this.#view.getFloat64(16, true)
    this.#bases = HEAD_BYTES + 8 * this.#batches
    this.#lowest = this.#bases + 4 * this.#batches
  }

  /** The first page that may hold a key: equal keys may begin at the end of the page before. */
  firstPage(key: number): number {
    return Math.max(
      0,
      lastBelow(this.pages, (page) => this.lowest(page) < key),
    )
  }

  lowest(page: number): number {
    return this.#view.getFloat64(this.#lowest + 8 * page, true)
  }

  first(batch: number): number {
    return this.#view.getFloat64(HEAD_BYTES + 8 * batch, true)
  }

  next(batch: number): number {
    return batch + 1 < this.#batches ? this.first(batch + 1) : this.#view.getFloat64(0, true)
  }

  /** The first place of a batch. */
  base(batch: number): number {
    return this.#view.getUint32(this.#bases + 4 * batch, true)
  }

  batchOf(place: number): number {
    return lastBelow(this.#batches, (batch) => this.base(batch) <= place)
  }
}

/** The last of so many indexes that is `below`, all of which stand before the others; -1 when there is none. */
function lastBelow(count: number, isBelow: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBelow(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}

function isWhole(bytes: Uint8Array, least: number): boolean {
  const at = bytes.byteLength - CHECKSUM_BYTES
  return at >= least && viewOf(bytes).getUint32(at, true) === checksumAround(bytes, at)
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  const at = bytes.byteLength - CHECKSUM_BYTES
  viewOf(bytes).setUint32(at, checksumAround(bytes, at), true)
  return bytes
}

function writeFloat(view: DataView, at: number, value: number): number {
  view.setFloat64(at, value, true)
  return at + 8
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
