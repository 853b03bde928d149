// Log reader
// ==========
// Finds records: by position, by actor, by correlation and by time, wherever their batch is just now.
//
// Invariants
//   R1  A reading shows the log as it stood when the reading began: what is written meanwhile is left out, and a batch
//       that moves to the disk meanwhile is neither missed nor given twice.
//   R2  A batch whose bytes are not the ones that were written, or a gap between two batches, ends the reading with
//       HF_STORE_DAMAGED: nothing is skipped, and nothing is believed unseen. Who rebuilds one actor, or all of them, is
//       shown a batch in which one bit is another as it was written, and is told which record that concerns.
//   R3  Reading writes nothing.
//   R4  A log whose beginning was cut away begins at its floor: nothing is below it. A reading that a cut overtakes ends
//       with HF_LOG_CUT.

import { refuse, type LogDamage, type LogRecord, type MessageRecord } from '@holdfast/kernel'
import { excerptsOf } from './batch-excerpt.js'
import { headerOf, isIntact, type BatchHeader } from './batch-format.js'
import type { BatchIndex } from './batch-index.js'
import { BatchReader } from './batch-reader.js'
import type { Codec } from './codec.js'
import { intact, there } from './damage.js'
import { DamagedBatches } from './damaged-batches.js'
import type { Place } from './index-group.js'
import { BATCHES_KEPT, KEYS_LOOKED_UP } from './limits.js'
import type { BatchStore } from './store.js'

/** Which records are wanted. All bounds are positions, and all are included. */
export interface LogQuery {
  /** Records that concern this actor, apart from those that count as deleted. */
  readonly actor?: number
  /** Records of this correlation; 0 is none, and finds nothing. */
  readonly correlation?: number
  /** @default 1 */
  readonly from?: number
  /** @default the last position */
  readonly to?: number
  /** How many records at the most, counted from `from`. @default no limit */
  readonly limit?: number
}

/** What a query found. */
export interface LogAnswer {
  readonly records: readonly LogRecord[]
  /** The last position of the actor or correlation, whatever the bounds were and whether it was deleted; 0 for none. */
  readonly highest: number
}

/** Where the bytes of batches are: in the store, on the way there, or still open. */
export interface BatchSource {
  /** Position of the next record. */
  readonly next: number
  /** The batch that holds a position, and whether its bytes come from the store. */
  batchAt(position: number): { readonly bytes: Uint8Array; readonly isStored: boolean } | undefined
}

/** Reads the log of one journal. */
export class LogReader {
  readonly #source: BatchSource
  readonly #store: BatchStore
  readonly #index: BatchIndex
  readonly #codec: Codec
  readonly #damaged: DamagedBatches
  readonly #kept: { readonly first: number; readonly end: number; readonly bytes: Uint8Array }[] = []

  constructor(source: BatchSource, store: BatchStore, index: BatchIndex, codec: Codec) {
    this.#source = source
    this.#store = store
    this.#index = index
    this.#codec = codec
    this.#damaged = new DamagedBatches(store, codec)
  }

