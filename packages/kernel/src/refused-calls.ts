// Calls of `ctx` that were refused. Whether one is does not follow from the turn: the receiver may know no such message,
// a child of that name may be there already. A handler that goes on must be refused the same when it is run again.

import { HoldfastError, isErrorCode } from './errors.js'
import { REFUSALS_PER_TURN } from './limits.js'
import { revivedError, storedError, withoutStack, type RefusedCall, type StoredError } from './records.js'

/** The target of a call, as it is told from others; what is no target is refused for it. */
export function targetOf(target: unknown): string {
  if (typeof target === 'string') return target
  const path: unknown = (target as { readonly path?: unknown } | null | undefined)?.path
  return typeof path === 'string' ? path : ''
}

/** What is kept of a call that is refused: the `nth` of its turn. Where it was called from is in the code. */
export function refusedCall(
  nth: number,
  call: string,
  target: string,
  type: string,
  error: unknown,
): RefusedCall {
  return { nth, call, target, type, error: withoutStack(storedError(error)) }
}

/** Refuses again what was refused. */
export class RefusedAgain {
  readonly #path: string
  readonly #calls: readonly RefusedCall[]
  #next = 0

  constructor(path: string, calls: readonly RefusedCall[]) {
    this.#path = path
    this.#calls = calls
  }

  /** Refuses every call of a turn that was refused too many. */
  static everything(path: string): RefusedAgain {
    const again = new RefusedAgain(path, [])
    again.#next = REFUSALS_PER_TURN
    return again
  }

  /**
   * Looks at the `nth` call of the turn. Other code may have come to it later than the one that was recorded.
   *
   * @throws what the call was refused with
   */
  check(nth: number, call: string, target: string, type: string): void {
    if (this.#next >= REFUSALS_PER_TURN) throw tooManyRefusals(this.#path)
    const refused = this.#calls[this.#next]
    if (refused === undefined || nth < refused.nth) return
    if (refused.call !== call || refused.target !== target || refused.type !== type) return
    this.#next++
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
