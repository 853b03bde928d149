// What the running turn told, until it ends. One turn runs at a time, so one outbox serves the whole system; it keeps
// its slots between turns, so that a tell allocates nothing.

import { deliver } from './admission.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'

/** A message is five neighbouring slots: to, entry, payload, position, correlation. */
const WIDTH = 5

/** Messages of one turn for which there is room at once. A turn that told more must not leave its slots for good. */
const FIRST_MESSAGES = 64

/** Messages of the running turn. */
export class Outbox {
  #slots = emptySlots()
  size = 0

  add(to: Cell, entry: HandlerEntry, payload: unknown, position: number, correlation: number): void {
    const at = this.size * WIDTH
    if (at === this.#slots.length) this.#grow()
    const slots = this.#slots
    slots[at] = to
    slots[at + 1] = entry
    slots[at + 2] = payload
    slots[at + 3] = position
    slots[at + 4] = correlation
    this.size++
  }

  /** How many messages of a type are for an actor. */
  count(path: string, type: string): number {
    let count = 0
    for (let at = 0; at < this.size * WIDTH; at += WIDTH) {
      const isOfType = (this.#slots[at + 1] as HandlerEntry).type === type
      if (isOfType && (this.#slots[at] as Cell).path === path) count++
    }
    return count
  }

  /** Hands everything over, in order. */
  deliver(kernel: Kernel, from: Cell): void {
    const slots = this.#slots
    const end = this.size * WIDTH
    for (let at = 0; at < end; at += WIDTH) {
      const payload = slots[at + 2]
      slots[at + 2] = null
      deliver(
        kernel,
        slots[at] as Cell,
        slots[at + 1] as HandlerEntry,
        payload,
        from,
        slots[at + 3] as number,
        slots[at + 4] as number,
        null,
      )
    }
    this.#empty()
  }

  /** Forgets everything. */
  clear(): void {
    const end = this.size * WIDTH
    for (let at = 2; at < end; at += WIDTH) this.#slots[at] = null
    this.#empty()
  }

  /** Gives each message to `visit` and forgets it: for a turn that turns out to wait. */
  drain(visit: (to: Cell, entry: HandlerEntry, payload: unknown, correlation: number) => void): void {
    const slots = this.#slots
    for (let at = 0; at < this.size * WIDTH; at += WIDTH) {
      visit(slots[at] as Cell, slots[at + 1] as HandlerEntry, slots[at + 2], slots[at + 4] as number)
      slots[at + 2] = null
    }
    this.#empty()
  }

  #grow(): void {
    this.#slots = this.#slots.concat(new Array<unknown>(this.#slots.length).fill(null))
  }

  #empty(): void {
    if (this.size > FIRST_MESSAGES) this.#slots = emptySlots()
    this.size = 0
  }
}

function emptySlots(): unknown[] {
  return new Array<unknown>(FIRST_MESSAGES * WIDTH).fill(null)
}
