// Values as they are now: packed like in the log, so that a copy is what a rebuild would see, and what happens to the
// value afterwards does not change it.

import { Codec } from '@holdfast/journal'
import { HoldfastError } from '@holdfast/kernel'
import { PathRef } from '../path-ref.js'

/** A value that was kept. */
export interface Kept {
  /** `undefined` when the log could not hold it. */
  readonly bytes: Uint8Array | undefined
  /** A copy of its own for each who asks. */
  copy(): unknown
}

/** Keeps values. Refs among them become refs that reach nobody. */
export class Copies {
  readonly #codec = new Codec()

  constructor() {
    this.#codec.ref = (path) => new PathRef(path)
  }

  /** @throws {HoldfastError} `HF_NOT_STORABLE` */
  keep(value: unknown): Kept {
    if (value === undefined) return NOTHING
    const bytes = this.#codec.bytes(value)
    return { bytes, copy: () => this.#codec.unpack(bytes, 0, bytes.byteLength) }
  }

  /** The same for what need not be storable, because nothing stores it: an answer that nobody asked for. */
  keepIfStorable(value: unknown): Kept {
    try {
      return this.keep(value)
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'HF_NOT_STORABLE') return NOTHING
      throw error
    }
  }

  /** Whether two values have the same stored form. */
  isSame(a: Kept, b: Kept): boolean {
    if (a.bytes === undefined || b.bytes === undefined) return a.bytes === b.bytes
    return Buffer.compare(a.bytes, b.bytes) === 0
  }
}

const NOTHING: Kept = { bytes: undefined, copy: () => undefined }
