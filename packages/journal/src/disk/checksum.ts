import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** Checksum of a range of bytes: finds what a disk or a cable did. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes) >>> 0
}

/** SHA-256 of bytes: chains batches, so that nothing can be put in, left out or swapped unseen. */
export function hashOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

/** The first 48 bits of the SHA-256, as a number: the digest of a state. */
export function digestOf(bytes: Uint8Array): number {
  return hashOf(bytes).subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0)
}
