// Diverging
// =========
// An actor whose log the running code does not follow is held where it stands: what it is to be cannot be known, so
// nothing of it runs, and nothing that it is made of changes. Its log is the whole case: the newest snapshot, the turns
// since with their results, the mail that waits. The next process folds it anyway, and lets it go on when that comes out.
//
//   fold, rebuild, waking --differs--> diverged --next start, fold comes out--> goes on, as if no time had passed
//                                         |  \--next start, differs still----> diverged
//                                         \-----stop of it, or of what is above it--> stopped
//
// Invariants
//   D1  No state of it is shown, kept in a snapshot, or gone on from.
//   D2  Its life is not over: timers, children, watches and what a turn had learned are there when it goes on. Where it
//       was to be restarted anyway, or just had been, it goes on as after a restart.
//   D3  Nobody releases it in this process: the same code would read the same log.
//   D4  What ordered a quarantine is another matter. Neither takes the other back.
//   D5  It is charged to nobody.

import type { Cell } from '../cell.js'
import { divergenceOf } from '../divergence.js'
import { FAILED, QUARANTINED, RESTARTING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { nextLifecycle } from '../lifecycle.js'
import { storedError, withoutStack, type StoredError } from '../records.js'
import { failureReport } from '../supervision/failure-report.js'
import { disarmTimers } from '../timers.js'

/** Holds a running actor whose log is not followed. */
export function diverge(kernel: Kernel, cell: Cell, error: unknown): void {
  const isOut = cell.lifecycle === 'restarting'
  // One that was to resume would have gone on.
  if (cell.lifecycle === 'failed') cell.lifecycle = nextLifecycle(cell.lifecycle, 'resume')
  if (!isOut) cell.gate &= ~(FAILED | RESTARTING)
  const reason = withoutStack(storedError(error, kernel.log.redaction))
  const { correlation } = writeDiverged(kernel, cell, error, isOut)
  holdDiverged(cell, reason)
  kernel.supervisionAbove(cell).passOver(cell)
  kernel.dispatcher.wake()
  announceDiverged(kernel, cell, reason, correlation)
}

/** Writes that an actor is held, with the incident in whose turn that shows. */
export function writeDiverged(
  kernel: Kernel,
  cell: Cell,
  error: unknown,
  isOut: boolean,
): { readonly position: number; readonly correlation: number } {
  const at = divergenceOf(error)
  const correlation = at.message === 0 ? 0 : (kernel.log.messageAt(at.message)?.correlation ?? 0)
  const reason = withoutStack(storedError(error, kernel.log.redaction))
  const data = {
    ...failureReport(cell, 'recovery', reason),
    diverged: isOut ? { ...at, isOut } : at,
  }
  const position = kernel.log.record('quarantined', cell.id, correlation, at.message, data)
  return { position, correlation }
}

/** Takes an actor out of service where it stands. */
export function holdDiverged(cell: Cell, reason: StoredError): void {
  const rare = cell.extra()
  rare.diverged = reason
  // Nothing of it runs, also when it ends here.
  rare.hasLeft = true
  cell.gate |= QUARANTINED
  // D1
  cell.spoil()
  cell.state = undefined
  disarmTimers(cell)
}

/** Tells whoever listens that an actor is held, or still is. */
export function announceDiverged(kernel: Kernel, cell: Cell, reason: StoredError, correlation: number): void {
  if (!kernel.events.has('quarantined')) return
  const correlationId = correlation === 0 ? '' : kernel.log.correlationName(correlation)
  kernel.events.emit('quarantined', { ...failureReport(cell, 'recovery', reason), correlationId })
}
