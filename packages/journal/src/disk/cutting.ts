// Cutting
// =======
// Takes the beginning of a log away: whole segments, and whatever else lies wholly below the new floor.
//
//   note the floor | delete files | forget their rows | index groups | names | note that all of it was done
//
// A process may die anywhere, and a disk say no. From the first step on nothing below the floor is there for anybody; the
// next writer sweeps the files away when it opens the store, and does the rest beside its work, as this one does when it
// could not go on.
//
// Invariants
//   C1  The floor is on stable storage before the first file goes.
//   C2  The hash of the batch before the floor stays, so that the chain can be followed from there.
//   C3  What anybody wrote meanwhile is looked at again when no commit is under way, and stays.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { INDEX_KINDS } from '../batch-index.js'
import { endOf } from '../index-group.js'
import { NAMES_SWEPT, REMOVED_ROWS } from '../limits.js'
import type { IndexKind, Steps } from '../store.js'
import type { LogPlace } from './log-place.js'
import { number } from './numbers.js'
import { fileNameIn, keysBelow, noteFloor, type Floor } from './segments.js'

const SWEPT = 'swept'
const PAGES_MAX = 0xffffffff

/** Cuts the log of one store. */
export class Cutting {
  readonly #place: LogPlace
  #isDue = false

  constructor(place: LogPlace) {
    this.#place = place
  }

  /** The store was opened: looks whether a cut was left half done. */
  load(): void {
    const { segments, tables } = this.#place
    this.#isDue = (tables().meta.getBinary(SWEPT)?.readDoubleLE(0) ?? 1) < segments.floor.position
  }

  /** Whether something is left of what was cut away. */
  get isDue(): boolean {
    return this.#isDue
  }

  /** Cuts segments away that lie below a position. Nothing of them is in LMDB. */
  async cut(position: number, steps: Steps): Promise<void> {
    const { segments } = this.#place
    const last = segments.list.filter(({ next }) => next <= position).at(-1)
    if (last === undefined) return
    const floor = { position: last.next, before: last.after }
    // C1
    await steps.alone(() => this.#place.write(0, () => this.#note(floor)))
    segments.cut(floor)
    this.#isDue = true
    await this.clean(steps)
  }

  /** Lets an empty store begin at a position. */
  async beginAt(position: number): Promise<void> {
    const floor = { position, before: new Uint8Array(32) }
    await this.#place.write(0, () => {
      this.#note(floor)
      void this.#place.tables().meta.put(SWEPT, number(position))
    })
    this.#place.segments.cut(floor)
  }

  /** Takes away what else lies below the floor. */
  async clean(steps: Steps): Promise<void> {
    const { segments, tables } = this.#place
    const { position } = segments.floor
    await this.#removeFiles(position, steps)
    for (const kind of INDEX_KINDS) await this.#removeAll(steps, () => this.#groupsBelow(kind, position))
    await this.#removeNames(position, steps)
    await steps.alone(() =>
      this.#place.write(0, () => {
        void tables().meta.put(SWEPT, number(position))
      }),
    )
    this.#isDue = false
  }

  #note(floor: Floor): void {
    noteFloor(this.#place.tables().meta, floor)
  }

  // A file whose row is gone is one that nobody looks for again before the next opening.
  async #removeFiles(position: number, steps: Steps): Promise<void> {
    const { segments, tables, write } = this.#place
    const below = (): string[] => keysBelow(tables().meta, position, REMOVED_ROWS)
    for (let keys = below(); keys.length > 0; keys = below()) {
      for (const key of keys) {
        await rm(join(segments.folder, fileNameIn(key)), { force: true })
        await steps.breathe()
      }
      await steps.alone(() =>
        write(0, () => {
          for (const key of keys) void tables().meta.remove(key)
        }),
      )
    }
  }

  /** Removes what `find` finds, a few rows in each transaction, until it finds nothing. */
  async #removeAll(steps: Steps, find: () => (() => void)[]): Promise<void> {
    while (find().length > 0) {
      await steps.breathe()
      await this.#remove(steps, find)
    }
  }

  // C3
  async #remove(steps: Steps, find: () => (() => void)[]): Promise<void> {
    await steps.alone(async () => {
      const removals = find()
      if (removals.length === 0) return
      await this.#place.write(0, () => {
        for (const remove of removals) remove()
      })
    })
  }

  /** Removals of the lowest groups that end at or below a position, of some of them. */
  #groupsBelow(kind: IndexKind, position: number): (() => void)[] {
    const { index, pages } = this.#place.tables()
    const removals: (() => void)[] = []
    for (const key of [...index.getKeys({ start: [kind, 0], end: [kind, position], limit: REMOVED_ROWS })]) {
      const head = index.getBinary(key)
      if (head === undefined || endOf(head) > position || removals.length >= REMOVED_ROWS) break
      const first = key[1]
      const own = [...pages.getKeys({ start: [kind, first, 0], end: [kind, first, PAGES_MAX] })]
      removals.push(...own.map((page) => () => void pages.remove(page)), () => void index.remove(key))
    }
    return removals
  }

  async #removeNames(position: number, steps: Steps): Promise<void> {
    for (let start: string | undefined; ;) {
      const keys = [...this.#place.tables().names.getKeys({ start, limit: NAMES_SWEPT })]
      const find = (): (() => void)[] => this.#namesBelow(position, keys)
      if (find().length > 0) await this.#remove(steps, find)
      const last = keys.at(-1)
      if (last === undefined || keys.length < NAMES_SWEPT || last === start) return
      start = last
      await steps.breathe()
    }
  }

  #namesBelow(position: number, keys: readonly string[]): (() => void)[] {
    const { names } = this.#place.tables()
    const isBelow = (key: string): boolean => (names.getBinary(key)?.readDoubleLE(0) ?? position) < position
    return keys.filter(isBelow).map((key) => () => void names.remove(key))
  }
}
