// Stopping
// ========
// How an actor ends: the turn in hand first, then its children in reverse start order, then its stop hook, then the
// record, with the notices to its watchers. Its supervisor acts on it before any of them does.
//
// Invariants
//   S1  `done` of every caller is called exactly once, also when several stop the same actor.
//   S2  A turn that waits has the actor's shutdown time to end; then it is given up.
//   S3  What still waits in the mailbox becomes a dead letter and its askers learn why, unless the whole system halts:
//       then it stays in the log and is handled when the system goes on.
//   S4  The end of an actor and the notices of it reach the disk together, or not at all.
//   S5  An actor that drains handles what waited when it was told to, once, and takes nothing that comes later.

import { endPressure } from './backpressure.js'
import { isVirtual } from './birth.js'
import type { Cell, Rare } from './cell.js'
import { recall } from './executor/remote-slice.js'
import { AWAY, FAILED, RESTARTING, STOPPED, STOPPING, UNBORN, WAITING } from './gate.js'
import type { Kernel } from './kernel.js'
import type { Mailbox } from './mailbox.js'
import { nextLifecycle } from './lifecycle.js'
import { LAST } from './last.js'
import type { HaltMode, StopReason, StoredError } from './records.js'
import { rebuild } from './rebuild.js'
import { beginAnew } from './restarting.js'
import { emptyStash, unstash } from './stash.js'
import { failureReport, lastContext } from './supervision/failure-report.js'
import { cancelTimers, disarmTimers } from './timers.js'
import { giveUpHook, runHook, takeBack, takeSnapshot } from './turn-runner.js'
import { LiveTurn } from './turn.js'
import { endedBefore } from './unanswered.js'
import { notifyWatchers } from './watching.js'

const REASONS = {
  stop: 'normal',
  kill: 'killed',
  terminate: 'shutdown',
  ignore: 'ignored',
} as const satisfies Record<Exclude<HaltMode, 'drain'>, StopReason>

/** Stops a cell in one of the ways in which an actor may be told to. */
export function halt(kernel: Kernel, cell: Cell, how: HaltMode): void {
  if (how === 'drain') {
    drain(kernel, cell)
    return
  }
  // Who has nothing to do has nothing to clean up.
  if (how === 'ignore') cell.extra().hasLeft = true
  stopCell(kernel, cell, REASONS[how])
}

// S5: the mark comes behind everything that waits, and nothing comes behind the mark.
function drain(kernel: Kernel, cell: Cell): void {
  const box = cell.box()
  if ((cell.gate & (STOPPING | STOPPED)) !== 0 || box.isClosed) return
  box.restore(LAST, undefined, null, 0, 0, null)
  box.close()
  kernel.dispatcher.enqueue(cell)
}

/** Stops a cell; `done` is called when it has ended. */
export function stopCell(
  kernel: Kernel,
  cell: Cell,
  reason: StopReason,
  error?: StoredError,
  done?: () => void,
): void {
  if ((cell.gate & STOPPED) !== 0) {
    done?.()
    return
  }
  const rare = cell.extra()
  if (done !== undefined) (rare.onStopped ??= []).push(done)
  const isKill = reason === 'killed' || cell.terms.shutdown === 'brutal'
  if ((cell.gate & STOPPING) !== 0 && !isKill) return
  const wasStopping = (cell.gate & STOPPING) !== 0
  if (!wasStopping) {
    rare.stopReason = reason
    rare.stopError = error
    cell.lifecycle = nextLifecycle(cell.lifecycle, 'stop')
    cell.gate = (cell.gate | STOPPING) & ~(FAILED | RESTARTING)
  }
  if ((cell.gate & (WAITING | AWAY)) === 0) {
    if (!wasStopping)
      kernel.steps.run(() => {
        continueStop(kernel, cell)
      })
  } else if (isKill) giveUpTurn(kernel, cell)
  else if (typeof cell.terms.shutdown === 'number') {
    rare.shutdownTimer = kernel.authorities.timer(cell.terms.shutdown, () => {
      giveUpTurn(kernel, cell)
    })
  }
}

