import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orderOf } from './index-order.js'

it('puts numbers in order, however far apart they lie, and leaves equal ones as they stood', () => {
  const near = fc.integer({ min: 9_000_000, max: 9_000_100 })
  const far = fc.constantFrom(
    0,
    1,
    2 ** 11,
    2 ** 22 - 1,
    2 ** 22,
    2 ** 33,
    2 ** 45 + 1,
    Number.MAX_SAFE_INTEGER,
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(near, far, fc.maxSafeNat()), { maxLength: 300 }), (keys) => {
      const wanted = keys.map((_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b)
      expect([...orderOf(Float64Array.from([...keys, 5, 4]), keys.length)]).toEqual(wanted)
    }),
    { numRuns: 300 },
  )
})
