// Backpressure
// ============
// An actor that tells or asks one whose mailbox is full takes no further message itself, until the other one is down to
// half of its capacity. What it said is taken in: a turn that has ended cannot be taken back.
//
//   sender --tells--> [ full mailbox ] of receiver         sender: gate |= BLOCKED
//   receiver handles a slice, half is left                 sender: gate &= ~BLOCKED, and back into the queue
//
// Invariants
//   B1  A sender is blocked exactly while it is noted with a receiver that is full. The end of either frees it, and so
//       does a restart of the sender.
//   B2  No circle of actors waits for itself: who would close one is not blocked, and a question to one who is blocked by
//       the asker frees that one.
//   B3  Of those who cannot wait a full mailbox takes BACKPRESSURE_EXCESS_MAX more; the rest become dead letters.

import type { Cell } from './cell.js'
import { BLOCKED, STOPPED, STOPPING } from './gate.js'
import type { Kernel } from './kernel.js'
import { BACKPRESSURE_EXCESS_MAX } from './limits.js'
import { waitedFor, wayTo } from './waits-for.js'

/** Who waits for the mailbox of an actor, and whose mailboxes it waits for itself. */
export class Pressure {
  /** Receivers that this one has filled. */
  readonly blockedOn = new Set<Cell>()
  /** Senders that have filled this one. */
  readonly blocking = new Set<Cell>()
  /** Callers outside that wait for room here. */
  outside: (() => void)[] = []
  hasWarned = false
}

/** Holds a sender back because the mailbox of a receiver is full. @returns whether the message is taken in */
export function holdBack(kernel: Kernel, from: Cell | null, to: Cell): boolean {
  if (from !== null && from.rare?.pressure?.blockedOn.has(to) === true) return true
  if (from === null || (from.gate & (STOPPING | STOPPED)) !== 0) return isBelowCeiling(to)
  if (wayTo(to, from) !== null) {
    warnOfCircle(kernel, from, to)
    return isBelowCeiling(to)
  }
  pressureOf(from).blockedOn.add(to)
  pressureOf(to).blocking.add(from)
  from.gate |= BLOCKED
  return true
}

/** Frees those who wait for an actor whose mailbox has become shorter, when there is room again. */
export function easePressure(kernel: Kernel, cell: Cell, pressure: Pressure): void {
  const { mailbox } = cell
  if (mailbox === null || mailbox.isHalfEmpty)
    for (const sender of pressure.blocking) free(kernel, sender, cell)
  if (mailbox?.isFull !== true) letIn(pressure)
}

/** Lets go of everyone: the actor has ended. */
export function endPressure(kernel: Kernel, cell: Cell): void {
  const pressure = cell.rare?.pressure ?? null
  if (pressure === null) return
  unblock(kernel, cell)
  for (const sender of pressure.blocking) free(kernel, sender, cell)
  letIn(pressure)
}

/** Frees a sender that begins anew. */
export function unblock(kernel: Kernel, cell: Cell): void {
  for (const receiver of cell.rare?.pressure?.blockedOn ?? []) free(kernel, cell, receiver)
}

/** Frees everybody who stands between one who is asked and the asker, and would wait for room there for ever. */
export function unblockForAnswer(kernel: Kernel, asked: Cell, asker: Cell): void {
  for (const sender of waitedFor(asked)) {
    for (const receiver of sender.rare?.pressure?.blockedOn ?? []) {
      if (wayTo(receiver, asker) === null) continue
      warnOfCircle(kernel, sender, receiver)
      free(kernel, sender, receiver)
    }
  }
}

/** Resolves when the mailbox of an actor has room, or the actor has ended. */
export function roomIn(cell: Cell | null): Promise<void> {
  const mailbox = cell?.mailbox ?? null
  if (cell === null || mailbox === null || mailbox.isClosed || !mailbox.isFull) return Promise.resolve()
  return new Promise((resolve) => {
    pressureOf(cell).outside.push(resolve)
  })
}

function pressureOf(cell: Cell): Pressure {
  return (cell.extra().pressure ??= new Pressure())
}

function isBelowCeiling(cell: Cell): boolean {
  return cell.box().size < cell.blueprint.capacity + BACKPRESSURE_EXCESS_MAX
}

function free(kernel: Kernel, sender: Cell, receiver: Cell): void {
  receiver.rare?.pressure?.blocking.delete(sender)
  const blockedOn = sender.rare?.pressure?.blockedOn
  blockedOn?.delete(receiver)
  if (blockedOn !== undefined && blockedOn.size > 0) return
  sender.gate &= ~BLOCKED
  if (sender.gate === 0 && (sender.mailbox?.size ?? 0) > 0) kernel.dispatcher.enqueue(sender)
}

function letIn(pressure: Pressure): void {
  const waiting = pressure.outside
  if (waiting.length === 0) return
  pressure.outside = []
  for (const resolve of waiting) resolve()
}

function warnOfCircle(kernel: Kernel, from: Cell, to: Cell): void {
  const pressure = pressureOf(to)
  if (pressure.hasWarned) return
  pressure.hasWarned = true
  const why =
    from === to
      ? 'with what it sends itself'
      : `and ${from.path} does not wait, because ${to.path} waits for it`
  const message = `Its mailbox is full, ${why}: it takes in up to ${BACKPRESSURE_EXCESS_MAX} more than its capacity.`
  kernel.warn(to.path, message, undefined)
}
