// A look from outside at what a thread keeps, for a turn that takes memory without end and never comes back to be looked at
// from within. Node lets one thread look into another from 22.16 on; before that there is no such look, and only its
// deadline ends such a turn.

import type { HoldfastError } from '@holdfast/kernel'
import { BYTES_SLACK_PERCENT, THREAD_BYTES_MB } from '../limits.js'
import { tooManyBytes } from './deaths.js'
import type { Lane } from './lane.js'
import type { PoolOptions } from './pool-options.js'

const MEGABYTE = 1_048_576

/** What V8 says of one thread. Node has it from 22.16 on. */
type LooksInside = Lane['worker'] & {
  getHeapStatistics?: () => Promise<{ readonly external_memory: number }>
}

/** Looks at the bytes of threads from outside. */
export class MemoryGuard {
  readonly #bytesMb: number
  readonly #most: number

  constructor({ bytesMb = THREAD_BYTES_MB }: PoolOptions) {
    this.#bytesMb = bytesMb
    this.#most = (bytesMb * MEGABYTE * BYTES_SLACK_PERCENT) / 100
  }

  /** Begins another look at a thread. @returns why it has to be ended, as of the looks before */
  lookAt(lane: Lane): HoldfastError | undefined {
    if (lane.timesTooLarge >= 2) return tooManyBytes(this.#bytesMb)
    const worker = lane.worker as LooksInside
    if (worker.getHeapStatistics === undefined) return undefined
    worker.getHeapStatistics().then(
      ({ external_memory: bytes }) => {
        lane.timesTooLarge = bytes > this.#most ? lane.timesTooLarge + 1 : 0
      },
      // It has ended.
      () => undefined,
    )
    return undefined
  }
}
