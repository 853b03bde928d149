// Restart budget
// ==============
// Counts restarts in a sliding window and says when there are too many. It takes the time as an argument, so that the
// same object serves monotonic time while running and recorded wall time after a restart of the process.
//
// Invariants
//   B1  A restart is granted while fewer than `max` earlier ones lie within the window.
//   B2  The edge is exclusive: a restart exactly `withinMs` ago no longer counts.
//   B3  It holds at most `max` stamps, whatever happens.

/** Restarts within a sliding window. */
export class RestartBudget {
  readonly max: number
  readonly withinMs: number
  #stamps: number[] = []

  constructor(max: number, withinMs: number) {
    this.max = max
    this.withinMs = withinMs
  }

  /** Asks for one more restart at `atMs`; `false` means that the budget is exhausted. */
  grant(atMs: number): boolean {
    this.#forget(atMs)
    if (this.#stamps.length >= this.max) return false
    this.#stamps.push(atMs)
    return true
  }

  /** How many restarts count at `atMs`. */
  used(atMs: number): number {
    this.#forget(atMs)
    return this.#stamps.length
  }

  #forget(atMs: number): void {
    const from = atMs - this.withinMs
    let gone = 0
    while (gone < this.#stamps.length && this.#stamps[gone]! <= from) gone++
    if (gone > 0) this.#stamps = this.#stamps.slice(gone)
  }
}
