// What a store that was opened again must hold: the end of what it had confirmed, untouched, and behind that nothing but
// what was handed to it and not confirmed, in order and byte for byte.

import { HEADER_BYTES, isIntact, previousOf } from './batch-format.js'
import { hashOf } from './disk/checksum.js'
import { lostBatch, otherBatch } from './store-failure.js'
import type { BatchStore, StoredBatch } from './store.js'

/** The last batch that a store has confirmed, or none. */
export class StoredEnd {
  readonly #first: number
  /** Its header, which holds its checksum and the hash of the one before. */
  readonly #header: Uint8Array

  constructor(batch: StoredBatch | undefined) {
    this.#first = batch?.first ?? 0
    this.#header = Uint8Array.from(batch?.bytes.subarray(0, HEADER_BYTES) ?? [])
  }

  /**
   * Holds a store against what it has confirmed and against what was handed to it since.
   *
   * @returns how many of those batches it holds
   * @throws {HoldfastError} `HF_STORE_DAMAGED`
   */
  check(store: BatchStore, handed: readonly StoredBatch[]): number {
    const last = this.#first === 0 ? undefined : store.batchAt(this.#first)
    if (this.#first !== 0 && !this.#is(last)) throw lostBatch(this.#first)
    const before = last === undefined ? store.floorHash : hashOf(last.bytes)
    const [next] = handed
    if (next !== undefined && Buffer.compare(previousOf(next.bytes), before) !== 0)
      throw lostBatch(this.#first)
    let held = 0
    for (const batch of store.batches(this.#first)) {
      if (batch.first === this.#first) continue
      const mine = handed[held]
      const isMine = mine?.first === batch.first && Buffer.compare(mine.bytes, batch.bytes) === 0
      if (!isMine) throw otherBatch(batch.first)
      held++
    }
    return held
  }

  #is(batch: StoredBatch | undefined): boolean {
    if (batch?.first !== this.#first || !isIntact(batch.bytes)) return false
    return Buffer.compare(batch.bytes.subarray(0, HEADER_BYTES), this.#header) === 0
  }
}
