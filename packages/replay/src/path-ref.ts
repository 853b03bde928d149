import { HoldfastError, REF } from '@holdfast/kernel'

/** A ref in a replay: it has a path, and it reaches nobody. */
export class PathRef {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get [REF](): string {
    return this.path
  }

  tell(): never {
    throw this.#outside()
  }

  ask(): never {
    throw this.#outside()
  }

  #outside(): HoldfastError {
    return new HoldfastError(
      'HF_TELL_INSIDE_TURN',
      `A handler sent to ${this.path} through a ref instead of ctx.`,
      {
        actor: this.path,
        hint: 'Use ctx.tell or ctx.ask: what goes past ctx cannot be replayed.',
      },
    )
  }
}
