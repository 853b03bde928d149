// What a turn was refused: it called for something that made no sense where it stood then, such as a message that its
// receiver does not handle, or a second child of one name. Whether it does follows from the others and not from the turn,
// so a replay refuses what was refused, by what the failure says of it.

import { HoldfastError, type ErrorCode, type StoredError } from '@holdfast/kernel'
import type { Subject } from './report.js'
import type { Step } from './steps.js'

/** The refusal that a recorded turn failed with. */
export class Refused {
  readonly #error: StoredError

  private constructor(error: StoredError) {
    this.#error = error
  }

  /** That of a step; nothing when it ended otherwise. */
  static of({ end }: Step): Refused | undefined {
    if (end.kind !== 'failed') return undefined
    const { error } = end.data()
    return CODES.has(error.code ?? '') ? new Refused(error) : undefined
  }

  /** @throws what was refused, when it is this call */
  check(subject: Subject, target: string, type: string): void {
    if (!this.#isOf(subject, target, type)) return
    throw new HoldfastError(this.#error.code as ErrorCode, this.#error.message)
  }

  #isOf(subject: Subject, target: string, type: string): boolean {
    const { code, message } = this.#error
    switch (subject) {
      case 'tell':
        return (
          code === 'HF_UNKNOWN_MESSAGE' &&
          message.startsWith(`${target} (`) &&
          message.endsWith(` "${type}".`)
        )
      case 'watch':
      case 'schedule':
        return code === 'HF_UNKNOWN_MESSAGE' && message.endsWith(` "${type}".`)
      case 'spawn':
        if (code === 'HF_ACTOR_STOPPED') return message.endsWith(' starts no more children.')
        return code === 'HF_DUPLICATE_NAME' && message.endsWith(` "${target}".`)
      case 'stop':
        return code === 'HF_INVALID' && message.includes(` cannot stop ${target}, `)
      case 'link':
      case 'dependOn':
        if (code !== 'HF_INVALID') return false
        // A long path is cut short where it is shown.
        if (message.startsWith(`${subject}.ref is "${target.slice(0, 80)}`)) return true
        return message.startsWith(`${target} is a supervisor,`)
      default:
        return false
    }
  }
}

/** Whether a question was refused with an error: as far as it says whom it is about, it is about this question. */
export function isRefusalOf({ code, message }: StoredError, to: string, type: string): boolean {
  if (code === 'HF_NO_SUCH_ACTOR') return message === `There is no actor at ${to}.`
  if (code !== 'HF_UNKNOWN_MESSAGE') return true
  return message.startsWith(`${to} (`) && message.endsWith(` "${type}".`)
}

const CODES: ReadonlySet<string> = new Set([
  'HF_UNKNOWN_MESSAGE',
  'HF_DUPLICATE_NAME',
  'HF_ACTOR_STOPPED',
  'HF_INVALID',
])
