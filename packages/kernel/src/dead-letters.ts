import { DEAD_LETTERS_KEPT } from './limits.js'
import type { DeadReason } from './records.js'

/** A message that reached nobody. */
export interface DeadLetter {
  readonly to: string
  readonly type: string
  /** Its position in the log; 0 for a volatile message. */
  readonly position: number
  readonly reason: DeadReason
  readonly atMs: number
}

/** The last dead letters, and how many there were in all. */
export class DeadLetters {
  #kept: DeadLetter[] = []
  #next = 0
  /** All since the system started. */
  count = 0

  add(letter: DeadLetter): void {
    this.count++
    this.#kept[this.#next] = letter
    this.#next = (this.#next + 1) % DEAD_LETTERS_KEPT
  }

  /** The last ones, oldest first. */
  list(): readonly DeadLetter[] {
    return [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)]
  }
}
