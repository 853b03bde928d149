// Whom damage concerns
// ====================
// Names the actors whose records stand in damaged batches, so that somebody can look after them and leave the others
// alone: the one whose record it is, when that is known; otherwise all that the batch notes, when its notes are whole;
// otherwise all that the index knows there, among those that the log names elsewhere.

import type { LogRecord } from '@holdfast/kernel'
import { BatchIndex } from './batch-index.js'
import type { Codec } from './codec.js'
import { DamagedBatches } from './damaged-batches.js'
import type { BatchStore } from './store.js'

/** An actor with records in a damaged part of the log. */
export interface HurtActor {
  readonly id: number
  /** Where it lives; empty when its birth cannot be read. */
  readonly path: string
}

/** A damaged part of the log. */
export interface DamagedPart {
  /** Positions, both included. */
  readonly from: number
  readonly to: number
  readonly actors: readonly HurtActor[]
  /** False when there may be others than these. */
  readonly areAll: boolean
}

/** What is known of the actors of one log, fed with its records. */
export class HurtActors {
  readonly #store: BatchStore
  readonly #damaged: DamagedBatches
  readonly #places = new Map<number, { readonly parent: number; readonly name: string }>()
  readonly #batches: number[] = []

  constructor(store: BatchStore, codec: Codec) {
    this.#store = store
    this.#damaged = new DamagedBatches(store, codec)
  }

  read(record: LogRecord): void {
    if (record.kind !== 'spawned') return
    const { parent, name } = record.data()
    this.#places.set(record.actor, { parent, name })
  }

  /** The batch that stands at a position is damaged. */
  hurt(first: number): void {
    this.#batches.push(first)
  }

  /** Everything was read. */
  parts(next: number): DamagedPart[] {
    return this.#batches.map((first) => this.#part(first, next))
  }

  #part(first: number, next: number): DamagedPart {
    const damage = this.#damaged.at(first)
    if (damage !== undefined) {
      const { from, to, actors } = damage
      return { from, to, actors: actors.map((id) => this.#named(id)), areAll: true }
    }
    const [, behind = next] = this.#store.firsts(first)
    const actors = this.#indexed(first).map((id) => this.#named(id))
    return { from: first, to: Math.max(first, behind - 1), actors, areAll: false }
  }

  #indexed(first: number): number[] {
    const index = new BatchIndex(this.#store)
    const isHere = (id: number): boolean => index.find('actor', id, first)[0]?.first === first
    try {
      return [...this.#places.keys()].filter(isHere)
    } catch {
      return []
    }
  }

  #named(id: number): HurtActor {
    let path = ''
    let child = id
    // Whoever is above was born before: a log that was made up may say otherwise, in a circle.
    for (
      let at = this.#places.get(child);
      at !== undefined && at.parent < child;
      at = this.#places.get(child)
    ) {
      path = `/${at.name}${path}`
      child = at.parent
    }
    return { id, path }
  }
}
