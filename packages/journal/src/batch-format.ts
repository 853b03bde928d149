// Batch format
// ============
// A batch is one value in the store and can be read alone: header, records, the message names they use, and a table to
// find a record by its position.
//
//   0    magic "HFB1"           24   count of records      48   hash of the previous batch (32 bytes)
//   4    format version (u16)   28   bytes of records      80   records
//   6    flags (u16)            32   bytes of names        ...  names: for each, version, length, text
//   8    first position (f64)   36   epoch                 ...  notes: which actors and correlations it concerns
//   16   wall time (f64)        40   checksum (u32)        ...  offsets: u32 of every 64th record
//                               44   bytes of notes
//
// A record is a kind with flags in one byte, then variable-length integers; positions are written as distances from
// the record's own, which are short. Numbers that this page fixes stand in stored data and never change.

import type { DataKind } from '@holdfast/kernel'
import { checksumAround } from './disk/checksum.js'

export const MAGIC = 0x31424648
/**
 * Raised whenever there is something to read that a reader of the format before would take for damage, or for something
 * else. Earlier formats are read as long as their bytes mean the same.
 */
export const FORMAT = 4
export const HEADER_BYTES = 80
export const CHECKSUM_AT = 40
export const PREVIOUS_AT = 48

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
]

/** What the header of a batch says. */
export interface BatchHeader {
  readonly format: number
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

/** Reads the header of a batch. @returns `undefined` when it is none */
export function headerOf(bytes: Uint8Array): BatchHeader | undefined {
  if (bytes.byteLength < HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC) return undefined
  return {
    format: view.getUint16(4, true),
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
