// Errors
// ======
// What this package throws are the errors of Holdfast. Packages of one floor do not import each other, so it has the
// class of its own; the brand makes `instanceof HoldfastError` hold for the one that users import, and a test in
// `test/conformance` holds that codes, fields and words are the same.

import type { BreakerState } from './breaker-states.js'

/** The codes that are given here, with what may be done about them. All of them stand in the one table of Holdfast. */
export const ERROR_CODES = {
  HF_INVALID: 'terminal',
  HF_CIRCUIT_OPEN: 'retryable',
  HF_INVARIANT: 'bug',
} as const

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CODES

/** What an error carries beside its message. */
export interface ErrorDetails {
  /** Name of the field that was refused, e.g. `openMs`. */
  readonly field?: string
  /** What to do next, in one sentence. */
  readonly hint?: string
  /** The error underneath. */
  readonly cause?: unknown
}

const BRAND = Symbol.for('holdfast.error')

/** A `HoldfastError`, as far as anybody can tell: `instanceof` looks at the brand and not at the prototype. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  /** Stable, documented in `docs/reference/errors.md`. */
  readonly code: ErrorCode
  /** Path of the actor that it concerns: none, because nothing here knows of actors. */
  readonly actor: string | undefined = undefined
  /** Correlation of the message that was being handled: none, for the same reason. */
  readonly correlationId: string | undefined = undefined
  /** The field that was refused, if the error is about one. */
  readonly field: string | undefined
  /** More about what happened: nothing here has any. */
  readonly detail: string | undefined = undefined
  /** What to do next. */
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.field = details.field
    this.hint = details.hint
    Object.defineProperty(this, BRAND, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  /** What may be done about it. */
  get disposition(): (typeof ERROR_CODES)[ErrorCode] {
    return ERROR_CODES[this.code]
  }

  /** A plain object that survives the log and `JSON.stringify`. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, actor, correlationId, field, detail, hint } = this
    return { name, code, message, actor, correlationId, field, detail, hint }
  }
}

/**
 * A call that a circuit breaker refused. It was not made. `cause` is the last failure that the breaker was told of.
 *
 * @example
 * try { return await rates.run(fetchRates) }
 * catch (error) { if (error instanceof CircuitOpenError) return ratesOfYesterday; throw error }
 */
export class CircuitOpenError extends HoldfastError {
  /** Name of the breaker. */
  readonly breaker: string
  /** Whether it is open, or waits for its trial. */
  readonly state: BreakerState
  /** In how many milliseconds the call may be tried again: then the open time, or the trial, is over. */
  readonly retryAfterMs: number

  constructor(breaker: string, state: BreakerState, retryAfterMs: number, cause?: unknown) {
    const why =
      state === 'halfOpen'
        ? `waits for a trial, which is over in ${retryAfterMs} ms at the latest`
        : `is open for another ${retryAfterMs} ms`
    super('HF_CIRCUIT_OPEN', `The circuit breaker "${breaker}" ${why}. The call was not made.`, {
      hint: `Try again in ${retryAfterMs} ms, or do without the call until then; error.cause is the last failure.`,
      cause,
    })
    this.breaker = breaker
    this.state = state
    this.retryAfterMs = retryAfterMs
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof HoldfastError && (value.code as unknown) === 'HF_CIRCUIT_OPEN'
  }

  /** A plain object that survives the log and `JSON.stringify`. */
  override toJSON(): Record<string, unknown> {
    const { breaker, state, retryAfterMs } = this
    return { ...super.toJSON(), breaker, state, retryAfterMs }
  }
}

/** Refuses bad input at the edge: says the field, what it got and what it wants. */
export function refuse(field: string, got: unknown, wants: string): never {
  throw new HoldfastError('HF_INVALID', `${field} is ${shown(got)}; it must be ${wants}.`, {
    field,
    hint: `Set ${field} to ${wants}.`,
  })
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
