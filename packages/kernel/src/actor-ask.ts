import type { Asker } from './asker.js'
import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'
import type { StoredError } from './records.js'

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
    if (!this.#isWaiting()) return
    const data = ok
      ? { attempt: this.attempt, index: this.index, ok, value }
      : { attempt: this.attempt, index: this.index, ok, error }
    this.#kernel.log.record('reply', this.cell.id, this.#correlation, this.message, data)
  }

  answer(value: unknown): void {
    if (this.#isWaiting()) this.cell.turn!.settle(this.index, true, value, undefined)
    else this.#kernel.lateReply(this.cell.path)
  }

  fail(error: StoredError): void {
    if (this.#isWaiting()) this.cell.turn!.settle(this.index, false, undefined, error)
    else this.#kernel.lateReply(this.cell.path)
  }

  #isWaiting(): boolean {
    const turn = this.cell.turn
    if (turn === null || !turn.isOpen || turn.position !== this.message || turn.attempt !== this.attempt)
      return false
    return (this.message !== 0 || turn.serial === this.#serial) && turn.isWaitingFor(this.index)
  }
}
