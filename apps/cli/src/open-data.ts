import type { Terminal } from './terminal.js'
import { Journal, LmdbStore, openSubjects } from '@holdfast/journal'
import { dataKeys, subjectKeys } from './data-keys.js'
import { beginImage, machineAuthorities, REF, type SystemImage } from '@holdfast/kernel'

/** A data directory that is open for reading, beside a running system or without one. */
export interface OpenData {
  readonly dir: string
  readonly store: LmdbStore
  readonly journal: Journal
}

/**
 * Opens a data directory for reading, and closes it when `read` has ended.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`, `HF_KEY`
 */
export async function withData<T>(
  dir: string,
  terminal: Pick<Terminal, 'cwd' | 'env'>,
  read: (data: OpenData) => T | Promise<T>,
): Promise<T> {
  const keys = dataKeys(terminal)
  const subjects = openSubjects(subjectKeys(terminal), { data: dir, keys, readOnly: true })
  const store = new LmdbStore({ dir, readOnly: true, keys })
  try {
    const journal = new Journal(store, machineAuthorities(), { subjects })
    journal.codec.ref = (path) => ({ [REF]: path })
    return await read({ dir, store, journal })
  } finally {
    subjects?.close()
    await store.close()
  }
}

/** The system as the log holds it now. */
export function imageOf(journal: Journal): SystemImage {
  const image = beginImage(journal)
  for (const record of journal.read(image.lastPosition + 1)) image.add(record)
  return image
}
