// Birth: how a cell comes into the world. The record first, with the start message right behind it; then the cell is
// put to work. A birth that belongs to a turn happens when the turn ends, and not at all when it is taken back.

import type { Cell } from './cell.js'
import { STOPPED, STOPPING, UNBORN } from './gate.js'
import { beginIdle } from './idle.js'
import type { Kernel } from './kernel.js'
import { nextLifecycle } from './lifecycle.js'
import { failCell } from './supervision/failure.js'

/** Where the start message of a newborn stands. */
export interface Birth {
  readonly position: number
  readonly correlation: number
}

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
  const { blueprint, parent } = cell
  if (parent !== null && !parent.durable) return NO_START
  log.record('spawned', cell.id, correlation, cause, {
    parent: parent?.id ?? 0,
    name: cell.name,
    definition: blueprint.name,
    version: blueprint.version,
    args: cell.args,
    restart: cell.restart,
    fixed: cell.fixed,
    durable: cell.durable,
  })
  return writeStart(kernel, cell, correlation, cause, correlationName)
}

/** Writes the start message of a new incarnation. */
export function writeStart(
  kernel: Kernel,
  cell: Cell,
  correlation: number,
  cause: number,
  correlationName?: string,
): Birth {
  const { start } = cell.blueprint
  if (start === null || !cell.durable) return NO_START
  const known = correlationName === undefined ? correlation : kernel.log.correlationOf(correlationName)
  const extras = correlationName !== undefined && known === 0 ? { correlationName } : null
  const position = kernel.log.message(
    cell.id,
    start.name,
    undefined,
    known,
    cause,
    cell.parent?.id ?? 0,
    extras,
  )
  return { position, correlation: known === 0 ? position : known }
}

/**
 * The first state of a cell, made from arguments of its own: a definition may well return them as the state, and what
 * a turn then does to the state must not reach the arguments that a rebuild starts from.
 */
export function firstStateOf(kernel: Kernel, cell: Cell): unknown {
  const isShared = cell.durable && typeof cell.args === 'object' && cell.args !== null
  return cell.blueprint.firstState(isShared ? kernel.log.encode(cell.args).copy : cell.args)
}

/** Puts a newborn to work: its first state, its start hook, its children. */
export function applyBirth(kernel: Kernel, cell: Cell, birth: Birth): void {
  if (kernel.events.has('spawned'))
    kernel.events.emit('spawned', { actor: cell.path, definition: cell.blueprint.name })
  try {
    cell.state = firstStateOf(kernel, cell)
  } catch (error) {
    cell.gate &= ~UNBORN
    failCell(kernel, cell, error, 'start', birth.correlation, birth.position)
    return
  }
  enterLife(kernel, cell, birth)
}

/** Lets an incarnation begin: the start hook first, if there is one. */
export function enterLife(kernel: Kernel, cell: Cell, birth: Birth): void {
  cell.gate &= ~UNBORN
  if (cell.blueprint.isSupervisor) {
    kernel.supervisionOf(cell).startChildren()
    return
  }
  const { start } = cell.blueprint
  if (start === null) {
    started(kernel, cell)
    return
  }
  cell.box().unshift(start, undefined, cell.parent, birth.position, birth.correlation, null)
  kernel.dispatcher.enqueue(cell)
}

/** The incarnation is at work: its supervisor may go on with the next child. */
export function started(kernel: Kernel, cell: Cell): void {
  if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
  cell.lifecycle = nextLifecycle(cell.lifecycle, 'started')
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
