import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** Checksum of a range of bytes: finds what a disk or a cable did. `before` is the one of what stands before them. */
function checksum(bytes: Uint8Array, before = 0): number {
  return crc32(bytes, before) >>> 0
}

const NO_CHECKSUM = new Uint8Array(4)

/** Checksum of bytes that hold their own checksum: its four bytes count as zero. */
export function checksumAround(bytes: Uint8Array, at: number): number {
  const before = checksum(NO_CHECKSUM, checksum(bytes.subarray(0, at)))
  return checksum(bytes.subarray(at + 4), before)
}

/** Checksum of parts, as if they stood in one piece. */
export function checksumOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => checksum(part, sum), 0)
}

/** SHA-256 of bytes: chains batches, so that nothing can be put in, left out or swapped unseen. */
export function hashOf(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}

/** The first 48 bits of the SHA-256, as a number: the digest of a state. As text, which costs half of what bytes do. */
export function digestOf(bytes: Uint8Array): number {
  return Number.parseInt(hash('sha256', bytes, 'hex').slice(0, 12), 16)
}
