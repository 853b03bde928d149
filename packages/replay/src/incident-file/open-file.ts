import { readWhole } from '../disk/whole-file.js'
import { Incident } from '../incident.js'
import { FILE_BYTES_MAX } from '../limits.js'
import { FileEvidence, fileEvidence } from './file-evidence.js'
import type { FileHeader } from './file-header.js'
import type { Manifest } from './manifest.js'
import { openSealed, type FileKey } from './sealed-file.js'

/** Opens the incident that a file holds. */
export function openFile(file: string, key?: FileKey): Promise<Incident> {
  return openBytes(readWhole(file, FILE_BYTES_MAX), key)
}

/** The same for the bytes of a file. */
export async function openBytes(bytes: Buffer, key?: FileKey): Promise<Incident> {
  const sealed = openSealed(bytes)
  const evidence = fileEvidence(sealed.header, await sealed.sections(key))
  return new Incident(evidence, evidence.correlationName(evidence.manifest.correlationId))
}

/**
 * What everybody may read of an incident file, also without its key: sizes, and how it is locked.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_FILE_DAMAGED`, `HF_STORE_NEWER`
 */
export function readFileHeader(file: string): FileHeader {
  return openSealed(readWhole(file, FILE_BYTES_MAX)).header
}

/** What the file of an incident says of itself; `undefined` for an incident out of a data directory. */
export function manifestOf({ evidence }: Incident): Manifest | undefined {
  return evidence instanceof FileEvidence ? evidence.manifest : undefined
}
