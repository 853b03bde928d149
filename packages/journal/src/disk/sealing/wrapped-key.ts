// A key of the store, sealed with one of the owner's. Each time it is sealed a salt is drawn, from which, with the owner's
// key, a key and a nonce follow that are used this once: no pair of them ever comes again.
//
//   name of the owner's key (8 bytes) | salt (32) | tag (16) | the key, sealed (32)

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { KEY_BYTES, KEY_ID_BYTES, type KeyRing } from './key-ring.js'

const SALT_BYTES = 32
const TAG_BYTES = 16
const NONCE_BYTES = 12
const WRAPPED_BYTES = KEY_ID_BYTES + SALT_BYTES + TAG_BYTES + KEY_BYTES

/** Seals a key with the current one of a ring. `place` says whose it is and what for: it is nothing anywhere else. */
export function wrap(key: Uint8Array, ring: KeyRing, place: Buffer): Buffer {
  const salt = randomBytes(SALT_BYTES)
  const { wrapping, nonce } = wrappingOf(ring.find(ring.current)!, salt)
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce).setAAD(place)
  const sealed = Buffer.concat([cipher.update(key), cipher.final()])
  return Buffer.concat([Buffer.from(ring.current, 'hex'), salt, cipher.getAuthTag(), sealed])
}

/** Which of the owner's keys a key is sealed with, in hex. */
export function wrappedWith(wrapped: Uint8Array): string {
  return Buffer.from(wrapped.subarray(0, KEY_ID_BYTES)).toString('hex')
}

/** The key again; `undefined` when the ring has not the one that it was sealed with, or it was changed. */
export function unwrap(wrapped: Uint8Array, ring: KeyRing, place: Buffer): Uint8Array | undefined {
  const owner = ring.find(wrappedWith(wrapped))
  if (owner === undefined || wrapped.byteLength !== WRAPPED_BYTES) return undefined
  const salt = wrapped.subarray(KEY_ID_BYTES, KEY_ID_BYTES + SALT_BYTES)
  const tagAt = KEY_ID_BYTES + SALT_BYTES
  const { wrapping, nonce } = wrappingOf(owner, salt)
  const decipher = createDecipheriv('aes-256-gcm', wrapping, nonce).setAAD(place)
  decipher.setAuthTag(wrapped.subarray(tagAt, tagAt + TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(tagAt + TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}

function wrappingOf(owner: Uint8Array, salt: Uint8Array): { wrapping: Buffer; nonce: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', owner, salt, 'holdfast wrapping 1', KEY_BYTES + NONCE_BYTES))
  return { wrapping: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) }
}
