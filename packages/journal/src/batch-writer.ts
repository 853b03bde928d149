// Sealed batches on their way into a store that is being made: gathered into commits, chained, and taken into the index as
// they go, so that what is made is found by its index and not gone through when it is opened.

import { BatchIndex } from './batch-index.js'
import { Chain } from './chain.js'
import { COMMIT_BYTES_MAX } from './limits.js'
import type { BatchStore, Commit, StoredBatch } from './store.js'

/** A commit that brings nothing. */
export const NOTHING: Commit = { batches: [], snapshots: [], groups: [], names: [], outdated: [] }

/** A batch, and what it says of itself. */
interface Put extends StoredBatch {
  readonly count: number
  readonly timeMs: number
  readonly notes: { readonly actors: readonly number[]; readonly correlations: readonly number[] }
}

/** Writes batches into an empty store, in order. */
export class BatchWriter {
  readonly #store: BatchStore
  readonly #chain = new Chain(undefined)
  readonly #index: BatchIndex
  #waiting: StoredBatch[] = []
  #bytes = 0
  /** The last position that was put, and when its batch was begun. */
  last: number
  timeMs = 0

  constructor(store: BatchStore) {
    this.#store = store
    this.last = store.floor - 1
    this.#index = new BatchIndex(store)
  }

  /** What the next batch must hold as the hash of the one before. */
  get end(): Uint8Array {
    return this.#chain.end
  }

  async put({ first, count, timeMs, bytes, notes }: Put): Promise<void> {
    this.#chain.add(bytes)
    this.#index.add(first, count, notes)
    this.#waiting.push({ first, bytes })
    this.#bytes += bytes.byteLength
    this.last = first + count - 1
    this.timeMs = timeMs
    if (this.#bytes >= COMMIT_BYTES_MAX || this.#index.due().length > 0) await this.finish([])
  }

  /** Commits whatever waits, and names beside it, and puts what is old where it belongs. */
  async finish(names: Commit['names']): Promise<void> {
    const groups = this.#index.due()
    const batches = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    await this.#store.commit({ ...NOTHING, batches, groups, names })
    this.#index.settle(groups)
    await this.#store.tidy()
  }
}
