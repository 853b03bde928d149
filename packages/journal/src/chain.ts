// The chain of batches: each holds the hash of the one before, and the first holds zeros. A hash is made when the next
// batch is sealed, or before, by whoever has time: while the disk takes a batch there is some.

import { hashOf } from './disk/checksum.js'

/** The end of a chain of batches. */
export class Chain {
  #hash: Uint8Array
  #unhashed: Uint8Array | undefined

  /** `last` is the batch that the chain goes on from, if there is one; `before` is its hash when only that is known. */
  constructor(last: Uint8Array | undefined, before: Uint8Array = new Uint8Array(32)) {
    this.#hash = before
    this.#unhashed = last
  }

  /** The hash of the last batch: what the next one must hold. */
  get end(): Uint8Array {
    this.catchUp()
    return this.#hash
  }

  /** Goes on from a batch that holds what `end` was. Its bytes must not change until it has caught up. */
  add(batch: Uint8Array): void {
    this.catchUp()
    this.#unhashed = batch
  }

  /** Makes the hash that is not made yet. */
  catchUp(): void {
    if (this.#unhashed === undefined) return
    this.#hash = hashOf(this.#unhashed)
    this.#unhashed = undefined
  }
}
