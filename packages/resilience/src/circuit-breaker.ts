// Circuit breaker
// ===============
// Stands before something that may fail, and keeps calls away from it while it does. It knows nothing of what it
// guards, and nothing of actors: it is asked, it is told how calls ended, and it is given the time.
//
//   asked   allows() ─► closed: yes     open: no, until its time is over     halfOpen: yes, to one
//   told    succeeded(), failed(), withdrawn(), each with the generation in which the call began
//
// It has no timer. What time brings about, it notices when it is asked, and everything else when it is told.
//
// Invariants
//   C1  While it is closed, a success sets the count of failures in a row to 0, and the last of `failures` opens it.
//   C2  While it is open, no call passes, and no result changes anything.
//   C3  While it is half-open, one call at a time passes. Its result decides; without one, its time does.
//   C4  Each opening without a closing before it lasts `factor` times as long, up to `openMaxMs`.
//   C5  A result counts only in the generation in which its call began. Each change and each trial begin one.
//   C6  Listeners hear of changes in the order in which they happened, after they happened, and disturb no call.

import { settingsOf, type BreakerOptions, type BreakerSettings } from './breaker-options.js'
import { nextBreakerState, type BreakerEvent, type BreakerState } from './breaker-states.js'
import { CircuitOpenError } from './errors.js'

/** What a listener is told: a breaker has another state than before. */
export interface BreakerChange {
  /** Name of the breaker. */
  readonly breaker: string
  readonly from: BreakerState
  readonly to: BreakerState
  /** What moved it. */
  readonly event: BreakerEvent
  /** How long it is open in milliseconds; 0 when it is not. */
  readonly openMs: number
  /** The last failure that it was told of, until it closes. */
  readonly cause: unknown
}

type Listener = (change: BreakerChange) => void

const NOBODY: readonly Listener[] = []

/**
 * Makes a circuit breaker. Use it where calls go to something that can be down, so that neither side is worn out by
 * calls that cannot succeed.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 *
 * @example
 * const rates = circuitBreaker({ name: 'rates', clock: () => performance.now() })
 * const today = await rates.run(() => fetchRates())
 */
export function circuitBreaker(options: BreakerOptions): CircuitBreaker {
  return new CircuitBreaker(settingsOf(options))
}

/** A circuit breaker, as `circuitBreaker` makes it. */
export class CircuitBreaker {
  readonly #settings: BreakerSettings
  #state: BreakerState = 'closed'
  #generation = 1
  /** Failures in a row, while it is closed. */
  #failures = 0
  /** How long it is open, or was when it last opened. */
  #openMs: number
  /** When the open time is over, or the time of the trial. */
  #untilMs = 0
  /** Whether the one place of the half-open state is taken. */
  #isTrying = false
  #cause: unknown
  #listeners: readonly Listener[] = NOBODY
  /** Changes that listeners have not heard of yet. */
  #untold: BreakerChange[] = []

  /** @internal Takes what has been checked; `circuitBreaker` is the way in. */
  constructor(settings: BreakerSettings) {
    this.#settings = settings
    this.#openMs = settings.openMs
  }

  /** What it is called. */
  get name(): string {
    return this.#settings.name
  }

  /** The state that was last decided on. Reading it decides nothing: an open time that is over shows when one asks. */
  get state(): BreakerState {
    return this.#state
  }

  /** To be kept beside a call that was allowed, and given back with its result. */
  get generation(): number {
    return this.#generation
  }

