import { damaged, sound } from './damaged.js'

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads numbers, texts and values out of bytes that may be anything: no step goes past the end. */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Bytes that are left. */
  get left(): number {
    return this.bytes.byteLength - this.#at
  }

  byte(): number {
    this.#need(1)
    return this.bytes[this.#at++]!
  }

  float(): number {
    this.#need(8)
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  /** A whole number from 0 that a double holds exactly, in as few bytes as it takes. */
  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      sound(scale <= 2 ** 49, 'a number does not end')
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        sound(Number.isSafeInteger(value), 'a number is too large')
        return value
      }
    }
  }

  /** A varint of at most `max`. */
  count(max: number, of: string): number {
    const count = this.varint()
    sound(count <= max, `it says that it holds ${count} ${of}, and ${max} are the most`)
    // Each takes a byte at least: what cannot be there is not waited for.
    sound(count <= this.left, `it says that it holds ${count} ${of}, for which it is too short`)
    return count
  }

  /** Bytes with their length before them, where they lie. */
  block(): Uint8Array {
    const length = this.varint()
    this.#need(length)
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }

  text(): string {
    try {
      return text.decode(this.block())
    } catch (error) {
      throw damaged('a text is none', error)
    }
  }

  /** Nothing may be left. */
  end(): void {
    sound(this.left === 0, 'it holds more than it says')
  }

  #need(length: number): void {
    sound(length <= this.left, 'it ends too early')
  }
}
