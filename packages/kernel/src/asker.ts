import type { StoredError } from './records.js'

/** Who waits for the answer of a message: a caller outside, or the turn of another actor. */
export interface Asker {
  /** True when the answer must stand in the log beside the turn that gave it. */
  readonly isDurable: boolean
  /** Writes the reply into the log, inside the callee's turn. */
  write(ok: boolean, value: unknown, error: StoredError | undefined): void
  /** Gives the answer; it may be released only when everything before `position` is durable. */
  answer(value: unknown, position: number): void
  /** Gives the failure, likewise. */
  fail(error: StoredError, position: number): void
}
