import type { Asker } from '../asker.js'
import type { HoldfastError } from '../errors.js'
import type { Kernel } from '../kernel.js'
import { storedError } from '../records.js'
import type { TurnActs } from '../turn-acts.js'

/** The answer to a command, given when what it began has come to its end. Whoever asked is taken over from the turn. */
export class Reply {
  readonly asker: Asker | null
  readonly #kernel: Kernel | undefined
  readonly #path: string

  constructor(turn: TurnActs | null) {
    this.asker = turn?.asker ?? null
    this.#kernel = turn?.kernel
    this.#path = turn?.cell.path ?? ''
    if (turn !== null) turn.asker = null
  }

  answer(value: unknown): void {
    const { asker } = this
    if (asker === null) return
    if (asker.isDurable) asker.write(true, value, undefined)
    asker.answer(value, this.#kernel!.log.next)
    this.#kernel!.dispatcher.wake()
  }

  /** Where nobody asked, the refusal is a warning. */
  fail(error: HoldfastError): void {
    const { asker } = this
    if (asker === null) {
      this.#kernel?.warn(this.#path, error.message, error)
      return
    }
    const stored = storedError(error, this.#kernel!.log.redaction)
    if (asker.isDurable) asker.write(false, undefined, stored)
    asker.fail(stored, this.#kernel!.log.next)
    this.#kernel!.dispatcher.wake()
  }

  /** For a command of several parts: answered when all are, with the first error if there is one. */
  join(): { part(): Reply } {
    const whole = this
    let open = 0
    let failure: HoldfastError | undefined
    const settle = (error?: HoldfastError): void => {
      failure ??= error
      if (--open > 0) return
      if (failure === undefined) whole.answer(undefined)
      else whole.fail(failure)
    }
    return {
      part: () => {
        open++
        return new PartReply(settle)
      },
    }
  }
}

class PartReply extends Reply {
  readonly #settle: (error?: HoldfastError) => void

  constructor(settle: (error?: HoldfastError) => void) {
    super(null)
    this.#settle = settle
  }

  override answer(): void {
    this.#settle()
  }

  override fail(error: HoldfastError): void {
    this.#settle(error)
  }
}