function giveUpTurn(kernel: Kernel, cell: Cell): void {
  if ((cell.gate & AWAY) !== 0) {
    recall(kernel, cell)
    continueStop(kernel, cell)
    return
  }
  const turn = cell.turn
  if ((cell.gate & WAITING) === 0 || turn === null) return
  if (turn.onEnd !== null) {
    giveUpHook(kernel, cell, turn)
    return
  }
  const { asker, position, correlation } = turn
  const taken = turn.notes?.taken
  cell.turn = null
  if (turn.entry.isHook) cell.extra().hasLeft = true
  cell.gate &= ~WAITING
  takeBack(turn)
  turn.abandon()
  if (!kernel.isHalting) {
    const stored = endedBefore(cell)
    if (asker?.isDurable === true) asker.write(false, undefined, stored)
    asker?.fail(stored, kernel.log.next)
    if (cell.durable) {
      const data = { attempt: turn.attempt, context: 'stop', error: stored, parked: true, ...taken }
      kernel.log.record('failed', cell.id, correlation, position, data)
    }
  } else if (asker !== null && !asker.isDurable) asker.fail(endedBefore(cell), 0)
  if (cell.durable) cell.spoil()
  kernel.dispatcher.wake()
  continueStop(kernel, cell)
}

/** Goes on with a stop once no turn is in hand. */
export function continueStop(kernel: Kernel, cell: Cell): void {
  if ((cell.gate & (STOPPED | WAITING | AWAY)) !== 0 || cell.lifecycle !== 'stopping') return
  const rare = cell.extra()
  // One that leaves for its next life is through with that first.
  if (rare.isLeaving || rare.onOut !== null) return
  rare.isLeaving = true
  rare.shutdownTimer?.cancel()
  const { supervision } = cell
  if (supervision === null || supervision.children.size === 0) cleanUp(kernel, cell)
  else
    supervision.stopChildren(() => {
      cleanUp(kernel, cell)
    })
}

function cleanUp(kernel: Kernel, cell: Cell): void {
  const isSilent = (cell.gate & UNBORN) !== 0 || cell.rare?.stopReason === 'killed'
  if (isSilent) finish(kernel, cell)
  else
    runStopHook(kernel, cell, () => {
      finish(kernel, cell)
    })
}

/** Runs the stop hook of an incarnation, on its last good state, unless it had its chance or never gets one. */
export function runStopHook(kernel: Kernel, cell: Cell, done: () => void): void {
  const { stop } = cell.blueprint
  // Who never came up has nothing to clean up.
  const isUnstarted = cell.mailbox?.first?.isHook === true
  if (stop === null || isUnstarted || cell.rare?.hasLeft === true || cell.terms.shutdown === 'brutal') {
    done()
    return
  }
  cell.extra().hasLeft = true
  rebuild(kernel, cell, (error) => {
    if (error === undefined) runHook(kernel, cell, stop, done)
    else done()
  })
}

