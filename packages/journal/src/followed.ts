// A log that is about to be copied into another store, where it is sealed again and looks sound, whatever it was before: so
// it is looked at on the way.

import { endBehind, nextIn, type LogEnd, type Misfit } from './chain-link.js'
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
  let end: LogEnd = { next: floor, hash: floorHash }
  for (const batch of batches) {
    const header = nextIn(batch, end, id, MISFIT)
    yield batch
    end = endBehind(batch, header)
  }
}

const MISFIT: Misfit = {
  misplaced: (_, next) => `the batch at position ${next} is missing`,
  unlinked: (first) => `the batch at position ${first} does not follow the one before`,
}
