// Snapshots of those who have done something since their last one. A start that begins at a checkpoint has their states at
// once; the state of anybody else is made from its log through the index, which for many would take longer than to read it
// all.

import type { Cell } from '../cell.js'
import type { Kernel } from '../kernel.js'
import { CHECKPOINT_SNAPSHOT_BYTES, CHECKPOINT_SNAPSHOTS } from '../limits.js'
import { takeSnapshot } from '../turn-runner.js'

const SNAPSHOTS_PER_STEP = 128

/** Takes the snapshots of those in a running system whose turns have ended. */
export function snapshotsOfMoved(kernel: Kernel): Generator<void> {
  return snapshotsOf(kernel, kernel.cells.values(), (cell) => cell.gate === 0 && hasMoved(cell))
}

/** Takes the snapshots of those whose states a recovery has made. Whoever has none is dirty. */
export function snapshotsOfMade(kernel: Kernel): Generator<void> {
  return snapshotsOf(kernel, kernel.cells.values(), hasMoved)
}

// So many in each step, and of those first that have most to be made from.
function* snapshotsOf(
  kernel: Kernel,
  cells: Iterable<Cell>,
  isDue: (cell: Cell) => boolean,
): Generator<void> {
  const due = [...cells].filter(isDue).sort((a, b) => b.weight - a.weight)
  let count = 0
  let bytes = 0
  for (const cell of due) {
    // It may have begun a turn since.
    if (!isDue(cell) || bytes + cell.snapshotBytes > CHECKPOINT_SNAPSHOT_BYTES) continue
    takeSnapshot(kernel, cell)
    bytes += cell.snapshotBytes
    if (++count === CHECKPOINT_SNAPSHOTS) return
    if (count % SNAPSHOTS_PER_STEP !== 0) continue
    kernel.log.flush()
    yield
  }
}

function hasMoved({ durable, isDirty, weight, blueprint, snapshotBytes }: Cell): boolean {
  const isStorable = snapshotBytes < Number.MAX_SAFE_INTEGER
  return durable && !isDirty && weight > 0 && isStorable && !blueprint.isSupervisor
}
