// Mailbox
// =======
// Holds the messages that wait for one actor and hands them over one at a time. It knows nothing of supervision, of
// the log or of policies: whoever pushes decides what a full mailbox means.
//
//            head                    head + size
//             v                           v
//   [    |    | m7 | m8 | m9 | m10 | m11 |    ]      capacity of the ring is a power of two, so an index is a
//                                                    mask away; a message is six neighbouring slots, so that
//   m = entry payload sender position corr. ask      neither push nor take allocates anything
//
// Invariants
//   M1  Messages leave in the order in which they came, except those put back in front.
//   M2  What left is forgotten at once: no slot keeps a payload alive.
//   M3  `size` exceeds `capacity` only by what was put back or kept in front, and by what was taken in whatever the
//       bound; `push` says so instead of growing.

import type { Asker } from './asker.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { MAILBOX_FIRST_SLOTS } from './limits.js'

const WIDTH = 6

/** Where a taken message is put: the fields of the turn that will handle it. */
export interface Taker {
  entry: HandlerEntry
  payload: unknown
  from: Cell | null
  position: number
  correlation: number
  asker: Asker | null
}

/** The messages that wait for one actor. */
export class Mailbox {
  readonly capacity: number
  size = 0
  #isClosed = false
  /** How many of the first ones were put back in front. */
  #front = 0
  /** `push` has a slot and the right to it while `size` is below. */
  #limit: number
  #slots: unknown[]
  #mask: number
  #head = 0

  constructor(capacity: number) {
    this.capacity = capacity
    const first = Math.min(MAILBOX_FIRST_SLOTS, roundUp(capacity))
    this.#slots = new Array<unknown>(first * WIDTH).fill(null)
    this.#mask = first - 1
    this.#limit = Math.min(first, capacity)
  }

  /** Whether `push` would refuse. */
  get isFull(): boolean {
    return this.#isClosed || this.size - this.#front >= this.capacity
  }

  /** Whether it takes nothing more, whatever leaves it. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** From now on `push` refuses. */
  close(): void {
    this.#isClosed = true
    this.#bound()
  }

