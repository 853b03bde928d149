// Quick digests
// =============
// The digest of a small state, where making a SHA-256 costs more than the turn: two multiplying hashes in one pass
// (cyrb53, bryc, public domain), 48 bits. It finds that a state came out different; against whoever means harm stands the
// chain of the batches. A digest says how it was made: those of this kind lie above all that are cut from a SHA-256.

/** Where quick digests begin. Below lie the 48 bits of a SHA-256. */
export const QUICK_DIGEST = 2 ** 48

/** Bytes of a state up to which its digest is a quick one: at 64 it takes half as long as a SHA-256, at 128 as long. */
export const QUICK_BYTES_MAX = 128

/** The quick digest of a range of bytes. */
export function quickDigest(bytes: Uint8Array, start: number, end: number): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    a = Math.imul(a ^ byte, 2_654_435_761)
    b = Math.imul(b ^ byte, 1_597_334_677)
  }
  const high = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909)
  const low = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)
  return QUICK_DIGEST + (high & 0xffff) * 2 ** 32 + (low >>> 0)
}
