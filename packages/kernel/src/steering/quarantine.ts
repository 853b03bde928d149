// Quarantine
// ==========
// An actor that is held between two lives, on its last good state: nothing of it runs, what it is sent waits under the
// bound of its mailbox, and for its watchers it has not ended. It gets there when a budget of its own says so, or by
// hand, and comes back when somebody releases it.
//
//   restart refused by its own budget --+
//                                       +--> quarantined --release--> restarted, with a fresh budget
//   steer.quarantine -------------------+        \---stop of what is above it, kill---> stopped
//
// Invariants
//   H1  Neither a restart of its siblings nor one of its supervisor lets it in: only a release does.
//   H2  Nothing of it runs when it is put there, while it is there, and when it ends there: no stop hook either.
//   H3  It is charged to nobody.
//
// Who is held because the code does not follow its log is another matter: see `diverging.ts`.

import type { Cell } from '../cell.js'
import { FAILED, QUARANTINED, STOPPED, STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { rebuild } from '../rebuild.js'
import { withoutStack, type FailureContext, type StoredError } from '../records.js'
import { retire } from '../restarting.js'
import { failureReport } from '../supervision/failure-report.js'

/** What keeps an actor in quarantine. */
export interface Quarantine {
  readonly reason: StoredError
  /** Its last life is over. */
  isOut: boolean
  /** It comes back as soon as it is. */
  isReleased: boolean
}

/** Writes that an actor is quarantined. Nothing has happened to it yet. */
export function writeQuarantine(
  kernel: Kernel,
  cell: Cell,
  context: FailureContext,
  reason: StoredError,
  correlation: number,
  cause: number,
): void {
  if (!kernel.isFollowed(cell)) return
  const keeps = cell.blueprint.keepsChildren ? { keepsChildren: true } : {}
  const data = { ...failureReport(cell, context, withoutStack(reason)), ...keeps }
  kernel.log.record('quarantined', cell.id, correlation, cause, data)
}

/** Puts an actor into quarantine, once that is written. */
export function quarantine(
  kernel: Kernel,
  cell: Cell,
  context: FailureContext,
  reason: StoredError,
  correlation: number,
): void {
  hold(kernel, cell, reason)
  if (!kernel.events.has('quarantined')) return
  const correlationId = correlation === 0 ? '' : kernel.log.correlationName(correlation)
  kernel.events.emit('quarantined', { ...failureReport(cell, context, reason), correlationId })
}

/** Takes an actor out of service and holds it there. */
export function hold(kernel: Kernel, cell: Cell, reason: StoredError): void {
  const rare = cell.extra()
  const held: Quarantine = { reason, isOut: false, isReleased: false }
  rare.quarantine = held
  // H2: like one that has failed, it leaves without its stop hook.
  rare.hasLeft = true
  cell.gate |= QUARANTINED | FAILED
  kernel.supervisionAbove(cell).passOver(cell)
  retire(kernel, cell, () => {
    if (rare.quarantine !== held || (cell.gate & (STOPPING | STOPPED)) !== 0) return
    held.isOut = true
    if (held.isReleased) letIn(kernel, cell)
    // What is looked at is the last good state. A failure of this shows again when it is let in.
    else if (!cell.blueprint.isSupervisor && rare.diverged === null) rebuild(kernel, cell, () => undefined)
  })
  kernel.dispatcher.wake()
}

/** Lets an actor out of quarantine. One that is in none stays as it is. */
export function release(kernel: Kernel, cell: Cell): void {
  const held = cell.rare?.quarantine ?? null
  if (held === null) return
  if (held.isOut) letIn(kernel, cell)
  else held.isReleased = true
}

function letIn(kernel: Kernel, cell: Cell): void {
  const rare = cell.extra()
  // No order holds it any more, and its log is not followed by the code that runs.
  if (rare.diverged !== null) {
    rare.quarantine!.isReleased = true
    return
  }
  rare.quarantine = null
  cell.gate &= ~QUARANTINED
  kernel.supervisionAbove(cell).letIn(cell)
}
