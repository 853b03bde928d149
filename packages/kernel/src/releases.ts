// Releases
// ========
// What the outside may see only once the log prefix it depends on is on stable storage: replies, starts of effects,
// `flushed`. Positions are asked for in rising order, so the waiting ones are a queue and a release is a look at its
// front.
//
// Invariants
//   R1  A step runs only when everything before its position is durable; what a relaxed log shows needs only to be written.
//   R2  Steps run in the order in which they were asked for; what is shown does not wait for what must be durable.
//   R3  When the log can never become durable again, every waiting step is told so; none is left hanging. Who would
//       wait without an end is told when a failure begins.

import type { HoldfastError } from './errors.js'
import type { Log } from './log.js'

interface Waiting {
  readonly position: number
  readonly step: Step
  /** Waits over a failure of the log, because something else ends its patience. */
  readonly isPatient: boolean
  readonly isShown: boolean
}

type Step = (failure: HoldfastError | null) => void

/** Holds back what must wait for the disk. */
export class Releases {
  readonly #log: Log
  #waiting: Waiting[] = []
  #head = 0
  /** How many of those who wait would show something. */
  #shown = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** Runs `step` once everything before `position` is durable: at once when it already is. */
  when(position: number, step: Step, isPatient = true): void {
    if (this.#head === this.#waiting.length && this.#log.durable >= position) step(null)
    else this.#wait({ position, step, isPatient, isShown: false })
  }

  /** Runs `step` once what stands before `position` may be shown outside. */
  show(position: number, step: Step): void {
    const { released, durable } = this.#log
    const isFree = released > durable ? this.#shown === 0 : this.#head === this.#waiting.length
    if (isFree && released >= position) step(null)
    else this.#wait({ position, step, isPatient: true, isShown: true })
  }

  /** Lets out what has become durable. */
  advance(): void {
    const durable = this.#log.durable
    while (this.#head < this.#waiting.length && this.#waiting[this.#head]!.position <= durable) {
      const { isShown, step } = this.#waiting[this.#head++]!
      if (isShown) this.#shown--
      step(null)
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

  /** Tells those who have no patience for it of a failure. */
  refuse(failure: HoldfastError): void {
    const waiting = this.#waiting.slice(this.#head)
    this.#waiting = waiting.filter(({ isPatient }) => isPatient)
    this.#head = 0
    for (const { isPatient, step } of waiting) if (!isPatient) step(failure)
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length - this.#head
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting)
    if (waiting.isShown) this.#shown++
    else this.#log.hasten()
  }

  // Under a steady load somebody always waits: what was let out must not pile up before them.
  #cut(): void {
    this.#waiting = this.#waiting.slice(this.#head)
    this.#head = 0
  }

  #clear(): void {
    this.#waiting = []
    this.#head = 0
    this.#shown = 0
  }
}

const KEPT = 1_024
