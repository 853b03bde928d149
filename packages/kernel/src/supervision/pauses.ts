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
import { pauseOf, type Backoff } from './backoff.js'

interface Pause {
  readonly children: Cell[]
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
  readonly #authorities: Authorities
  readonly #pasts = new Map<Cell, Past>()
  #waiting: Pause[] = []

  constructor(authorities: Authorities) {
    this.#authorities = authorities
  }

  /** Whether anyone waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** How long a child that failed has to wait now. */
  next(failed: Cell, backoff: Backoff): number {
    const past = this.#pasts.get(failed) ?? { count: 0, upSinceMs: Infinity }
    this.#pasts.set(failed, past)
    if (this.#authorities.monotonic() - past.upSinceMs >= backoff.resetAfterMs) past.count = 0
    past.upSinceMs = Infinity
    return pauseOf(backoff, past.count++, this.#authorities.random())
  }

  /** Lets children wait, and gives those that still do to `end`, in start order. */
  begin(children: readonly Cell[], forMs: number, end: (children: readonly Cell[]) => void): void {
    const now = this.#authorities.monotonic()
    const waiting = [...children]
    let untilMs = now + forMs
    for (const pause of this.#waiting.filter((each) =>
      each.children.some((child) => children.includes(child)),
    )) {
      this.#drop(pause)
      untilMs = Math.max(untilMs, pause.untilMs)
      waiting.push(...pause.children.filter((child) => !children.includes(child)))
    }
    const timer = this.#authorities.timer(untilMs - now, () => {
      this.#waiting = this.#waiting.filter((each) => each.timer !== timer)
      end(waiting)
    })
    this.#waiting.push({ children: waiting, untilMs, timer })
  }

  /** Whether one of these children waits. */
  concern(children: readonly Cell[]): boolean {
    return this.#waiting.some((pause) => pause.children.some((child) => children.includes(child)))
  }

  /** When a child's pause ends, in monotonic milliseconds. */
  untilMs(child: Cell): number | undefined {
    return this.#waiting.find((pause) => pause.children.includes(child))?.untilMs
  }

  /** A child is up. */
  up(child: Cell): void {
    const past = this.#pasts.get(child)
    if (past !== undefined) past.upSinceMs = this.#authorities.monotonic()
  }

  /** A child has ended; one that keeps its place may be started again, and then knows how often it was. */
  forget(child: Cell): void {
    if (!child.fixed) this.#pasts.delete(child)
    for (const pause of this.#waiting) {
      const at = pause.children.indexOf(child)
      if (at !== -1) pause.children.splice(at, 1)
      if (pause.children.length === 0) this.#drop(pause)
    }
  }

  /** Ends all pauses, and nobody is started: the parent itself leaves. */
  clear(): void {
    for (const pause of this.#waiting) this.#drop(pause)
    this.#pasts.clear()
  }

  #drop(pause: Pause): void {
    pause.timer.cancel()
    this.#waiting = this.#waiting.filter((each) => each !== pause)
  }
}
