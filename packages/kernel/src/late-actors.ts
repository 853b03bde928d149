// Late actors
// ===========
// Those who go on later than the others after a recovery, because their states are not made: their snapshots are older
// than the checkpoint from which the system was brought back, or they are virtual. So many states are made in one round
// of the event loop, those first that somebody has sent something, so that nobody's answer waits for all the others.
//
//   recovered --> waiting (gate: RESTARTING, mail is taken) --its round: state made--> goes on
//                    \--stopped, held or begun anew meanwhile--> nothing is due
//
// Invariants
//   LA1  Nobody handles a message before its state is made.
//   LA2  Whoever is sent something has its turn before all who are not.

import type { Cell } from './cell.js'
import { QUARANTINED, RESTARTING, STOPPED, STOPPING } from './gate.js'
import type { Kernel } from './kernel.js'
import { LATE_ACTORS_PER_ROUND } from './limits.js'

/** Those who wait for their states. */
export class LateActors {
  readonly #kernel: Kernel
  readonly #waiting = new Map<Cell, { readonly incarnation: number; readonly wake: () => void }>()
  /** Those of them who have mail, in the order in which they got it. */
  readonly #called = new Set<Cell>()
  #woken = 0

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** One more; `wake` makes its state and has it go on: the first ones now, in their place among the others. */
  add(cell: Cell, wake: () => void): void {
    cell.gate |= RESTARTING
    if (this.#woken++ < LATE_ACTORS_PER_ROUND) {
      wake()
      return
    }
    this.#waiting.set(cell, { incarnation: cell.incarnation, wake })
    if ((cell.mailbox?.size ?? 0) > 0) this.#called.add(cell)
  }

  /** A cell has got a message. */
  call(cell: Cell): void {
    if (this.#waiting.has(cell)) this.#called.add(cell)
  }

  /** All are here: those that wait have their turn in the next rounds. */
  begin(): void {
    if (this.#waiting.size === 0) return
    this.#kernel.late = this
    this.#later()
  }

  #later(): void {
    this.#kernel.authorities.defer(() => {
      if (!this.#kernel.isHalting) this.#round()
    })
  }

  #round(): void {
    for (let count = 0; count < LATE_ACTORS_PER_ROUND && this.#waiting.size > 0; count++) this.#next()
    if (this.#waiting.size > 0) this.#later()
    else this.#kernel.late = null
  }

  #next(): void {
    const [cell] = this.#called.size > 0 ? this.#called : this.#waiting.keys()
    const { incarnation, wake } = this.#waiting.get(cell!)!
    this.#waiting.delete(cell!)
    this.#called.delete(cell!)
    // Whatever has become of it meanwhile has seen to its state.
    if (cell!.incarnation !== incarnation || !cell!.isDirty) return
    if ((cell!.gate & (STOPPING | STOPPED | QUARANTINED)) === 0) wake()
    else cell!.gate &= ~RESTARTING
  }
}
