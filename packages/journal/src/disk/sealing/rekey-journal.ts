import { LmdbStore } from '../lmdb-store.js'
import { KeyFolder } from '../subjects/key-folder.js'
import { ringOf, type KeyRing, type KeySource } from './key-ring.js'

/** Which data are given another key. */
export interface RekeyOptions {
  /** The data directory. Nobody else may write it meanwhile. */
  readonly data: string
  /** The new key first, and every key that was used before behind it. */
  readonly keys: KeySource
  /** The folder with the keys of subjects, when there are any. */
  readonly subjectKeys?: string | undefined
}

/**
 * Seals the keys of a store with another key of the owner, in one transaction: it happens whole or not at all. The data
 * stay as they are, and the keys that were used before are needed no more.
 *
 * @returns how many keys of the store there are: one, and one for each opening
 * @throws {HoldfastError} `HF_KEY`, `HF_STORE_IN_USE`, `HF_STORE_MISSING`
 */
export async function rekeyJournal({ data, keys, subjectKeys }: RekeyOptions): Promise<number> {
  const ring = ringOf(keys)
  // It looks before it makes a directory that was not there.
  await new LmdbStore({ dir: data, readOnly: true, keys: ring }).close()
  const store = new LmdbStore({ dir: data, keys: ring })
  try {
    // The folder first: what is left half done there is read with either key, and the old one is needed until it is done.
    const ofSubjects = subjectKeys === undefined ? 0 : rekeyFolder(subjectKeys, ring)
    return store.rekey(ring) + ofSubjects
  } finally {
    await store.close()
    ring.zero()
  }
}

function rekeyFolder(dir: string, keys: KeyRing): number {
  const folder = new KeyFolder({ dir, keys, readOnly: true })
  try {
    return folder.rekey()
  } finally {
    folder.close()
  }
}
