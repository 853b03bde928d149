// Fold: a cell whose recorded turns are run again one after the other while a system is brought back. A turn that waits holds
// up those behind it, and an error ends the fold of its own actor alone.

import type { Cell, RecordedTurn } from './cell.js'
import type { Kernel } from './kernel.js'
import { replayTurn } from './rebuild.js'

/** A cell whose turns are being folded. */
export interface Fold {
  readonly cell: Cell
  readonly after: number
  /** Its state is made when it goes on, and its log is judged then. */
  isLate: boolean
  waiting: RecordedTurn[] | null
  error: unknown
}

/** Lets everybody else go on first. */
export function pause(kernel: Kernel): Promise<void> {
  return new Promise((resolve) => {
    kernel.authorities.defer(resolve)
  })
}

/** Runs the next recorded turn of a cell again, unless its snapshot has it already. */
export function foldTurn(kernel: Kernel, fold: Fold, recorded: RecordedTurn): void {
  if (recorded.turn.position <= fold.after || fold.error !== undefined) return
  // A supervisor has no state: what its turns did are records of their own.
  if (fold.cell.blueprint.isSupervisor || fold.isLate) return
  if (fold.waiting !== null) {
    fold.waiting.push(recorded)
    return
  }
  try {
    fold.cell.weight += recorded.message.bytes
    const settled = replayTurn(kernel, fold.cell, recorded)
    if (settled === undefined) return
    fold.waiting = []
    settled.then(
      () => {
        foldWaiting(kernel, fold)
      },
      (error: unknown) => {
        fold.error = error
        fold.waiting = null
      },
    )
  } catch (error) {
    fold.error = error
  }
}

function foldWaiting(kernel: Kernel, fold: Fold): void {
  const turns = fold.waiting ?? []
  fold.waiting = null
  turns.forEach((turn) => {
    foldTurn(kernel, fold, turn)
  })
}
