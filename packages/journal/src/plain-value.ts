// Plain values
// ============
// Reads the msgpack of small, plain values without setting anything up: recovery decodes one payload for every message,
// and most of them are an object of a few numbers, flags and short texts.
//
// Invariants
//   P1  What it reads is what msgpackr reads from the same bytes. What is unusual or damaged it leaves to msgpackr,
//       from its beginning, and judges nothing itself.
//   P2  It keeps at most one batch's bytes, and the keys that it remembers are bounded in number and length.

/** The value is not one for this reader. */
export const NOT_PLAIN: unique symbol = Symbol('not plain')

/** Levels of nesting that are still plain. */
const DEPTH_PLAIN = 8

/** Bytes that a remembered key takes at the most, its length in front. */
const KEY_BYTES = 32

/** Keys that are remembered, one for each hash; a power of two. */
const KEYS_KEPT = 512

/** Where the reader stands once it has met something that is not for it: every step from there on is none. */
const NOWHERE = 0x3fffffff

const { latin1Slice } = Buffer.prototype as unknown as {
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string
}

/** Reads plain values. */
export class PlainReader {
  // No private names: they cost more until they are compiled, and the first second is when recovery runs.
  private bytes: Uint8Array = new Uint8Array(0)
  private at = 0
  private end = 0
  private readonly keys: string[] = Array.from({ length: KEYS_KEPT }, () => '')
  private readonly keyBytes = new Uint8Array(KEYS_KEPT * KEY_BYTES)
  private readonly float = new DataView(new ArrayBuffer(8))

  /** The value that fills the bytes between two offsets, or `NOT_PLAIN`. */
  read(bytes: Uint8Array, start: number, end: number): unknown {
    if (end > bytes.byteLength) return NOT_PLAIN
    this.bytes = bytes
    this.at = start
    this.end = end
    const value = this.value(0)
    return this.at === end ? value : NOT_PLAIN
  }

  private value(depth: number): unknown {
    if (this.at >= this.end) return this.leave()
    const token = this.bytes[this.at++]!
    if (token < 0x80) return token
    if (token === 0xde) return this.object(this.whole(2), depth + 1)
    if (token >= 0xe0) return token - 0x100
    if (token >= 0xc0) return this.longer(token, depth)
    if (token >= 0xa0) return this.text(token - 0xa0)
    return token < 0x90 ? this.object(token - 0x80, depth + 1) : this.list(token - 0x90, depth + 1)
  }

  private longer(token: number, depth: number): unknown {
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xcb:
        return this.double()
      case 0xcc:
        return this.whole(1)
      case 0xcd:
        return this.whole(2)
      case 0xce:
        return this.whole(4)
      case 0xd0:
        return (this.whole(1) << 24) >> 24
      case 0xd1:
        return (this.whole(2) << 16) >> 16
      case 0xd2:
        return this.whole(4) | 0
      case 0xd9:
        return this.text(this.whole(1))
      case 0xdc:
        return this.list(this.whole(2), depth + 1)
      default:
        return this.leave()
    }
  }

  private object(size: number, depth: number): unknown {
    if (depth > DEPTH_PLAIN) return this.leave()
    const object: Record<string, unknown> = {}
    for (let i = 0; i < size; i++) {
      if (this.at >= this.end) return this.leave()
      const key = this.key()
      object[key] = this.value(depth)
    }
    return object
  }

  private list(size: number, depth: number): unknown {
    if (depth > DEPTH_PLAIN) return this.leave()
    const list: unknown[] = []
    for (let i = 0; i < size; i++) {
      if (this.at >= this.end) return this.leave()
      list.push(this.value(depth))
    }
    return list
  }

  private key(): string {
    const { bytes, keyBytes, at } = this
    const token = bytes[at]!
    const past = at + token - 0x9f
    if (token <= 0xa0 || token > 0xbf || past > this.end) return this.leave()
    const place = (token * 37 + bytes[at + 1]! * 7 + bytes[past - 1]! * 131) & (KEYS_KEPT - 1)
    this.at = past
    for (let i = at, k = place * KEY_BYTES; i < past; i++, k++)
      if (keyBytes[k] !== bytes[i]) return this.newKey(at, past, place)
    return this.keys[place]!
  }

  // An assigned "__proto__" would be no key.
  private newKey(start: number, end: number, place: number): string {
    const text = this.ascii(start + 1, end)
    if (text === undefined || text === '__proto__') return this.leave()
    for (let i = start; i < end; i++) this.keyBytes[place * KEY_BYTES + i - start] = this.bytes[i]!
    // The form that the engine looks properties up by.
    return (this.keys[place] = Object.keys({ [text]: 0 })[0]!)
  }

  private text(length: number): string {
    const start = this.at
    this.at += length
    if (!(this.at <= this.end)) return this.leave()
    return this.ascii(start, this.at) ?? this.leave()
  }

  private ascii(start: number, end: number): string | undefined {
    const { bytes } = this
    for (let i = start; i < end; i++) if (bytes[i]! >= 0x80) return undefined
    return latin1Slice.call(bytes, start, end)
  }

  private whole(size: number): number {
    const { bytes, at } = this
    this.at = at + size
    if (this.at > this.end) return 0
    let value = 0
    for (let i = at; i < at + size; i++) value = value * 256 + bytes[i]!
    return value
  }

  private double(): number {
    const { float, bytes, at } = this
    this.at = at + 8
    if (this.at > this.end) return 0
    for (let i = 0; i < 8; i++) float.setUint8(i, bytes[at + i]!)
    return float.getFloat64(0)
  }

  private leave(): string {
    this.at = NOWHERE
    return ''
  }
}
