// Restarting: one incarnation leaves and the next one enters. What is recovered is the state after the last completed
// turn and the mailbox in its order; timers belong to the incarnation and go. A volatile actor starts fresh.

import { unblock } from './backpressure.js'
import {
  applyBirth,
  enterLife,
  firstStateOf,
  isShredded,
  writeBirth,
  writeStart,
  type StartNotice,
} from './birth.js'
import { RESTART } from './blueprint.js'
import type { Cell } from './cell.js'
import type { RestartNotice } from './definition.js'
import { isBeyondRestart } from './divergence.js'
import { recall } from './executor/remote-slice.js'
import { CAREFUL, FAILED, RESTARTING, STOPPED, STOPPING, UNBORN, WAITING } from './gate.js'
import type { Kernel } from './kernel.js'
import { nextLifecycle } from './lifecycle.js'
import { noticeAgain } from './notices.js'
import { rebuild } from './rebuild.js'
import { recordedPayload } from './recorded-payload.js'
import { noticeOf } from './restart-notice.js'
import { askerAgain, unstash } from './stash.js'
import { diverge } from './steering/diverging.js'
import { halt, runStopHook } from './stopping.js'
import { failCell } from './supervision/failure.js'
import { cancelTimers } from './timers.js'
import { takeBack } from './turn-runner.js'
import { LiveTurn } from './turn.js'

/** Takes an incarnation out of service; `done` when its children are out and its stop hook has ended. */
export function retire(kernel: Kernel, cell: Cell, done: () => void): void {
  const rare = cell.extra()
  const isOut = (cell.gate & RESTARTING) !== 0 && cell.lifecycle === 'restarting'
  // Who leaves already, or is about to end, is waited for: two lives of one actor never overlap.
  if (rare.onOut !== null) rare.onOut.push(done)
  else if ((cell.gate & STOPPING) !== 0) (rare.onStopped ??= []).push(done)
  else if (isOut) {
    // Its next life may be under way already, and begins no more: who takes it out of service starts it again.
    rare.rebuilds++
    done()
  } else if ((cell.gate & (STOPPED | UNBORN)) !== 0) done()
  else {
    rare.onOut = [done]
    leave(kernel, cell)
  }
}

function leave(kernel: Kernel, cell: Cell): void {
  const hadFailed = (cell.gate & FAILED) !== 0
  cell.lifecycle = nextLifecycle(cell.lifecycle, 'restart')
  cell.gate |= RESTARTING
  // What its thread was to do belongs to the life that ends.
  recall(kernel, cell)
  if ((cell.gate & WAITING) !== 0) putBack(kernel, cell)
  else beginAnew(cell)
  cancelTimers(cell)
  // What was being rebuilt belongs to the life that ends.
  cell.extra().rebuilds++
  const out = (): void => {
    tellOut(kernel, cell)
  }
  const end = (): void => {
    if (hadFailed) out()
    else runStopHook(kernel, cell, out)
  }
  const { supervision } = cell
  if (supervision === null || supervision.children.size === 0 || cell.blueprint.keepsChildren) end()
  else supervision.retireChildren(end)
}

// One that was told to stop while it left ends now, and those who wait for it wait for that.
function tellOut(kernel: Kernel, cell: Cell): void {
  const rare = cell.extra()
  const waiting = rare.onOut ?? []
  rare.onOut = null
  if ((cell.gate & STOPPING) === 0) for (const done of waiting) done()
  else {
    ;(rare.onStopped ??= []).push(...waiting)
    kernel.continueStop(cell)
  }
}

// The turn in hand is given up and its message waits in front: it did not fail, so it is tried again in the next life,
// as an attempt of its own, because what it had learned from outside belongs to the old one.
function putBack(kernel: Kernel, cell: Cell): void {
  const turn = cell.turn!
  const { entry, payload, from, position, correlation, attempt } = turn
  const asker = askerAgain(turn)
  cell.turn = null
  cell.gate &= ~WAITING
  if (cell.durable) cell.spoil()
  const mark = asker ?? noticeAgain(cell, position, payload)
  takeBack(turn)
  turn.abandon()
  kernel.dispatcher.wake()
  // A start belongs to its incarnation: the next one has its own, and this one has never come up.
  if (entry.isHook) {
    cell.extra().hasLeft = true
    return
  }
  cell.attempt = attempt + 1
  const recorded = recordedPayload(kernel, cell, position, payload)
  cell.box().unshift(entry, recorded, from, position, correlation, mark)
}

