// Whom damage concerns
// ====================
// Names the actors whose records stand in damaged batches, so that somebody can look after them and leave the others
// alone: the one whose record it is, when that is known; otherwise all that the batch notes, when its notes are whole;
// otherwise all that the index knows there, among those that the log names elsewhere.

import { HoldfastError, type LogRecord } from '@holdfast/kernel'
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
  readonly #lost: { readonly from: number; readonly to: number }[] = []

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

  /** All batches between two positions, both included, cannot be read. */
  lost(from: number, to: number): void {
    this.#lost.push({ from, to })
  }

  /** Everything was read. */
  parts(next: number): DamagedPart[] {
    const parts = this.#batches.map((first) => this.#known(first, next))
    const lost = this.#lost.map(({ from, to }) => {
      const actors = this.#indexed(from, to).map((id) => this.#named(id))
      return { from, to, actors, areAll: false }
    })
    return [...parts, ...lost].sort((a, b) => a.from - b.from)
  }

  // What stands beside it may not be readable either.
  #known(first: number, next: number): DamagedPart {
    try {
      return this.#part(first, next)
    } catch (error) {
      if (error instanceof HoldfastError) return { from: first, to: first, actors: [], areAll: false }
      throw error
    }
  }

  #part(first: number, next: number): DamagedPart {
    const damage = this.#damaged.at(first)
    if (damage !== undefined) {
      const { from, to, actors } = damage
      return { from, to, actors: actors.map((id) => this.#named(id)), areAll: true }
    }
    const [, behind = next] = this.#store.firsts(first)
    const actors = this.#indexed(first, first).map((id) => this.#named(id))
    return { from: first, to: Math.max(first, behind - 1), actors, areAll: false }
  }

  /** Those for whom the index knows a batch that begins between two positions. */
  #indexed(from: number, to: number): number[] {
    const index = new BatchIndex(this.#store)
    const isHere = (id: number): boolean => {
      const first = index.find('actor', id, from)[0]?.first
      return first !== undefined && first >= from && first <= to
    }
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
