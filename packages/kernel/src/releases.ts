// Releases
// ========
// What the outside may see only once the log prefix it depends on is on stable storage: replies, starts of effects,
// `flushed`. Positions are asked for in rising order, so the waiting ones are a queue and a release is a look at its
// front.
//
// Invariants
//   R1  A step runs only when everything before its position is durable.
//   R2  Steps run in the order in which they were asked for.
//   R3  When the log can never become durable again, every waiting step is told so; none is left hanging.

import type { HoldfastError } from './errors.js'
import type { Log } from './log.js'

interface Waiting {
  readonly position: number
  readonly step: (failure: HoldfastError | null) => void
}

/** Holds back what must wait for the disk. */
export class Releases {
  readonly #log: Log
  #waiting: Waiting[] = []
  #head = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** Runs `step` once everything before `position` is durable: at once when it already is. */
  when(position: number, step: (failure: HoldfastError | null) => void): void {
    if (this.#head === this.#waiting.length && this.#log.durable >= position) step(null)
    else this.#waiting.push({ position, step })
  }

  /** Lets out what has become durable. */
  advance(): void {
    const durable = this.#log.durable
    while (this.#head < this.#waiting.length && this.#waiting[this.#head]!.position <= durable) {
      this.#waiting[this.#head++]!.step(null)
    }
    if (this.#head === this.#waiting.length) this.#clear()
    else if (this.#head > KEPT && this.#head * 2 > this.#waiting.length) this.#cut()
  }

  /** Tells everyone who waits that it will not happen. */
  abandon(failure: HoldfastError): void {
    const waiting = this.#waiting.slice(this.#head)
    this.#clear()
    for (const each of waiting) each.step(failure)
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length - this.#head
  }

  // Under a steady load somebody always waits: what was let out must not pile up before them.
  #cut(): void {
    this.#waiting = this.#waiting.slice(this.#head)
    this.#head = 0
  }

  #clear(): void {
    this.#waiting = []
    this.#head = 0
  }
}

const KEPT = 1_024
