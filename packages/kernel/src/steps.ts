// A trampoline: what would call itself through a deep tree is queued instead, so that two thousand levels of actors
// end without two thousand levels of stack.

/** Runs steps one after another, also those that steps add. */
export class Steps {
  #queue: (() => void)[] = []
  #isRunning = false

  /** Runs `step` now, or right after the one that is running. */
  run(step: () => void): void {
    this.#queue.push(step)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let i = 0; i < this.#queue.length; i++) {
        this.#queue[i]!()
        if (i === 1_023) {
          this.#queue = this.#queue.slice(i + 1)
          i = -1
        }
      }
    } finally {
      this.#queue = []
      this.#isRunning = false
    }
  }
}
