// Row copy
// ========
// Copies the rows of a store as they are, up to a position: nothing is opened, so no key is needed, and every batch stays
// the one that it was, to the byte.
//
// A writer may go on meanwhile. Everything is read in short looks, so that no page is kept for a reader which the writer
// could use again: what was written stays where it is, and what comes behind the position is left out.
//
// Invariants
//   B1  A copy holds every batch up to its position, each of them whole, and none behind it.
//   B2  Names, snapshots and groups of the index that stand on later records stay behind.
//   B3  What a row is sealed with is copied after the row, so the key to it is always there.

import { endBehind, nextIn, type LogEnd, type Misfit } from '../chain-link.js'
import { endOf } from '../index-group.js'
import { COPY_BYTES } from '../limits.js'
import { Breath } from './breath.js'
import type { LmdbStore } from './lmdb-store.js'
import { Room } from './room.js'
import { noteFloor } from './segments.js'
import { writeTables, type Tables } from './tables.js'

/** Rows that are read at one look. */
const ROWS_PER_LOOK = 256

const NOT_NEXT = (first: number): string => `the batch at position ${first} does not follow the one before it`
const MISFIT: Misfit = { misplaced: NOT_NEXT, unlinked: NOT_NEXT }

/** What was copied. */
export interface CopiedRows {
  readonly position: number
  readonly timeMs: number
  readonly batches: number
  readonly bytes: number
}

/** A copy of one store into the tables of another, which are empty. */
export class RowCopy {
  readonly #source: LmdbStore
  readonly #target: Tables
  readonly #dir: string
  readonly #room: Room
  readonly #breath = new Breath()
  #steps: (() => void)[] = []
  #waiting = 0

  /** @param dir where the target is */
  constructor(source: LmdbStore, target: Tables, dir: string) {
    this.#source = source
    this.#target = target
    this.#dir = dir
    this.#room = new Room(dir)
  }

  /**
   * Copies everything that stands on records up to a position. `onBatch` hears of each batch.
   *
   * @throws {HoldfastError} `HF_STORE_DAMAGED`, `HF_STORE_FULL`
   */
  async run(upTo: number, onBatch: (position: number) => void): Promise<CopiedRows> {
    const copied = await this.#batches(upTo, onBatch)
    await this.#names(copied.position)
    await this.#snapshots(copied.position)
    await this.#groups(copied.position)
    await this.#flush()
    this.#meta()
    await this.#flush()
    return copied
  }

  async #batches(upTo: number, onBatch: (position: number) => void): Promise<CopiedRows> {
    const { log } = this.#target
    const { floor, floorHash } = this.#source
    if (floor > 1) this.#beginAt(floor, floorHash)
    let copied: CopiedRows = { position: floor - 1, timeMs: 0, batches: 0, bytes: 0 }
    let end: LogEnd = { next: floor, hash: floorHash }
    for (const batch of this.#source.batches(floor)) {
      const { first, bytes } = batch
      const header = nextIn(batch, end, this.#source.id, MISFIT)
      const position = first + header.count - 1
      if (position > upTo) break
      end = endBehind(batch, header)
      await this.#put(bytes.byteLength, () => void log.put(first, bytes as Buffer))
      copied = {
        position,
        timeMs: header.timeMs,
        batches: copied.batches + 1,
        bytes: copied.bytes + bytes.byteLength,
      }
      onBatch(position)
    }
    return copied
  }

  // A log whose beginning was cut away goes on from the hash of the batch before.
  #beginAt(floor: number, floorHash: Uint8Array): void {
    this.#steps.push(() => {
      noteFloor(this.#target.meta, { position: floor, before: floorHash })
    })
  }

  async #names(upTo: number): Promise<void> {
    const { names } = this.#source.rows
    let start: string | undefined
    for (;;) {
      const rows = [...names.getRange({ start, exclusiveStart: start !== undefined, limit: ROWS_PER_LOOK })]
      for (const { key, value } of rows)
        if (isBetween(value.readDoubleLE(0), this.#source.floor, upTo))
          await this.#put(value.byteLength, () => void this.#target.names.put(key, value))
      if (rows.length < ROWS_PER_LOOK) return
      start = rows.at(-1)!.key
    }
  }

  async #snapshots(upTo: number): Promise<void> {
    const { snapshots } = this.#source.rows
    let start: [number, number] | undefined
    for (;;) {
      const keys = [
        ...snapshots.getKeys({ start, exclusiveStart: start !== undefined, limit: ROWS_PER_LOOK }),
      ]
      for (const key of keys) {
        // One that gave way to a newer one since is gone, and nobody misses it.
        const value = key[1] <= upTo ? snapshots.getBinary(key) : undefined
        if (value !== undefined)
          await this.#put(value.byteLength, () => void this.#target.snapshots.put(key, value))
      }
      if (keys.length < ROWS_PER_LOOK) return
      start = keys.at(-1)
    }
  }

  async #groups(upTo: number): Promise<void> {
    const { index, pages } = this.#source.rows
    for (const key of [...index.getKeys()]) {
      const head = index.getBinary(key)
      if (head === undefined || !isBetween(endOf(head) - 1, this.#source.floor, upTo)) continue
      const [kind, first] = key
      const rows = [...pages.getRange({ start: [kind, first, 0], end: [kind, first, Infinity] })]
      const bytes = rows.reduce((sum, { value }) => sum + value.byteLength, head.byteLength)
      await this.#put(bytes, () => {
        void this.#target.index.put(key, head)
        for (const row of rows) void this.#target.pages.put(row.key, row.value)
      })
    }
  }

  // All at one look: the count of openings, and the key of each of them.
  #meta(): void {
    const rows = [...this.#source.rows.meta.getRange()].filter(({ key }) => isCopied(key))
    this.#steps.push(() => {
      for (const { key, value } of rows) void this.#target.meta.put(key, value)
    })
  }

  async #put(bytes: number, step: () => void): Promise<void> {
    this.#steps.push(step)
    this.#waiting += bytes
    if (this.#waiting >= COPY_BYTES) await this.#flush()
    else if (this.#breath.isDue) await this.#breath.take()
  }

  async #flush(): Promise<void> {
    const steps = this.#steps
    const bytes = this.#waiting
    this.#steps = []
    this.#waiting = 0
    if (steps.length === 0) return
    await writeTables(this.#target, this.#dir, this.#room, bytes, () => {
      for (const step of steps) step()
    })
    await this.#breath.take()
  }
}

function isBetween(position: number, from: number, to: number): boolean {
  return position >= from && position <= to
}

// What the store is, and the keys to it. Who writes the source, and how it keeps its files, says nothing of the copy.
function isCopied(key: string): boolean {
  return ['format', 'id', 'epoch', 'origin'].includes(key) || /^(key|deleted) /.test(key)
}
