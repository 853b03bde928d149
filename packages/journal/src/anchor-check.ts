// Holds a log against the heads of it that were signed before. It is fed with the batches in order.

import type { Anchor } from './disk/anchor.js'

/** What anchors say of a log. */
export interface AnchorReport {
  /** How many were looked at. */
  readonly count: number
  /** The newest one that the log agrees with. */
  readonly newest: Anchor | undefined
  /** How many vouch for what was cut away, and can no longer be checked. */
  readonly cut: number
  /** Records behind that: nothing outside vouches for them yet. */
  readonly unanchored: number
}

/** Notes what an anchor shows, at the position that it vouches for. */
type Find = (kind: 'anchor', position: number, what: string) => void

/** A check of one log against its anchors, whose signatures were looked at. */
export class AnchorCheck {
  readonly #waiting: Map<number, Anchor[]>
  readonly #count: number
  readonly #find: Find
  #newest: Anchor | undefined
  #floor = 1

  constructor(anchors: readonly Anchor[], storeId: string, find: Find) {
    this.#find = find
    this.#count = anchors.length
    this.#waiting = new Map()
    for (const anchor of anchors) {
      if (anchor.store === storeId)
        this.#waiting.set(anchor.position, [...(this.#waiting.get(anchor.position) ?? []), anchor])
      else
        find(
          'anchor',
          anchor.position,
          `another history: the anchor of ${anchor.time} is of the store ${anchor.store}`,
        )
    }
  }

  /** The log begins at a position, behind a batch of which only the hash is left. */
  begin(floor: number, before: () => string): void {
    this.#floor = floor
    if (floor > 1) this.take(floor - 1, before)
  }

  /** A batch ends at a position. */
  take(position: number, hash: () => string): void {
    const anchors = this.#waiting.get(position)
    if (anchors === undefined) return
    for (const anchor of anchors) {
      if (anchor.hash === hash()) this.#newest = anchor
      else this.#otherThan(anchor)
    }
    this.#waiting.delete(position)
  }

  /** Every batch was taken. `next` is the position behind the last one. */
  end(next: number): AnchorReport | undefined {
    let cut = 0
    for (const anchor of [...this.#waiting.values()].flat()) {
      if (anchor.position < this.#floor) cut++
      else if (anchor.position < next) this.#otherThan(anchor)
      else this.#shorterThan(anchor, next)
    }
    if (this.#count === 0) return undefined
    const anchored = this.#newest?.position ?? this.#floor - 1
    return { count: this.#count, newest: this.#newest, cut, unanchored: next - 1 - anchored }
  }

  #otherThan({ position, time }: Anchor): void {
    this.#find(
      'anchor',
      position,
      `another history: the log up to here is not the one of the anchor of ${time}`,
    )
  }

  #shorterThan({ position, time }: Anchor, next: number): void {
    const missing = position - next + 1
    const what = `the store is older than its anchor of ${time}: rolled back or cut by ${missing} records`
    this.#find('anchor', position, what)
  }
}
