import type { Asker } from './asker.js'
import type { Timer } from './authorities/authorities.js'
import { HoldfastError, isErrorCode, type ErrorCode } from './errors.js'
import type { Kernel } from './kernel.js'
import { revivedError, type StoredError } from './records.js'
import { timedOut } from './unanswered.js'

/** A caller outside the system that waits for an answer; it is shown the answer when the log releases it. */
export class OutsideAsk implements Asker {
  readonly isDurable = false
  readonly promise: Promise<unknown>
  readonly #kernel: Kernel
  readonly #path: string
  #resolve!: (value: unknown) => void
  #reject!: (error: unknown) => void
  #timer: Timer | null = null
  #done = false

  constructor(kernel: Kernel, path: string, type: string, timeoutMs: number) {
    this.#kernel = kernel
    this.#path = path
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#timer = kernel.authorities.timer(timeoutMs, () => {
      this.#end(() => {
        const { failure } = kernel.log
        this.#reject(
          failure === null
            ? askFailed(path, timedOut(kernel, kernel.find(path), path, type, timeoutMs))
            : notReleased(path, type, timeoutMs, failure),
        )
      })
    })
  }

  write(): void {
    // Nobody outside reads the log for an answer: the turn record already holds it.
  }

  answer(value: unknown, position: number): void {
    this.#release(position, () => {
      this.#resolve(value)
    })
  }

  fail(error: StoredError, position: number): void {
    this.#release(position, () => {
      this.#reject(askFailed(this.#path, error))
    })
  }

  /** Rejects at once, for what never reached the log. */
  refuse(error: HoldfastError): void {
    this.#end(() => {
      this.#reject(error)
    })
  }

  #release(position: number, step: () => void): void {
    if (this.#done) {
      this.#kernel.lateReply(this.#path)
      return
    }
    this.#kernel.releases.show(position, (failure) => {
      if (failure === null) this.#end(step)
      else this.refuse(failure)
    })
  }

  #end(step: () => void): void {
    if (this.#done) return
    this.#done = true
    this.#timer?.cancel()
    step()
  }
}

/** What an asker is told of a turn that failed. */
export function turnFailed(path: string, error: StoredError): StoredError {
  const message = `${path} failed while it handled this: ${error.message}`
  return { name: 'HoldfastError', code: 'HF_ACTOR_FAILED', message, cause: error }
}

/** The error of an ask that nobody answered, the same whether it comes from memory or from the log. */
export function askFailed(path: string, error: StoredError): HoldfastError {
  const { code = '', cause, detail, message } = error
  if (!isErrorCode(code)) return askFailed(path, turnFailed(path, error))
  return new HoldfastError(code, message, {
    actor: path,
    cause: cause === undefined ? undefined : revivedError(cause),
    detail,
    hint: HINTS[code],
  })
}

// Whether it was handled or not, the answer could not be let out.
function notReleased(path: string, type: string, timeoutMs: number, failure: HoldfastError): HoldfastError {
  const message = `${path} did not answer "${type}" within ${timeoutMs} ms: ${failure.message}`
  const { code, hint } = failure
  return new HoldfastError('HF_ASK_TIMEOUT', message, { actor: path, detail: code, hint, cause: failure })
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  HF_ACTOR_FAILED:
    'Look at error.cause for what it threw, and replay the correlation to see how it came to it.',
  HF_ASK_TIMEOUT:
    'The message may still be handled. Ask with a longer timeoutMs, or look at the mailbox with inspect.',
  HF_ASK_CYCLE: 'Tell instead of asking, or ask from a turn for whose end nobody on the way waits.',
}
