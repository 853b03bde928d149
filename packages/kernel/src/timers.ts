// Timers belong to one incarnation: a restart cancels them all, and a tick that still waits in the mailbox when its
// timer is cancelled, replaced or of an earlier life is dropped when its turn comes.

import { deliver } from './admission.js'
import type { Cell, SetTimer } from './cell.js'
import { STOPPED } from './gate.js'
import { endIdle } from './idle.js'
import type { Kernel } from './kernel.js'
import { TIMER_MS_MAX } from './limits.js'
import type { MessageExtras } from './log.js'
import { Revocable } from './mark.js'

/** Marks messages in a mailbox as ticks of one timer. */
export class Tick extends Revocable {
  readonly staleReason = 'stale-tick'

  protected taken(): void {
    // All ticks of a timer have one mark: others may wait behind this one.
  }
}

/** Sets a timer of an actor; one with the same key is replaced. */
export function setTimer(kernel: Kernel, cell: Cell, key: string, timer: SetTimer, afterMs: number): void {
  cancelTimer(cell, key)
  ;(cell.extra().timers ??= new Map()).set(key, timer)
  arm(kernel, cell, key, timer, afterMs)
}

/** Cancels a timer of an actor. */
export function cancelTimer(cell: Cell, key: string): void {
  const { rare } = cell
  if (rare === null) return
  rare.timers?.get(key)?.handle?.cancel()
  rare.timers?.delete(key)
  const tick = rare.ticks?.get(key)
  if (tick === undefined) return
  tick.isStale = true
  rare.ticks!.delete(key)
}

/** Cancels all timers of an actor. */
export function cancelTimers(cell: Cell): void {
  endIdle(cell)
  const { rare } = cell
  if (rare === null) return
  for (const key of new Set([...(rare.timers?.keys() ?? []), ...(rare.ticks?.keys() ?? [])]))
    cancelTimer(cell, key)
}

/** Arms the timers of an actor that came out of the log: what fell due meanwhile fires at once, once. */
export function armTimers(kernel: Kernel, cell: Cell): void {
  const now = kernel.authorities.now()
  for (const [key, timer] of cell.rare?.timers ?? []) {
    arm(kernel, cell, key, timer, Math.min(TIMER_MS_MAX, Math.max(0, timer.dueMs - now)))
  }
}

/** Stops the clocks of an actor without forgetting its timers: for a system that halts and will go on. */
export function disarmTimers(cell: Cell): void {
  cell.rare?.idle?.timer?.cancel()
  for (const timer of cell.rare?.timers?.values() ?? []) timer.handle?.cancel()
}

/** The mark of a key, under which its ticks wait in the mailbox. */
export function tickOf(cell: Cell, key: string): Tick {
  const ticks = (cell.extra().ticks ??= new Map<string, Tick>())
  let tick = ticks.get(key)
  if (tick === undefined) ticks.set(key, (tick = new Tick()))
  return tick
}

// While running, time is monotonic: a wall clock that is set moves no timer.
function arm(kernel: Kernel, cell: Cell, key: string, timer: SetTimer, afterMs: number): void {
  const { authorities } = kernel
  const dueAt = authorities.monotonic() + afterMs
  timer.handle = authorities.timer(afterMs, () => {
    if ((cell.gate & STOPPED) !== 0 || cell.rare?.timers?.get(key) !== timer) return
    if (timer.everyMs > 0) {
      const nextMs = timer.everyMs - ((authorities.monotonic() - dueAt) % timer.everyMs)
      timer.dueMs = authorities.now() + nextMs
      arm(kernel, cell, key, timer, nextMs)
    } else {
      cell.rare.timers.delete(key)
    }
    send(kernel, cell, key, timer)
  })
}

function extrasOf(key: string, { subject }: SetTimer): MessageExtras {
  return subject === undefined ? { timer: key } : { timer: key, subject }
}

function send(kernel: Kernel, cell: Cell, key: string, timer: SetTimer): void {
  const entry = cell.blueprint.entry(timer.type)
  if (entry === undefined) {
    kernel.bury(cell, timer.type, 0, 0, 'unknown-type')
    return
  }
  const { log } = kernel
  const position = cell.durable
    ? log.message(cell.id, entry.name, timer.payload, 0, 0, cell.id, extrasOf(key, timer))
    : 0
  const payload = cell.durable ? log.copy : timer.payload
  deliver(kernel, cell, entry, payload, cell, position, position, tickOf(cell, key))
  kernel.dispatcher.wake()
}
