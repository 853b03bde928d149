// Snapshots of those who have done something since their last one. A start that begins at a checkpoint has their states at
// once; the state of anybody else is made from its log through the index, which for many would take longer than to read it
// all.

import type { Cell } from '../cell.js'
import type { SystemImage } from '../image.js'
import type { Kernel } from '../kernel.js'
import { CHECKPOINT_SNAPSHOT_BYTES, CHECKPOINT_SNAPSHOTS } from '../limits.js'
import { takeSnapshot } from '../turn-runner.js'

/** Cells that are looked at in one step, and how many of them a snapshot weighs. */
const LOOKS_PER_STEP = 8_192
const LOOKS_PER_SNAPSHOT = 64

/** Takes the snapshots of those in a running system whose turns have ended. */
export function snapshotsOfMoved(kernel: Kernel): Generator<void> {
  return snapshotsOf(kernel, kernel.cells.values(), (cell) => cell.gate === 0 && hasMoved(cell))
}

/**
 * Takes the snapshots of those whose states a recovery has made. Whoever has none is dirty. One whose turn waits has had no
 * end of a turn here: what that turn has learned so far stands before the snapshot, where nobody would look for it.
 */
export function snapshotsOfMade(kernel: Kernel, { actors }: SystemImage): Generator<void> {
  const isWaiting = ({ id }: Cell): boolean => (actors.get(id)?.rerun ?? null) !== null
  return snapshotsOf(kernel, kernel.cells.values(), (cell) => hasMoved(cell) && !isWaiting(cell))
}

// In steps, because there may be a million of them.
function* snapshotsOf(
  kernel: Kernel,
  cells: Iterable<Cell>,
  isDue: (cell: Cell) => boolean,
): Generator<void> {
  let looked = 0
  let taken = 0
  let bytes = 0
  for (const cell of cells) {
    if (isDue(cell) && bytes + cell.snapshotBytes <= CHECKPOINT_SNAPSHOT_BYTES) {
      takeSnapshot(kernel, cell)
      bytes += cell.snapshotBytes
      if (++taken === CHECKPOINT_SNAPSHOTS) return
      looked += LOOKS_PER_SNAPSHOT
    }
    if (++looked < LOOKS_PER_STEP) continue
    looked = 0
    kernel.log.flush()
    yield
  }
}

function hasMoved({ durable, isDirty, weight, blueprint, snapshotBytes }: Cell): boolean {
  const isStorable = snapshotBytes < Number.MAX_SAFE_INTEGER
  return durable && !isDirty && weight > 0 && isStorable && !blueprint.isSupervisor
}
