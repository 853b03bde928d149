// Pins
// ====
// What must stay, because somebody exported an incident and may want more of it: the records of its actors from a
// position on, and the snapshots that it was cut from. A pin stands beside the log and not in it, so that a process that
// only reads can leave one. Whoever deletes asks the pins first.

import type { BatchStore } from './store.js'

/** What one actor of a pinned incident keeps. */
export interface PinnedActor {
  readonly id: number
  readonly path: string
  /** Nothing of the actor from this position on is deleted. */
  readonly from: number
  /** Positions of snapshots that stay. */
  readonly snapshots: readonly number[]
}

/** Keeps what one incident was cut from. */
export interface Pin {
  /** Position of the first message of the incident. */
  readonly id: number
  /** What the incident is called. */
  readonly correlation: string
  /** The positions that it reaches over, both included. */
  readonly from: number
  readonly to: number
  /** Those that it concerns; all there are, when it names nobody. */
  readonly actors: readonly PinnedActor[]
}

/** The pins of one store. They are looked up each time, because any process may leave one. */
export class Pins {
  readonly #store: Pick<BatchStore, 'pins' | 'pinAt' | 'pin' | 'unpin'>

  constructor(store: Pick<BatchStore, 'pins' | 'pinAt' | 'pin' | 'unpin'>) {
    this.#store = store
  }

  /** All that can be read. */
  list(): Pin[] {
    return this.#store.pins().filter((pin) => pin !== undefined)
  }

  /** The pin of an id, if there is one. @throws {HoldfastError} `HF_STORE_DAMAGED` when it cannot be read */
  find(id: number): Pin | undefined {
    return this.#store.pinAt(id)
  }

  /** Keeps what an incident was cut from. It is the one thing that may be done to a store that is only read. */
  add(pin: Pin): void {
    this.#store.pin(pin)
  }

  /** Takes a pin away. @returns whether it was there */
  remove(id: number): boolean {
    return this.#store.unpin(id)
  }

  /** The last position that may be deleted of an actor. A pin that cannot be read keeps everything. */
  deletableUpTo(actor: number): number {
    let last = Infinity
    for (const pin of this.#store.pins()) {
      if (pin === undefined) return 0
      // One that names nobody keeps everybody.
      if (pin.actors.length === 0) last = Math.min(last, pin.from - 1)
      for (const { id, from } of pin.actors) if (id === actor) last = Math.min(last, from - 1)
    }
    return last
  }

  /** The first position that a pin keeps. One that cannot be read keeps everything. */
  firstKept(): number {
    let first = Infinity
    for (const pin of this.#store.pins()) {
      if (pin === undefined) return 1
      first = Math.min(first, pin.from)
      for (const { from } of pin.actors) first = Math.min(first, from)
    }
    return first
  }

  /** Says of snapshots whether they have to stay. The pins are looked up once, when it is first asked. */
  keeper(): (actor: number, position: number) => boolean {
    let pins: readonly (Pin | undefined)[] | undefined
    return (actor, position) => {
      const keeps = ({ id, snapshots }: PinnedActor): boolean => id === actor && snapshots.includes(position)
      pins ??= this.#store.pins()
      return pins.some((pin) => pin === undefined || pin.actors.some(keeps))
    }
  }
}

/** A pin out of what a file holds; `undefined` when it is none. */
export function pinOf(value: unknown): Pin | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, correlation, from, to, actors } = value as Partial<Record<keyof Pin, unknown>>
  if (!isPosition(id) || typeof correlation !== 'string' || !isPosition(from) || !isPosition(to))
    return undefined
  if (!Array.isArray(actors) || !actors.every(isActor)) return undefined
  return { id, correlation, from, to, actors }
}

function isActor(value: unknown): value is PinnedActor {
  if (typeof value !== 'object' || value === null) return false
  const { id, path, from, snapshots } = value as Partial<Record<keyof PinnedActor, unknown>>
  const isPlace = isPosition(id) && typeof path === 'string' && isPosition(from)
  return isPlace && Array.isArray(snapshots) && snapshots.every(isPosition)
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