  /** Puts a message behind the others. @returns false when the mailbox is full */
  push(
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): boolean {
    if (this.size >= this.#limit && !this.#grow()) return false
    const slots = this.#slots
    const at = ((this.#head + this.size) & this.#mask) * WIDTH
    // Only what differs is written, because each write of a reference costs the collector a look (M2: the rest is null).
    if (slots[at] !== entry) slots[at] = entry
    slots[at + 1] = payload
    if (from !== null) slots[at + 2] = from
    slots[at + 3] = position
    slots[at + 4] = correlation
    if (asker !== null) slots[at + 5] = asker
    this.size++
    return true
  }

  /** Puts a message in front of the others: a retry, or one that was in hand when the process ended. */
  unshift(
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): void {
    if (this.size > this.#mask) this.#double()
    this.#head = (this.#head - 1) & this.#mask
    this.#set(this.#head * WIDTH, entry, payload, from, position, correlation, asker)
    this.size++
    this.#front++
    this.#bound()
  }

  /** Puts a message behind the others, full or not: a notice, or what was taken in before the process ended. */
  restore(
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): void {
    if (this.size > this.#mask) this.#double()
    this.#set(this.#at(this.size), entry, payload, from, position, correlation, asker)
    this.size++
  }

  /** Puts all its messages behind those of another one, full or not: they were taken in before. */
  pourInto(other: Mailbox): void {
    const slots = this.#slots
    for (let i = 0; i < this.size; i++) {
      const at = this.#at(i)
      other.restore(
        slots[at] as HandlerEntry,
        slots[at + 1],
        slots[at + 2] as Cell | null,
        slots[at + 3] as number,
        slots[at + 4] as number,
        slots[at + 5] as Asker | null,
      )
    }
    this.#slots.fill(null)
    this.size = 0
    this.#front = 0
  }

  /** What the first message is of, or `null` when none waits. */
  get first(): HandlerEntry | null {
    return this.size === 0 ? null : (this.#slots[this.#head * WIDTH] as HandlerEntry)
  }

  /** Takes the first message into the fields of `taker`. The mailbox must not be empty. */
  takeInto(taker: Taker): void {
    taker.from = null
    taker.asker = null
    taker.payload = this.hand(taker)
  }

  /**
   * Takes the first message into the fields of a `taker` at rest, one that holds no sender and no asker: only what
   * differs is written, because each write of a reference costs the collector a look. The mailbox must not be empty.
   *
   * @returns the payload, which is not put into its field
   */
  hand(taker: Taker): unknown {
    const slots = this.#slots
    const at = this.#head * WIDTH
    const entry = slots[at] as HandlerEntry
    const payload = slots[at + 1]
    const from = slots[at + 2] as Cell | null
    const position = slots[at + 3] as number
    const correlation = slots[at + 4] as number
    const asker = slots[at + 5] as Asker | null
    if (taker.entry !== entry) taker.entry = entry
    if (from !== null) {
      taker.from = from
      slots[at + 2] = null
    }
    if (taker.position !== position) taker.position = position
    if (taker.correlation !== correlation) taker.correlation = correlation
    if (asker !== null) {
      taker.asker = asker
      slots[at + 5] = null
    }
    slots[at + 1] = null
    this.#head = (this.#head + 1) & this.#mask
    this.size--
    if (this.#front !== 0) {
      this.#front--
      this.#bound()
    }
    return payload
  }

  /** Takes the oldest message that was not put back in front, for overflow policies. There must be one. */
  dropInto(taker: Taker): void {
    const slots = this.#slots
    this.#read(this.#at(this.#front), taker)
    for (let i = this.#front; i > 0; i--) {
      const from = this.#at(i - 1)
      slots.copyWithin(this.#at(i), from, from + WIDTH)
    }
    slots.fill(null, this.#at(0), this.#at(0) + WIDTH)
    this.#head = (this.#head + 1) & this.#mask
    this.size--
  }

  /** Counts the oldest message with those in front, if it is to be kept: there it takes up no room. @returns whether */
  keepOldest(isKept: (asker: Asker | null) => boolean): boolean {
    if (!isKept(this.#slots[this.#at(this.#front) + 5] as Asker | null)) return false
    this.#front++
    this.#bound()
    return true
  }

  /** Shows each waiting message in order, without taking it. */
  forEach(taker: Taker, visit: () => void): void {
    for (let i = 0; i < this.size; i++) {
      this.#read(this.#at(i), taker)
      visit()
    }
  }

  #at(index: number): number {
    return ((this.#head + index) & this.#mask) * WIDTH
  }

  #set(
    at: number,
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): void {
    const slots = this.#slots
    slots[at] = entry
    slots[at + 1] = payload
    slots[at + 2] = from
    slots[at + 3] = position
    slots[at + 4] = correlation
    slots[at + 5] = asker
  }

  #read(at: number, taker: Taker): void {
    const slots = this.#slots
    taker.entry = slots[at] as HandlerEntry
    taker.payload = slots[at + 1]
    taker.from = slots[at + 2] as Cell | null
    taker.position = slots[at + 3] as number
    taker.correlation = slots[at + 4] as number
    taker.asker = slots[at + 5] as Asker | null
  }

  #grow(): boolean {
    if (this.isFull) return false
    if (this.size > this.#mask) this.#double()
    return true
  }

  #bound(): void {
    this.#limit = this.#isClosed ? 0 : Math.min(this.#mask + 1, this.capacity + this.#front)
  }

  #double(): void {
    const old = this.#slots
    const from = this.#head * WIDTH
    const length = old.length
    const slots = new Array<unknown>(length * 2).fill(null)
    for (let i = 0; i < length; i++) slots[i] = old[(from + i) % length]
    this.#slots = slots
    this.#mask = this.#mask * 2 + 1
    this.#head = 0
    this.#bound()
  }
}

function roundUp(n: number): number {
  return n <= 1 ? 1 : 2 ** Math.ceil(Math.log2(n))
}
