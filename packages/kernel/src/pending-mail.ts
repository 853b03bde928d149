// Messages of one actor that have no outcome yet, as the log tells. They leave nearly always in the order in which they
// came, so this is a queue with a moving head; one that leaves out of order is found by its position, which rises.

import type { MessageRecord } from './records.js'

/** The messages that wait for one actor, by position. */
export class PendingMail {
  // Slots before `head` and from `tail` on are free; the array is kept, because it fills and empties all the time. No
  // private names: an actor has one of these, and recovery asks it twice for every message before anything is compiled.
  private items: (MessageRecord | undefined)[] = []
  private head = 0
  private tail = 0

  get size(): number {
    return this.tail - this.head
  }

  /** Adds a message; positions only rise. */
  add(message: MessageRecord): void {
    this.items[this.tail++] = message
  }

  /** Adds a message that was taken out, at the place that its position says. */
  putBack(message: MessageRecord): void {
    const at = this.placeOf(message.position)
    if (at === this.head && this.head > 0) this.items[--this.head] = message
    else {
      this.items.splice(at, 0, message)
      this.tail++
    }
  }

  /** Takes a message out by its position. */
  take(position: number): MessageRecord | undefined {
    const first = this.items[this.head]
    if (first?.position !== position) return this.takeFrom(this.find(position))
    this.items[this.head++] = undefined
    if (this.head === this.tail) {
      this.head = 0
      this.tail = 0
    } else if (this.head > 1_024 && this.head * 2 > this.tail) this.moveUp()
    return first
  }

  has(position: number): boolean {
    return this.find(position) !== -1
  }

  /** Those that wait, in order. */
  values(): MessageRecord[] {
    return this.items.slice(this.head, this.tail) as MessageRecord[]
  }

  private takeFrom(at: number): MessageRecord | undefined {
    if (at === -1) return undefined
    const [message] = this.items.splice(at, 1)
    this.tail--
    return message
  }

  private moveUp(): void {
    this.items = this.items.slice(this.head, this.tail)
    this.tail -= this.head
    this.head = 0
  }

  private find(position: number): number {
    const at = this.placeOf(position)
    return at < this.tail && this.items[at]!.position === position ? at : -1
  }

  // The first place whose message is not before the position.
  private placeOf(position: number): number {
    let low = this.head
    let high = this.tail
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.items[middle]!.position < position) low = middle + 1
      else high = middle
    }
    return low
  }
}
