import type { Authorities, Timer } from './authorities.js'

// Virtual authorities
// ===================
// Time stands still until somebody advances it, chance comes from a seed, and every deferred step runs in the order
// in which it was asked for: the same seed and the same calls give the same run, to the last step.
//
// Invariants
//   V1  No step runs except inside `settle` or `advance`.
//   V2  Timers fire in the order of their due time, equal ones in the order in which they were set.
//   V3  Between two steps every promise that can settle has settled.

/** Where virtual wall time starts unless told otherwise: 1 January 2026, UTC. */
const START_MS = 1_767_225_600_000

interface Due {
  readonly atMs: number
  readonly order: number
  readonly step: () => void
}

/** Authorities under the hand of a test. */
export class VirtualAuthorities implements Authorities {
  #elapsedMs = 0
  #wallMs: number
  #seed: number
  #order = 0
  readonly #deferred: (() => void)[] = []
  readonly #timers = new Set<Due>()

  constructor(options: { readonly seed?: number; readonly startMs?: number } = {}) {
    this.#seed = (options.seed ?? 1) >>> 0
    this.#wallMs = options.startMs ?? START_MS
  }

  now(): number {
    return this.#wallMs + this.#elapsedMs
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) >>> 0
    let t = this.#seed
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  defer(step: () => void): void {
    this.#deferred.push(step)
  }

  timer(afterMs: number, step: () => void): Timer {
    const due: Due = { atMs: this.#elapsedMs + Math.max(0, afterMs), order: this.#order++, step }
    this.#timers.add(due)
    return { cancel: () => void this.#timers.delete(due) }
  }

  /** How many timers are set: what a test asks to prove that nothing is left behind. */
  get timers(): number {
    return this.#timers.size
  }

  /** Moves the wall clock without firing anything, as an operator or NTP does. */
  stepClock(byMs: number): void {
    this.#wallMs += byMs
  }

  /** Runs deferred steps until none is left and no promise is pending on them. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 3;) {
      const step = this.#deferred.shift()
      step?.()
      await realMacrotask()
      idle = this.#deferred.length === 0 ? idle + 1 : 0
    }
  }

  /** Advances virtual time by `byMs`, firing what falls due on the way, and settles. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + byMs
    await this.settle()
    for (let next = this.#next(untilMs); next !== null; next = this.#next(untilMs)) {
      this.#timers.delete(next)
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs)
      next.step()
      await this.settle()
    }
    this.#elapsedMs = untilMs
  }

  #next(untilMs: number): Due | null {
    let first: Due | null = null
    for (const due of this.#timers) {
      if (due.atMs > untilMs) continue
      if (first === null || due.atMs < first.atMs || (due.atMs === first.atMs && due.order < first.order))
        first = due
    }
    return first
  }
}

// The virtual world still stands on real promises, and a store under test may do real I/O: one turn of the real event
// loop lets both come through. Nothing waits for a length of time.
function realMacrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
