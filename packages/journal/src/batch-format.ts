// Batch format
// ============
// A batch is one value in the store and can be read alone: header, records, the message names they use, and a table to
// find a record by its position.
//
//   0    magic "HFB1"           24   count of records      48   hash of the previous batch (32 bytes)
//   4    format version (u16)   28   bytes of records
//   6    flags (u16)            32   bytes of names        80   id of the store (16 bytes)
//   8    first position (f64)   36   epoch                 96   tag of a sealed batch (16 bytes)
//   16   wall time (f64)        40   checksum (u32)        112  its counter (f64)
//                                                        120  checksum of all but the records (u32)
//                               44   bytes of notes        124  0, then from 128 on the records
//
//   ...  names: for each, version, length, text    ...  notes: which actors and correlations it concerns
//   ...  offsets: u32 of every 64th record
//
// A batch with a count and no bytes of records or names is blank: the records at its positions stayed behind when the log was taken
// elsewhere. What stood there nobody knows here; the positions are taken all the same.
//
// Before format 4 the header ends at 80, and says nothing of its store. The checksum of all but the records says of a
// batch whose records are damaged whether it can still be believed whom they concerned.
//
// A record is a kind with flags in one byte, then variable-length integers; positions are written as distances from
// the record's own, which are short. Numbers that this page fixes stand in stored data and never change.

import type { DataKind } from '@holdfast/kernel'
import { checksumAround, checksumOf } from './disk/checksum.js'

export const MAGIC = 0x31424648
/**
 * Raised whenever there is something to read that a reader of the format before would take for damage, or for something
 * else. Earlier formats are read as long as their bytes mean the same.
 */
export const FORMAT = 7
export const HEADER_BYTES = 128
/** Flag of a batch: what stands behind its header is encrypted. */
export const SEALED = 1
export const FLAGS_AT = 6
export const EPOCH_AT = 36
export const CHECKSUM_AT = 40
export const PREVIOUS_AT = 48
export const HASH_BYTES = 32
export const STORE_ID_AT = 80
export const STORE_ID_BYTES = 16
export const TAG_AT = 96
export const COUNTER_AT = 112
export const TAIL_CHECKSUM_AT = 120

/** The format in which the header grew, and what it was before. */
const FORMAT_OF_STORE_ID = 4
const SHORT_HEADER_BYTES = 80

/** Stands where no store has said which one it is. */
export const NO_STORE_ID: Uint8Array = new Uint8Array(STORE_ID_BYTES)

/** Kinds of records, in the low two bits of the first byte. */
export const MESSAGE = 1
export const TURN = 2
export const DATA = 3

/** Flags of a message record. */
export const HAS_CORRELATION = 4
export const HAS_CAUSE = 8
export const HAS_SENDER = 16
export const HAS_EXTRAS = 32

/** Flags of the extras of a message record. */
export const EXTRA_NAME = 1
export const EXTRA_ASK = 2
export const EXTRA_OUTSIDE = 4
export const EXTRA_TIMER = 8
export const EXTRA_NOTICE = 16

/** Flags of a turn record. */
export const HAS_ANSWER = 4
export const HAS_DIGEST = 8
export const HAS_ATTEMPT = 16
export const HAS_OTHER_CORRELATION = 32

/** Numbers of the other kinds; the place in this list stands in stored data, so it only ever grows at its end. */
export const DATA_KINDS: readonly DataKind[] = [
  'began',
  'effect',
  'reply',
  'spawned',
  'stopped',
  'failed',
  'directive',
  'restarted',
  'dead',
  'timer',
  'untimed',
  'watched',
  'unwatched',
  'halting',
  'opened',
  'closed',
  'reviving',
  'deleted',
  'changed',
  'stashed',
  'unstashed',
  'steered',
  'quarantined',
  'gave-up',
  'patched',
  'refused',
  'shredded',
]

/** What the header of a batch says. */
export interface BatchHeader {
  readonly format: number
  /** Where the records begin. */
  readonly headerBytes: number
  readonly first: number
  readonly timeMs: number
  readonly count: number
  readonly recordBytes: number
  readonly nameBytes: number
  readonly noteBytes: number
  readonly epoch: number
  readonly checksum: number
}

/** Whether the bytes of a stored batch are the ones that were written. */
export function isIntact(bytes: Uint8Array): boolean {
  const header = headerOf(bytes)
  return header !== undefined && header.checksum === checksumAround(bytes, CHECKSUM_AT)
}

/** Checksum of a batch without its records, both checksums left out. */
export function tailChecksum(bytes: Uint8Array, recordsEnd: number): number {
  const head = bytes.subarray(CHECKSUM_AT + 4, TAIL_CHECKSUM_AT)
  const rest = bytes.subarray(TAIL_CHECKSUM_AT + 4, HEADER_BYTES)
  return checksumOf([bytes.subarray(0, CHECKSUM_AT), head, rest, bytes.subarray(recordsEnd)])
}

/** Whether a batch says what it is without its records: before format 4 nothing does. */
export function hasTailChecksum(bytes: Uint8Array): boolean {
  const header = headerOf(bytes)
  return header === undefined || header.format >= FORMAT_OF_STORE_ID
}

/** Whether everything but the records is what was written. What an earlier format has no checksum for, nobody knows. */
export function isTailIntact(bytes: Uint8Array): boolean {
  const header = headerOf(bytes)
  if (header === undefined || header.format < FORMAT_OF_STORE_ID || header.format > FORMAT) return false
  const recordsEnd = header.headerBytes + header.recordBytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint32(TAIL_CHECKSUM_AT, true) === tailChecksum(bytes, recordsEnd)
}

/** The id of the store that a batch was written for; `undefined` for one that does not say it. */
export function storeIdOf(bytes: Uint8Array): Uint8Array | undefined {
  const header = headerOf(bytes)
  if (header === undefined || header.format < FORMAT_OF_STORE_ID) return undefined
  return bytes.subarray(STORE_ID_AT, STORE_ID_AT + STORE_ID_BYTES)
}

/** The hash that a batch names as that of the one before it. */
export function previousOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(PREVIOUS_AT, PREVIOUS_AT + HASH_BYTES)
}

/** Whether a batch takes positions and holds no records. */
export function isBlank({ count, recordBytes, nameBytes }: BatchHeader): boolean {
  return recordBytes === 0 && nameBytes === 0 && count > 0
}

/** Reads the header of a batch. @returns `undefined` when it is none */
export function headerOf(bytes: Uint8Array): BatchHeader | undefined {
  if (bytes.byteLength < SHORT_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC) return undefined
  const format = view.getUint16(4, true)
  const headerBytes = format < FORMAT_OF_STORE_ID ? SHORT_HEADER_BYTES : HEADER_BYTES
  if (bytes.byteLength < headerBytes) return undefined
  return {
    format,
    headerBytes,
    first: view.getFloat64(8, true),
    timeMs: view.getFloat64(16, true),
    count: view.getUint32(24, true),
    recordBytes: view.getUint32(28, true),
    nameBytes: view.getUint32(32, true),
    noteBytes: view.getUint32(44, true),
    epoch: view.getUint32(36, true),
    checksum: view.getUint32(CHECKSUM_AT, true),
  }
}