/** A turn that had begun in a process that is gone would go on with what it had learned; in its next life it does not. */
export function beginAnew(cell: Cell): void {
  const rerun = cell.rare?.rerun
  if (rerun === undefined || rerun === null) return
  cell.extra().rerun = null
  cell.attempt = rerun.attempt + 1
}

/** Leaves a cell that was out of service when its process ended where it was: between two lives. */
export function stayOut(cell: Cell): void {
  cell.lifecycle = nextLifecycle(cell.lifecycle, 'restart')
  cell.gate |= RESTARTING
  beginAnew(cell)
  cancelTimers(cell)
}

/** Lets the first incarnation enter, also of a child that its supervisor had not come to when it ended. */
export function bear(kernel: Kernel, cell: Cell): void {
  reopen(cell, UNBORN)
  applyBirth(kernel, cell, writeBirth(kernel, cell, 0, 0))
}

function reopen(cell: Cell, gate: number): void {
  if ((cell.gate & STOPPED) !== 0) cell.lifecycle = nextLifecycle(cell.lifecycle, 'restart')
  cell.gate = gate | (cell.gate & CAREFUL)
  if (cell.rare === null) return
  cell.rare.hasLeft = false
  cell.rare.isLeaving = false
}

/** Lets the next incarnation enter. */
export function revive(kernel: Kernel, cell: Cell): void {
  const failure = (cell.gate & FAILED) === 0 ? undefined : cell.rare?.failures.at(-1)
  unblock(kernel, cell)
  reopen(cell, RESTARTING)
  // A new life has budgets of its own.
  cell.supervision?.renew()
  cell.incarnation++
  cell.extra().restarts++
  cancelTimers(cell)
  dropStart(kernel, cell)
  unstash(kernel, cell)
  if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
  if (kernel.isFollowed(cell)) {
    kernel.log.record('restarted', cell.id, 0, 0, { incarnation: cell.incarnation, fresh: !cell.durable })
  }
  if (kernel.events.has('restarted'))
    kernel.events.emit('restarted', { actor: cell.path, incarnation: cell.incarnation })
  if (isShredded(kernel, cell)) {
    cell.gate &= ~(RESTARTING | FAILED)
    halt(kernel, cell, 'ignore')
    return
  }
  const notice = noticeOf(cell.incarnation, failure?.error)
  if (cell.durable && !cell.blueprint.isSupervisor) {
    rebuild(kernel, cell, (error) => {
      if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
      if (error === undefined) enter(kernel, cell, notice)
      else if (isBeyondRestart(error)) diverge(kernel, cell, error)
      else failCell(kernel, cell, error, 'start', 0, 0)
    })
    return
  }
  try {
    cell.state = firstStateOf(kernel, cell)
  } catch (error) {
    failCell(kernel, cell, error, 'start', 0, 0)
    return
  }
  enter(kernel, cell, notice)
}

// A start that has not run is of an incarnation that is over.
function dropStart(kernel: Kernel, cell: Cell): void {
  if (cell.mailbox?.first?.isHook === true) cell.mailbox.takeInto(new LiveTurn(kernel, cell))
}

/** Lets an incarnation that follows another one begin. */
export function enter(kernel: Kernel, cell: Cell, restart: RestartNotice): void {
  cell.gate &= ~(RESTARTING | FAILED)
  const { startAgain } = cell.blueprint
  const notice = startAgain?.type === RESTART ? restart : cell.incarnation
  const birth = writeStart(kernel, cell, startAgain, notice, 0, 0)
  // Every incarnation has a copy of its own, which a replay finds in the log.
  enterLife(kernel, cell, startAgain, birth.position === 0 ? notice : (kernel.log.copy as StartNotice), birth)
}
