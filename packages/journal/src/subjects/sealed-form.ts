// Sealed form
// ===========
// A value of a subject as it stands in the log: a rich value whose data are these bytes. It says by itself whose it is and
// with what it was sealed, so that a record can be copied alone.
//
//   0   1                             13  salt of the opening (16 bytes)     35  mark of the key (4 bytes)
//   1   id of the subject (12 bytes)  29  counter (u48, big-endian)          39  tag (16), then the value, sealed

import { RICH } from '../storable.js'

/** The first byte. */
export const SEALED_VERSION = 1
export const SUBJECT_AT = 1
const SUBJECT_BYTES = 12
export const SALT_AT = 13
export const SALT_BYTES = 16
export const COUNTER_AT = 29
export const COUNTER_BYTES = 6
export const MARK_AT = 35
export const MARK_BYTES = 4
export const TAG_AT = 39
export const TAG_BYTES = 16
export const SEALED_HEAD_BYTES = TAG_AT + TAG_BYTES

// How a rich value begins: as a msgpack extension of one byte, 0, behind which its list of two stands.
const VALUE = Buffer.from([0xd4, 0x48, 0, 0x92, RICH.sealed])
// What is left of a shredded value in a copy: a text of 24 characters behind that.
const SHREDDED = Buffer.from([0xd4, 0x48, 0, 0x92, RICH.shredded, 0xb8])
const SHREDDED_BYTES = SHREDDED.byteLength + 2 * SUBJECT_BYTES
const TEXT = Buffer.from([0xd4, 0x48, 0, 0x92, RICH.sealedText])

/** Id of the subject that sealed bytes name, in hex; `undefined` when they are none. */
export function subjectOf(sealed: Uint8Array): string | undefined {
  if (sealed.byteLength < SEALED_HEAD_BYTES || sealed[0] !== SEALED_VERSION) return undefined
  return Buffer.from(sealed.subarray(SUBJECT_AT, SUBJECT_AT + SUBJECT_BYTES)).toString('hex')
}

/** The sealed bytes that a packed value is, when it is nothing else; seen where they lie. */
export function sealedIn(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  // The extension, a list of two, the kind, and bytes.
  for (let i = 0; i < VALUE.byteLength; i++) if (bytes[start + i] !== VALUE[i]) return undefined
  let at = start + VALUE.byteLength
  const length = bytes[at]
  if (length !== 0xc4 && length !== 0xc5 && length !== 0xc6) return undefined
  at += length === 0xc4 ? 2 : length === 0xc5 ? 3 : 5
  const sealed = bytes.subarray(at, end)
  return subjectOf(sealed) === undefined ? undefined : sealed
}

/** Id of the subject that a packed value belongs to as a whole: sealed with its key, or what is left of it without that. */
export function subjectIn(packed: Uint8Array): string | undefined {
  const sealed = sealedIn(packed, 0, packed.byteLength)
  if (sealed !== undefined) return subjectOf(sealed)
  if (packed.byteLength !== SHREDDED_BYTES || SHREDDED.some((byte, i) => packed[i] !== byte)) return undefined
  return Buffer.from(packed.subarray(SHREDDED.byteLength)).toString('latin1')
}

/** Whether a packed value may hold sealed ones: what does not surely hold none is looked at. */
export function mayHoldSealed(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.includes(VALUE) || buffer.includes(TEXT)
}
