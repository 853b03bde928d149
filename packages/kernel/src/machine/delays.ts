// Delays: what is to be raised or sent later. The event waits in the state and a durable timer of the same key wakes
// it; a restart takes the timers away, and the next life sets them again for what is left of their time.

import { refuse } from '../errors.js'
import { TIMER_MS_MAX } from '../limits.js'
import type { MachineTurn } from './machine-plan.js'
import type { DelayTarget, Draft, MachineTimer } from './machine-state.js'
import { DUE } from './messages.js'
import type { MachineEvent } from './xstate.js'

/** The delayed events of one machine, in one turn. */
export class Delays {
  readonly #ctx: MachineTurn
  readonly #draft: Draft

  constructor(ctx: MachineTurn, draft: Draft) {
    this.#ctx = ctx
    this.#draft = draft
  }

  /** Has an event wait. One of the same id that waits already is replaced. */
  set(id: unknown, delayMs: number, event: MachineEvent, to: DelayTarget | undefined): void {
    if (!Number.isFinite(delayMs))
      refuse('delay', delayMs, `a number of milliseconds for "${event.type}"`, this.#ctx.self.path)
    const key = typeof id === 'string' ? id : `xstate.${this.#ctx.id()}`
    const timer: MachineTimer = { dueMs: this.#ctx.now() + Math.max(0, delayMs), event }
    this.#wait(key, to === undefined ? timer : { ...timer, to }, Math.max(0, delayMs))
  }

  /** Takes it back; nothing happens when it does not wait any more. */
  cancel(id: unknown): void {
    if (typeof id !== 'string' || this.#draft.timers[id] === undefined) return
    delete this.#draft.timers[id]
    this.#ctx.unschedule(id)
  }

  /** The event whose timer has ticked, or `undefined` when it was cancelled, or is not due yet. */
  take(key: string): MachineTimer | undefined {
    const timer = this.#draft.timers[key]
    if (timer === undefined) return undefined
    // One timer keeps to monotonic time. Several in a row go by the wall clock: a crash may lose ticks between them.
    const leftMs = timer.isLong === true ? timer.dueMs - this.#ctx.now() : 0
    if (leftMs > 0) {
      this.#wait(key, timer, leftMs)
      return undefined
    }
    delete this.#draft.timers[key]
    return timer
  }

  /** Sets the timers of a new life: those of the one before went with it. */
  rearm(): void {
    const nowMs = this.#ctx.now()
    for (const [key, timer] of Object.entries(this.#draft.timers))
      this.#wait(key, timer, Math.max(0, timer.dueMs - nowMs))
  }

  // A delay may be longer than a timer: then the timer runs more than once.
  #wait(key: string, { dueMs, event, to }: MachineTimer, leftMs: number): void {
    const afterMs = Math.min(leftMs, TIMER_MS_MAX)
    const timer = to === undefined ? { dueMs, event } : { dueMs, event, to }
    this.#draft.timers[key] = leftMs > afterMs ? { ...timer, isLong: true } : timer
    this.#ctx.schedule(DUE, { key }, { afterMs, key })
  }
}
