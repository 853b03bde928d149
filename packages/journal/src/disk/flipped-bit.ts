// Which bit is another
// ====================
// CRC-32 is linear, and every single bit of up to 512 MB changes it in a way of its own: from the difference between the
// checksum that stands there and the one that the bytes have, the one bit that makes it can be found. When more than one
// bit is another, one is found by chance in as many cases of 2^32 as there are bits; whoever believes it asks for more.

const POLYNOMIAL = 0xedb88320

/** What one byte of zeros makes of the lowest byte, as in every table-driven CRC-32. */
const STEP = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL
  return value
})

/** The byte whose step has this as its highest byte: there is exactly one. */
const BACK = Uint8Array.from({ length: 256 }, (_, high) => STEP.findIndex((step) => step >>> 24 === high))

/** A bit by the byte that it stands in. */
export interface Bit {
  readonly at: number
  readonly mask: number
}

/**
 * The bit that makes the difference between two checksums of so many bytes.
 *
 * @param difference of the one that stands there and the one that the bytes have, by XOR
 * @returns `undefined` when no single bit does
 */
export function flippedBit(byteLength: number, difference: number): Bit | undefined {
  let rest = difference >>> 0
  for (let at = byteLength - 1; at >= 0 && rest !== 0; at--) {
    const bit = BITS.get(rest)
    if (bit !== undefined) return { at, mask: 1 << bit }
    const low = BACK[rest >>> 24]!
    rest = (((rest ^ STEP[low]!) << 8) | low) >>> 0
  }
  return undefined
}

/** What a bit of the last byte makes of the checksum. */
const BITS: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 8 }, (_, bit) => [STEP[1 << bit]!, bit] as const),
)
