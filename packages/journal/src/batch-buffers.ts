// Buffers for open batches. A batch that stays small, as most do when little happens, is copied out when it is sealed,
// and its buffer serves the next one: a third of a megabyte for every flush would keep the collector busy.

import { BATCH_BYTES } from './limits.js'

/** A batch may run over its size by one turn before it is sealed; most turns fit in here. */
const SLACK_BYTES = 65_536

/** Lends buffers to open batches, and keeps one that came back. */
export class BatchBuffers {
  #spare: Uint8Array | null = null

  /** A buffer to write a batch into. */
  lend(): Uint8Array {
    const spare = this.#spare
    this.#spare = null
    return spare ?? Buffer.allocUnsafeSlow(BATCH_BYTES + SLACK_BYTES)
  }

  /** Gives a sealed batch its bytes: the buffer itself when it is well filled, a copy when it is not. */
  seal(buffer: Uint8Array, length: number): Uint8Array {
    if (length * 4 > buffer.byteLength) return buffer.subarray(0, length)
    const bytes = Buffer.from(buffer.subarray(0, length))
    this.giveBack(buffer)
    return bytes
  }

  /** Takes back the buffer of a batch that nobody needs. */
  giveBack(buffer: Uint8Array): void {
    if (buffer.byteLength === BATCH_BYTES + SLACK_BYTES) this.#spare = buffer
  }
}
