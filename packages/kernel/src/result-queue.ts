// Result queue
// ============
// The results that a waiting turn is owed, and the order in which it gets them. Live results come as they come; the
// recorded ones of a turn that is run again come first, in the order of their records. While more than one is
// outstanding each is given in a step of the event loop of its own, live and rerun alike, so that whatever the handler
// does between two results happens between the same two results again. So is one that comes while the handler is asking:
// it may ask for more, and be answered that as well, before its code gets to look at the first.

import type { Authorities, Timer } from './authorities/authorities.js'
import type { Cell, RecordedResult } from './cell.js'
import { HoldfastError } from './errors.js'
import type { StoredError } from './records.js'

interface Waiting {
  /** Who was asked; `null` for an effect. */
  readonly asked: Cell | null
  readonly effect: string | undefined
  readonly failure: (error: StoredError) => Error
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  timer: Timer | null
}

/** A result on its way to the handler. */
export interface Result {
  readonly index: number
  readonly ok: boolean
  readonly value: unknown
  readonly error: StoredError | undefined
  readonly timeMs: number
  readonly name?: string | undefined
}

/** Results that one turn waits for. */
export class ResultQueue {
  readonly #authorities: Authorities
  readonly #recorded: readonly RecordedResult[]
  readonly #onTime: (timeMs: number) => void
  /** Each result has a step of its own, also the only one: a watchdog is to know whose code runs. */
  readonly #isStepped: boolean
  readonly #waiting = new Map<number, Waiting>()
  readonly #ready: Result[] = []
  #replayed = 0
  #isPumping = false

  constructor(
    authorities: Authorities,
    recorded: readonly RecordedResult[],
    onTime: (timeMs: number) => void,
    isStepped = false,
  ) {
    this.#authorities = authorities
    this.#recorded = recorded
    this.#onTime = onTime
    this.#isStepped = isStepped
  }

  /** Waits for the result with this index. */
  wait(
    index: number,
    effect: string | undefined,
    failure: (error: StoredError) => Error,
    asked: Cell | null = null,
  ): Promise<unknown> {
    const result = new Promise((resolve, reject) => {
      this.#waiting.set(index, { asked, effect, failure, resolve, reject, timer: null })
      if (this.#replayed < this.#recorded.length) this.#pump()
    })
    // A handler may look at it later, or never: that is no unhandled rejection, which would end the process.
    result.catch(() => undefined)
    return result
  }

  /** Who was asked and has not answered. */
  get asked(): Cell[] {
    return [...this.#waiting.values()].flatMap(({ asked }) => (asked === null ? [] : [asked]))
  }

  /** Whom it has asked, when answers are all that it waits for; `null` when something else may come. */
  get onlyAsked(): Cell[] | null {
    if (this.#ready.length > 0 || this.hasNext) return null
    const { asked } = this
    return asked.length > 0 && asked.length === this.#waiting.size ? asked : null
  }

  has(index: number): boolean {
    return this.#waiting.has(index)
  }

  /** Whether a recorded result is on its way to someone who waits for it. */
  get hasNext(): boolean {
    const next = this.#recorded[this.#replayed]
    return next !== undefined && this.#waiting.has(next.index)
  }

  /** Whether somebody waits for a recorded result, and the next one is none that anybody waits for. */
  get isHeldUp(): boolean {
    return this.#waiting.size > 0 && !this.hasNext
  }

  /** Leaves out the recorded results that nobody waits for. @returns whether somebody waits for one behind them */
  pass(): boolean {
    const next = this.#recorded.findIndex(({ index }, at) => at >= this.#replayed && this.#waiting.has(index))
    if (next === -1) return false
    this.#replayed = next
    this.#pump()
    return true
  }

  /** Cancels `timer` when the result has come. */
  onSettled(index: number, timer: Timer): void {
    const waiting = this.#waiting.get(index)
    if (waiting === undefined) timer.cancel()
    else waiting.timer = timer
  }

  /** A live result has come; it is early when the handler has not looked up from its question yet. */
  settle(result: Result, isEarly: boolean): void {
    if (!this.#waiting.has(result.index)) return
    if (this.#waiting.size === 1 && this.#ready.length === 0 && !this.#isStepped && !isEarly) {
      this.#give(result)
      return
    }
    this.#ready.push(result)
    this.#pump()
  }

  /** Forgets everyone who waits: the turn is over. */
  clear(): void {
    for (const waiting of this.#waiting.values()) waiting.timer?.cancel()
    this.#waiting.clear()
    this.#ready.length = 0
  }

  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    this.#authorities.defer(() => {
      this.#isPumping = false
      const result = this.#next()
      if (result === undefined) return
      this.#give(result)
      if (this.#waiting.size > 0) this.#pump()
    })
  }

  #next(): Result | undefined {
    const recorded = this.#recorded[this.#replayed]
    if (recorded !== undefined && this.#waiting.has(recorded.index)) {
      this.#replayed++
      return { ...recorded, value: recorded.value, error: recorded.error }
    }
    return this.#ready.shift()
  }

  #give(result: Result): void {
    const waiting = this.#waiting.get(result.index)
    if (waiting === undefined) return
    this.#waiting.delete(result.index)
    waiting.timer?.cancel()
    this.#onTime(result.timeMs)
    if (result.name !== undefined && result.name !== waiting.effect) {
      const said = waiting.effect === undefined ? 'an ask' : `effect "${waiting.effect}"`
      waiting.reject(
        new HoldfastError(
          'HF_DIVERGED',
          `Result ${result.index} was recorded for effect "${result.name}", and the code now wants ${said}.`,
          {
            hint: 'The handler no longer does what was recorded: run the code that wrote the log, or replay the incident.',
          },
        ),
      )
    } else if (result.ok) waiting.resolve(result.value)
    else waiting.reject(waiting.failure(result.error ?? { name: 'Error', message: 'no error was recorded' }))
  }
}