  /**
   * In how many milliseconds, rounded up, a call that is refused now may be tried again: when the open time or the
   * trial is over. 0 when a call would be allowed.
   */
  get retryAfterMs(): number {
    if (this.#state === 'closed' || (this.#state === 'halfOpen' && !this.#isTrying)) return 0
    const leftMs = this.#untilMs - this.#settings.clock()
    const isLost = this.#isTrying && leftMs <= 0
    return Math.max(0, Math.ceil(isLost ? leftMs + this.#longerMs() : leftMs))
  }

  /**
   * Makes a call, or refuses it, and takes its result for its own. It sets no bound to how long the call takes: after
   * `trialTimeoutMs` a trial no longer counts, but whoever waits for it goes on waiting.
   *
   * @throws {CircuitOpenError} `HF_CIRCUIT_OPEN` when the call is refused, and otherwise what the call throws
   */
  async run<T>(call: () => T | PromiseLike<T>): Promise<T> {
    if (!this.allows()) throw this.refusal()
    const generation = this.#generation
    let result: T
    try {
      result = await call()
    } catch (error) {
      const isFailure = this.#judge(error)
      if (isFailure === undefined) this.withdrawn(generation)
      else if (isFailure) this.failed(generation, error)
      else this.succeeded(generation)
      throw error
    }
    this.succeeded(generation)
    return result
  }

  /**
   * Whether a call may be made now. When it may, it is to be made: keep `generation`, and report with it how the call
   * ended. When it may not, nothing is to be reported, and `refusal` says why.
   */
  allows(): boolean {
    return this.#state === 'closed' || this.#allowsTrial()
  }

  /**
   * Takes note of a call that succeeded.
   *
   * @param generation the one that was kept; without it the call is taken to have begun just now
   */
  succeeded(generation: number = this.#generation): void {
    if (generation !== this.#generation) return
    if (this.#state === 'closed') this.#failures = 0
    else if (this.#isTrying) this.#enter('trial-succeeded', 0)
  }

  /** Takes note of a call that failed, and of why, which later refusals carry as their cause. */
  failed(generation: number = this.#generation, cause?: unknown): void {
    if (generation !== this.#generation) return
    if (this.#state === 'closed') {
      this.#cause = cause
      if (++this.#failures >= this.#settings.failures) this.#enter('failures', this.#settings.clock())
    } else if (this.#isTrying) {
      this.#cause = cause
      this.#enter('trial-failed', this.#settings.clock())
    }
  }

  /**
   * Takes note of a call that was allowed and says nothing: it was not made after all, or its caller gave it up. A
   * trial gives its place to the next call.
   */
  withdrawn(generation: number = this.#generation): void {
    if (generation === this.#generation) this.#isTrying = false
  }

  /** Opens it by hand. While it is open, its time begins anew. */
  trip(cause?: unknown): void {
    if (cause !== undefined) this.#cause = cause
    this.#enter('trip', this.#settings.clock())
  }

  /** Closes it by hand, and forgets all that was: failures, the length of the open time, calls that still run. */
  reset(): void {
    this.#enter('reset', 0)
  }

  /** The error for a call that was not allowed. */
  refusal(): CircuitOpenError {
    return new CircuitOpenError(this.name, this.#state, this.retryAfterMs, this.#cause)
  }

  /** Tells of every change of state. A listener that throws stops nobody. @returns the way to stop listening */
  onChange(listener: (change: BreakerChange) => void): () => void {
    const own: Listener = (change) => listener(change)
    this.#listeners = [...this.#listeners, own]
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== own)
    }
  }

  #allowsTrial(): boolean {
    const nowMs = this.#settings.clock()
    // A trial that is lost failed when its time was over, however much later somebody asks.
    if (this.#isTrying && nowMs >= this.#untilMs) this.#enter('trial-lost', this.#untilMs)
    if (this.#state === 'open' && nowMs >= this.#untilMs) this.#enter('due', nowMs)
    else if (this.#state === 'halfOpen' && !this.#isTrying) this.#beginTrial(nowMs)
    // Closed it is here only if a listener that was told of the lost trial has reset it.
    else return this.#state === 'closed'
    return true
  }

  #beginTrial(atMs: number): void {
    this.#generation++
    this.#isTrying = true
    this.#untilMs = atMs + this.#settings.trialTimeoutMs
  }

  #enter(event: BreakerEvent, atMs: number): void {
    const from = this.#state
    const to = nextBreakerState(from, event)
    this.#state = to
    this.#generation++
    this.#isTrying = false
    if (to === 'open') this.#beginOpen(from, atMs)
    else if (to === 'halfOpen') this.#beginTrial(atMs)
    else this.#beginAnew()
    if (from !== to && this.#listeners.length > 0) this.#tell(from, event)
  }

  #beginOpen(from: BreakerState, atMs: number): void {
    if (from === 'halfOpen') this.#openMs = this.#longerMs()
    this.#untilMs = atMs + this.#openMs
  }

  #longerMs(): number {
    return Math.min(this.#settings.openMaxMs, this.#openMs * this.#settings.factor)
  }

  #beginAnew(): void {
    this.#failures = 0
    this.#openMs = this.#settings.openMs
    this.#cause = undefined
  }

  // A listener may itself cause a change. That one is told after this one, to everybody, by who is telling already.
  #tell(from: BreakerState, event: BreakerEvent): void {
    const to = this.#state
    const openMs = to === 'open' ? this.#openMs : 0
    const untold = this.#untold
    untold.push(Object.freeze({ breaker: this.name, from, to, event, openMs, cause: this.#cause }))
    if (untold.length > 1) return
    for (let i = 0; i < untold.length; i++) {
      for (const listener of this.#listeners) this.#contained(listener, untold[i]!)
    }
    untold.length = 0
  }

  #contained(listener: Listener, change: BreakerChange): void {
    try {
      listener(change)
    } catch (error) {
      this.#warn('A listener of the circuit breaker threw', error)
    }
  }

  // Whoever made the call gets its own error, also when the question about it throws; in doubt it is a failure.
  #judge(error: unknown): boolean | undefined {
    try {
      return this.#settings.isFailure(error)
    } catch (thrown) {
      this.#warn('isFailure of the circuit breaker threw', thrown)
      return true
    }
  }

  #warn(what: string, error: unknown): void {
    try {
      this.#settings.warn(`${what}: "${this.name}".`, error)
    } catch {
      // There is nobody left to tell, and the call must not suffer for it.
    }
  }
}
