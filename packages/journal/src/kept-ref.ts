import { REF } from '@holdfast/kernel'

/** A ref on its way from one stored value to another: it stays one, and reaches nobody. */
export class KeptRef {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  get [REF](): string {
    return this.#path
  }
}
