// A call to the store must end within a time, well or not. One that does not cannot be taken back: it is left alone, and
// whoever waited for it is told. Until it has ended nobody knows what it did, so nothing else is asked of the store.

import type { Authorities } from '@holdfast/kernel'
import { storeLate } from './store-failure.js'

/** The time that a store has for one call. */
export class FlushDeadline {
  readonly #authorities: Authorities
  readonly #ms: number
  #hanging: Promise<void> | null = null

  constructor(authorities: Authorities, ms: number) {
    this.#authorities = authorities
    this.#ms = ms
  }

  /** Resolves when the call that was too late has ended, however; `null` when there is none. */
  get hanging(): Promise<void> | null {
    return this.#hanging
  }

  /** Ends as the call does, or with `HF_STORE_LATE` when its time is over before. */
  hold(call: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#authorities.timer(this.#ms, () => {
        const ended = (): void => {
          if (this.#hanging === hanging) this.#hanging = null
        }
        const hanging = call.then(ended, ended)
        this.#hanging = hanging
        reject(storeLate(this.#ms))
      })
      // A call that is under way keeps the process alive by itself.
      timer.unref?.()
      call
        .finally(() => {
          timer.cancel()
        })
        .then(resolve, reject)
    })
  }
}
