// Restart budget
// ==============
// Counts restarts in a sliding window and says when there are too many. It takes the time as an argument, so that the
// same object serves monotonic time while running and recorded wall time after a restart of the process.
//
// Invariants
//   B1  A restart is granted while fewer than `max` earlier ones lie within the window.
//   B2  The edge is exclusive: a restart exactly `withinMs` ago no longer counts.
//   B3  It holds at most twice `max` stamps and 16, whatever happens.

/** Restarts within a sliding window. */
export class RestartBudget {
  #max: number
  #withinMs: number
  /** Those before `#from` lie behind the window; they are cut off when they are half of the list. */
  #stamps: number[] = []
  #from = 0

  constructor(max: number, withinMs: number) {
    this.#max = max
    this.#withinMs = withinMs
  }

  /** Restarts from now on under another limit; those that were granted still count. */
  limitTo(max: number, withinMs: number): void {
    this.#max = max
    this.#withinMs = withinMs
  }

  /** Asks for one more restart at `atMs`; `false` means that the budget is exhausted. */
  grant(atMs: number): boolean {
    this.#forget(atMs)
    if (this.#stamps.length - this.#from >= this.#max) return false
    this.#stamps.push(atMs)
    return true
  }

  /** How many restarts count at `atMs`. */
  used(atMs: number): number {
    this.#forget(atMs)
    return this.#stamps.length - this.#from
  }

  /** Forgets all: a new life has a budget of its own. */
  clear(): void {
    this.#stamps = []
    this.#from = 0
  }

  #forget(atMs: number): void {
    const edgeMs = atMs - this.#withinMs
    while (this.#from < this.#stamps.length && this.#stamps[this.#from]! <= edgeMs) this.#from++
    if (this.#from < 16 || this.#from * 2 < this.#stamps.length) return
    this.#stamps = this.#stamps.slice(this.#from)
    this.#from = 0
  }
}
