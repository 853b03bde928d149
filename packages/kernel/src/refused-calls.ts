// Calls of `ctx` that were refused. Whether one is does not follow from the turn: the receiver may know no such message,
// a child of that name may be there already. A handler that goes on must be refused the same when it is run again.

import { HoldfastError, isErrorCode } from './errors.js'
import { REFUSALS_PER_TURN } from './limits.js'
import { revivedError, storedError, withoutStack, type RefusedCall, type StoredError } from './records.js'
import { isLikeRecorded } from './redaction/placeholder.js'
import type { Redaction } from './redaction/redaction.js'

/** The target of a call, as it is told from others; what is no target is refused for it. */
export function targetOf(target: unknown): string {
  if (typeof target === 'string') return target
  const path: unknown = (target as { readonly path?: unknown } | null | undefined)?.path
  return typeof path === 'string' ? path : ''
}

/** What is kept of a call that is refused: the `nth` of those that are alike. Where it was called from is in the code. */
export function refusedCall(
  nth: number,
  call: string,
  target: string,
  type: string,
  error: unknown,
  redaction: Redaction | null,
): RefusedCall {
  return { nth, call, target, type, error: withoutStack(storedError(error, redaction)) }
}

/** What a handler sees of a refusal: what it would see of it in a rerun, when that is not the same. */
export function refusalSeen(path: string, error: unknown, { error: stored }: RefusedCall): unknown {
  return (error as Partial<Error> | null)?.message === stored.message ? error : revived(path, stored)
}

/** Counts calls by what they are for. */
export class CallCounts {
  readonly #counts = new Map<string, number>()

  /** A call is made. @returns how many there were that are alike */
  next(call: string, target: string, type: string): number {
    const key = `${call} ${type} ${target}`
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    return count
  }
}

/** Refuses again what was refused. */
export class RefusedAgain {
  readonly #path: string
  readonly #calls: readonly RefusedCall[]
  readonly #counts = new CallCounts()
  #left: number

  constructor(path: string, calls: readonly RefusedCall[]) {
    this.#path = path
    this.#calls = calls
    this.#left = REFUSALS_PER_TURN
  }

  /** Refuses every call of a turn that was refused too many. */
  static everything(path: string): RefusedAgain {
    const again = new RefusedAgain(path, [])
    again.#left = 0
    return again
  }

  /**
   * Looks at a call of the turn. Other code may make other calls around it, so only those that are alike are counted.
   *
   * @throws what the call was refused with
   */
  check(call: string, target: string, type: string): void {
    if (this.#left === 0) throw tooManyRefusals(this.#path)
    const nth = this.#counts.next(call, target, type)
    const refused = this.#calls.find(
      (each) =>
        each.nth === nth &&
        each.call === call &&
        isLikeRecorded(each.target, target) &&
        isLikeRecorded(each.type, type),
    )
    if (refused === undefined) return
    this.#left--
    throw revived(this.#path, refused.error)
  }
}

/** A handler that goes on however often it is refused. */
function tooManyRefusals(path: string): HoldfastError {
  const message = `A turn of ${path} was refused ${REFUSALS_PER_TURN} calls, and may make no more.`
  return new HoldfastError('HF_INVALID', message, {
    actor: path,
    field: 'refusals',
    hint: 'Let the handler fail at the first refusal that it does not expect.',
  })
}

function revived(path: string, error: StoredError): Error {
  const { code, message } = error
  return code !== undefined && isErrorCode(code)
    ? new HoldfastError(code, message, { actor: path })
    : revivedError(error)
}
