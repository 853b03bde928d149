// Rerun results
// =============
// What a turn that is run again waits for: the results that the log holds for it, in the order of their records. One
// that was never recorded will never come. In a race that is as it was; but when every recorded result has been given
// and the handler still waits, it no longer does what it did, and that ends its turn.

import type { Authorities } from './authorities/authorities.js'
import type { RecordedTurn } from './cell.js'
import { HoldfastError } from './errors.js'
import type { StoredError } from './records.js'
import { ResultQueue } from './result-queue.js'

/** The results of one rerun turn. */
export class RerunResults {
  readonly #authorities: Authorities
  readonly #path: string
  readonly #recorded: RecordedTurn
  #queue: ResultQueue | null = null
  #next = 0
  #stall: ((error: Error) => void) | null = null
  #missing: string | null = null
  /** The time that the turn sees since its last result; `null` before the first one. */
  timeMs: number | null = null

  constructor(authorities: Authorities, path: string, recorded: RecordedTurn) {
    this.#authorities = authorities
    this.#path = path
    this.#recorded = recorded
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
      return this.#queue.wait(index, effect, failure)
    }
    this.#missing ??= what
    if (this.#missing === what) this.#watchForStall(0)
    return new Promise(() => undefined)
  }

  #watchForStall(idle: number): void {
    this.#authorities.defer(() => {
      const hasNext = this.#queue?.hasNext === true
      if (hasNext || idle < 2) {
        this.#watchForStall(hasNext ? 0 : idle + 1)
        return
      }
      const { position } = this.#recorded.turn
      const message = `${this.#path} wants ${this.#missing}, of which the turn at position ${position} has no record.`
      this.#stall?.(
        new HoldfastError('HF_DIVERGED', message, {
          actor: this.#path,
          hint: 'The handler no longer does what was recorded.',
        }),
      )
    })
  }
}
