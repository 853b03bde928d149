// Errors
// ======
// One base class and one table. A code is stable API: users match on it, operators look it up in
// `docs/reference/errors.md`, and a test holds that each code has a heading there.

/** What a supervisor or caller may expect of a failure: try again, give up, or report it as ours. */
export type Disposition = 'retryable' | 'terminal' | 'cancelled' | 'timeout' | 'bug'

/** Every code that Holdfast gives, with what may be done about it. */
export const ERROR_CODES = {
  HF_INVALID: 'terminal',
  HF_DUPLICATE_NAME: 'terminal',
  HF_DEFINITION_MISSING: 'terminal',
  HF_DEFINITION_UNLISTED: 'bug',
  HF_UNKNOWN_MESSAGE: 'terminal',
  HF_NOT_STORABLE: 'terminal',
  HF_NOT_REDACTED: 'terminal',
  HF_HOLDS_SECRET: 'terminal',
  HF_NO_SUCH_ACTOR: 'terminal',
  HF_NOT_PORTABLE: 'terminal',
  HF_MAILBOX_FULL: 'retryable',
  HF_STASH_FULL: 'retryable',
  HF_OVERLOAD: 'retryable',
  HF_ASK_CYCLE: 'bug',
  HF_ACTOR_FAILED: 'terminal',
  HF_ACTOR_STOPPED: 'cancelled',
  HF_ACTOR_RESTARTED: 'retryable',
  HF_LINK_BROKEN: 'cancelled',
  HF_ASK_TIMEOUT: 'timeout',
  HF_EFFECT_TIMEOUT: 'timeout',
  HF_TURN_TIMEOUT: 'timeout',
  HF_LOOP_STALLED: 'bug',
  HF_EFFECT_FAILED: 'terminal',
  HF_CIRCUIT_OPEN: 'retryable',
  HF_TURN_CLOSED: 'bug',
  HF_TELL_INSIDE_TURN: 'bug',
  HF_NOT_YET_BORN: 'bug',
  HF_DIVERGED: 'terminal',
  HF_LEAK: 'bug',
  HF_NOT_DETERMINISTIC: 'bug',
  HF_VERSION_NEWER: 'terminal',
  HF_START_FAILED: 'terminal',
  HF_GAVE_UP: 'terminal',
  HF_DECISION_FAILED: 'terminal',
  HF_SYSTEM_STOPPED: 'cancelled',
  HF_STORE_FAILED: 'retryable',
  HF_STORE_FULL: 'retryable',
  HF_STORE_LATE: 'retryable',
  HF_STORE_IN_USE: 'terminal',
  HF_STORE_UNWRITABLE: 'terminal',
  HF_STORE_MISSING: 'terminal',
  HF_STORE_NEWER: 'terminal',
  HF_STORE_DAMAGED: 'terminal',
  HF_OTHER_HISTORY: 'terminal',
  HF_LOG_CUT: 'retryable',
  HF_KEY: 'terminal',
  HF_SUBJECT_KEYS: 'terminal',
  HF_SUBJECT_SHREDDED: 'terminal',
  HF_SUBJECT_BUSY: 'retryable',
  HF_FILE_DAMAGED: 'terminal',
  HF_FILE_KEY: 'terminal',
  HF_FILE_EXISTS: 'terminal',
  HF_UNKNOWN_CORRELATION: 'terminal',
  HF_NOTHING_FAILED: 'terminal',
  HF_NOT_RECORDED: 'terminal',
  HF_SWARM_UNLOADABLE: 'terminal',
  HF_CHILD_RUNNING: 'terminal',
  HF_CHILD_PRESENT: 'terminal',
  HF_CHILD_RESTARTING: 'retryable',
  HF_NO_SUCH_CHILD: 'terminal',
  HF_MAX_CHILDREN: 'retryable',
  HF_NO_HOME: 'terminal',
  HF_THREAD_DEADLINE: 'timeout',
  HF_THREAD_MEMORY: 'terminal',
  HF_THREAD_EXIT: 'terminal',
  HF_THREAD_CRASH: 'terminal',
  HF_THREAD_LOST: 'retryable',
  HF_THREAD_UNLOADABLE: 'terminal',
  HF_INVARIANT: 'bug',
} as const satisfies Record<string, Disposition>

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Whether a text, such as one out of a log, is an error code of this version. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}

/** What a `HoldfastError` carries beside its message. */
export interface ErrorDetails {
  /** Path of the actor that it concerns. */
  readonly actor?: string | undefined
  /** Correlation of the message that was being handled. */
  readonly correlationId?: string | undefined
  /** Name of the field that was refused, e.g. `mailbox.capacity`. */
  readonly field?: string | undefined
  /** One word more than the code says: what the actor was doing, why it ended. */
  readonly detail?: string | undefined
  /** What to do next, in one sentence. */
  readonly hint?: string | undefined
  /** The error underneath. */
  readonly cause?: unknown
}

const BRAND = Symbol.for('holdfast.error')

/**
 * The one error class of Holdfast.
 *
 * `instanceof` holds across duplicate copies of the package and across threads, because it looks at a brand and
 * not at the prototype.
 *
 * @example
 * try { await ref.ask('withdraw', { amount: 9 }) }
 * catch (error) { if (error instanceof HoldfastError && error.code === 'HF_ASK_TIMEOUT') retryLater() }
 */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  /** Stable, documented in `docs/reference/errors.md`. */
  readonly code: ErrorCode
  /** Path of the actor that it concerns, if any. */
  readonly actor: string | undefined
  /** Correlation of the message that was being handled, if any. */
  readonly correlationId: string | undefined
  /** The field that was refused, if the error is about one. */
  readonly field: string | undefined
  /** For `HF_ASK_TIMEOUT` what the actor was doing, for `HF_ACTOR_STOPPED` why it ended. */
  readonly detail: string | undefined
  /** What to do next. */
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.actor = details.actor
    this.correlationId = details.correlationId
    this.field = details.field
    this.detail = details.detail
    this.hint = details.hint
    Object.defineProperty(this, BRAND, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  /** What may be done about it. */
  get disposition(): Disposition {
    return ERROR_CODES[this.code]
  }

  /** A plain object that survives the log and `JSON.stringify`. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, actor, correlationId, field, detail, hint } = this
    return { name, code, message, actor, correlationId, field, detail, hint }
  }
}

/** Throws `HF_INVARIANT` when something that must hold does not: a mistake of Holdfast, never of its user. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) {
    throw new HoldfastError('HF_INVARIANT', message, { hint: 'This is a bug in Holdfast: please report it.' })
  }
}

/** Refuses bad input at the edge: says the field, what it got and what it wants. */
export function refuse(field: string, got: unknown, wants: string, actor?: string): never {
  throw new HoldfastError('HF_INVALID', `${field} is ${shown(got)}; it must be ${wants}.`, {
    field,
    actor,
    hint: `Set ${field} to ${wants}.`,
  })
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
