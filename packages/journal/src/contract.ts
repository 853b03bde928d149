// Contract
// ========
// The contract of a log, for every store that there is: this package's own, and any that is made elsewhere. It brings no
// test runner along; the caller passes the functions of one, and a way to make a place for a store.
//
// It follows the persistence contract that stores for event sourced actors are commonly held to, with one difference
// that runs through all of it: here is one totally ordered log, so a position takes the place of a number per actor. An
// actor's positions rise and have gaps, and "the first event" is a position, not 1. Numbers with a T are those cases.

import { beyond, fencing } from './contract/beyond.js'
import { cutting } from './contract/cutting.js'
import { deleting } from './contract/deleting.js'
import { LogWorld, type StorePlace } from './contract/log-world.js'
import { reading } from './contract/reading.js'
import { snapshots } from './contract/snapshots.js'
import { states } from './contract/states.js'
import type { TestApi } from './contract/test-api.js'
import { writing } from './contract/writing.js'

/** A store that is held against the contract. */
export interface LogContract {
  /** What the store is called in the names of the tests. */
  readonly store: string
  /** Makes a fresh place; each test has its own. */
  readonly place: () => StorePlace
  /**
   * Whether a second writer can come at all. A store in the memory of its process has only one, and is held to the rest.
   * @default true
   */
  readonly isShared?: boolean
}

/**
 * Registers the tests that every store must pass.
 *
 * @example logContract({ describe, it, expect, beforeEach, afterEach }, { store: 'LMDB', place: () => lmdbPlace() })
 */
export function logContract(api: TestApi, { store, place, isShared = true }: LogContract): void {
  let current: LogWorld | undefined
  const world = (): LogWorld => current!
  const parts = {
    writing,
    reading,
    deleting,
    cutting,
    snapshots,
    states,
    beyond,
    ...(isShared ? { fencing } : {}),
  }
  api.describe(`the contract of a log on ${store}`, () => {
    api.beforeEach(async () => {
      current = await LogWorld.make(place())
    })
    api.afterEach(async () => {
      await current?.end()
      current = undefined
    })
    for (const [name, part] of Object.entries(parts)) {
      api.describe(name, () => {
        part(api, world)
      })
    }
  })
}

export type { StorePlace } from './contract/log-world.js'
export type { Expectation, TestApi } from './contract/test-api.js'
