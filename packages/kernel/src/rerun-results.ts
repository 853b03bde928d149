// Rerun results
// =============
// What a turn that is run again waits for: the results that the log holds for it, in the order of their records. One
// that was never recorded will never come. In a race that is as it was; but when every recorded result has been given
// and the handler still waits, it no longer does what it did, and that ends its turn.
//
// A result that nobody asks for holds up those behind it. Whoever observes the turn sees that something is missing, and
// the turn goes on without it; without an observer that ends the turn as well.

import type { Authorities } from './authorities/authorities.js'
import type { RecordedTurn } from './cell.js'
import { HoldfastError } from './errors.js'
import type { StoredError } from './records.js'
import { ResultQueue } from './result-queue.js'

/** Rounds of the event loop in which a handler that stands still is taken to ask for nothing more. */
const STALL_ROUNDS = 3
/** The same when results are there that it may yet ask for: it may be waiting for something of its own before. */
const HELD_UP_ROUNDS = 1_000

/** The results of one rerun turn. */
export class RerunResults {
  readonly #authorities: Authorities
  readonly #path: string
  readonly #recorded: RecordedTurn
  readonly #isObserved: boolean
  #queue: ResultQueue | null = null
  #next = 0
  #stall: ((error: Error) => void) | null = null
  #missing: string | null = null
  #isWatching = false
  /** The time that the turn sees since its last result; `null` before the first one. */
  timeMs: number | null = null

  constructor(authorities: Authorities, path: string, recorded: RecordedTurn, isObserved: boolean) {
    this.#authorities = authorities
    this.#path = path
    this.#recorded = recorded
    this.#isObserved = isObserved
  }

  /** The index of the next result. */
  nextIndex(): number {
    return this.#next++
  }

  /** Calls `stall` when the handler waits for what never comes. */
  onStall(stall: (error: Error) => void): void {
    this.#stall = stall
  }

  /** Waits for the result with this index. */
  wait(
    index: number,
    effect: string | undefined,
    failure: (error: StoredError) => Error,
    what: string,
  ): Promise<unknown> {
    const recorded = this.#recorded.rerun?.results ?? []
    if (recorded.some((result) => result.index === index)) {
      this.#queue ??= new ResultQueue(this.#authorities, recorded, (timeMs) => {
        this.timeMs = timeMs
      })
      const result = this.#queue.wait(index, effect, failure)
      if (this.#queue.isHeldUp) this.#watch(what)
      return result
    }
    this.#missing ??= what
    this.#watch(what)
    return new Promise(() => undefined)
  }

  #watch(what: string): void {
    if (this.#isWatching) return
    this.#isWatching = true
    this.#watchFrom(0, what)
  }

  // It ends: there are so many results, and a round without one is counted.
  #watchFrom(idle: number, what: string): void {
    this.#authorities.defer(() => {
      const isHeldUp = this.#queue?.isHeldUp === true
      if (this.#queue?.hasNext === true) this.#watchFrom(0, what)
      else if (idle + 1 < (isHeldUp ? HELD_UP_ROUNDS : STALL_ROUNDS)) this.#watchFrom(idle + 1, what)
      else if (isHeldUp && this.#isObserved && this.#queue!.pass()) this.#watchFrom(0, what)
      else {
        this.#isWatching = false
        if (isHeldUp || this.#missing !== null) this.#stalled(this.#missing ?? what)
      }
    })
  }

  #stalled(what: string): void {
    const { position } = this.#recorded.turn
    const message = `${this.#path} wants ${what}, of which the turn at position ${position} has no record.`
    this.#stall?.(
      new HoldfastError('HF_DIVERGED', message, {
        actor: this.#path,
        hint: 'The handler no longer does what was recorded.',
      }),
    )
  }
}
