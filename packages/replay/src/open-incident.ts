import { machineAuthorities, refuse } from '@holdfast/kernel'
import { openJournal, type KeySource, type SubjectKeysSource } from '@holdfast/journal'
import { evidenceOf } from './begun-evidence.js'
import type { IncidentName } from './focus.js'
import { openFile } from './incident-file/open-file.js'
import type { FileKey } from './incident-file/sealed-file.js'
import { Incident } from './incident.js'
import { incidentsOf, type FoundIncident } from './incidents.js'
import { Paths } from './paths.js'

/** An incident in a data directory, and how it is named: most often by its `correlation`. */
export type IncidentInData = {
  /** The data directory, of a running or a stopped system. It is only read. */
  readonly data: string
  /** The keys of an encrypted data directory. */
  readonly keys?: KeySource
  /** The keys of subjects. Without them, what belongs to one is not run again. */
  readonly subjectKeys?: SubjectKeysSource | undefined
} & Exclude<IncidentName, string>

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
 * Opens an incident: by its correlation, by an actor and a time, by the position of a failure, from one position to
 * another, or out of a file.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_UNKNOWN_CORRELATION`, `HF_NO_SUCH_ACTOR`, `HF_INVALID`,
 *   `HF_STORE_NEWER`, `HF_STORE_DAMAGED`, `HF_FILE_DAMAGED`, `HF_FILE_KEY`, `HF_KEY`
 * @example await using incident = await openIncident({ data: './data', correlation: 'incident-123' })
 */
export async function openIncident(source: IncidentSource): Promise<Incident> {
  if ('file' in source) return openFile(source.file, source.key)
  const { data, keys, subjectKeys, ...name } = source
  if (typeof data !== 'string') refuse('data', data, 'the name of a data directory')
  const authorities = machineAuthorities()
  const journal = openJournal({ dir: data, readOnly: true, authorities, keys, subjectKeys })
  try {
    return new Incident(evidenceOf(journal), name)
  } catch (error) {
    await journal.close()
    throw error
  }
}

/**
 * All incidents of a log, in the order in which they began: the correlations in which something went wrong. When there are
 * more than 10,000, the last ones.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`
 * @example for (const { correlation, failures } of await findIncidents({ data: './data' })) console.log(correlation)
 */
export async function findIncidents({
  data,
  keys,
  subjectKeys,
}: {
  readonly data: string
  /** The keys of an encrypted data directory. */
  readonly keys?: KeySource
  /** The keys of subjects. Without them, errors of their turns are not shown. */
  readonly subjectKeys?: SubjectKeysSource | undefined
}): Promise<readonly FoundIncident[]> {
  const authorities = machineAuthorities()
  const journal = openJournal({ dir: data, readOnly: true, authorities, keys, subjectKeys })
  try {
    const evidence = evidenceOf(journal)
    return incidentsOf(evidence, new Paths(evidence))
  } finally {
    await journal.close()
  }
}
