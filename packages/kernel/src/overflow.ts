// What happens to a message that a mailbox has no room for. Nothing is lost silently: what is not kept becomes a dead
// letter, and whoever asked learns of it.

import type { Asker } from './asker.js'
import { holdBack } from './backpressure.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { STOPPED } from './gate.js'
import type { Kernel } from './kernel.js'
import { Notice } from './notices.js'
import type { DeadReason } from './records.js'
import { mailboxFull } from './refusals.js'
import { LiveTurn } from './turn.js'
import { notTaken } from './unanswered.js'

/** Makes room for a message from outside. @returns false when the message itself was dropped */
export function makeRoom(kernel: Kernel, cell: Cell, entry: HandlerEntry, asker: Asker | null): boolean {
  const { overflow } = cell.blueprint
  if (overflow === 'reject' || overflow === 'backpressure') throw mailboxFull(cell)
  if (overflow === 'drop-oldest') dropOldest(kernel, cell, entry)
  else bounce(kernel, cell, entry.type, 0, 0, 'dropped-newest', asker)
  return overflow === 'drop-oldest'
}

/** Makes room for a message that an actor told. @returns false when the message became a dead letter, or waits in the log */
export function makeRoomInside(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  from: Cell | null,
  position: number,
  correlation: number,
  asker: Asker | null,
): boolean {
  const reason = whyNot(kernel, cell, entry, from)
  if (reason === null) return true
  // What reaches an actor after the system has stopped it waits in the log, like what reached it before.
  if (reason === 'stopped' && cell.durable && cell.rare?.isHalted === true) return false
  bounce(kernel, cell, entry.type, position, correlation, reason, asker)
  return false
}

function whyNot(kernel: Kernel, cell: Cell, entry: HandlerEntry, from: Cell | null): DeadReason | null {
  if ((cell.gate & STOPPED) !== 0 || cell.mailbox?.isClosed === true) return 'stopped'
  if (cell.mailbox?.isFullFor(entry) !== true) return null
  const { overflow } = cell.blueprint
  if (overflow === 'reject') return 'mailbox-full'
  if (overflow === 'drop-newest') return 'dropped-newest'
  if (overflow === 'backpressure') return holdBack(kernel, from, cell) ? null : 'mailbox-full'
  dropOldest(kernel, cell, entry)
  return null
}

/** Makes a dead letter of a message, and tells whoever asked. */
export function bounce(
  kernel: Kernel,
  cell: Cell,
  type: string,
  position: number,
  correlation: number,
  reason: DeadReason,
  asker: Asker | null,
): void {
  kernel.bury(cell, type, position, correlation, reason)
  if (asker === null) return
  const error = notTaken(cell, reason)
  if (asker.isDurable) asker.write(false, undefined, error)
  asker.fail(error, kernel.log.next)
}

// One gives way, or more, when notices or the bound of other code had filled it over its bound. An urgent message pushes
// out an urgent one, because they are counted apart. Where only notices are left, one message stands over the bound.
function dropOldest(kernel: Kernel, cell: Cell, incoming: HandlerEntry): void {
  const mailbox = cell.mailbox!
  const taker = new LiveTurn(kernel, cell)
  while (mailbox.isFullFor(incoming)) {
    if (!mailbox.dropInto(taker, incoming.isUrgent, isNotice)) return
    const { entry, position, correlation, asker } = taker
    bounce(kernel, cell, entry.type, position, correlation, 'dropped-oldest', asker)
  }
}

function isNotice(asker: Asker | null): boolean {
  return asker instanceof Notice
}
