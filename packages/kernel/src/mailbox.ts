// Mailbox
// =======
// Holds the messages that wait for one actor and hands them over one at a time. It knows nothing of supervision, of
// the log or of policies: whoever pushes decides what a full mailbox means.
//
//            head                         head + size
//             v                                v
//   [    |    | b1 | u4 | u7 | m2 | m3 | m5 | m6 |    ]     capacity of the ring is a power of two, so an index is a
//               \________/                                  mask away; a message is six neighbouring slots, so that
//                 ahead                                     neither push nor take allocates anything
//
//   b = put back in front   u = urgent   m = entry payload sender position corr. ask
//
// Invariants
//   M1  Messages leave in the order in which they came, except that those put back come first, and urgent ones second.
//   M2  What left is forgotten at once: no slot keeps a payload alive.
//   M3  Urgent messages and others are counted apart, and neither are more than `capacity`, except by what was put or
//       given back, and by what was taken in whatever the bound; `push` says so instead of growing.

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
  readonly #hasUrgent: boolean
  #isClosed = false
  /** How many of the first ones were put back in front. */
  #putBack = 0
  /** Those that were put back and those that are urgent: what stands before the others. */
  #ahead = 0
  /** `push` has a slot and the right to it while `size` is below: at once, when nothing can be urgent. */
  #limit: number
  #slots: unknown[]
  #mask: number
  #head = 0

  constructor(capacity: number, hasUrgent = false) {
    this.capacity = capacity
    this.#hasUrgent = hasUrgent
    const first = Math.min(MAILBOX_FIRST_SLOTS, roundUp(capacity))
    this.#slots = new Array<unknown>(first * WIDTH).fill(null)
    this.#mask = first - 1
    this.#limit = hasUrgent ? 0 : Math.min(first, capacity)
  }

  /** Whether `push` would refuse a message that is not urgent. */
  get isFull(): boolean {
    return this.#isClosed || this.size - this.#ahead >= this.capacity
  }

  /** Whether half of it is free, for urgent messages and for others. */
  get isHalfEmpty(): boolean {
    const most = this.capacity / 2
    return this.size - this.#ahead <= most && this.#ahead - this.#putBack <= most
  }

  /** Whether `push` would refuse this one. */
  isFullFor(entry: HandlerEntry): boolean {
    if (this.size < this.#limit) return false
    return entry.isUrgent ? this.#isClosed || this.#ahead - this.#putBack >= this.capacity : this.isFull
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

  /** Puts a message behind the others, an urgent one behind the urgent ones. @returns false when there is no room */
  push(
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): boolean {
    if (this.size >= this.#limit) {
      if (this.isFullFor(entry)) return false
      if (entry.isUrgent) {
        this.restore(entry, payload, from, position, correlation, asker)
        return true
      }
      if (this.size > this.#mask) this.#double()
    }
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
    this.#insert(0, entry, payload, from, position, correlation, asker)
    this.#putBack++
    this.#ahead++
    this.#bound()
  }

  /** Puts a message before those of its kind, full or not: it had been put aside. What was put back stays first. */
  giveBack(
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): void {
    const at = entry.isUrgent ? this.#putBack : this.#ahead
    this.#insert(at, entry, payload, from, position, correlation, asker)
    if (entry.isUrgent) this.#ahead++
  }

  /** Puts a message behind those of its kind, full or not: a notice, or what was taken in before the process ended. */
  restore(
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): void {
    const at = entry.isUrgent ? this.#ahead : this.size
    this.#insert(at, entry, payload, from, position, correlation, asker)
    if (entry.isUrgent) this.#ahead++
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
    this.#ahead = 0
    this.#putBack = 0
    this.#bound()
  }

  /** What the first message is of, or `null` when none waits. */
  get first(): HandlerEntry | null {
    return this.size === 0 ? null : (this.#slots[this.#head * WIDTH] as HandlerEntry)
  }

  /** Where the first message stands in the log, or 0. */
  get firstPosition(): number {
    return this.size === 0 ? 0 : (this.#slots[this.#head * WIDTH + 3] as number)
  }

  /** Who stands beside the first message. The mailbox must not be empty. */
  get firstAsker(): Asker | null {
    return this.#slots[this.#head * WIDTH + 5] as Asker | null
  }

  /** Shows the message at an index below `size`, without taking it. */
  peek(index: number, taker: Taker): void {
    this.#read(this.#at(index), taker)
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
    if (this.#ahead !== 0) this.#passed()
    return payload
  }

  /**
   * Takes the oldest message that was not put back in front, urgent or not, and is not to be kept: for overflow policies.
   *
   * @returns false when there is none
   */
  dropInto(taker: Taker, isUrgent = false, isKept: (asker: Asker | null) => boolean = () => false): boolean {
    const end = isUrgent ? this.#ahead : this.size
    for (let at = isUrgent ? this.#putBack : this.#ahead; at < end; at++) {
      if (isKept(this.#slots[this.#at(at) + 5] as Asker | null)) continue
      this.#read(this.#at(at), taker)
      this.#remove(at)
      return true
    }
    return false
  }

  /** Takes the first message whose asker is wanted, wherever it stands. @returns false when there is none */
  withdrawInto(taker: Taker, isWanted: (asker: Asker | null) => boolean): boolean {
    for (let i = 0; i < this.size; i++) {
      const at = this.#at(i)
      if (!isWanted(this.#slots[at + 5] as Asker | null)) continue
      this.#read(at, taker)
      this.#remove(i)
      return true
    }
    return false
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

  // One of those that stand before the others has left from the front.
  #passed(): void {
    this.#ahead--
    if (this.#putBack > 0) this.#putBack--
    this.#bound()
  }

  // Makes a gap, where the fewer ones have to move.
  #insert(
    index: number,
    entry: HandlerEntry,
    payload: unknown,
    from: Cell | null,
    position: number,
    correlation: number,
    asker: Asker | null,
  ): void {
    if (this.size > this.#mask) this.#double()
    if (index * 2 < this.size) {
      this.#head = (this.#head - 1) & this.#mask
      for (let i = 0; i < index; i++) this.#move(i + 1, i)
    } else for (let i = this.size; i > index; i--) this.#move(i - 1, i)
    this.#set(this.#at(index), entry, payload, from, position, correlation, asker)
    this.size++
  }

  // Closes the gap that one leaves.
  #remove(index: number): void {
    const last = this.size - 1
    const isNearFront = index * 2 < this.size
    if (isNearFront) for (let i = index; i > 0; i--) this.#move(i - 1, i)
    else for (let i = index; i < last; i++) this.#move(i + 1, i)
    const free = this.#at(isNearFront ? 0 : last)
    this.#slots.fill(null, free, free + WIDTH)
    if (isNearFront) this.#head = (this.#head + 1) & this.#mask
    this.size--
    if (index < this.#putBack) this.#putBack--
    if (index < this.#ahead) this.#ahead--
    this.#bound()
  }

  #move(from: number, to: number): void {
    const at = this.#at(from)
    this.#slots.copyWithin(this.#at(to), at, at + WIDTH)
  }

  #bound(): void {
    const isSlow = this.#isClosed || this.#hasUrgent
    this.#limit = isSlow ? 0 : Math.min(this.#mask + 1, this.capacity + this.#ahead)
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
