import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logContract } from './contract.js'
import { segmentedPlace, STORES } from './log.fixture.js'

const PLACES = [...STORES, { store: 'LMDB and segments', make: segmentedPlace }]

for (const { store, make } of PLACES) {
  const isShared = store !== 'memory'
  logContract({ describe, it, expect, beforeEach, afterEach }, { store, place: make, isShared })
}

describe('the contract', () => {
  // prettier-ignore
  const CASES = [
    'T-1', 'T-2', 'T-3', 'T-4', 'T-5', 'T-6', 'T-7', 'T-8', 'T-9', 'T-10', 'T-11', 'T-12', 'T-13', 'T-14', 'T-15',
    'T-16', 'T-17', 'T-18', 'T-19', 'T-20', 'T-21', 'T-22', 'T-23', 'T-24', 'T-25', 'T-26', 'T-27', 'T-28', 'T-29',
    'T-30', 'T-31', 'T-32', 'T-33', 'T-34', 'T-35', 'T-36', 'T-37', 'T-38', 'T-39', 'T-40', 'T-41', 'T-42', 'T-43',
    'J-1', 'J-2', 'J-3', 'J-10', 'J-11', 'J-12', 'J-13', 'J-15', 'J-20', 'J-41',
  ]

  it('has a test for every case of a store of events, of snapshots and of states', () => {
    const named = new Set<string>()
    const register = (name: string): void => {
      for (const [each] of name.matchAll(/\b[TJ]-\d+\b/g)) named.add(each)
    }
    const api = {
      describe: (_: string, body: () => void) => {
        body()
      },
      it: register,
      beforeEach: () => undefined,
      afterEach: () => undefined,
      expect,
    }
    logContract(api, { store: 'no', place: STORES[1]!.make })
    expect([...named].sort()).toEqual([...CASES].sort())
  })
})
