/** A clock that goes when it is told to. */
export class VirtualClock {
  #nowMs = 0

  /** To be given to a breaker. */
  readonly read = (): number => this.#nowMs

  /** Lets time pass. */
  advance(ms: number): void {
    this.#nowMs += ms
  }
}
