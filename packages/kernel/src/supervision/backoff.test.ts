import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffOf, pauseOf } from './backoff.js'

describe('the pause before a restart', () => {
  it.each([
    [0, 300_000, 420_000, 300_000],
    [2, 5_000, 7_000, 7_000],
    [2, 5_000, 604_800_000, 20_000],
    [1_000_000, 100, 10_000, 10_000],
    [1_000_000, 0, 10_000, 0],
  ])(
    'SUP-120 after %i earlier ones, from %i to %i ms without chance, is %i ms',
    (earlier, minMs, maxMs, pause) => {
      expect(pauseOf(backoffOf({ minMs, maxMs, jitter: 0 }, 'child'), earlier, 0.5)).toBe(pause)
    },
  )

  it('whatever is asked for, lies between the bounds and never shrinks with the count', () => {
    const time = fc.integer({ min: 0, max: 2_147_483_647 })
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    const shape = { factor: fc.double({ min: 1, max: 1_000, noNaN: true }), jitter: chance }
    fc.assert(
      fc.property(
        time,
        time,
        fc.record(shape),
        fc.nat(2_000),
        chance,
        (one, other, options, earlier, random) => {
          const [minMs, maxMs] = [Math.min(one, other), Math.max(one, other)]
          const backoff = backoffOf({ minMs, maxMs, ...options }, 'child')
          const pause = pauseOf(backoff, earlier, random)
          expect(pause).toBeGreaterThanOrEqual(minMs)
          expect(pause).toBeLessThanOrEqual(maxMs)
          expect(pauseOf(backoff, earlier + 1, random)).toBeGreaterThanOrEqual(pause)
        },
      ),
    )
  })

  it('SUP-128 begins anew after the middle of its bounds, unless it says otherwise', () => {
    expect(backoffOf({ minMs: 1_000, maxMs: 10_000 }, 'child').resetAfterMs).toBe(5_500)
  })
})

describe('a backoff that makes no sense is refused by its field', () => {
  it.each([
    ['minMs', { minMs: -1, maxMs: 5 }],
    ['minMs', { minMs: NaN, maxMs: 5 }],
    ['maxMs', { minMs: 10, maxMs: 5 }],
    ['maxMs', { minMs: 10, maxMs: Infinity }],
    ['factor', { minMs: 1, maxMs: 5, factor: 0.5 }],
    ['jitter', { minMs: 1, maxMs: 5, jitter: 2 }],
    ['resetAfterMs', { minMs: 1, maxMs: 5, resetAfterMs: -1 }],
  ])('%s of %j', (field, options) => {
    const refused = { code: 'HF_INVALID', field: `child.backoff.${field}` }
    expect(() => backoffOf(options, 'child')).toThrow(expect.objectContaining(refused))
  })
})
