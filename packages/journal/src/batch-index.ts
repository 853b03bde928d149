// Batch index
// ===========
// Finds the batches that concern an actor or a correlation. Entries are per key and batch, never per record. The
// youngest batches are looked through in memory; once they have enough entries, they become one sorted group in the
// store, written with the commit that completes it.
//
//   group:  end of its batches (f64) | n | m | first positions of n batches (f64 each) | m entries (f64 each), sorted
//   entry:  key * 256 + ordinal of the batch in its group
//
// Invariants
//   X1  Every batch is covered by exactly one group or stands in memory; opening the store restores the latter.
//   X2  Groups follow from the batches alone: thrown away, they are made again the same.

import { intact } from './damage.js'
import { GROUP_BATCHES, GROUP_ENTRIES } from './limits.js'
import { endOf } from './memory-store.js'
import type { BatchStore, Commit, IndexKind } from './store.js'

const HEAD_BYTES = 16

/** What batches can be found by. */
export const INDEX_KINDS = ['actor', 'correlation'] as const satisfies readonly IndexKind[]

/** A batch and the keys that it concerns. */
export interface IndexedBatch {
  readonly first: number
  readonly next: number
  readonly keys: Readonly<Record<IndexKind, readonly number[]>>
}

/** The index of one journal. */
export class BatchIndex {
  readonly #store: BatchStore
  #recent: IndexedBatch[] = []
  #entries = 0

  constructor(store: BatchStore) {
    this.#store = store
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
    const end = endOf(group.bytes)
    this.#recent = this.#recent.filter((batch) => batch.first >= end)
    this.#count()
  }

  /** First positions of the batches that concern a key, rising, from the one given on. */
  find(kind: IndexKind, key: number, from = 0): number[] {
    const found: number[] = []
    for (const group of this.#store.groups(kind)) {
      if (endOf(group) > from) searchGroup(group, key, from, found)
    }
    const stored = found.at(-1) ?? 0
    for (const batch of this.#recent) {
      if (batch.next > from && batch.first > stored && batch.keys[kind].includes(key)) found.push(batch.first)
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

/** One group of the index, as it is stored. */
export function makeGroup(kind: IndexKind, batches: readonly IndexedBatch[]): Commit['groups'][number] {
  const entries = new Float64Array(batches.reduce((sum, batch) => sum + batch.keys[kind].length, 0))
  let at = 0
  batches.forEach((batch, ordinal) => {
    for (const key of batch.keys[kind]) entries[at++] = key * GROUP_BATCHES + ordinal
  })
  entries.sort()
  const unique = entries.subarray(0, withoutRepeats(entries))
  const bytes = new Uint8Array(HEAD_BYTES + 8 * (batches.length + unique.length))
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, batches.at(-1)!.next, true)
  view.setUint32(8, batches.length, true)
  view.setUint32(12, unique.length, true)
  batches.forEach((batch, i) => {
    view.setFloat64(HEAD_BYTES + i * 8, batch.first, true)
  })
  const from = HEAD_BYTES + batches.length * 8
  for (let i = 0; i < unique.length; i++) view.setFloat64(from + i * 8, unique[i]!, true)
  return { kind, first: batches[0]!.first, bytes }
}

/** Moves each of a sorted list's numbers to its front once. @returns how many there are */
function withoutRepeats(sorted: Float64Array): number {
  let count = 0
  for (let i = 0; i < sorted.length; i++) {
    const entry = sorted[i]!
    if (i === 0 || entry !== sorted[count - 1]) sorted[count++] = entry
  }
  return count
}

function searchGroup(group: Uint8Array, key: number, from: number, found: number[]): void {
  const view = new DataView(group.buffer, group.byteOffset, group.byteLength)
  const batches = view.getUint32(8, true)
  const entries = view.getUint32(12, true)
  const start = HEAD_BYTES + batches * 8
  intact(start + entries * 8 <= group.byteLength, 'an index group is cut off')
  const wanted = key * GROUP_BATCHES
  let low = 0
  let high = entries
  while (low < high) {
    const middle = (low + high) >>> 1
    if (view.getFloat64(start + middle * 8, true) < wanted) low = middle + 1
    else high = middle
  }
  for (let i = low; i < entries; i++) {
    const entry = view.getFloat64(start + i * 8, true)
    if (entry >= wanted + GROUP_BATCHES) return
    const ordinal = entry - wanted
    const next = ordinal + 1 < batches ? view.getFloat64(HEAD_BYTES + (ordinal + 1) * 8, true) : endOf(group)
    if (next > from) found.push(view.getFloat64(HEAD_BYTES + ordinal * 8, true))
  }
}
