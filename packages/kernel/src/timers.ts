// Timers belong to one incarnation: a restart cancels them all, so that no tick of an old run reaches the new one.

import type { Cell, SetTimer } from './cell.js'
import { STOPPED } from './gate.js'
import type { Kernel } from './kernel.js'
import { TIMER_MS_MAX } from './limits.js'

/** Sets a timer of an actor; one with the same key is replaced. */
export function setTimer(kernel: Kernel, cell: Cell, key: string, timer: SetTimer, afterMs: number): void {
  cancelTimer(cell, key)
  ;(cell.extra().timers ??= new Map()).set(key, timer)
  arm(kernel, cell, key, timer, afterMs)
}

/** Cancels a timer of an actor. */
export function cancelTimer(cell: Cell, key: string): void {
  const timer = cell.rare?.timers?.get(key)
  if (timer === undefined) return
  timer.handle?.cancel()
  cell.rare!.timers!.delete(key)
}

/** Cancels all timers of an actor. */
export function cancelTimers(cell: Cell): void {
  const timers = cell.rare?.timers
  if (timers === undefined || timers === null) return
  for (const timer of timers.values()) timer.handle?.cancel()
  timers.clear()
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
  for (const timer of cell.rare?.timers?.values() ?? []) timer.handle?.cancel()
}

function arm(kernel: Kernel, cell: Cell, key: string, timer: SetTimer, afterMs: number): void {
  timer.handle = kernel.authorities.timer(afterMs, () => {
    if ((cell.gate & STOPPED) !== 0 || cell.rare?.timers?.get(key) !== timer) return
    if (timer.everyMs > 0) {
      timer.dueMs += timer.everyMs
      const lateMs = kernel.authorities.now() - timer.dueMs
      if (lateMs > 0) timer.dueMs += Math.ceil(lateMs / timer.everyMs) * timer.everyMs
      arm(kernel, cell, key, timer, Math.max(0, timer.dueMs - kernel.authorities.now()))
    } else {
      cell.rare.timers.delete(key)
    }
    kernel.tick(cell, key, timer)
  })
}
