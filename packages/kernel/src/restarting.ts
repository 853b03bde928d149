// Restarting: one incarnation leaves and the next one enters. What is recovered is the state after the last completed
// turn and the mailbox in its order; timers belong to the incarnation and go. A volatile actor starts fresh.

import { enterLife, writeStart } from './birth.js'
import type { Cell } from './cell.js'
import { FAILED, RESTARTING, STOPPED, STOPPING, UNBORN, WAITING } from './gate.js'
import type { Kernel } from './kernel.js'
import { nextLifecycle } from './lifecycle.js'
import { rebuild } from './rebuild.js'
import { storedError } from './records.js'
import { stopCell } from './stopping.js'
import { failCell } from './supervision/failure.js'
import { cancelTimers } from './timers.js'
import { runHook } from './turn-runner.js'

/** Takes an incarnation out of service; `done` when its children are out and its stop hook has ended. */
export function retire(kernel: Kernel, cell: Cell, done: () => void): void {
  if ((cell.gate & (STOPPED | STOPPING | UNBORN)) !== 0) {
    done()
    return
  }
  const hadFailed = (cell.gate & FAILED) !== 0
  cell.lifecycle = nextLifecycle(cell.lifecycle, 'restart')
  cell.gate |= RESTARTING
  if ((cell.gate & WAITING) !== 0) putBack(kernel, cell)
  cancelTimers(cell)
  const leave = (): void => {
    const { stop } = cell.blueprint
    if (stop === null || hadFailed) done()
    else
      runHook(kernel, cell, stop, () => {
        done()
      })
  }
  if (cell.supervision === null || cell.supervision.children.size === 0) leave()
  else cell.supervision.retireChildren(leave)
}

// The turn in hand is given up and its message waits in front: it did not fail, so it is tried again in the next life,
// as an attempt of its own, because what it had learned from outside belongs to the old one.
function putBack(kernel: Kernel, cell: Cell): void {
  const turn = cell.turn!
  const { entry, payload, from, position, correlation, asker, attempt } = turn
  cell.turn = null
  cell.gate &= ~WAITING
  cell.isDirty = cell.durable
  cell.attempt = attempt + 1
  turn.abandon()
  cell.box().unshift(entry, payload, from, position, correlation, asker)
  kernel.dispatcher.wake()
}

/** Lets the next incarnation enter. */
export function revive(kernel: Kernel, cell: Cell): void {
  if ((cell.gate & STOPPED) !== 0) cell.lifecycle = nextLifecycle(cell.lifecycle, 'restart')
  cell.gate = RESTARTING
  cell.incarnation++
  cell.extra().restarts++
  if (kernel.isRecorded(cell)) {
    kernel.log.record('restarted', cell.id, 0, 0, { incarnation: cell.incarnation, fresh: !cell.durable })
  }
  if (kernel.events.has('restarted'))
    kernel.events.emit('restarted', { actor: cell.path, incarnation: cell.incarnation })
  if (cell.durable && !cell.blueprint.isSupervisor) {
    rebuild(kernel, cell, (error) => {
      if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
      if (error !== undefined) stopCell(kernel, cell, 'failed', storedError(error))
      else enter(kernel, cell)
    })
    return
  }
  try {
    cell.state = cell.blueprint.firstState(cell.args)
  } catch (error) {
    failCell(kernel, cell, error, 'start', 0, 0)
    return
  }
  enter(kernel, cell)
}

function enter(kernel: Kernel, cell: Cell): void {
  cell.gate &= ~(RESTARTING | FAILED)
  enterLife(kernel, cell, writeStart(kernel, cell, 0, 0))
}
