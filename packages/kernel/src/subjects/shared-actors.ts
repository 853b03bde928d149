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

/** Keeps the states of some cells, each between two of its turns. */
export class StateKeeping {
  readonly #kernel: Kernel
  readonly #untilMs: number
  /** Those whose snapshots are due with the ends of their turns. */
  readonly #due = new Set<Cell>()

  constructor(kernel: Kernel, untilMs: number) {
    this.#kernel = kernel
    this.#untilMs = untilMs
  }

  /** Whether the state of a cell is kept now; otherwise it is to be asked for again. @throws {HoldfastError} `HF_NOT_STORABLE` */
  async isKept(cell: Cell): Promise<boolean> {
    if ((cell.gate & STOPPED) !== 0) return true
    const isTaken = this.#due.has(cell) && cell.weight !== Infinity && cell.snapshotBytes < UNSTORABLE
    if (isTaken) return true
    if ((cell.gate & WAITING) !== 0) {
      // One that always waits has its snapshot taken as soon as a turn of it ends.
      this.#due.add(cell)
      cell.weight = Infinity
      return false
    }
    if (!(await this.#isWhole(cell))) return false
    keepStates(this.#kernel, [cell])
    return true
  }

  // Its state is made now, when nobody needed it so far.
  #isWhole(cell: Cell): Promise<boolean> {
    if (!cell.isDirty) return Promise.resolve(true)
    // Who is on the way to another life makes its state itself.
    if (cell.gate !== 0 && (cell.gate & QUARANTINED) === 0) return Promise.resolve(false)
    const { authorities } = this.#kernel
    return new Promise<boolean>((resolve) => {
      // Another rebuild that begins meanwhile takes its place, and says nothing here.
      const timer = authorities.timer(Math.max(1, this.#untilMs - authorities.monotonic()), () => {
        resolve(false)
      })
      rebuild(this.#kernel, cell, (error) => {
        timer.cancel()
        resolve(error === undefined)
      })
    })
  }
}

/** What the snapshot of a state weighs that cannot be stored. */
const UNSTORABLE = Number.MAX_SAFE_INTEGER

/** Takes snapshots of those whose states are whole. @throws {HoldfastError} `HF_NOT_STORABLE` */
export function keepStates({ log }: Kernel, cells: readonly Cell[]): void {
  for (const cell of cells) {
    if ((cell.gate & (STOPPED | WAITING)) !== 0 || cell.isDirty) continue
    cell.snapshotBytes = log.saveSnapshot(cell.id, cell.blueprint.version, cell.turns, cell.state)
    cell.weight = 0
  }
}
