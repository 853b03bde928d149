// Birth: how a cell comes into the world. The record first, with the start message right behind it; then the cell is
// put to work. A birth that belongs to a turn happens when the turn ends, and not at all when it is taken back.

import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import type { RestartNotice } from './definition.js'
import { isBeyondRestart } from './divergence.js'
import { CAREFUL, PAUSED, RESTARTING, STOPPED, STOPPING, UNBORN } from './gate.js'
import { beginIdle } from './idle.js'
import type { Kernel } from './kernel.js'
import { nextLifecycle } from './lifecycle.js'
import { rebuild, restoreWhole } from './rebuild.js'
import { termsOf } from './supervision/child-terms.js'
import type { RecordData } from './records.js'
import { diverge } from './steering/diverging.js'
import { halt } from './stopping.js'
import { readable } from './subjects/sealed-value.js'
import { failCell } from './supervision/failure.js'

/** Where the start message of a newborn stands. */
export interface Birth {
  readonly position: number
  readonly correlation: number
}

/** What the hook is told with which an incarnation begins: its number, or why it follows another one. */
export type StartNotice = number | RestartNotice

const NO_START: Birth = { position: 0, correlation: 0 }

/** Writes the birth of a cell, and of its start message when it has a start hook. */
export function writeBirth(
  kernel: Kernel,
  cell: Cell,
  correlation: number,
  cause: number,
  correlationName?: string,
): Birth {
  const { log } = kernel
  const { blueprint } = cell
  if (kernel.subjects !== null) kernel.subjects.born(cell)
  if (!kernel.isRecorded(cell)) return NO_START
  log.record('spawned', cell.id, correlation, cause, bornOf(cell))
  return writeStart(kernel, cell, blueprint.start, cell.incarnation, correlation, cause, correlationName)
}

type Born = { -readonly [Field in keyof RecordData['spawned']]: RecordData['spawned'][Field] }

// What goes without saying is not said: actors are born by the hundred thousand.
function bornOf(cell: Cell): RecordData['spawned'] {
  const { name, parent, blueprint, args, fixed, durable } = cell
  const { version } = blueprint
  const { restart } = cell.terms
  const born: Born = { parent: parent?.id ?? 0, name, definition: blueprint.name }
  if (version !== 1) born.version = version
  if (args !== undefined) born.args = args
  if (restart !== 'transient') born.restart = restart
  if (fixed) born.fixed = true
  if (!durable) born.durable = false
  if (isVirtual(cell)) born.virtual = true
  if (isAdded(cell)) born.terms = termsOf(cell.terms)
  return born
}

// No spec names a child that was added by hand, so its terms stand with its birth.
function isAdded({ fixed, name, parent }: Cell): boolean {
  return fixed && parent !== null && parent.blueprint.childSpec(name) === undefined
}

/** Whether a cell is that of a virtual actor. */
export function isVirtual({ parent }: Cell): boolean {
  return parent !== null && parent.blueprint.idleMs !== undefined
}

/** Whether a cell belongs to a subject for which nothing is done any more. */
export function isShredded({ subjects }: Kernel, cell: Cell): boolean {
  return subjects !== null && subjects.isClosed(subjects.ownerOf(cell.id))
}

/** Writes the start message of a new incarnation: for its start hook, or for its restart hook. */
export function writeStart(
  kernel: Kernel,
  cell: Cell,
  start: HandlerEntry | null,
  notice: StartNotice,
  correlation: number,
  cause: number,
  correlationName?: string,
): Birth {
  if (start === null || !cell.durable || isShredded(kernel, cell)) return NO_START
  const known = correlationName === undefined ? correlation : kernel.log.correlationOf(correlationName)
  const extras = correlationName !== undefined && known === 0 ? { correlationName } : null
  const position = kernel.log.message(cell.id, start.name, notice, known, cause, cell.parent?.id ?? 0, extras)
  return { position, correlation: known === 0 ? position : known }
}

