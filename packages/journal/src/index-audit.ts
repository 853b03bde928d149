// Index audit
// ===========
// Holds the stored index against the batches, group by group: a group must be, byte for byte, the one that its batches
// make (X2), so that nothing is missing from it and nothing in it leads nowhere.

import { INDEX_KINDS } from './batch-index.js'
import { endOf, makeGroup, type IndexedBatch } from './index-group.js'
import type { IndexNotes } from './index-notes.js'
import type { BatchStore, IndexKind } from './store.js'
import type { Find } from './verify.js'

interface Notes {
  readonly actors: readonly number[]
  readonly correlations: readonly number[]
}

interface Heads {
  /** Where the group begins, by its key. */
  readonly first: number
  readonly heads: readonly Uint8Array[]
}

/** An audit of the index of one store, fed with its batches in order. */
export class IndexAudit {
  readonly #store: BatchStore
  readonly #find: Find
  readonly #groups: Generator<Heads, undefined>
  /** The heads of the groups, of each kind one, that the next batches make. */
  #due: Heads | undefined
  #batches: IndexedBatch[] = []
  #isWhole = true

  constructor(store: BatchStore, find: Find) {
    this.#store = store
    this.#find = find
    this.#groups = sideBySide(store)
    this.#due = this.#next()
  }

  /** Takes the next batch: what its records concern, and what it noted of that when it was sealed. */
  take(first: number, count: number, seen: IndexNotes, noted: Notes): void {
    if (!isSame(seen.actors, noted.actors) || !isSame(seen.correlations, noted.correlations))
      this.#find('index', first, 'its notes do not say which actors and correlations it concerns')
    const keys = { actor: noted.actors, correlation: noted.correlations }
    this.#batches.push({ first, next: first + count, keys })
    while (this.#due !== undefined && first + count >= endOf(this.#due.heads[0]!)) {
      this.#compare(this.#due)
      this.#due = this.#next()
    }
  }

  /** Passes over a batch that cannot be read; nothing can be said of the group that it belongs to. */
  skip(): void {
    this.#isWhole = false
  }

  /** All batches were taken: no group may be left. */
  end(): void {
    if (this.#due !== undefined && this.#isWhole)
      this.#find('index', this.#batches[0]?.first ?? 0, 'the index knows batches that are not there')
  }

  // A group that reaches below the floor cannot be made again.
  #compare({ first: begin, heads: stored }: Heads): void {
    if (begin < this.#store.floor) this.#isWhole = false
    const first = this.#batches[0]?.first ?? 0
    const isRight = (kind: IndexKind, i: number): boolean =>
      this.#batches.length > 0 && this.#isStored(kind, stored[i]!)
    if (this.#isWhole && !INDEX_KINDS.every(isRight))
      this.#find(
        'index',
        first,
        'the index does not say what the batches from here on say; it can be made again',
      )
    this.#batches = []
    this.#isWhole = true
  }

  #isStored(kind: IndexKind, stored: Uint8Array): boolean {
    const { first, head, pages } = makeGroup(kind, this.#batches)
    const isSamePage = (page: Uint8Array, i: number): boolean =>
      Buffer.compare(page, this.#store.page(kind, first, i) ?? NO_GROUP) === 0
    return Buffer.compare(head, stored) === 0 && pages.every(isSamePage)
  }

  #next(): Heads | undefined {
    const next = this.#groups.next()
    return next.done === true ? undefined : next.value
  }
}

// The groups of all kinds cover the same batches, so they are read side by side.
function* sideBySide(store: BatchStore): Generator<Heads, undefined> {
  const kinds = INDEX_KINDS.map((kind) => store.groups(kind)[Symbol.iterator]())
  for (;;) {
    const groups = kinds.map((each) => {
      const next = each.next()
      return next.done === true ? undefined : next.value
    })
    if (groups.every((group) => group === undefined)) return undefined
    const firsts = groups.map((group) => group?.first ?? Infinity)
    yield { first: Math.min(...firsts), heads: groups.map((group) => group?.head ?? NO_GROUP) }
  }
}

// Stands for a group that one kind has and the other has not; its end is 0.
const NO_GROUP = new Uint8Array(16)

function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((key, i) => key === right[i])
}
