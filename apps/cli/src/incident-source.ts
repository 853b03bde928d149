// Where an incident comes from on the command line: a correlation of a data directory, or an incident file. Commands that
// take either open it here, and are told how to speak of it.

import { isAbsolute } from 'node:path'
import { HoldfastError, REF } from '@holdfast/kernel'
import { importedNamed, openIncident, type Incident } from 'holdfast/replay'
import type { DataOption } from './commands/command.js'
import { correlationNamed } from './correlation.js'
import { dataKeys, subjectKeys } from './data-keys.js'
import { dataToRead, shownPath } from './data-directory.js'
import { isIncidentFile, openIncidentFile, type KeyOptions } from './incident-file.js'
import { withData, type OpenData } from './open-data.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** An incident that somebody named. Whoever opened it closes it. */
export interface NamedIncident {
  readonly incident: Incident
  /** What a document says of where it is. */
  readonly said: { readonly data: string } | { readonly file: string }
  /** The same for people. */
  readonly place: string
  /** The swarm file that wrote the log; nothing when the log does not say. */
  readonly origin: string | undefined
}

/**
 * Opens a correlation or an incident file.
 *
 * @throws {HoldfastError} `HF_UNKNOWN_CORRELATION`, `HF_STORE_MISSING`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`,
 *   `HF_FILE_DAMAGED`, `HF_FILE_KEY`
 * @throws {UsageError} when the options do not fit to it
 */
export async function openNamed(
  wanted: string,
  options: DataOption & KeyOptions,
  terminal: Pick<Terminal, 'cwd' | 'env'>,
): Promise<NamedIncident> {
  const { cwd } = terminal
  const named = await fileNamed(wanted, options, terminal)
  if (named !== undefined) {
    const { file, incident } = await openIncidentFile(named, options, terminal)
    return { incident, said: { file }, place: shownPath(file, cwd), origin: undefined }
  }
  const field = options.keyFile === undefined ? 'passphrase-env' : 'key-file'
  if ((options.keyFile ?? options.passphraseEnv) !== undefined) {
    throw new UsageError(`--${field} opens an incident file, and "${wanted}" is none.`, {
      field,
      hint: 'Incident files end in .hfi; the key of a data directory is given with --data-key.',
    })
  }
  const dir = dataToRead(options.data, terminal)
  const { correlation, origin } = await withData(dir, terminal, (data) => {
    const id = correlationNamed(data, wanted)
    return { correlation: data.journal.correlationName(id), origin: originOf(data) }
  })
  const incident = await openIncident({
    data: dir,
    keys: dataKeys(terminal),
    subjectKeys: subjectKeys(terminal),
    correlation,
  })
  incident.evidence.codec.ref = (path) => ({ [REF]: path })
  return { incident, said: { data: dir }, place: shownPath(dir, cwd), origin }
}

/**
 * The incident file that somebody named: by its path, or by the correlation of one that was imported into the data
 * directory. Nothing when the log itself knows a correlation of that name, or nobody does.
 */
export async function fileNamed(
  wanted: string,
  { data: dir }: DataOption,
  terminal: Pick<Terminal, 'cwd' | 'env'>,
): Promise<string | undefined> {
  if (isIncidentFile(wanted)) return wanted
  const data = dataToRead(dir, terminal)
  const file = await importedNamed(data, wanted)
  if (file === undefined) return undefined
  return (await withData(data, terminal, (open) => isKnown(open, wanted))) ? undefined : file
}

function isKnown(data: OpenData, wanted: string): boolean {
  try {
    return correlationNamed(data, wanted) !== 0
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HF_UNKNOWN_CORRELATION') return false
    throw error
  }
}

/**
 * The swarm file that wrote a log. The newest run says best where the code is, so it is looked for from the end. What came
 * out of a file may be anybody's, and names no code here.
 */
export function originOf({ journal, store }: Pick<OpenData, 'journal' | 'store'>): string | undefined {
  const first = (store.origin?.loadedUpTo ?? 0) + 1
  let below = journal.next
  for (let width = WINDOW_MIN; below > first; width *= 4) {
    const from = Math.max(first, below - width)
    let found: string | undefined
    for (const record of journal.read(from, below)) if (record.kind === 'opened') found = record.data().system
    if (found !== undefined) return isAbsolute(found) ? found : undefined
    below = from
  }
  return undefined
}

const WINDOW_MIN = 4_096
