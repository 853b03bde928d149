// A log that is about to be copied into another store, where it is sealed again and looks sound, whatever it was before: so
// it is looked at on the way.

import { headerOf, isIntact, NO_STORE_ID, PREVIOUS_AT, storeIdOf } from './batch-format.js'
import { intact } from './damage.js'
import { hashOf } from './disk/checksum.js'
import type { StoredBatch } from './store.js'

/** Where a log begins, and the hash of the batch before it. */
export interface Beginning {
  readonly floor: number
  readonly floorHash: Uint8Array
}

/**
 * Batches from the beginning of a log on, each of which is whole, of the store with an id, and follows the one before it.
 *
 * @throws {HoldfastError} `HF_STORE_DAMAGED` at the first that does not
 */
export function* followed(
  batches: Iterable<StoredBatch>,
  id: Uint8Array,
  { floor, floorHash }: Beginning,
): Generator<StoredBatch> {
  let previous = floorHash
  let next = floor
  for (const batch of batches) {
    const { first, bytes } = batch
    const header = headerOf(bytes)
    intact(header !== undefined && isIntact(bytes), `the batch at position ${first} is not what was written`)
    intact(first === next && header.first === first, `the batch at position ${next} is missing`)
    const own = storeIdOf(bytes)
    const isOwn = own === undefined || id === NO_STORE_ID || Buffer.compare(own, id) === 0
    intact(isOwn, `the batch at position ${first} is of another store`)
    const named = bytes.subarray(PREVIOUS_AT, PREVIOUS_AT + previous.byteLength)
    intact(
      Buffer.compare(named, previous) === 0,
      `the batch at position ${first} does not follow the one before`,
    )
    yield batch
    previous = hashOf(bytes)
    next = first + header.count
  }
}
