// The world of each test of the contract: a fresh place, and in it a log with five events of one actor, of which the last
// two were told by one turn.

import { HoldfastError } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { Journal } from '../journal.js'
import type { LogQuery } from '../log-reader.js'
import type { BatchStore } from '../store.js'
import { stored, tell, turnOf } from './shorthand.js'

/** A place where a store lives, to be opened again with what it kept. */
export interface StorePlace {
  /** Opens the store for writing. One that was opened before has been closed by then, unless a test says otherwise. */
  open(): BatchStore
  /** Takes everything away. */
  remove(): void
}

/** The actor with the five events, and another one. */
export const ACTOR = 7
export const OTHER = 3

/** One log under test. */
export class LogWorld {
  readonly place: StorePlace
  readonly authorities = new VirtualAuthorities()
  store: BatchStore
  journal: Journal
  /** Positions of the five events of the actor, by their number; 0 stands for nothing. */
  at: readonly number[] = [0]

  private constructor(place: StorePlace) {
    this.place = place
    this.store = place.open()
    this.journal = new Journal(this.store, this.authorities)
  }

  static async make(place: StorePlace): Promise<LogWorld> {
    const world = new LogWorld(place)
    const { journal } = world
    const at = [0]
    for (const n of [1, 2, 3]) {
      tell(journal, { to: OTHER, payload: 'between' })
      at.push(tell(journal, { to: ACTOR, payload: { n }, sender: OTHER }))
    }
    const [four = 0, five = 0] = turnOf(journal, OTHER, 1, [
      { to: ACTOR, payload: { n: 4 } },
      { to: ACTOR, payload: { n: 5 } },
    ])
    world.at = [...at, four, five]
    await stored(journal)
    return world
  }

  async end(): Promise<void> {
    await this.journal.close()
    this.place.remove()
  }

  /** Closes the log, and opens it again from what the store kept. */
  async reopen(): Promise<void> {
    await this.journal.close()
    this.store = this.place.open()
    this.journal = new Journal(this.store, this.authorities)
  }

  /** Position of the event with a number. */
  event(number: number): number {
    return this.at[number] ?? 0
  }

  /** Numbers of the events that a query of the actor finds, and its highest position as the number of an event. */
  numbers(query: Omit<LogQuery, 'actor'> = {}): [events: number[], highest: number] {
    const { records, highest } = this.journal.query({ actor: ACTOR, ...query })
    return [records.map(({ position }) => this.at.indexOf(position)), this.at.indexOf(highest)]
  }
}

/** How a step was refused: code and field, or that it was not. */
export async function refusalOf(step: () => unknown): Promise<{ code: string; field: string | undefined }> {
  try {
    await step()
  } catch (error) {
    if (error instanceof HoldfastError) return { code: error.code, field: error.field }
    throw error
  }
  return { code: 'not refused', field: undefined }
}
