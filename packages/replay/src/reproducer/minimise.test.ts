import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { minimise } from './minimise.js'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('the fewest that still fail', () => {
  it('are none when nothing is needed', async () => {
    expect(await minimise(numbers(10), () => Promise.resolve(true))).toEqual([])
  })

  it('are the culprits, in their order, wherever they stand', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.nat(199), { minLength: 1, maxLength: 6 }),
      async (count, chosen) => {
        const culprits = [...new Set(chosen.map((each) => each % count))].sort((a, b) => a - b)
        const fails = (some: readonly number[]) =>
          Promise.resolve(culprits.every((each) => some.includes(each)))
        expect(await minimise(numbers(count), fails)).toEqual(culprits)
      },
    )
    await fc.assert(property, { numRuns: 200 })
  })

  it('of a thousand with one culprit are found in a few dozen tries', async () => {
    let tries = 0
    const left = await minimise(numbers(1_000), (some) => {
      tries++
      return Promise.resolve(some.includes(617))
    })
    expect(left).toEqual([617])
    expect(tries).toBeLessThan(60)
  })
})
