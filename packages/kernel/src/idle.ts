// Idle
// ====
// Tells an actor that it has handled nothing for a while: a tick under a key of its own, that comes once until the actor
// has handled something else. The clock is looked at once per slice, and the timer is not set anew for each message: when
// it fires too early, it goes on for the rest.
//
// Invariants
//   N1  The tick is sent only to an actor that is at rest: nothing in hand, nothing waiting, nothing that holds it.
//   N2  A tick that something overtook is dropped like any stale tick.
//   N3  It belongs to the incarnation: a restart begins to count anew, and so does a restart of the process.

import { deliver } from './admission.js'
import type { Timer } from './authorities/authorities.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { CAREFUL, STOPPED } from './gate.js'
import type { Kernel } from './kernel.js'
import { Mark } from './mark.js'
import type { LiveTurn } from './turn.js'

/** What an actor is told when nothing has happened for a while. */
export interface IdleSpec {
  /** Milliseconds without a message. */
  readonly afterMs: number
  /** Type of the message that it is sent then, without a payload. */
  readonly type: string
}

/** The same with the handler. It is an entry of its own, so that a tick is told from a message of the same type. */
export interface IdleEntry {
  readonly afterMs: number
  readonly entry: HandlerEntry
}

/** The key of idle ticks in the log. */
export const IDLE = '$idle'

/** Stands beside the tick in the mailbox. */
export class IdleTick extends Mark {
  readonly #turns: number
  isStale = false

  /** `turns` is how many turns the actor had completed when it was sent. */
  constructor(turns: number) {
    super(null)
    this.#turns = turns
  }

  take(kernel: Kernel, cell: Cell, turn: LiveTurn): boolean {
    turn.asker = null
    const idle = cell.rare?.idle ?? null
    if (idle !== null) idle.isTicking = true
    if (!this.isStale && cell.turns === this.#turns) return true
    kernel.bury(cell, turn.entry.type, turn.position, turn.correlation, 'stale-tick')
    return false
  }
}

/** The clock of one incarnation. */
export class Idle {
  timer: Timer | null = null
  /** When something was last handled, in monotonic milliseconds. */
  sinceMs = 0
  /** The tick that was sent last. */
  tick: IdleTick | null = null
  /** The tick was taken in this slice. */
  isTicking = false
}

/** Begins to count for an incarnation. */
export function beginIdle(kernel: Kernel, cell: Cell): void {
  if (cell.blueprint.idle === null) return
  endIdle(cell)
  const idle = (cell.extra().idle = new Idle())
  idle.sinceMs = kernel.authorities.monotonic()
  arm(kernel, cell, idle, cell.blueprint.idle, cell.blueprint.idle.afterMs)
}

/** Stops counting: the incarnation is over. */
export function endIdle(cell: Cell): void {
  const idle = cell.rare?.idle ?? null
  if (idle === null) return
  idle.timer?.cancel()
  if (idle.tick !== null) idle.tick.isStale = true
  cell.rare!.idle = null
}

/** The actor has handled a slice of messages. The tick alone does not count. */
export function idleAfterSlice(kernel: Kernel, cell: Cell, idle: Idle, handled: number): void {
  const isTickAlone = idle.isTicking && handled === 1
  idle.isTicking = false
  if (handled > 0 && !isTickAlone) countAnew(kernel, cell, idle)
}

/** A turn that waited has ended. */
export function idleAfterWait(kernel: Kernel, cell: Cell, idle: Idle, entry: HandlerEntry): void {
  if (entry !== cell.blueprint.idle?.entry) countAnew(kernel, cell, idle)
}

/** What stands beside a tick that came out of the log. Another one need not be sent. */
export function idleTickOf(cell: Cell, turns: number): IdleTick {
  const tick = new IdleTick(turns)
  const idle = cell.rare?.idle ?? null
  if (idle === null) return tick
  idle.timer?.cancel()
  idle.timer = null
  return (idle.tick = tick)
}

function countAnew(kernel: Kernel, cell: Cell, idle: Idle): void {
  idle.sinceMs = kernel.authorities.monotonic()
  const spec = cell.blueprint.idle
  if (idle.timer === null && spec !== null) arm(kernel, cell, idle, spec, spec.afterMs)
}

function arm(kernel: Kernel, cell: Cell, idle: Idle, spec: IdleEntry, forMs: number): void {
  const { authorities } = kernel
  idle.timer = authorities.timer(forMs, () => {
    idle.timer = null
    if ((cell.gate & STOPPED) !== 0 || cell.rare?.idle !== idle) return
    const restMs = idle.sinceMs + spec.afterMs - authorities.monotonic()
    const isAtRest = (cell.gate & ~CAREFUL) === 0 && (cell.mailbox?.size ?? 0) === 0
    if (restMs > 0) arm(kernel, cell, idle, spec, restMs)
    else if (isAtRest) send(kernel, cell, idle, spec.entry)
    else arm(kernel, cell, idle, spec, spec.afterMs)
  })
}

function send(kernel: Kernel, cell: Cell, idle: Idle, entry: HandlerEntry): void {
  const { log } = kernel
  idle.tick = new IdleTick(cell.turns)
  const position = cell.durable
    ? log.message(cell.id, entry.name, undefined, 0, 0, cell.id, { timer: IDLE })
    : 0
  deliver(kernel, cell, entry, undefined, cell, position, position, idle.tick)
  kernel.dispatcher.wake()
}
