import { refuse } from './errors.js'
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

/** How many there were, by reason; a reason that never came is not there. */
export type DeadLetterCounts = Readonly<Partial<Record<DeadReason, number>>>

/** Which dead letters are wanted; a field that is left out asks nothing. */
export interface DeadLetterQuery {
  /** The path that they were sent to. */
  readonly to?: string
  readonly type?: string
  readonly reason?: DeadReason
  /** Not before this time, in milliseconds since 1970. */
  readonly sinceMs?: number
  /** How many at the most: the last ones. */
  readonly limit?: number
}

/** The last dead letters, and how many there were in all. */
export class DeadLetters {
  #kept: DeadLetter[] = []
  #next = 0
  readonly #counts = new Map<DeadReason, number>()
  /** All since the system started. */
  count = 0

  add(letter: DeadLetter): void {
    this.count++
    this.#counts.set(letter.reason, (this.#counts.get(letter.reason) ?? 0) + 1)
    this.#kept[this.#next] = letter
    this.#next = (this.#next + 1) % DEAD_LETTERS_KEPT
  }

  get byReason(): DeadLetterCounts {
    return Object.fromEntries(this.#counts)
  }

  /** The last ones, oldest first. */
  list(): readonly DeadLetter[] {
    return [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)]
  }

  /** Those of the kept ones that are wanted, oldest first. @throws {HoldfastError} `HF_INVALID` with the field's name */
  find(query: DeadLetterQuery): readonly DeadLetter[] {
    const { to, type, reason, sinceMs = 0, limit = DEAD_LETTERS_KEPT } = query
    if (!(sinceMs >= 0)) refuse('deadLetters.sinceMs', sinceMs, 'milliseconds since 1970')
    if (!(Number.isSafeInteger(limit) && limit >= 1))
      refuse('deadLetters.limit', limit, 'a whole number from 1')
    const isWanted = (letter: DeadLetter): boolean =>
      (to === undefined || letter.to === to) &&
      (type === undefined || letter.type === type) &&
      (reason === undefined || letter.reason === reason) &&
      letter.atMs >= sinceMs
    return this.list().filter(isWanted).slice(-limit)
  }
}
