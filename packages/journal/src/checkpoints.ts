// Checkpoints
// ===========
// What a whole system was at a position, so that a recovery need not read the log before it. Like the snapshot of an
// actor it is a cache of the fold of the log; it is kept as one, of actor 0, which is the outside and has no state.
//
//   state of the snapshot:  hash of the batch that ends at the position | parts, each packed by itself
//   its number of turns:    1 for the one that the log begins with, where its beginning was given up; 0 for all others
//
// Invariants
//   C1  A checkpoint ends with a batch, and belongs to the log whose batch has the hash that it holds. One out of another
//       log is not used, nor one whose position the log does not reach.
//   C2  The two newest are kept: the log behind the older one is never needed to go on. So is the one that the log begins
//       with.

import type { Checkpoint } from '@holdfast/kernel'
import { headerOf } from './batch-format.js'
import type { Codec } from './codec.js'
import { hashOf } from './disk/checksum.js'
import { SYSTEM, type Snapshots } from './snapshots.js'
import type { BatchStore } from './store.js'

/** Turns of the one that the log begins with. */
const FIRST = 1

/** The state of the snapshot. */
export interface StoredCheckpoint {
  readonly hash: Uint8Array
  readonly parts: readonly Uint8Array[]
}

/** The checkpoints of one journal. */
export class Checkpoints {
  readonly #codec: Codec
  readonly #store: BatchStore
  readonly #snapshots: Snapshots

  constructor(codec: Codec, store: BatchStore, snapshots: Snapshots) {
    this.#codec = codec
    this.#store = store
    this.#snapshots = snapshots
  }

  /** Takes a checkpoint at the end of a stored batch; it is stored with the next commit. @returns its bytes, or 0 */
  save(position: number, version: number, parts: readonly Uint8Array[]): number {
    return this.#save(position, version, 0, parts)
  }

  /** Takes the one that the log is to begin with. @returns its bytes, or 0 when no batch ends there */
  saveFirst(position: number, version: number, parts: readonly Uint8Array[]): number {
    return this.#save(position, version, FIRST, parts)
  }

  /** Position of the one that the log begins with; 0 when it begins with nothing. */
  firstPosition(): number {
    for (const { position, turns } of this.#snapshots.heads(SYSTEM)) if (turns === FIRST) return position
    return 0
  }

  /** The newest one at or before a position that belongs to this log. */
  newest(atOrBefore: number): Checkpoint | undefined {
    for (let at = atOrBefore; ;) {
      const snapshot = this.#snapshots.newest(SYSTEM, at)
      if (snapshot === undefined) return undefined
      const { position, version } = snapshot
      const { hash, parts } = snapshot.state as StoredCheckpoint
      if (this.#isHere(position, hash)) return { position, version, parts: () => this.#unpacked(parts) }
      at = position - 1
    }
  }

  #save(position: number, version: number, turns: number, parts: readonly Uint8Array[]): number {
    const batch = this.#batchThatEndsAt(position)
    if (batch === undefined) return 0
    const state: StoredCheckpoint = { hash: hashOf(batch), parts }
    return this.#snapshots.save(SYSTEM, position, version, turns, headerOf(batch)!.timeMs, state)
  }

  *#unpacked(parts: readonly Uint8Array[]): Generator {
    for (const part of parts) {
      this.#codec.place = 0
      yield this.#codec.unpack(part, 0, part.byteLength)
    }
  }

  #isHere(position: number, hash: Uint8Array): boolean {
    // Of a batch that was cut away, its hash is left.
    const { floor, floorHash } = this.#store
    if (position === floor - 1) return Buffer.compare(floorHash, hash) === 0
    const batch = this.#batchThatEndsAt(position)
    return batch !== undefined && Buffer.compare(hashOf(batch), hash) === 0
  }

  #batchThatEndsAt(position: number): Uint8Array | undefined {
    const batch = this.#store.batchAt(position)
    const header = batch === undefined ? undefined : headerOf(batch.bytes)
    return header !== undefined && header.first + header.count === position + 1 ? batch!.bytes : undefined
  }
}
