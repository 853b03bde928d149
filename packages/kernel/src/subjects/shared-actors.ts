// Actors that do not belong to a subject and have handled something of it. Their states are kept before its key is
// destroyed: none of them is ever made again from what was shredded.

import type { Cell } from '../cell.js'
import { QUARANTINED, STOPPED, WAITING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { rebuild } from '../rebuild.js'
import type { LogRecord } from '../records.js'

/** Batches between two pauses for the event loop. */
const PAUSE_EVERY_BATCHES = 16

/** Those of them that live, by a look through the log. */
export async function sharedActors(kernel: Kernel, subject: string): Promise<readonly Cell[]> {
  const found = new Set<number>()
  const look = (record: LogRecord): void => {
    if (isOf(record, subject)) found.add(record.actor)
  }
  let batches = 0
  for (const batch of kernel.log.readBatches(() => undefined, kernel.log.floor)) {
    batch.forEach(look)
    if (++batches % PAUSE_EVERY_BATCHES === 0)
      await new Promise<void>((resolve) => {
        kernel.authorities.defer(resolve)
      })
  }
  const cells = [...found].map((id) => kernel.cells.get(id))
  return cells.filter((cell): cell is Cell => cell !== undefined && isKept(cell))
}

function isOf(record: LogRecord, subject: string): boolean {
  switch (record.kind) {
    case 'message':
      return record.subject === subject
    // What a turn did has its message before it; what it learned may be of others.
    case 'reply':
    case 'effect':
    case 'spawned':
      return record.data().subject === subject
    default:
      return false
  }
}

// A supervisor has no state, and a volatile one none that is kept.
function isKept({ durable, blueprint, gate }: Cell): boolean {
  return durable && !blueprint.isSupervisor && (gate & STOPPED) === 0
}

/** Whether the state of a cell is that after its last turn; it is made now when nobody needed it so far. */
export async function isThrough(kernel: Kernel, cell: Cell, untilMs: number): Promise<boolean> {
  if ((cell.gate & STOPPED) !== 0) return true
  if ((cell.gate & WAITING) !== 0) return false
  if (!cell.isDirty) return true
  // Who is on the way to another life makes its state itself.
  if (cell.gate !== 0 && (cell.gate & QUARANTINED) === 0) return false
  const { authorities } = kernel
  return new Promise<boolean>((resolve) => {
    // Another rebuild that begins meanwhile takes its place, and says nothing here.
    const timer = authorities.timer(Math.max(1, untilMs - authorities.monotonic()), () => {
      resolve(false)
    })
    rebuild(kernel, cell, (error) => {
      timer.cancel()
      resolve(error === undefined)
    })
  })
}

/** Takes snapshots of those whose states are whole. @throws {HoldfastError} `HF_NOT_STORABLE` */
export function keepStates({ log }: Kernel, cells: readonly Cell[]): void {
  for (const cell of cells) {
    if ((cell.gate & (STOPPED | WAITING)) !== 0 || cell.isDirty) continue
    cell.snapshotBytes = log.saveSnapshot(cell.id, cell.blueprint.version, cell.turns, cell.state)
    cell.weight = 0
  }
}
