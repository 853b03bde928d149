// The link between two batches: whether one is the next one of a log. Whoever copies a log takes nothing over that is not,
// because in the copy it would look sound, whatever it was before.

import { headerOf, isIntact, NO_STORE_ID, previousOf, storeIdOf, type BatchHeader } from './batch-format.js'
import { intact } from './damage.js'
import { hashOf } from './disk/checksum.js'
import type { StoredBatch } from './store.js'

/** How far a log was followed: where its next batch begins, and what that must name as the one before it. */
export interface LogEnd {
  readonly next: number
  /** Hash of the last batch. */
  readonly hash: Uint8Array
}

/** What is said of a whole batch of the store that is not the next one, as it goes on from "The store is damaged: ". */
export interface Misfit {
  /** It begins elsewhere. */
  misplaced(first: number, next: number): string
  /** It begins there, and names another one as the one before it. */
  unlinked(first: number): string
}

/**
 * The header of a batch that is whole, of the store with an id, and the next one of its log.
 *
 * @throws {HoldfastError} `HF_STORE_DAMAGED` when it is not
 */
export function nextIn(
  { first, bytes }: StoredBatch,
  end: LogEnd,
  id: Uint8Array,
  misfit: Misfit,
): BatchHeader {
  const header = headerOf(bytes)
  intact(header !== undefined && isIntact(bytes), `the batch at position ${first} is not what was written`)
  const isNext = first === end.next && header.first === first
  if (!isNext) intact(false, misfit.misplaced(first, end.next))
  const own = storeIdOf(bytes)
  const isOwn = own === undefined || id === NO_STORE_ID || Buffer.compare(own, id) === 0
  intact(isOwn, `the batch at position ${first} is of another store`)
  if (Buffer.compare(previousOf(bytes), end.hash) !== 0) intact(false, misfit.unlinked(first))
  return header
}

/** How far a log is followed with a batch that is the next one. */
export function endBehind({ first, bytes }: StoredBatch, { count }: BatchHeader): LogEnd {
  return { next: first + count, hash: hashOf(bytes) }
}