/**
 * The first state of a cell, made from arguments of its own: a definition may well return them as the state, and what
 * a turn then does to the state must not reach the arguments that a rebuild starts from.
 */
export function firstStateOf(kernel: Kernel, cell: Cell): unknown {
  const isShared = cell.durable && typeof cell.args === 'object' && cell.args !== null
  readable(cell.args, cell.path, 'what it was started with')
  return cell.blueprint.firstState(isShared ? kernel.log.copyOf(cell.args) : cell.args)
}

/** Puts a newborn to work: its first state, its start hook, its children. */
export function applyBirth(kernel: Kernel, cell: Cell, birth: Birth): void {
  if (kernel.events.has('spawned'))
    kernel.events.emit('spawned', { actor: cell.path, definition: cell.blueprint.name })
  if (isShredded(kernel, cell)) {
    cell.gate &= ~UNBORN
    halt(kernel, cell, 'ignore')
    return
  }
  if (isVirtual(cell)) {
    wake(kernel, cell, birth)
    return
  }
  try {
    cell.state = firstStateOf(kernel, cell)
  } catch (error) {
    cell.gate &= ~UNBORN
    failCell(kernel, cell, error, 'start', birth.correlation, birth.position)
    return
  }
  enterLife(kernel, cell, cell.blueprint.start, cell.incarnation, birth)
}

// One that has lived before has its state made again from the log, which may take a while.
function wake(kernel: Kernel, cell: Cell, birth: Birth): void {
  kernel.supervisionAbove(cell).home!.onBorn(cell)
  cell.gate = RESTARTING | (cell.gate & CAREFUL)
  const begin = (error: unknown): void => {
    if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
    if (error === undefined) {
      cell.gate &= ~RESTARTING
      enterLife(kernel, cell, cell.blueprint.start, cell.incarnation, birth)
    } else if (isBeyondRestart(error)) diverge(kernel, cell, error)
    else failCell(kernel, cell, error, 'start', birth.correlation, birth.position)
  }
  try {
    if (!cell.isDirty) cell.state = firstStateOf(kernel, cell)
    else restoreWhole(kernel, cell)
  } catch (error) {
    begin(error)
    return
  }
  rebuild(kernel, cell, begin)
}

/** Lets an incarnation begin: its start hook first, if there is one. */
export function enterLife(
  kernel: Kernel,
  cell: Cell,
  start: HandlerEntry | null,
  notice: StartNotice,
  birth: Birth,
): void {
  // Also who is paused starts, so that those behind it can: it is held again when it is at work.
  cell.gate &= ~(UNBORN | PAUSED)
  const unknown = kernel.subjects?.whyUnknown(cell.id)
  if (unknown !== undefined) {
    failCell(kernel, cell, unknown, 'start', birth.correlation, birth.position)
    return
  }
  if (cell.blueprint.isSupervisor) {
    kernel.supervisionOf(cell).startChildren()
    return
  }
  if (start === null) {
    started(kernel, cell)
    return
  }
  cell.box().unshift(start, notice, cell.parent, birth.position, birth.correlation, null)
  kernel.dispatcher.enqueue(cell)
}

/** The incarnation is at work: its supervisor may go on with the next child. */
export function started(kernel: Kernel, cell: Cell): void {
  if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
  cell.lifecycle = nextLifecycle(cell.lifecycle, 'started')
  if (cell.rare?.isPaused === true) cell.gate |= PAUSED
  if (cell.rare !== null && cell.rare.caution !== null) cell.gate |= CAREFUL
  if (cell.blueprint.idle !== null) beginIdle(kernel, cell)
  cell.parent?.supervision?.onStarted(cell)
  if (cell.parent === null) kernel.onRootStarted()
  if (cell.gate === 0 && (cell.mailbox?.size ?? 0) > 0) kernel.dispatcher.enqueue(cell)
}

/** Takes a cell back whose turn failed: it was never born. */
export function discardBirth(kernel: Kernel, cell: Cell): void {
  const { parent } = cell
  parent?.supervision?.children.delete(cell.name)
  kernel.buryUnborn(cell)
}
