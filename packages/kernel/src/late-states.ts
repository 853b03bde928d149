// Late states
// ===========
// A recovery that begins at a checkpoint finds actors whose snapshots are older than that, and who have had turns in
// between. Where many of them stand not far back, the log between is read once for all of them; the others are looked up
// one by one. Who is left after that goes on later than the others: `late-actors.ts`.

import type { Cell } from './cell.js'
import { isVirtual } from './birth.js'
import type { Kernel } from './kernel.js'
import { LATE_ACTORS_PER_ROUND, READ_TOGETHER_ACTORS, READ_TOGETHER_RECORDS } from './limits.js'
import { rebuild } from './rebuild.js'
import { pause, type Fold } from './fold.js'
import { FoldsTogether } from './folds-together.js'

type Folds = ReadonlyMap<number, Fold>

/** Brings those whose snapshots lie not far before a position up to it, in one reading, when they are many. */
export async function makeTogether(kernel: Kernel, folds: Folds, upTo: number): Promise<void> {
  const late = [...folds.values()].filter(
    (fold) => isToBeMade(fold) && upTo - fold.after <= READ_TOGETHER_RECORDS,
  )
  if (late.length <= READ_TOGETHER_ACTORS) return
  const together = new FoldsTogether(kernel, upTo)
  for (const fold of late) {
    fold.isLate = false
    together.add(fold)
  }
  for (const _ of together.steps()) await pause(kernel)
}

/** Looks up the states of the first of those that are left. Where there are many, the others need not wait for all. */
export async function makeFew(kernel: Kernel, folds: Folds): Promise<void> {
  let count = 0
  for (const fold of folds.values()) {
    if (!isToBeMade(fold)) continue
    if (++count > LATE_ACTORS_PER_ROUND) return
    fold.error = await rebuilt(kernel, fold.cell)
    fold.isLate = false
  }
}

function rebuilt(kernel: Kernel, cell: Cell): Promise<unknown> {
  cell.isDirty = true
  return new Promise((resolve) => {
    rebuild(kernel, cell, resolve)
  })
}

// The state of a virtual actor is made when it wakes.
function isToBeMade({ cell, isLate, error }: Fold): boolean {
  return isLate && !isVirtual(cell) && error === undefined
}