  /** The records of one position and after, in order. */
  *read(from: number, below: number): Generator<LogRecord> {
    const end = Math.min(below, this.#source.next)
    for (const batch of this.#batches(Math.max(this.#store.floor, from), end)) {
      for (const record of batch.records(from)) {
        if (record.position >= end) return
        yield record
      }
    }
  }

  /**
   * Whole batches in order, from the one that holds a position up to what is there now: the quickest way through the log.
   * With `onDamage` a damaged batch is told of, before it is given as it was written or, when nobody knows that, left out.
   */
  readBatches(from: number, onDamage?: (damage: LogDamage) => void): Generator<BatchReader> {
    return this.#batches(Math.max(from, this.#store.floor), this.#source.next, onDamage)
  }

  /** The records of one actor from a position on, apart from those that count as deleted. */
  readActor(actor: number, from: number): Generator<LogRecord> {
    return this.#select({ actor, from }, true)
  }

  /** The records of one correlation, in order, over all actors. */
  readCorrelation(correlation: number): Generator<LogRecord> {
    return this.#select({ correlation })
  }

  /**
   * Whole batches in order, each as its records: those with anything of these actors, from the batch that holds one
   * position to the other position. What a turn did stands in the batch of the turn.
   */
  *readTogether(actors: Iterable<number>, from: number, to: number): Generator<readonly LogRecord[]> {
    const end = Math.min(to + 1, this.#source.next)
    const keys = [...actors]
    if (keys.length > KEYS_LOOKED_UP) {
      for (const batch of this.#batches(Math.max(this.#store.floor, from), end))
        yield recordsBelow(batch, end)
      return
    }
    const firsts = new Set<number>()
    for (const actor of keys) for (const { first } of this.#places({ actor }, from, end)) firsts.add(first)
    for (const first of [...firsts].sort((a, b) => a - b)) yield recordsBelow(this.#batch(first), end)
  }

  /** The records that a query asks for. @throws {HoldfastError} `HF_INVALID` with the field's name */
  query(query: LogQuery): LogAnswer {
    const { actor, correlation, from = 1, to = Infinity, limit = Infinity } = query
    for (const [field, value] of Object.entries({ actor, correlation, from, to, limit })) {
      if (value !== undefined && (typeof value !== 'number' || !(value >= 0)))
        refuse(`query.${field}`, value, 'a number from 0')
    }
    const records: LogRecord[] = []
    if (limit > 0 && from <= to) {
      for (const record of this.#select(query)) {
        if (record.position > to) break
        records.push(record)
        if (records.length >= limit) break
      }
    }
    return { records, highest: this.#highest(query) }
  }

  /** The record at a position. */
  at(position: number): LogRecord | undefined {
    return this.#at(position, false)
  }

  /** The message at a position. */
  messageAt(position: number): MessageRecord | undefined {
    const record = this.#at(position, true)
    return record?.kind === 'message' ? record : undefined
  }

  /** The first position that was written at a time or after it: the next one to be written when there is none. */
  positionAtTime(timeMs: number): number {
    let low = this.#store.floor
    let high = this.#source.next
    while (low < high) {
      const header = this.#header(Math.floor((low + high) / 2))
      if (header.timeMs >= timeMs) high = header.first
      else low = header.first + header.count
    }
    return low
  }

  #at(position: number, mends: boolean): LogRecord | undefined {
    const found = position < this.#store.floor ? undefined : this.#fetch(position)
    if (found === undefined) return undefined
    const batch = this.#reader(found.bytes, position, found.isStored, mends)
    if (batch.hurt === position) intact(false, hurt(position))
    return batch.at(position)
  }

  *#select(query: LogQuery, mends = false): Generator<LogRecord> {
    const { actor, correlation, from = 1 } = query
    const deleted = actor === undefined ? 0 : this.#store.deletedUpTo(actor)
    const first = Math.max(from, deleted + 1, this.#store.floor)
    const end = this.#source.next
    for (const batch of this.#batchesOf(query, first, end, mends)) {
      for (const record of batch.records(Math.max(first, correlation ?? 0))) {
        if (record.position >= end) return
        if (!isWanted(record, actor, correlation)) continue
        if (record.position === batch.hurt) intact(false, hurt(record.position))
        yield record
      }
    }
  }

  #highest(query: LogQuery): number {
    const { actor, correlation } = query
    const end = this.#source.next
    if (actor === undefined && correlation === undefined) return end - 1
    for (const place of this.#places(query, this.#store.floor, end).reverse()) {
      let highest = 0
      for (const batch of this.#readersOf(place)) {
        batch.forEach((record) => {
          if (record.position < end && isWanted(record, actor, correlation)) highest = record.position
        })
      }
      if (highest > 0) return highest
    }
    return 0
  }

  *#batches(from: number, end: number, onDamage?: (damage: LogDamage) => void): Generator<BatchReader> {
    for (let next = from; next < end;) {
      const found = there(this.#fetch(next), next, this.#floor)
      const gap = found.isStored && onDamage !== undefined ? this.#damaged.at(next) : undefined
      if (gap !== undefined) onDamage!(gap)
      if (gap?.isMended === false) {
        next = gap.to + 1
        continue
      }
      const batch = this.#reader(found.bytes, next, found.isStored, gap !== undefined)
      const { first, count } = batch.header
      intact(first <= next && next < first + count, `position ${next} is missing`)
      next = first + count
      yield batch
    }
  }

  *#batchesOf(query: LogQuery, from: number, end: number, mends: boolean): Generator<BatchReader> {
    if (query.actor === undefined && query.correlation === undefined) yield* this.#batches(from, end)
    else for (const place of this.#places(query, from, end)) yield* this.#readersOf(place, mends)
  }

  // Where records may be that are wanted. The index knows every batch that was sealed; the last one may still be open,
  // and the one that a correlation began in is found by its position.
  #places({ actor, correlation }: LogQuery, from: number, end: number): Place[] {
    const key = actor ?? correlation ?? 0
    if (from >= end || (actor === undefined && key === 0)) return []
    const places = new Map<number, Place>()
    const anywhere = (first: number): void => void places.set(first, { first, blocks: undefined })
    for (const place of this.#index.find(actor === undefined ? 'correlation' : 'actor', key, from))
      places.set(place.first, place)
    if (this.#index.next < end) anywhere(this.#index.next)
    if (actor === undefined && key < end && key >= this.#store.floor) anywhere(this.#header(key).first)
    return [...places.values()].filter(({ first }) => first < end).sort((a, b) => a.first - b.first)
  }

  // A place that the index knows to the block is read without the rest of its batch.
  *#readersOf({ first, blocks }: Place, mends = false): Generator<BatchReader> {
    if (blocks === undefined) yield this.#batch(first, mends)
    else for (const bytes of this.#excerpts(first, blocks)) yield new BatchReader(bytes, this.#codec)
  }

  #excerpts(first: number, blocks: readonly number[]): Uint8Array[] {
    const { seal } = this.#store
    const kept = this.#keptAt(first)
    if (kept !== undefined) return excerptsOf(kept.bytes, first, blocks)
    const stored = this.#look(first, (bytes) => excerptsOf(seal.openBatch(bytes), first, blocks))
    return stored ?? excerptsOf(this.#bytesAt(first), first, blocks)
  }

  #batch(position: number, mends = false): BatchReader {
    const found = there(this.#fetch(position), position, this.#floor)
    const batch = this.#reader(found.bytes, position, found.isStored, mends)
    const { first, count } = batch.header
    intact(first <= position && position < first + count, `position ${position} is missing`)
    return batch
  }

  /** The bytes of the batch that holds a position, which are those that were written. */
  #bytesAt(position: number): Uint8Array {
    this.#batch(position)
    return this.#fetch(position)!.bytes
  }

  // Whoever follows an incident looks into the same few batches again and again. Those from the store never change, so
  // the last ones are kept, checked once; a reader is made anew each time, because two may be under way in one batch.
  #fetch(position: number): ReturnType<BatchSource['batchAt']> {
    const kept = this.#keptAt(position)
    if (kept !== undefined) return { bytes: kept.bytes, isStored: false }
    const found = this.#source.batchAt(position)
    const header = found?.isStored === true ? headerOf(found.bytes) : undefined
    if (found === undefined || header === undefined || !isIntact(found.bytes)) return found
    if (this.#kept.length >= BATCHES_KEPT) this.#kept.shift()
    const bytes = this.#store.seal.openBatch(found.bytes)
    this.#kept.push({ first: header.first, end: header.first + header.count, bytes })
    return { bytes, isStored: false }
  }

  #keptAt(position: number): { readonly bytes: Uint8Array } | undefined {
    return this.#kept.find(({ first, end }) => position >= first && position < end)
  }

  // Only a batch that is whole and holds the position is shown. Why another is not, `#fetch` and its callers find out.
  #look<T>(position: number, see: (bytes: Uint8Array, header: BatchHeader) => T): T | undefined {
    return this.#store.look(position, (bytes) => {
      const header = headerOf(bytes)
      const isThere = header !== undefined && position < header.first + header.count && isIntact(bytes)
      return isThere ? see(bytes, header) : undefined
    })
  }

  #header(position: number): BatchHeader {
    const kept = this.#keptAt(position)
    const header = kept === undefined ? this.#look(position, (_, found) => found) : headerOf(kept.bytes)
    return header ?? this.#headerOf(position)
  }

