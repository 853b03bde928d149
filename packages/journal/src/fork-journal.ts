import { refuse } from '@holdfast/kernel'
import { copyPrefix } from './copy-prefix.js'
import type { KeySource } from './disk/sealing/key-ring.js'
import { LmdbStore } from './disk/lmdb-store.js'
import { keepOrigin } from './disk/marks.js'

/** What is copied, and where to. */
export interface ForkOptions {
  /** The data directory that is copied. It is only read, and may be that of a running system. */
  readonly data: string
  /** The data directory that is made. It must be empty, or not there. */
  readonly to: string
  /** The last position that is copied. */
  readonly at: number
  /** The keys of the original, when it is encrypted. */
  readonly keys?: KeySource
  /** The keys of the copy, which is encrypted with them. @default those of the original */
  readonly toKeys?: KeySource
}

/**
 * Copies a log up to a position into a directory of its own, so that a system can go on from there with another history.
 *
 * @returns the last position that was copied: that of the turn before, when `at` lies within a turn
 * @throws {HoldfastError} `HF_INVALID` when `to` is the original or holds records, `HF_STORE_MISSING`,
 *   `HF_STORE_UNWRITABLE`, `HF_STORE_DAMAGED`
 */
export async function forkJournal({ data, to, at, keys, toKeys = keys }: ForkOptions): Promise<number> {
  if (typeof to !== 'string' || to === '' || to === data)
    refuse('to', to, 'another directory than the original')
  if (!Number.isSafeInteger(at) || at < 1) refuse('at', at, 'a position')
  const source = new LmdbStore({ dir: data, readOnly: true, keys })
  try {
    const target = new LmdbStore({ dir: to, keys: toKeys })
    try {
      const { last } = await copyPrefix(source, target, at)
      if (source.origin !== undefined) await keepOrigin(target.rows, source.origin)
      return last
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
