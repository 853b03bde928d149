// Incident files on the command line: which argument is one, and what it is opened with.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { REF } from '@holdfast/kernel'
import { manifestOf, openIncident, type Incident, type Manifest } from 'holdfast/replay'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** Options of the commands that read or write an encrypted file. */
export interface KeyOptions {
  readonly keyFile?: string
  readonly passphraseEnv?: string
}

/** An incident out of a file, with what the file says of itself. */
export interface OpenFile {
  readonly file: string
  readonly incident: Incident
  readonly manifest: Manifest
}

/** Bytes of a key. */
const KEY_BYTES = 32

/** Whether an argument names an incident file and no correlation. */
export function isIncidentFile(wanted: string): boolean {
  return wanted.toLowerCase().endsWith('.hfi')
}

/** Opens an incident file. @throws {HoldfastError} `HF_STORE_MISSING`, `HF_FILE_DAMAGED`, `HF_FILE_KEY`, `HF_STORE_NEWER` */
export async function openIncidentFile(
  wanted: string,
  options: KeyOptions,
  terminal: Pick<Terminal, 'cwd' | 'env'>,
): Promise<OpenFile> {
  const file = resolve(terminal.cwd, wanted)
  const incident = await openIncident({ file, key: keyFrom(options, terminal) })
  incident.evidence.codec.ref = (path) => ({ [REF]: path })
  return { file, incident, manifest: manifestOf(incident)! }
}

/** The key that the options name. @throws {UsageError} when they name none that can be used */
export function keyFrom(
  { keyFile, passphraseEnv }: KeyOptions,
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
): string | Uint8Array | undefined {
  if (keyFile !== undefined && passphraseEnv !== undefined)
    throw new UsageError('--key-file and --passphrase-env both give a key.', {
      field: 'key-file',
      hint: 'Give one of them.',
    })
  if (passphraseEnv !== undefined) {
    const passphrase = env[passphraseEnv] ?? ''
    if (passphrase !== '') return passphrase
    throw new UsageError(`The environment variable ${passphraseEnv} is not set, or is empty.`, {
      field: 'passphrase-env',
      hint: 'Put the passphrase into it, and give its name.',
    })
  }
  return keyFile === undefined ? undefined : keyIn(resolve(cwd, keyFile))
}

function keyIn(file: string): Uint8Array {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new UsageError(`The key file cannot be read: ${text}`, { field: 'key-file' })
  }
  if (bytes.byteLength === KEY_BYTES) return bytes
  throw new UsageError(`${file} has ${bytes.byteLength} bytes, and a key has ${KEY_BYTES}.`, {
    field: 'key-file',
    hint: 'Make one with: openssl rand -out incident.key 32',
  })
}
