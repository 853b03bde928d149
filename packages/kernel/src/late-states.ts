// Late states
// ===========
// A recovery that begins at a checkpoint finds actors whose snapshots are older than that, and who have had turns in
// between. Where many of them stand not far back, the log between is read once for all of them; the others are looked up
// one by one. Who is left after that goes on later than the others: `late-actors.ts`.

import type { Cell } from './cell.js'
import { isVirtual } from './birth.js'
import { damagedBetween } from './divergence.js'
import type { Kernel } from './kernel.js'
import { LATE_ACTORS_PER_ROUND, READ_TOGETHER_ACTORS, READ_TOGETHER_RECORDS } from './limits.js'
import type { LogDamage } from './log.js'
import type { LogRecord } from './records.js'
import { rebuild, TurnsOfActor } from './rebuild.js'
import { foldTurn, pause, type Fold } from './fold.js'

type Folds = ReadonlyMap<number, Fold>

interface Late {
  readonly fold: Fold
  readonly turns: TurnsOfActor
}

/** Brings those whose snapshots lie not far before a position up to it, in one reading, when they are many. */
export async function makeTogether(kernel: Kernel, folds: Folds, upTo: number): Promise<void> {
  const late = new Map<number, Late>()
  let from = upTo + 1
  for (const [id, fold] of folds) {
    if (!isToBeMade(fold) || upTo - fold.after > READ_TOGETHER_RECORDS) continue
    late.set(id, { fold, turns: new TurnsOfActor(kernel, fold.cell, fold.after) })
    from = Math.min(from, fold.after + 1)
  }
  if (late.size <= READ_TOGETHER_ACTORS) return
  for (const { fold } of late.values()) fold.isLate = false
  const onDamage = ({ actors, from: first, to }: LogDamage): void => {
    for (const id of actors) {
      const fold = late.get(id)?.fold
      if (fold !== undefined) fold.error ??= damagedBetween(fold.cell.path, first, to)
    }
  }
  const add = (record: LogRecord): void => {
    const known = late.get(record.actor)
    if (known === undefined || record.position <= known.fold.after || record.position > upTo) return
    try {
      const recorded = known.turns.add(record)
      if (recorded !== undefined) foldTurn(kernel, known.fold, recorded)
    } catch (error) {
      known.fold.error ??= error
    }
  }
  let position = from - 1
  for (const batch of kernel.log.readBatches(onDamage, from)) {
    batch.forEach((record) => {
      position = record.position
      add(record)
    })
    // What comes behind it is read by the pass that follows.
    if (position >= upTo) break
    await pause(kernel)
  }
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
