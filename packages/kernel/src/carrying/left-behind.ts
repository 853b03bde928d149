// Left behind
// ===========
// Finds the references in what is taken along that lead to somebody who is not: they will reach nobody, or somebody else at
// the same path.

import { REF } from '../ref.js'
import { LEFT_BEHIND_LISTED } from '../limits.js'

/** The actors that are referred to and stay. */
export class LeftBehind {
  /** Whether somebody at a path comes along. */
  readonly #isHere: (path: string) => boolean
  readonly #paths = new Set<string>()
  /** How many there are; the list has an end. */
  count = 0

  constructor(isHere: (path: string) => boolean) {
    this.#isHere = isHere
  }

  /** Their paths, in order. */
  get paths(): readonly string[] {
    return [...this.#paths].sort()
  }

  /** Notes one by its path. */
  note(path: string): void {
    if (this.#isHere(path) || this.#paths.has(path)) return
    this.count++
    if (this.#paths.size < LEFT_BEHIND_LISTED) this.#paths.add(path)
  }

  /** Looks through a value. What the log keeps has no circles and a bounded depth. */
  look(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    if (REF in value) {
      this.note((value as { readonly [REF]: string })[REF])
      return
    }
    if (ArrayBuffer.isView(value)) return
    if (value instanceof Map)
      for (const [key, each] of value) {
        this.look(key)
        this.look(each)
      }
    else if (value instanceof Set) for (const each of value) this.look(each)
    else {
      // The cause of an error, and the errors of one that is several, are not enumerable.
      if (value instanceof Error) {
        this.look(value.cause)
        this.look((value as { readonly errors?: unknown }).errors)
      }
      for (const each of Object.values(value)) this.look(each)
    }
  }
}
