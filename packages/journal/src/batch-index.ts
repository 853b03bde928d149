// Batch index
// ===========
// Finds the batches that concern an actor or a correlation, and of a correlation the blocks of records in them. The
// youngest batches are looked through in memory; once they have enough entries, they become one sorted group in the
// store, written with the commit that completes it.
//
// Invariants
//   X1  Every batch is covered by exactly one group or stands in memory; opening the store restores the latter.
//   X2  Groups follow from the batches alone: thrown away, they are made again the same.

import { endOf, makeGroup, searchGroup, type IndexedBatch, type Place } from './index-group.js'
import { forEachCorrelation } from './index-notes.js'
import { GROUP_BATCHES, GROUP_ENTRIES } from './limits.js'
import type { BatchStore, Commit, IndexKind } from './store.js'

/** What batches can be found by. */
export const INDEX_KINDS = ['actor', 'correlation'] as const satisfies readonly IndexKind[]

/** The index of one journal. */
export class BatchIndex {
  readonly #store: BatchStore
  #recent: IndexedBatch[] = []
  #entries = 0
  #next: number

  constructor(store: BatchStore) {
    this.#store = store
    this.#next = store.indexedUpTo()
  }

  /** The position after the last batch that it knows. */
  get next(): number {
    return this.#next
  }

  /** Takes in a sealed batch. */
  add(
    first: number,
    count: number,
    notes: { readonly actors: readonly number[]; readonly correlations: readonly number[] },
  ): void {
    const keys = { actor: notes.actors, correlation: notes.correlations }
    this.#recent.push({ first, next: first + count, keys })
    this.#entries += keys.actor.length + keys.correlation.length
    this.#next = Math.max(this.#next, first + count)
  }

  /** The groups that are due, made of the batches in memory; forget them with `settle` once they are stored. */
  due(): Commit['groups'] {
    if (this.#recent.length < GROUP_BATCHES && this.#entries < GROUP_ENTRIES) return []
    const batches = this.#recent.slice(0, GROUP_BATCHES)
    return INDEX_KINDS.map((kind) => makeGroup(kind, batches))
  }

  /** Groups were stored: what they cover leaves memory. */
  settle(groups: Commit['groups']): void {
    const group = groups[0]
    if (group === undefined) return
    const end = endOf(group.head)
    this.#recent = this.#recent.filter((batch) => batch.first >= end)
    this.#count()
  }

  /** The batches that concern a key, from a position on, in order. */
  find(kind: IndexKind, key: number, start = 0): Place[] {
    // A group may reach below the floor, where nothing is any more.
    const from = Math.max(start, this.#store.floor)
    const found: Place[] = []
    for (const { first, head } of this.#store.groups(kind)) {
      const page = (page: number): Uint8Array | undefined => this.#store.page(kind, first, page)
      if (endOf(head) > from) found.push(...searchGroup(kind, head, page, key, from))
    }
    const stored = found.at(-1)?.first ?? 0
    for (const batch of this.#recent) {
      const place = batch.next > from && batch.first > stored ? placeIn(batch, kind, key) : undefined
      if (place !== undefined) found.push(place)
    }
    return found
  }

  /** Makes all groups again from what the stored batches note, and puts them in the place of the old ones. */
  async rebuild(batches: readonly IndexedBatch[]): Promise<void> {
    const known = batches.at(-1)?.next ?? 1
    const later = this.#recent.filter((batch) => batch.first >= known)
    const groups: Commit['groups'][number][] = []
    this.#recent = []
    for (const { first, next, keys } of batches) {
      this.add(first, next - first, { actors: keys.actor, correlations: keys.correlation })
      const due = this.due()
      groups.push(...due)
      this.settle(due)
    }
    // Until the groups are stored, memory knows every batch: whichever groups a search meets, it misses nothing.
    this.#recent = [...batches, ...later]
    this.#count()
    await this.#store.replaceGroups(groups)
    this.settle(groups.slice(-1))
  }

  #count(): void {
    this.#entries = this.#recent.reduce(
      (sum, { keys }) => sum + keys.actor.length + keys.correlation.length,
      0,
    )
  }
}

/** Where in a batch in memory a key stands, or `undefined` when it does not. */
function placeIn(batch: IndexedBatch, kind: IndexKind, key: number): Place | undefined {
  const { first, keys } = batch
  if (kind === 'actor') return keys.actor.includes(key) ? { first, blocks: undefined } : undefined
  const blocks: number[] = []
  forEachCorrelation(keys.correlation, (correlation, block) => {
    if (correlation === key && blocks.at(-1) !== block) blocks.push(block)
  })
  return blocks.length === 0 ? undefined : { first, blocks }
}
