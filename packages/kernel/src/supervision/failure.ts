// Failure
// =======
// From a thrown error to a decision: the failure is recorded, the directive is chosen and recorded, and only then is it
// carried out, so that a process killed in between finds in the log what it has to do.

import type { Cell } from '../cell.js'
import { FAILED, QUARANTINED, RESTARTING, STOPPED, STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { nextLifecycle } from '../lifecycle.js'
import { FAILURES_KEPT } from '../limits.js'
import { rebuild } from '../rebuild.js'
import { storedError, withoutStack, type FailureContext, type StoredError } from '../records.js'
import { diverge } from '../steering/diverging.js'
import { park } from '../steering/parking.js'
import { quarantine, writeQuarantine } from '../steering/quarantine.js'
import { stopCell } from '../stopping.js'
import type { Directive } from './directive.js'
import { directiveOf } from './verdict.js'
import { failureReport } from './failure-report.js'
import type { TakenNotes } from '../turn-notes.js'

/** Records that a cell failed and has its supervisor decide. `announce` runs between the two. */
export function failCell(
  kernel: Kernel,
  cell: Cell,
  error: unknown,
  context: FailureContext,
  correlation: number,
  position: number,
  attempt = 1,
  isParked = true,
  announce?: () => void,
  taken: TakenNotes = {},
): void {
  const stored = storedError(error, kernel.log.redaction)
  const isStopping = (cell.gate & STOPPING) !== 0
  if (!isStopping && (cell.gate & (STOPPED | QUARANTINED)) === 0) {
    cell.lifecycle = nextLifecycle(cell.lifecycle, 'fail')
    cell.gate |= FAILED
  }
  // Also a start hook may have changed the state before it threw.
  if (cell.durable && (context === 'message' || context === 'start')) cell.spoil()
  // Who never came up has nothing to clean up.
  if (context === 'start') cell.extra().hasLeft = true
  if (kernel.isFollowed(cell)) {
    const data = { attempt, context, error: stored, parked: isParked, ...taken }
    const failedAt = kernel.log.record('failed', cell.id, correlation, position, data)
    if (isParked && context === 'message' && cell.durable) park(kernel, cell, position, failedAt)
  }
  const { failures } = cell.extra()
  failures.push({ position, atMs: kernel.authorities.now(), correlation, context, error: stored })
  if (failures.length > FAILURES_KEPT) failures.shift()
  announce?.()
  if (kernel.events.has('failed')) {
    const correlationId = kernel.log.correlationName(correlation)
    kernel.events.emit('failed', {
      ...failureReport(cell, context, stored),
      correlationId,
      position,
      parked: isParked,
    })
  }
  if (isStopping) {
    stopCell(kernel, cell, 'failed', stored)
    kernel.steps.run(() => {
      kernel.continueStop(cell)
    })
    return
  }
  // Who is held is decided about.
  if ((cell.gate & QUARANTINED) === 0) decide(kernel, cell, stored, context, correlation, position)
}

/** Chooses the directive of a failure, records it and carries it out. */
export function decide(
  kernel: Kernel,
  cell: Cell,
  failure: StoredError,
  context: FailureContext,
  correlation: number,
  position: number,
): void {
  const { directive, stored } = verdict(kernel, cell, failure, context)
  if (kernel.isFollowed(cell)) {
    // The failure's own record keeps the stack; the decision about it need not say it again.
    const data = {
      ...failureReport(cell, context, withoutStack(stored)),
      directive,
      affected: affected(kernel, cell, directive),
    }
    kernel.log.record('directive', cell.id, correlation, position, data)
  }
  if (kernel.events.has('directive')) {
    const data = {
      ...failureReport(cell, context, stored),
      directive,
      affected: affected(kernel, cell, directive),
    }
    kernel.events.emit('directive', data)
  }
  carryOut(kernel, cell, directive, stored, context, correlation, position)
}

/** Carries out a directive that stands in the log. */
export function carryOut(
  kernel: Kernel,
  cell: Cell,
  directive: Directive,
  stored: StoredError,
  context: FailureContext,
  correlation: number,
  position: number,
): void {
  const above = kernel.supervisionAbove(cell)
  switch (directive) {
    case 'resume':
      resume(kernel, cell)
      break
    case 'stop':
      stopCell(kernel, cell, 'failed', stored)
      break
    case 'escalate':
      if (!above.isOut) escalate(kernel, cell, stored, context, correlation, position)
      break
    case 'restart':
      if (cell.terms.restart === 'temporary') stopCell(kernel, cell, 'failed', stored)
      // What it does with its children is decided: they leave or end with it.
      else if (above.isOut) break
      else if (!above.allows(cell)) exhaust(kernel, cell, stored, context, correlation, position)
      else if (above.charge()) above.restart(cell)
      else {
        const error = ofSame(stored, {
          name: 'HoldfastError',
          code: 'HF_GAVE_UP',
          message: gaveUp(cell, stored),
        })
        escalate(kernel, cell, error, context, correlation, position)
      }
      break
  }
}

// A child's own budget is exhausted.
function exhaust(
  kernel: Kernel,
  cell: Cell,
  stored: StoredError,
  context: FailureContext,
  correlation: number,
  position: number,
): void {
  if (!kernel.supervisionAbove(cell).quarantines(cell)) {
    stopCell(kernel, cell, 'gave-up', stored)
    return
  }
  writeQuarantine(kernel, cell, context, stored, correlation, position)
  quarantine(kernel, cell, context, stored, correlation)
}

// A failure of who decides goes one level up, with what it was to decide about.
function verdict(
  kernel: Kernel,
  cell: Cell,
  stored: StoredError,
  context: FailureContext,
): { readonly directive: Directive; readonly stored: StoredError } {
  try {
    return { directive: choose(kernel, cell, stored, context), stored }
  } catch (error) {
    const { name, message: why } = storedError(error, kernel.log.redaction)
    const about = `${stored.name}: ${stored.message}`
    const message = `Deciding about ${cell.path}, which failed with ${about}, failed itself with ${name}: ${why}`
    const failed = { name: 'HoldfastError', code: 'HF_DECISION_FAILED', message }
    return { directive: 'escalate', stored: ofSame(stored, failed) }
  }
}

function choose(kernel: Kernel, cell: Cell, stored: StoredError, context: FailureContext): Directive {
  const { blueprint, parent, terms } = cell
  const directive = directiveOf(blueprint, parent?.blueprint, terms.restart, stored, context)
  // Whoever started it by hand is told, and decides what to do next.
  return context === 'start' && kernel.supervisionAbove(cell).isOrdered(cell) ? 'stop' : directive
}

function resume(kernel: Kernel, cell: Cell): void {
  cell.gate |= RESTARTING
  rebuild(kernel, cell, (error) => {
    // Stopped, or pulled into the restart of a sibling, while it was rebuilt.
    if (cell.lifecycle !== 'failed') return
    if (error !== undefined) {
      diverge(kernel, cell, error)
      return
    }
    cell.lifecycle = nextLifecycle(cell.lifecycle, 'resume')
    cell.gate &= ~(FAILED | RESTARTING)
    if ((cell.mailbox?.size ?? 0) > 0) kernel.dispatcher.enqueue(cell)
  })
}

// Escalating means that the supervisor itself fails: its own supervisor decides, and at the top the system gives up.
function escalate(
  kernel: Kernel,
  cell: Cell,
  stored: StoredError,
  context: FailureContext,
  correlation: number,
  position: number,
): void {
  const { parent } = cell
  if (parent === null) {
    kernel.giveUp(stored, context, correlation, position)
    return
  }
  // Through the trampoline, because a tree may be deep.
  kernel.steps.run(() => {
    failCell(kernel, parent, stored, 'child', correlation, position)
  })
}

function affected(kernel: Kernel, cell: Cell, directive: Directive): readonly string[] {
  if (directive !== 'restart') return [cell.name]
  return kernel
    .supervisionAbove(cell)
    .affected(cell)
    .map((each) => each.name)
}

// What repeats the text of an error belongs to whom that does.
function ofSame({ subject }: StoredError, error: StoredError): StoredError {
  return subject === undefined ? error : { ...error, subject }
}

function gaveUp(cell: Cell, stored: StoredError): string {
  const { maxRestarts, withinMs } = cell.parent?.blueprint.strategy ?? { maxRestarts: 0, withinMs: 0 }
  return `${cell.parent?.path ?? '/'} gave up: more than ${maxRestarts} restarts within ${withinMs} ms, the last for ${cell.path}: ${stored.message}`
}
