// Sealed batches on their way to the store, in the order of their positions.

import { COMMIT_BYTES_MAX } from './limits.js'
import type { SealedBatch } from './open-batch.js'

/** Those of one journal. */
export class SealedBatches {
  readonly #batches: SealedBatch[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** All that wait. */
  get all(): readonly SealedBatch[] {
    return this.#batches
  }

  add(batch: SealedBatch): void {
    this.#batches.push(batch)
    this.#bytes += batch.bytes.byteLength
  }

  /** The one that holds a position. */
  at(position: number): SealedBatch | undefined {
    return this.#batches.find(({ first, count }) => position >= first && position < first + count)
  }

  /** The first ones, as many as one commit takes. */
  next(): readonly SealedBatch[] {
    let bytes = 0
    let count = 0
    while (count < this.#batches.length && (count === 0 || bytes < COMMIT_BYTES_MAX))
      bytes += this.#batches[count++]!.bytes.byteLength
    return this.#batches.slice(0, count)
  }

  /** The store holds so many of them. @returns the last of these */
  drop(count: number): SealedBatch | undefined {
    const stored = this.#batches.splice(0, count)
    this.#bytes -= stored.reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
    return stored.at(-1)
  }
}
