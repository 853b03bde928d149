// Anchors as a file: one a line, which is only ever added to. It belongs where the data are not.

import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, relative, resolve, isAbsolute } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { notWritten } from '../store-failure.js'
import { AnchorKey, anchorLine, anchorOf, type Anchor } from './anchor.js'
import { checkSecretFile } from './secret-file.js'

/** Bytes of a secret at the least. */
const SECRET_BYTES_MIN = 32

/**
 * The key that a file holds: an Ed25519 key as PEM, or a secret of at least 32 bytes in hex or base64.
 *
 * @throws {HoldfastError} `HF_KEY`
 */
export function readAnchorKey(file: string): AnchorKey {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw noKey(file, 'cannot be read', error)
  }
  const isPublic = text.startsWith('-----BEGIN PUBLIC KEY-----')
  if (!isPublic) checkSecretFile(file)
  let key: KeyObject
  try {
    if (isPublic) key = createPublicKey(text)
    else key = text.startsWith('-----BEGIN') ? createPrivateKey(text) : createSecretKey(secretOf(text))
  } catch (error) {
    throw noKey(file, 'holds no key', error)
  }
  const isKnown =
    key.type === 'secret' ? key.symmetricKeySize! >= SECRET_BYTES_MIN : key.asymmetricKeyType === 'ed25519'
  if (!isKnown) throw noKey(file, 'holds neither an Ed25519 key nor a secret of 32 bytes or more')
  return new AnchorKey(key)
}

/**
 * Adds an anchor to a file.
 *
 * @param dir the data directory, in which neither the anchors nor their key may lie
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_UNWRITABLE`
 */
export function appendAnchor(file: string, anchor: Anchor): void {
  try {
    const handle = openSync(file, 'a', 0o600)
    try {
      writeSync(handle, anchorLine(anchor))
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    throw notWritten(file, error, 'anchors')
  }
}

/**
 * The anchors that a file holds, all of them signed with a key.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_FILE_DAMAGED` when a line is none that this key has signed
 */
export function readAnchors(file: string, key: AnchorKey): Anchor[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new HoldfastError('HF_STORE_MISSING', `${file} cannot be read.`, {
      field: 'anchors',
      cause: error,
      hint: 'Give the file that `holdfast anchor` has written.',
    })
  }
  const lines = text.split('\n').map((line, i) => ({ line, number: i + 1 }))
  return lines
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      const anchor = anchorOf(line)
      if (anchor !== undefined && key.hasSigned(anchor)) return anchor
      const what =
        anchor === undefined ? 'is no anchor' : `was not signed by the key ${key.id}, or was changed since`
      throw new HoldfastError('HF_FILE_DAMAGED', `Line ${number} of ${file} ${what}.`, {
        field: 'anchors',
        hint: 'Give the key that the anchors were made with. What it did not sign says nothing.',
      })
    })
}

/** Refuses a file inside of the data directory: who can change the data must not be able to change it too. */
export function refuseInside(dir: string, file: string, field: string): void {
  const way = relative(resolve(dir), resolve(file))
  if (way.startsWith('..') || isAbsolute(way) || dirname(resolve(file)) === resolve('/')) return
  throw new HoldfastError('HF_INVALID', `${file} lies in the data directory.`, {
    field,
    hint: 'Keep it where whoever can change the data cannot change it.',
  })
}

function secretOf(text: string): Buffer {
  return Buffer.from(text, /^([0-9a-f]{2})+$/i.test(text) ? 'hex' : 'base64')
}

function noKey(file: string, what: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_KEY', `${file} ${what}.`, {
    field: 'key',
    cause,
    hint: 'Give an Ed25519 key as PEM, or 32 bytes or more in hex or base64, in a file that only you can read.',
  })
}