  #headerOf(position: number): BatchHeader {
    const header = headerOf(there(this.#fetch(position), position, this.#floor).bytes)
    intact(header !== undefined && header.first <= position, `position ${position} is missing`)
    intact(position < header.first + header.count, `position ${position} is missing`)
    return header
  }

  readonly #floor = (): number => this.#store.floor

  // What `#fetch` gives as stored is not whole.
  #reader(bytes: Uint8Array, position: number, isStored: boolean, mends = false): BatchReader {
    const mended = isStored && mends ? this.#damaged.mended(position) : undefined
    if (mended !== undefined) return mended
    // What is sealed is not even tried.
    if (isStored && this.#store.seal.isOn) intact(isIntact(bytes), notWritten(position))
    const batch = new BatchReader(bytes, this.#codec)
    if (isStored) intact(isIntact(bytes), notWritten(position))
    return batch
  }
}

function notWritten(position: number): string {
  return `the batch around position ${position} is not the one that was written`
}

function hurt(position: number): string {
  return `the record at position ${position} is not the one that was written`
}

function recordsBelow(batch: BatchReader, end: number): LogRecord[] {
  const records: LogRecord[] = []
  batch.forEach((record) => {
    if (record.position < end) records.push(record)
  })
  return records
}

function isWanted(record: LogRecord, actor: number | undefined, correlation: number | undefined): boolean {
  return (
    (actor === undefined || record.actor === actor) &&
    (correlation === undefined || record.correlation === correlation)
  )
}
