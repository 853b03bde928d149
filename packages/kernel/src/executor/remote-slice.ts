// Remote slice
// ============
// The slice of an actor whose handlers run in a thread. What waits in its mailbox is sent ahead, and stays in the mailbox:
// whatever happens to it there meanwhile, an end, an overflow, a message that overtakes, needs to know nothing of threads.
// When the thread's work is there, turns are taken from the mailbox as ever, as long as the next message is the one that the next
// piece of work is about. Where it is not, the rest of the work was never done.
//
// Invariants
//   A1  A message leaves the mailbox with its turn and never with an errand.
//   A2  At most one errand of an actor is out, and none while a turn of it waits.
//   A3  Work is used in its order, each piece for the message that it was done for, or not at all; then the state in the
//       thread is of no use either, and is made again from the log.

import type { HandlerEntry } from '../blueprint.js'
import type { Cell } from '../cell.js'
import { isBeyondRestart } from '../divergence.js'
import type { HoldfastError } from '../errors.js'
import { AWAY, STOPPED, STOPPING, WAITING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { LAST } from '../last.js'
import type { Mailbox } from '../mailbox.js'
import { Mark } from '../mark.js'
import { rebuild } from '../rebuild.js'
import { sliceEnded } from '../slice-end.js'
import { diverge } from '../steering/diverging.js'
import { continueStop, stopCell } from '../stopping.js'
import { failCell } from '../supervision/failure.js'
import { execute, newTurn } from '../turn-runner.js'
import { LiveTurn } from '../turn.js'
import { attemptOf, errandOf, waitingMessages } from './errands.js'
import type { Outcome } from './executor.js'
import { perform, performDoomed } from './performing.js'
import type { Remote } from './remote.js'

/**
 * Takes the turns of up to `most` messages whose work is there, and sends what waits behind them ahead.
 *
 * @returns how many it took from the mailbox
 */
export function runRemoteSlice(
  kernel: Kernel,
  cell: Cell,
  remote: Remote,
  mailbox: Mailbox,
  most: number,
): number {
  let handled = 0
  while (cell.gate === 0 && mailbox.size > 0) {
    if (mailbox.first === LAST) {
      mailbox.takeInto(new LiveTurn(kernel, cell))
      stopCell(kernel, cell, 'normal')
      return handled
    }
    if (isDoomed(cell, remote, mailbox)) {
      takeTurn(kernel, cell, mailbox, performDoomed)
      handled++
    } else if (remote.work === null) {
      if (remote.fault !== null) break
      send(kernel, cell, remote, mailbox)
      return handled
    } else if (handled === most) return handled
    else if (!isOfWork(cell, remote, mailbox)) recall(kernel, cell)
    else {
      takeWork(kernel, cell, remote, mailbox)
      handled++
    }
  }
  if (remote.fault !== null && remote.work === null && cell.gate === 0) failOf(kernel, cell, remote.fault)
  return handled
}

/** Fails an actor of what it has ended its thread with between its turns. No message is at fault. */
export function failOf(kernel: Kernel, cell: Cell, error: HoldfastError): void {
  cell.rare!.remote!.fault = null
  failCell(kernel, cell, error, 'message', 0, 0, 1, false)
  kernel.dispatcher.wake()
}

/** What was sent ahead is of no use any more: it is as if it had not been sent. */
export function recall(kernel: Kernel, cell: Cell): void {
  const remote = cell.rare?.remote ?? null
  if (remote === null) return
  remote.serial++
  remote.work = null
  remote.fault = null
  cell.gate &= ~AWAY
  // Where nothing was sent, the state is where it was.
  if (!cell.isDirty && !remote.isCurrent) return
  cell.spoil()
  kernel.executor?.forget(cell.id)
}

function isDoomed(cell: Cell, { doomed }: Remote, mailbox: Mailbox): boolean {
  if (doomed === null || doomed.position !== mailbox.firstPosition) return false
  return doomed.attempt === attemptOfFirst(cell, mailbox)
}

function attemptOfFirst(cell: Cell, mailbox: Mailbox): number {
  return attemptOf(mailbox.first!, mailbox.firstAsker, cell.attempt)
}

// A3
function isOfWork(cell: Cell, { positions, attempts, taken }: Remote, mailbox: Mailbox): boolean {
  if (positions[taken] !== mailbox.firstPosition) return false
  return attemptOfFirst(cell, mailbox) === attempts[taken]
}

function takeWork(kernel: Kernel, cell: Cell, remote: Remote, mailbox: Mailbox): void {
  const work = remote.work!
  const { turns } = cell
  remote.turn = work.next()
  const isLast = ++remote.taken === work.size
  const serial = remote.serial
  takeTurn(kernel, cell, mailbox, perform)
  remote.turn = null
  // Its failure, or a restart that it set off, has called the rest back.
  if (remote.serial !== serial) return
  if ((cell.gate & WAITING) !== 0) remote.work = null
  else if (cell.turns === turns) recall(kernel, cell)
  else if (isLast) {
    remote.work = null
    remote.isCurrent = true
  }
}

function takeTurn(kernel: Kernel, cell: Cell, mailbox: Mailbox, run: HandlerEntry['run']): void {
  const turn = (cell.turn ??= newTurn(kernel, cell))
  turn.payload = mailbox.hand(turn)
  const { asker } = turn
  if (!(asker instanceof Mark) || asker.take(kernel, cell, turn)) execute(kernel, cell, turn, run)
  else turn.close()
}

function send(kernel: Kernel, cell: Cell, remote: Remote, mailbox: Mailbox): void {
  if (!cell.isDirty || remote.isCurrent) {
    sendAhead(kernel, cell, remote, mailbox)
    return
  }
  const serial = ++remote.serial
  cell.gate |= AWAY
  rebuild(kernel, cell, (error) => {
    if (remote.serial !== serial) return
    cell.gate &= ~AWAY
    if (error === undefined) goOn(kernel, cell)
    else if (isBeyondRestart(error)) diverge(kernel, cell, error)
    else failCell(kernel, cell, error, 'start', 0, 0)
  })
}

function sendAhead(kernel: Kernel, cell: Cell, remote: Remote, mailbox: Mailbox): void {
  const errand = errandOf(cell, remote, waitingMessages(kernel, cell, remote, mailbox))
  const { serial } = errand
  try {
    kernel.executor!.run(errand, (outcome) => {
      back(kernel, cell, remote, serial, outcome)
    })
  } catch (error) {
    failCell(kernel, cell, error, 'start', 0, 0)
    return
  }
  cell.gate |= AWAY
  remote.isKept = !cell.isDirty
  // What is there is ahead of the last completed turn, until that is taken.
  cell.spoil()
}

function back(kernel: Kernel, cell: Cell, remote: Remote, serial: number, outcome: Outcome): void {
  if (remote.serial !== serial) return
  cell.gate &= ~AWAY
  if (outcome.kind === 'work') {
    remote.work = outcome.work
    remote.taken = 0
  } else {
    cell.spoil()
    // What a thread did that nobody can ask any more was never done.
    if (remote.isKept) cell.isDirty = false
    if (outcome.kind === 'died') {
      const { at, error } = outcome
      remote.doomed = { position: remote.positions[at]!, attempt: remote.attempts[at]!, error }
    }
  }
  if ((cell.gate & STOPPING) !== 0) endInHand(kernel, cell, remote)
  else goOn(kernel, cell)
}

// The message that was in hand when the actor was told to stop has its turn, and none after it.
function endInHand(kernel: Kernel, cell: Cell, remote: Remote): void {
  const mailbox = cell.box()
  if (mailbox.size > 0 && mailbox.first !== LAST) {
    if (isDoomed(cell, remote, mailbox)) takeTurn(kernel, cell, mailbox, performDoomed)
    else if (remote.work !== null && isOfWork(cell, remote, mailbox)) takeWork(kernel, cell, remote, mailbox)
  }
  if ((cell.gate & (WAITING | STOPPED)) !== 0) return
  if (remote.work !== null) recall(kernel, cell)
  continueStop(kernel, cell)
  kernel.dispatcher.wake()
}

function goOn(kernel: Kernel, cell: Cell): void {
  if (cell.gate === 0 && (cell.mailbox?.size ?? 0) > 0) kernel.dispatcher.enqueue(cell)
  if (cell.rare !== null) sliceEnded(kernel, cell, cell.rare, 0)
}
