// Parking
// =======
// What becomes of a message whose last attempt failed: it is on a list for people to look at, who send it again or take
// it off. The answer to its asker, if it had one, has long been given.
//
// Invariants
//   K1  A parked message is never delivered again; what is sent again is a message of its own, which it caused.
//   K2  A message is off the list when it is sent again, and both stand in the log in one piece.

import { entryOf } from '../address.js'
import { deliver } from '../admission.js'
import type { Cell } from '../cell.js'
import { refuse } from '../errors.js'
import { STOPPED, STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { PARKED_KEPT, PARKED_SHOWN } from '../limits.js'
import type { MessageRecord } from '../records.js'
import { endedToSteer, mailboxFull, nobodyToSteer, overload } from '../refusals.js'
import { announceCommand, writeCommand, type SteerOptions } from './command.js'
import { parkedMessage, type ParkedMessage } from './parked-list.js'

/** Which parked messages to show. */
export interface ParkedOptions {
  /** Only those of the actor at this path. */
  readonly actor?: string
  /** At most so many, the oldest first. @default 100 */
  readonly limit?: number
}

/** Puts a message on the list; `failedAt` is the record of its last failure. */
export function park(kernel: Kernel, cell: Cell, position: number, failedAt: number): void {
  if (!kernel.parked.add({ position, failedAt, actor: cell.id })) return
  const message = `More than ${PARKED_KEPT} messages are parked: the oldest leave the list, and stay in the log.`
  kernel.warn(cell.path, message, undefined)
}

/** The parked messages, the oldest first. */
export function parkedMessages(kernel: Kernel, options: ParkedOptions = {}): ParkedMessage[] {
  const { actor, limit = PARKED_SHOWN } = options
  if (!(limit === Infinity || (Number.isSafeInteger(limit) && limit >= 1)))
    refuse('limit', limit, 'a whole number from 1, or Infinity')
  const paths = new Map<number, string>()
  const pathOf = (id: number): string => {
    let path = paths.get(id)
    if (path === undefined) paths.set(id, (path = kernel.pathOf(id) ?? ''))
    return path
  }
  const shown: ParkedMessage[] = []
  for (const entry of kernel.parked.values()) {
    if (shown.length >= limit) break
    const path = pathOf(entry.actor)
    const message = actor === undefined || actor === path ? parkedMessage(kernel.log, entry, path) : undefined
    if (message !== undefined) shown.push(message)
  }
  return shown
}

/** Sends a parked message again. @returns the position of the new one */
export function redrive(kernel: Kernel, position: number, given: SteerOptions): number {
  const { actor, message, path } = parkedAt(kernel, position)
  const cell = kernel.cells.get(actor)
  if (cell === undefined) throw nobodyToSteer(path)
  if ((cell.gate & (STOPPED | STOPPING)) !== 0 || cell.mailbox?.isClosed === true) throw endedToSteer(path)
  if (cell.mailbox?.isFull === true) throw mailboxFull(cell)
  const { log } = kernel
  if (log.pressed) throw log.failure ?? overload(cell)
  const { type, version, correlation, sender, subject } = message
  if (subject !== undefined) kernel.subjects?.refuseClosed(subject, path)
  const extras = subject === undefined ? null : { subject }
  const entry = entryOf(cell, type)
  const payload = cell.blueprint.upcastMessage(type, message.payload(), version, cell)
  const about = { id: actor, path, message: position, correlation }
  // K2
  log.mark()
  let again: number
  try {
    writeCommand(kernel, 'redrive', given, about)
    again = log.message(actor, entry.name, payload, correlation, position, sender, extras)
  } catch (error) {
    log.rewind()
    throw error
  }
  log.keep()
  cell.weight += log.weight
  kernel.parked.delete(position)
  deliver(kernel, cell, entry, log.copy, kernel.cells.get(sender) ?? null, again, correlation, null)
  announceCommand(kernel, 'redrive', given, about)
  return again
}

/** Takes a parked message off the list. */
export function drop(kernel: Kernel, position: number, given: SteerOptions): void {
  const { actor, message, path } = parkedAt(kernel, position)
  const about = { id: actor, path, message: position, correlation: message.correlation }
  writeCommand(kernel, 'drop', given, about)
  kernel.parked.delete(position)
  announceCommand(kernel, 'drop', given, about)
}

function parkedAt(
  kernel: Kernel,
  position: number,
): { readonly actor: number; readonly message: MessageRecord; readonly path: string } {
  const entry = kernel.parked.get(position)
  const message = entry === undefined ? undefined : kernel.log.messageAt(position)
  if (entry === undefined || message === undefined)
    refuse('position', position, 'the position of a parked message; system.parked() shows them')
  return { actor: entry.actor, message, path: kernel.pathOf(entry.actor) ?? '' }
}
