import { HoldfastError, REF, type AnyRef } from '@holdfast/kernel'

/** A ref as a handler in a thread has it: it can be sent, kept and given to `ctx`, and reaches nobody by itself. */
export class FarRef implements AnyRef {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get [REF](): string {
    return this.path
  }

  /** @throws {HoldfastError} `HF_TELL_INSIDE_TURN` */
  tell(): never {
    throw insideTurn(this.path, 'tell')
  }

  /** @throws {HoldfastError} `HF_TELL_INSIDE_TURN` */
  ask(): never {
    throw insideTurn(this.path, 'ask')
  }
}

function insideTurn(path: string, what: string): HoldfastError {
  return new HoldfastError(
    'HF_TELL_INSIDE_TURN',
    `A handler in a thread has called ref.${what} of ${path}.`,
    {
      hint: `Use ctx.${what}: what a turn sends is recorded with it.`,
    },
  )
}
