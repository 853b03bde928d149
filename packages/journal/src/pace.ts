import type { Authorities, Timer } from '@holdfast/kernel'
import { RELAXED_BATCH_MS } from './limits.js'

/** When a relaxed journal goes to the disk: once in a while, and at once when somebody waits for it. */
export class Pace {
  readonly #authorities: Authorities
  readonly #everyMs: number
  readonly #step: () => void
  #isWanted = false
  #isPutOff = false
  #timer: Timer | null = null

  constructor(authorities: Authorities, everyMs: number, step: () => void) {
    this.#authorities = authorities
    this.#everyMs = everyMs
    this.#step = step
  }

  /** Somebody waits for the disk. */
  hasten(): void {
    this.#isWanted = true
  }

  /** Whether what waits goes to the disk now. What does not go now goes when its time has come. */
  isDue(): boolean {
    if (this.#isWanted) return true
    this.#timer ??= this.#authorities.timer(this.#everyMs, () => {
      this.#timer = null
      this.#isWanted = true
      this.#step()
    })
    return false
  }

  /** What waits does not go to the disk now. */
  putOff(): void {
    this.#isPutOff = true
  }

  /** Whether a batch of this time has been open for long: the turns of a batch share one time, which must not stand still. */
  isOld(timeMs: number): boolean {
    if (!this.#isPutOff) return false
    this.#isPutOff = false
    return this.#authorities.now() >= timeMs + RELAXED_BATCH_MS
  }

  /** Everything is on its way. */
  rest(): void {
    this.#isWanted = false
    this.#timer?.cancel()
    this.#timer = null
  }
}
