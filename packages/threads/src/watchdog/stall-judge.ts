// Stall judge
// ===========
// Heartbeats in, verdicts out. It is told at each look how often the heart of the main thread has beaten, and says for how
// long it has not.
//
// Invariants
//   W1  A look counts for at most two: whoever looks late was not run itself, and neither may the main thread have been.
//       So a machine that slept, a process that was stopped, or a core that others held ends nobody.
//   W2  A stall begins once, and ends once.

import { LOOKS_COUNTED } from '../limits.js'

/** What a look has found. `stalled` is said once, then `still`; `end` when the process has no more time. */
export type Verdict = 'well' | 'stalled' | 'still' | 'went-on' | 'end'

/** Judges whether one event loop stands still. */
export class StallJudge {
  readonly #stallMs: number
  readonly #endAfterMs: number
  readonly #mostMs: number
  #beats = -1
  #lookedMs = 0
  #isStalled = false
  /** For how long the heart has not beaten, in milliseconds. */
  stalledMs = 0

  constructor(stallMs: number, endAfterMs: number, lookMs: number) {
    this.#stallMs = stallMs
    this.#endAfterMs = endAfterMs
    this.#mostMs = lookMs * LOOKS_COUNTED
  }

  /** How often the heart had beaten when it was looked at last. */
  get beats(): number {
    return this.#beats
  }

  /** A look at `nowMs`, by a clock that never goes back. */
  look(beats: number, nowMs: number): Verdict {
    const sinceMs = Math.min(nowMs - this.#lookedMs, this.#mostMs)
    this.#lookedMs = nowMs
    if (beats !== this.#beats) {
      this.#beats = beats
      // How long it stood still is still to be told.
      if (this.#isStalled) {
        this.#isStalled = false
        return 'went-on'
      }
      this.stalledMs = 0
      return 'well'
    }
    this.stalledMs += sinceMs
    if (this.stalledMs >= this.#endAfterMs) return 'end'
    if (this.stalledMs < this.#stallMs) return 'well'
    if (this.#isStalled) return 'still'
    this.#isStalled = true
    return 'stalled'
  }

  /** What was seen of this stall does not count: somebody debugs. */
  excuse(): void {
    this.stalledMs = 0
    this.#isStalled = false
  }
}
