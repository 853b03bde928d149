// Incidents from elsewhere, taken into a data directory: there they are found, listed and replayed beside its own.

import { HoldfastError } from '@holdfast/kernel'
import { importedFiles, keepImport } from './disk/imports.js'
import { sha256 } from './disk/sealing.js'
import { readWhole } from './disk/whole-file.js'
import { openBytes, openFile } from './incident-file/open-file.js'
import type { FileKey } from './incident-file/sealed-file.js'
import type { Incident } from './incident.js'
import { incidentsOf, type FoundIncident } from './incidents.js'
import { FILE_BYTES_MAX } from './limits.js'

/** What is imported, and where to. */
export interface ImportOptions {
  /** The incident file. It stays where it is. */
  readonly file: string
  /** The data directory. Its log is not touched. */
  readonly data: string
  /** The passphrase or the key, when the file is locked. The copy stays locked. */
  readonly key?: FileKey
}

/** An incident that was taken in. */
export interface ImportedIncident {
  readonly correlation: string
  /** The copy in the data directory. */
  readonly file: string
  readonly bytes: number
}

/**
 * Takes an incident file into a data directory. It is opened and checked whole before, as anything that comes from
 * elsewhere, and no code is loaded for it. A file that is there already stays one.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_FILE_DAMAGED`, `HF_FILE_KEY`, `HF_STORE_NEWER`, `HF_STORE_FULL`,
 *   `HF_STORE_UNWRITABLE`, `HF_INVALID` when there are 1,000 already
 * @example const { correlation } = await importIncident({ file: 'incident-123.hfi', data: './data' })
 */
export async function importIncident({ file, data, key }: ImportOptions): Promise<ImportedIncident> {
  const bytes = readWhole(file, FILE_BYTES_MAX)
  const incident = await openBytes(bytes, key)
  const { correlation } = incident
  await incident.close()
  const name = `${safeName(correlation)}-${sha256(bytes).toString('hex').slice(0, HASH_LENGTH)}`
  return { correlation, file: keepImport(data, name, bytes), bytes: bytes.byteLength }
}

/**
 * The imported incidents of a data directory in which something went wrong, and the files of those that are locked.
 *
 * @throws {HoldfastError} `HF_FILE_DAMAGED`, `HF_STORE_NEWER`
 * @example const { found, locked } = await findImported('./data')
 */
export async function findImported(
  data: string,
): Promise<{ readonly found: readonly FoundIncident[]; readonly locked: readonly string[] }> {
  const found: FoundIncident[] = []
  const locked: string[] = []
  for (const { file } of importedFiles(data)) {
    const incident = await openedUnlessLocked(file)
    if (incident === undefined) {
      locked.push(file)
      continue
    }
    const { evidence, paths, focus } = incident
    for (const each of incidentsOf(evidence, paths))
      if (each.root === focus.correlation) found.push({ ...each, file })
    await incident.close()
  }
  return { found, locked }
}

/** The file of an imported incident, by its correlation: the first when there are several. Locked ones are not looked into. */
export async function importedNamed(data: string, correlation: string): Promise<string | undefined> {
  const wanted = `${safeName(correlation)}-`
  for (const { name, file } of importedFiles(data)) {
    if (!name.startsWith(wanted)) continue
    const incident = await openedUnlessLocked(file)
    await incident?.close()
    if (incident?.correlation === correlation) return file
  }
  return undefined
}

async function openedUnlessLocked(file: string): Promise<Incident | undefined> {
  try {
    return await openFile(file)
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HF_FILE_KEY') return undefined
    throw error
  }
}

// A name may hold what a file system refuses or takes for a path.
function safeName(correlation: string): string {
  return correlation
    .replace(/[^\w.@+-]/g, '-')
    .replace(/^\.+/, '-')
    .slice(0, NAME_LENGTH_MAX)
}

/** Characters that every file system takes, hash and ending left aside. */
const NAME_LENGTH_MAX = 100
/** Digits of the hash that tell two files of one correlation apart. */
const HASH_LENGTH = 12
