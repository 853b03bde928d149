// A correlation is known inside by the position of the message that brought it in, which is short and needs no table;
// the name that a user gave it is written once, beside that position.

import { NAMES_CACHED } from './limits.js'
import type { BatchStore, Commit } from './store.js'

/** Names of correlations of one journal. */
export class CorrelationNames {
  readonly #store: BatchStore
  readonly #cache = new Map<string, number>()
  /** Names by the positions that stand for them, from `#knownFrom` on: what has no name there has none. */
  readonly #recent = new Map<number, string>()
  #knownFrom: number
  #waiting = new Map<string, number>()
  #marked: string[] = []

  /** @param next where the next record will stand: every name from there on comes by here */
  constructor(store: BatchStore, next: number) {
    this.#store = store
    this.#knownFrom = next
  }

  /** What a correlation is called that this process has seen begin; `undefined` when the log has to be asked. */
  nameAt(position: number): string | undefined {
    if (position < this.#knownFrom || position < this.#store.floor) return undefined
    return this.#recent.get(position) ?? String(position)
  }

  /** The position that stands for a name, or 0. */
  positionOf(name: string): number {
    const known = this.#waiting.get(name) ?? this.#cache.get(name)
    // One that was cut away may be brought in again.
    if (known !== undefined && known >= this.#store.floor) return known
    const stored = this.#store.nameOf(name)
    if (stored === undefined) return 0
    this.#remember(name, stored)
    return stored
  }

  add(name: string, position: number): void {
    this.#waiting.set(name, position)
    this.#marked.push(name)
    if (this.#recent.size >= NAMES_CACHED) this.#forgetEarly()
    this.#recent.set(position, name)
  }

  mark(): void {
    if (this.#marked.length > 0) this.#marked = []
  }

  rewind(): void {
    for (const name of this.#marked) {
      this.#recent.delete(this.#waiting.get(name)!)
      this.#waiting.delete(name)
    }
    this.#marked = []
  }

  /** What the next commit takes along: the names that were brought in before a position. */
  due(before: number): Commit['names'] {
    if (this.#waiting.size === 0) return []
    return [...this.#waiting]
      .filter(([, position]) => position < before)
      .map(([name, position]) => ({ name, position }))
  }

  /** They were stored. */
  settle(names: Commit['names']): void {
    for (const { name, position } of names) {
      this.#waiting.delete(name)
      this.#remember(name, position)
    }
  }

  // They came in the order of their positions.
  #forgetEarly(): void {
    for (const position of this.#recent.keys()) {
      if (this.#recent.size <= NAMES_CACHED / 2) break
      this.#recent.delete(position)
      this.#knownFrom = position + 1
    }
  }

  #remember(name: string, position: number): void {
    if (this.#cache.size >= NAMES_CACHED) {
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest)
        if (this.#cache.size < NAMES_CACHED / 2) break
      }
    }
    this.#cache.set(name, position)
  }
}