function finish(kernel: Kernel, cell: Cell): void {
  if ((cell.gate & STOPPED) !== 0) return
  const rare = cell.extra()
  cell.lifecycle = nextLifecycle(cell.lifecycle, 'stopped')
  // One that its supervisor has not come to may yet be born in another life of it.
  cell.gate = STOPPED | (cell.gate & UNBORN)
  rare.isHalted = kernel.isHalting
  rare.isPaused = false
  rare.quarantine = null
  rare.diverged = null
  if (kernel.isHalting) disarmTimers(cell)
  else if ((cell.gate & UNBORN) === 0) {
    cancelTimers(cell)
    if (isVirtual(cell) && cell.weight > 0 && !cell.isDirty) takeSnapshot(kernel, cell)
    announceEnd(kernel, cell, rare)
  }
  const mail = wakingMail(kernel, cell)
  if (mail === null) emptyMailbox(kernel, cell)
  endPressure(kernel, cell)
  if (rare.remote !== null) {
    recall(kernel, cell)
    // Also where no thread has anything of it, somebody may know where it was.
    kernel.executor?.forget(cell.id)
  }
  kernel.supervisionAbove(cell).onStopped(cell)
  if (kernel.events.has('stopped') && (cell.gate & UNBORN) === 0) {
    const { stopReason: reason, stopError: error } = rare
    const failure = error === undefined ? undefined : failureReport(cell, lastContext(cell), error)
    kernel.events.emit('stopped', { actor: cell.path, reason, error, failure })
  }
  if (mail !== null) wakeFor(kernel, cell, mail)
  const waiting = rare.onStopped
  rare.onStopped = null
  for (const done of waiting ?? []) kernel.steps.run(done)
  kernel.dispatcher.wake()
}

// S4: of an end that stands in the log nobody is told a second time.
function announceEnd(kernel: Kernel, cell: Cell, { stopReason, stopError, failures }: Rare): void {
  const correlation = failures.at(-1)?.correlation ?? 0
  const why = stopError === undefined ? {} : { error: stopError, context: lastContext(cell) }
  const data = { reason: stopReason, ...why }
  kernel.log.mark()
  const position = kernel.isFollowed(cell) ? kernel.log.record('stopped', cell.id, correlation, 0, data) : 0
  notifyWatchers(kernel, cell, stopReason, stopError, correlation, position)
  kernel.log.keep()
}

// A virtual actor that has mail as it falls asleep wakes again: what is sent to it is handled. One that did not come up
// would be woken by the same mail for ever, without any time going by, so its mail ends with it.
function wakingMail(kernel: Kernel, cell: Cell): Mailbox | null {
  if (kernel.isHalting || !isVirtual(cell) || hasNotComeUp(cell)) return null
  if (cell.rare?.stopReason === 'shredded') return null
  unstash(kernel, cell)
  beginAnew(cell)
  const { mailbox } = cell
  if (mailbox === null || mailbox.isClosed) return null
  if (mailbox.first?.isHook === true) mailbox.takeInto(new LiveTurn(kernel, cell))
  return mailbox.size > 0 && kernel.supervisionAbove(cell).home!.isOpen ? mailbox : null
}

function hasNotComeUp(cell: Cell): boolean {
  return cell.rare?.stopError !== undefined && lastContext(cell) === 'start'
}

function wakeFor(kernel: Kernel, cell: Cell, mail: Mailbox): void {
  kernel.steps.run(() => {
    const { home, children } = kernel.supervisionAbove(cell)
    const awake = children.get(cell.name)
    const again = awake ?? home!.wake(cell.name, 0, 0)
    // The message in front may have been tried: in its next life it is on its next attempt, or it would be tried for ever.
    if (awake === undefined) again.attempt = cell.attempt
    mail.pourInto(again.box())
    kernel.dispatcher.enqueue(again)
  })
}

function emptyMailbox(kernel: Kernel, cell: Cell): void {
  emptyStash(cell)
  const { mailbox } = cell
  if (mailbox === null) return
  const taker = new LiveTurn(kernel, cell)
  while (mailbox.size > 0) {
    mailbox.takeInto(taker)
    // A start that has not run ends with its incarnation, and nobody sent it.
    if (taker.entry === LAST || taker.entry.isHook) continue
    const stored = endedBefore(cell)
    if (!kernel.isHalting) {
      kernel.bury(cell, taker.entry.type, taker.position, taker.correlation, 'stopped')
      if (taker.asker?.isDurable === true) taker.asker.write(false, undefined, stored)
    }
    if (!kernel.isHalting || taker.asker?.isDurable === false) taker.asker?.fail(stored, 0)
  }
  if (kernel.isHalting) return
  cell.mailbox = null
  // What comes in another life was not tried yet.
  cell.attempt = 1
}
