// Caution
// =======
// The message that ended the last process may not be in the log: it was told in a turn, or sent from outside, and the
// process ended before the disk had it. What it came of is in the log, is done again, and brings it again. So the actor
// is handled with care: one message at a time, and each only once the log holds what it came of. If it is the one, then the
// next start finds it and has it fail.
//
// Invariants
//   C1  A message is handed out only when its record, or for one that no log keeps all that was written before it, is on
//       stable storage.
//   C2  After `CAREFUL_MESSAGES` the actor is like any other: what was done again has come by then.

import type { Cell } from '../cell.js'
import { CAREFUL } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { CAREFUL_MESSAGES } from '../limits.js'

/** The care with which one actor is handled. */
export class Caution {
  readonly #kernel: Kernel
  readonly #path: string
  #cell: Cell | null = null
  #left = CAREFUL_MESSAGES
  /** Position before which all must be durable for the next message, when that has none itself; 0 while it is not known. */
  #before = 0

  constructor(kernel: Kernel, path: string) {
    this.#kernel = kernel
    this.#path = path
  }

  /** A cell has come to be, or stands where it is looked for. */
  meet(cell: Cell): void {
    if (!this.#path.endsWith(cell.name) || cell.path !== this.#path) return
    this.#cell = cell
    cell.extra().caution = this
    cell.gate |= CAREFUL
  }

  /** Hands the next message out, if that may be; called at the end of each round and when the disk has come further. */
  look(): void {
    const cell = this.#cell
    const mailbox = cell?.mailbox ?? null
    if (cell === null || mailbox === null || mailbox.size === 0 || cell.gate !== CAREFUL) return
    const { log } = this.#kernel
    const position = mailbox.firstPosition
    if (position === 0 && this.#before === 0) this.#before = log.next
    if (log.durable < (position === 0 ? this.#before : position + 1)) {
      log.hasten()
      return
    }
    this.#before = 0
    cell.gate = 0
    this.#kernel.dispatcher.enqueue(cell)
  }

  /** A slice of the actor is over. */
  handled(cell: Cell, messages: number): void {
    this.#left -= messages
    if (this.#left > 0) {
      cell.gate |= CAREFUL
      return
    }
    cell.extra().caution = null
    cell.gate &= ~CAREFUL
    this.#kernel.caution = null
  }
}
