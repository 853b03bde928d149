import type { Asker } from './asker.js'
import type { Cell, Rerun } from './cell.js'
import type { Kernel } from './kernel.js'
import type { StoredError } from './records.js'
import type { LiveTurn } from './turn.js'

/**
 * A turn of another actor that waits for an answer. It is named by message, attempt and index, so that it finds the
 * turn again after the process was killed and the turn was run anew.
 */
export class ActorAsk implements Asker {
  readonly isDurable: boolean
  readonly #kernel: Kernel
  readonly cell: Cell
  readonly message: number
  readonly attempt: number
  readonly index: number
  readonly #correlation: number
  readonly #serial: number
  /** The time of its answer, where that stands in the log. */
  #timeMs: number | undefined

  constructor(
    kernel: Kernel,
    cell: Cell,
    message: number,
    attempt: number,
    index: number,
    correlation: number,
    serial: number,
  ) {
    this.isDurable = cell.durable
    this.#kernel = kernel
    this.cell = cell
    this.message = message
    this.attempt = attempt
    this.index = index
    this.#correlation = correlation
    this.#serial = serial
  }

  write(ok: boolean, value: unknown, error: StoredError | undefined): void {
    if (!this.#isWaiting() && this.#comingTurn() === null) return
    const data = ok
      ? { attempt: this.attempt, index: this.index, ok, value }
      : { attempt: this.attempt, index: this.index, ok, error }
    // The time first: it may begin the batch that the record goes into, and a batch may end with that.
    this.#timeMs = this.#kernel.log.timeMs
    this.#kernel.log.record('reply', this.cell.id, this.#correlation, this.message, data)
  }

  answer(value: unknown): void {
    this.#settle(true, value, undefined)
  }

  fail(error: StoredError): void {
    this.#settle(false, undefined, error)
  }

  /** Whether it is this question of a turn. */
  isOf(turn: LiveTurn, index: number): boolean {
    if (this.cell !== turn.cell || this.message !== turn.position || this.attempt !== turn.attempt)
      return false
    return this.index === index && (this.message !== 0 || this.#serial === turn.serial)
  }

  #settle(ok: boolean, value: unknown, error: StoredError | undefined): void {
    const timeMs = this.#timeMs ?? this.#kernel.log.timeMs
    if (this.#isWaiting()) {
      this.cell.turn!.settle(this.index, ok, value, error, timeMs)
      return
    }
    const { attempt, index } = this
    const { next: position } = this.#kernel.log
    const result = { kind: 'reply', position, timeMs, attempt, index, ok, value, error } as const
    const coming = this.#comingTurn()
    if (coming === null) this.#kernel.lateReply(this.cell.path)
    else coming.results.push(result)
  }

  // After a restart of the process the answer may be there before the turn has come to its question again.
  #comingTurn(): Rerun | null {
    const { turn, rare } = this.cell
    const rerun = turn?.isOpen === true && turn.rerun !== null ? turn.rerun : (rare?.rerun ?? null)
    if (rerun?.message !== this.message || rerun.attempt !== this.attempt) return null
    return rerun.asked.has(this.index) ? rerun : null
  }

  #isWaiting(): boolean {
    const turn = this.cell.turn
    if (turn === null || !turn.isOpen || turn.position !== this.message || turn.attempt !== this.attempt)
      return false
    return (this.message !== 0 || turn.serial === this.#serial) && turn.isWaitingFor(this.index)
  }
}
