import { putVarint } from '@holdfast/journal'

const text = new TextEncoder()

/** Bytes of the longest varint. */
const VARINT_MAX = 8

/** Gathers bytes. */
export class ByteWriter {
  #bytes = new Uint8Array(65_536)
  #at = 0

  /** What was written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = value
  }

  float(value: number): void {
    this.#room(8)
    new DataView(this.#bytes.buffer).setFloat64(this.#at, value, true)
    this.#at += 8
  }

  varint(value: number): void {
    this.#room(VARINT_MAX)
    this.#at = putVarint(this.#bytes, this.#at, value)
  }

  /** Bytes with their length before them. */
  block(bytes: Uint8Array): void {
    this.varint(bytes.byteLength)
    this.raw(bytes)
  }

  text(value: string): void {
    this.block(text.encode(value))
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.byteLength)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.byteLength
  }

  #room(length: number): void {
    if (this.#bytes.byteLength - this.#at >= length) return
    const grown = new Uint8Array(Math.max(this.#bytes.byteLength * 2, this.#at + length))
    grown.set(this.bytes)
    this.#bytes = grown
  }
}
