import { machineAuthorities } from '@holdfast/kernel'
import { openJournal, type KeySource } from '@holdfast/journal'

/** Which pin is taken away. */
export interface UnpinOptions {
  /** The data directory that the incident was exported from. */
  readonly data: string
  /** Its correlation: the name, or the position of its first message. */
  readonly correlation: string
  /** The keys of an encrypted data directory. */
  readonly keys?: KeySource
}

/**
 * Lets go of what an export with `pin` has kept from being deleted.
 *
 * @returns whether it was pinned
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`, `HF_STORE_UNWRITABLE`
 */
export async function unpinIncident({ data, correlation, keys }: UnpinOptions): Promise<boolean> {
  const journal = openJournal({ dir: data, readOnly: true, authorities: machineAuthorities(), keys })
  try {
    const pins = journal.pins.list()
    const wanted =
      pins.find((pin) => pin.correlation === correlation) ?? pins.find(({ id }) => String(id) === correlation)
    return wanted !== undefined && journal.pins.remove(wanted.id)
  } finally {
    await journal.close()
  }
}
