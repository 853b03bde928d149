// What travels between threads, as bytes: both sides run the same code, so there is no version and nothing to check. Texts
// that come again and again, such as types and paths, stand once in a table beside the bytes.

import type { Values } from './values.js'

const FIRST_BYTES = 512

/** Bytes and texts that are moved to another thread. */
export interface Parcel {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly texts: readonly string[]
}

/** Writes a parcel. */
export class ParcelWriter {
  readonly #values: Values
  readonly #texts: string[] = []
  readonly #known = new Map<string, number>()
  #last = ''
  #lastIndex = -1
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  constructor(values: Values) {
    this.#values = values
  }

  /** Bytes so far: a place to go back to. */
  get size(): number {
    return this.#at
  }

  /** Takes back what was written since a place. */
  backTo(size: number): void {
    this.#at = size
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = value
  }

  number(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  /** Writes a number over one that was written at a place. */
  numberAt(place: number, value: number): void {
    this.#view.setFloat64(place, value, true)
  }

  text(value: string): void {
    if (value !== this.#last || this.#lastIndex === -1) {
      this.#last = value
      this.#lastIndex = this.#known.get(value) ?? this.#learn(value)
    }
    this.#room(4)
    this.#view.setUint32(this.#at, this.#lastIndex, true)
    this.#at += 4
  }

  /** @throws {HoldfastError} `HF_NOT_STORABLE` with the path of the culprit; then nothing of it is written */
  value(value: unknown): void {
    const { bytes, start, end } = this.#values.stored(value)
    const length = end - start
    this.#room(length + 4)
    this.#view.setUint32(this.#at, length, true)
    this.#at += 4
    if (length < 64) for (let i = start; i < end; i++) this.#bytes[this.#at + i - start] = bytes[i]!
    else this.#bytes.set(bytes.subarray(start, end), this.#at)
    this.#at += length
  }

  /** What was written, and no byte more: what is copied to another thread is copied with all that it is a view on. */
  end(): Parcel {
    return { bytes: this.#bytes.slice(0, this.#at), texts: this.#texts }
  }

  #learn(text: string): number {
    const index = this.#texts.push(text) - 1
    this.#known.set(text, index)
    return index
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.byteLength) return
    const grown = new Uint8Array(Math.max(this.#bytes.byteLength * 2, this.#at + bytes))
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/** Reads a parcel in the order in which it was written. */
export class ParcelReader {
  readonly #values: Values
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #texts: readonly string[]
  #at = 0

  constructor(values: Values, { bytes, texts }: Parcel) {
    this.#values = values
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#texts = texts
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.byteLength
  }

  byte(): number {
    return this.#bytes[this.#at++]!
  }

  number(): number {
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  text(): string {
    const index = this.#view.getUint32(this.#at, true)
    this.#at += 4
    return this.#texts[index]!
  }

  value(): unknown {
    const length = this.#view.getUint32(this.#at, true)
    const start = this.#at + 4
    this.#at = start + length
    return length === 0 ? undefined : this.#values.unpack(this.#bytes, start, this.#at)
  }
}
