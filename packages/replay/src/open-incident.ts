import { machineAuthorities, refuse } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'
import { Incident } from './incident.js'
import { openFile } from './incident-file/open-file.js'
import type { FileKey } from './incident-file/sealed-file.js'

/** An incident in a data directory. */
export interface IncidentInData {
  /** The data directory, of a running or a stopped system. It is only read. */
  readonly data: string
  /** The correlation: the name that it was given, or the position of its first message. */
  readonly correlation: string
}

/** An incident in a file that somebody exported. */
export interface IncidentInFile {
  /** Name of the file. */
  readonly file: string
  /** The passphrase or the key that it was exported with, if it was. */
  readonly key?: FileKey
}

/** Where an incident is found. */
export type IncidentSource = IncidentInData | IncidentInFile

/**
 * Opens an incident by its correlation, or out of a file.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_UNKNOWN_CORRELATION`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`,
 *   `HF_FILE_DAMAGED`, `HF_FILE_KEY`
 * @example await using incident = await openIncident({ data: './data', correlation: 'incident-123' })
 */
export async function openIncident(source: IncidentSource): Promise<Incident> {
  if ('file' in source) return openFile(source.file, source.key)
  if (typeof source.data !== 'string') refuse('data', source.data, 'the name of a data directory')
  const journal = openJournal({ dir: source.data, readOnly: true, authorities: machineAuthorities() })
  try {
    return new Incident(journal, source.correlation)
  } catch (error) {
    await journal.close()
    throw error
  }
}
