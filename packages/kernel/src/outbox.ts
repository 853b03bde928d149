// What the running turn told, until it ends. One turn runs at a time, so one outbox serves the whole system; it keeps
// its arrays between turns, so that a tell allocates nothing.

import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'

/** Messages of the running turn. */
export class Outbox {
  readonly #to: Cell[] = []
  readonly #entries: HandlerEntry[] = []
  readonly #payloads: unknown[] = []
  readonly #positions: number[] = []
  readonly #correlations: number[] = []
  size = 0

  add(to: Cell, entry: HandlerEntry, payload: unknown, position: number, correlation: number): void {
    const i = this.size++
    this.#to[i] = to
    this.#entries[i] = entry
    this.#payloads[i] = payload
    this.#positions[i] = position
    this.#correlations[i] = correlation
  }

  /** Hands everything over, in order. */
  deliver(kernel: Kernel, from: Cell): void {
    const count = this.size
    for (let i = 0; i < count; i++) {
      const payload = this.#payloads[i]
      this.#payloads[i] = null
      kernel.deliver(
        this.#to[i]!,
        this.#entries[i]!,
        payload,
        from,
        this.#positions[i]!,
        this.#correlations[i]!,
        null,
      )
    }
    this.#empty()
  }

  /** Forgets everything. */
  clear(): void {
    for (let i = 0; i < this.size; i++) this.#payloads[i] = null
    this.#empty()
  }

  /** Gives each message to `visit` and forgets it: for a turn that turns out to wait. */
  drain(visit: (to: Cell, entry: HandlerEntry, payload: unknown, correlation: number) => void): void {
    for (let i = 0; i < this.size; i++) {
      visit(this.#to[i]!, this.#entries[i]!, this.#payloads[i], this.#correlations[i]!)
      this.#payloads[i] = null
    }
    this.#empty()
  }

  // A turn that told very much must not leave its arrays behind for good.
  #empty(): void {
    if (this.size > KEEP) {
      this.#to.length = 0
      this.#entries.length = 0
      this.#payloads.length = 0
      this.#positions.length = 0
      this.#correlations.length = 0
    }
    this.size = 0
  }
}

const KEEP = 1_024
