import { Journal, LmdbStore } from '@holdfast/journal'
import { machineAuthorities, REF, SystemImage } from '@holdfast/kernel'

/** A data directory that is open for reading, beside a running system or without one. */
export interface OpenData {
  readonly dir: string
  readonly store: LmdbStore
  readonly journal: Journal
}

/**
 * Opens a data directory for reading, and closes it when `read` has ended.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`
 */
export async function withData<T>(dir: string, read: (data: OpenData) => T | Promise<T>): Promise<T> {
  const store = new LmdbStore({ dir, readOnly: true })
  try {
    const journal = new Journal(store, machineAuthorities())
    journal.codec.ref = (path) => ({ [REF]: path })
    return await read({ dir, store, journal })
  } finally {
    await store.close()
  }
}

/** The system as the log holds it now. */
export function imageOf(journal: Journal): SystemImage {
  const image = new SystemImage()
  for (const record of journal.read(1)) image.add(record)
  return image
}
