// Flat values
// ===========
// What most messages carry is small: a number, a short text, an object of a few of them. Such a value is judged and
// written in one pass, straight into the batch, in the msgpack form that the codec reads. Everything else is left to
// the codec, which judges first and packs then.
//
// Invariants
//   F1  What is written here, the codec reads back as it was.
//   F2  What is not surely storable, or not surely small, is not written here: whoever asks gets -1 and asks the codec.

/** Bytes of a flat value at the most: its length fits into one byte of a record. */
export const FLAT_BYTES_MAX = 127

const KEYS_MAX = 15
const TEXT_MAX = 31

const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)

/**
 * Writes a value at an offset, with room for `FLAT_BYTES_MAX` bytes after it.
 *
 * @returns where it ends, or -1 when the value is none for here; what stands behind the offset means nothing then
 */
export function writeFlat(bytes: Uint8Array, at: number, value: unknown): number {
  if (typeof value !== 'object' || value === null) return writeScalar(bytes, at, value)
  if (Object.getPrototypeOf(value) !== Object.prototype) return -1
  const start = at++
  const last = start + FLAT_BYTES_MAX - SCALAR_BYTES_MAX
  let keys = 0
  for (const key in value) {
    if (++keys > KEYS_MAX || at > last || key === '__proto__') return -1
    at = writeText(bytes, at, key)
    if (at === -1 || at > last) return -1
    at = writeScalar(bytes, at, (value as Record<string, unknown>)[key])
    if (at === -1) return -1
  }
  bytes[start] = 0x80 | keys
  return at
}

const SCALAR_BYTES_MAX = TEXT_MAX + 1

function writeScalar(bytes: Uint8Array, at: number, value: unknown): number {
  if (typeof value === 'number') return writeNumber(bytes, at, value)
  if (typeof value === 'string') return writeText(bytes, at, value)
  if (value === true) bytes[at] = 0xc3
  else if (value === false) bytes[at] = 0xc2
  else if (value === null) bytes[at] = 0xc0
  else return -1
  return at + 1
}

function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value >>> 0 !== value || Object.is(value, -0)) return writeDouble(bytes, at, value)
  if (value < 0x80) {
    bytes[at] = value
    return at + 1
  }
  if (value < 0x10000) {
    bytes[at] = 0xcd
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value
    return at + 3
  }
  bytes[at] = 0xce
  bytes[at + 1] = value >>> 24
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 8
  bytes[at + 4] = value
  return at + 5
}

function writeDouble(bytes: Uint8Array, at: number, value: number): number {
  if (Object.is(value, -0)) return -1
  double[0] = value
  bytes[at] = 0xcb
  for (let i = 0; i < 8; i++) bytes[at + 8 - i] = doubleBytes[i]!
  return at + 9
}

// Characters of one byte only: they are as long as they look, and well-formed.
function writeText(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text
  if (length > TEXT_MAX) return -1
  bytes[at++] = 0xa0 | length
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return -1
    bytes[at++] = code
  }
  return at
}
