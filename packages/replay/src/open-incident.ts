import { machineAuthorities } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'
import { Incident } from './incident.js'

/** Where an incident is found. */
export interface IncidentSource {
  /** The data directory, of a running or a stopped system. It is only read. */
  readonly data: string
  /** The correlation: the name that it was given, or the position of its first message. */
  readonly correlation: string
}

/**
 * Opens an incident by its correlation.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_UNKNOWN_CORRELATION`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`
 * @example await using incident = await openIncident({ data: './data', correlation: 'incident-123' })
 */
export async function openIncident(source: IncidentSource): Promise<Incident> {
  const journal = openJournal({ dir: source.data, readOnly: true, authorities: machineAuthorities() })
  try {
    return new Incident(journal, source.correlation)
  } catch (error) {
    await journal.close()
    throw error
  }
}
