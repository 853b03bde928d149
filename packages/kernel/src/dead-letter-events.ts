// Tells of dead letters, and of no more of them in a second than somebody can read: an actor that floods another one must
// not flood the log files as well. What is held back is counted, and told in one event when the second is over.

import type { Authorities, Timer } from './authorities/authorities.js'
import type { DeadLetter } from './dead-letters.js'
import type { EventStream } from './events.js'
import { DEAD_LETTER_EVENTS_MAX } from './limits.js'
import type { DeadReason } from './records.js'

const SECOND_MS = 1_000

/** Events of dead letters, so many in each second. */
export class DeadLetterEvents {
  readonly #authorities: Authorities
  readonly #events: EventStream
  #untilMs = -Infinity
  #told = 0
  #held = new Map<DeadReason, number>()
  #timer: Timer | null = null

  constructor(authorities: Authorities, events: EventStream) {
    this.#authorities = authorities
    this.#events = events
  }

  /** Tells of a dead letter, now or with others. */
  tell({ to, type, position, reason }: DeadLetter, correlationId: () => string): void {
    const isHeard = this.#events.has('dead-letter')
    if (!isHeard && !this.#events.has('dead-letters-suppressed')) return
    const now = this.#authorities.monotonic()
    if (now >= this.#untilMs) {
      this.#tellHeld()
      this.#untilMs = now + SECOND_MS
      this.#told = 0
    }
    if (this.#told === DEAD_LETTER_EVENTS_MAX) {
      this.#hold(reason, this.#untilMs - now)
      return
    }
    this.#told++
    if (isHeard)
      this.#events.emit('dead-letter', { to, type, position, reason, correlationId: correlationId() })
  }

  /** Tells what was held back: nothing comes after it. */
  end(): void {
    this.#tellHeld()
  }

  // A process that has nothing else to do need not stay for it.
  #hold(reason: DeadReason, forMs: number): void {
    this.#held.set(reason, (this.#held.get(reason) ?? 0) + 1)
    if (this.#timer !== null) return
    this.#timer = this.#authorities.timer(forMs, () => {
      this.#tellHeld()
    })
    this.#timer.unref?.()
  }

  #tellHeld(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#held.size === 0) return
    const byReason = Object.fromEntries(this.#held)
    const count = [...this.#held.values()].reduce((sum, n) => sum + n, 0)
    this.#held = new Map()
    this.#events.emit('dead-letters-suppressed', { count, byReason })
  }
}
