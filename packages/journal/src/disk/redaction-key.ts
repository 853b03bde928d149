// The key under which placeholders are made. An encrypted store has one from its own root key. Any other has one in a file
// beside the log, which no copy of the log takes along: whoever has a backup, a dump or an incident cannot prove a guess.

import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import type { KeyedHash } from '../redaction/secret-redaction.js'
import type { Seal } from '../seal.js'
import { REDACTION_KEY_FILE } from './data-directory.js'
import { putWhole } from './whole-file.js'

const KEY_BYTES = 32

/** Hashes texts for a data directory: the same today and after a restart. @throws {HoldfastError} `HF_STORE_UNWRITABLE` */
export function keyedHashFor(dir: string, seal: Seal): KeyedHash {
  return keyedHash(seal.derive?.('holdfast redaction 1') ?? keyIn(join(dir, REDACTION_KEY_FILE)))
}

/** Hashes texts for as long as the process lives. */
export function passingHash(): KeyedHash {
  return keyedHash(randomBytes(KEY_BYTES))
}

/** Hashes texts with a key. */
export function keyedHash(key: Uint8Array): KeyedHash {
  return (text) => createHmac('sha256', key).update(text).digest('hex')
}

function keyIn(file: string): Uint8Array {
  try {
    return (existsSync(file) ? readKey(file) : undefined) ?? makeKey(file)
  } catch (error) {
    throw new HoldfastError('HF_STORE_UNWRITABLE', `The key for placeholders is not there: ${file}`, {
      field: 'data',
      cause: error,
      hint: 'Give the process the right to read and write its data directory.',
    })
  }
}

// One that was cut off is no key: another one is drawn, and the same secret has another placeholder from then on.
function readKey(file: string): Uint8Array | undefined {
  const key = Buffer.from(readFileSync(file, 'latin1').trim(), 'hex')
  return key.byteLength === KEY_BYTES ? key : undefined
}

function makeKey(file: string): Uint8Array {
  const key = randomBytes(KEY_BYTES)
  putWhole(file, `${key.toString('hex')}\n`, { field: 'data' })
  return key
}
