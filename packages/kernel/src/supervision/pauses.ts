// Pauses
// ======
// Children of one parent that wait before they are started again. What is sent to them meanwhile waits in their
// mailboxes, under the mailbox's own bound.
//
// Invariants
//   W1  A child waits in one pause at the most; pauses that concern one child become one, and the latest end counts.
//   W2  Who was stopped waits no more.
//   W3  A child that was up for its `resetAfterMs` begins with the first pause again.

import type { Authorities, Timer } from '../authorities/authorities.js'
import type { Cell } from '../cell.js'
import type { Kernel } from '../kernel.js'
import { pauseOf, type Backoff } from './backoff.js'

interface Pause {
  readonly children: Set<Cell>
  readonly untilMs: number
  readonly timer: Timer
}

interface Past {
  /** Pauses since it was last up for long enough. */
  count: number
  /** Since when it is up, in monotonic milliseconds; `Infinity` while it is not. */
  upSinceMs: number
}

/** The pauses of one parent's children. */
export class Pauses {
  readonly #kernel: Kernel
  readonly #authorities: Authorities
  readonly #pasts = new Map<Cell, Past>()
  readonly #of = new Map<Cell, Pause>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#authorities = kernel.authorities
  }

  /** How long a child that failed has to wait now. */
  next(failed: Cell, backoff: Backoff): number {
    const past = this.#pasts.get(failed) ?? { count: 0, upSinceMs: Infinity }
    this.#pasts.set(failed, past)
    if (this.#authorities.monotonic() - past.upSinceMs >= backoff.resetAfterMs) past.count = 0
    past.upSinceMs = Infinity
    return pauseOf(backoff, past.count++, this.#authorities.random())
  }

  /** Lets children wait, and gives those that still do to `end`. */
  begin(children: readonly Cell[], forMs: number, end: (children: Iterable<Cell>) => void): void {
    const now = this.#authorities.monotonic()
    const waiting = new Set(children)
    let untilMs = now + forMs
    for (const pause of new Set(children.map((child) => this.#of.get(child)))) {
      if (pause === undefined) continue
      this.#drop(pause)
      untilMs = Math.max(untilMs, pause.untilMs)
      for (const child of pause.children) waiting.add(child)
    }
    const timer = this.#authorities.timer(untilMs - now, () => {
      this.#drop(pause)
      end(waiting)
      this.#kernel.dispatcher.wake()
    })
    const pause: Pause = { children: waiting, untilMs, timer }
    for (const child of waiting) this.#of.set(child, pause)
  }

  /** Whether one of these children waits. */
  concern(children: readonly Cell[]): boolean {
    return children.some((child) => this.#of.has(child))
  }

  /** Whether a child that the spec names waits: the others hold up nobody. */
  get holdsUp(): boolean {
    for (const child of this.#of.keys()) if (child.fixed) return true
    return false
  }

  /** When a child's pause ends, in monotonic milliseconds. */
  untilMs(child: Cell): number | undefined {
    return this.#of.get(child)?.untilMs
  }

  /** A child is up. */
  up(child: Cell): void {
    const past = this.#pasts.get(child)
    if (past !== undefined) past.upSinceMs = this.#authorities.monotonic()
  }

  /** A child is pulled down: how long it was up is no longer counted. */
  down(child: Cell): void {
    const past = this.#pasts.get(child)
    if (past !== undefined) past.upSinceMs = Infinity
  }

  /** A child is well, and begins with the first pause again when it fails. */
  reset(child: Cell): void {
    this.#pasts.delete(child)
  }

  /** A child has ended; one that keeps its place may be started again, and then knows how often it was. */
  forget(child: Cell): void {
    if (!child.fixed) this.#pasts.delete(child)
    const pause = this.#of.get(child)
    if (pause === undefined) return
    this.#of.delete(child)
    pause.children.delete(child)
    if (pause.children.size === 0) pause.timer.cancel()
  }

  /** Ends all pauses, and nobody is started: the parent itself leaves. */
  clear(): void {
    for (const pause of this.#of.values()) pause.timer.cancel()
    this.#of.clear()
    this.#pasts.clear()
  }

  #drop(pause: Pause): void {
    pause.timer.cancel()
    for (const child of pause.children) this.#of.delete(child)
  }
}
