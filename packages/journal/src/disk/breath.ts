// Long work in the process of a running system is done in pieces, between which everything else has its turn.

/** Milliseconds of work after which others have their turn: what a handler may take, too. */
const WORK_MS = 8

/** A breath: lets others go on when it is time. */
export class Breath {
  #untilMs = performance.now() + WORK_MS

  /** Whether it is time. */
  get isDue(): boolean {
    return performance.now() >= this.#untilMs
  }

  /** Lets everybody else who waits go on first. */
  async take(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#untilMs = performance.now() + WORK_MS
  }
}
