import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KnownActors } from './known-actors.js'

describe('KA1 a key has one id, and keeps it', () => {
  it('whatever the keys are, it behaves like a map', () => {
    const keys = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'b', 'ä', '€', '𝒳')), {
      maxLength: 300,
    })
    fc.assert(
      fc.property(keys, (given) => {
        // Half of a surrogate pair has no stored form of its own, and no key has one either.
        const known = new KnownActors()
        const model = new Map<string, number>()
        for (const [i, key] of given.filter((each) => !/\p{Surrogate}/u.test(each)).entries()) {
          known.add(key, i + 1)
          if (!model.has(key)) model.set(key, i + 1)
        }
        for (const [key, id] of model) expect(known.get(key)).toBe(id)
        expect(known.size).toBe(model.size)
        expect(known.get('nobody has this key')).toBe(0)
      }),
    )
  })

  it('holds a hundred thousand', () => {
    const known = new KnownActors()
    for (let i = 1; i <= 100_000; i++) known.add(`customer-${i}`, i)
    for (let i = 1; i <= 100_000; i += 997) expect(known.get(`customer-${i}`)).toBe(i)
    expect(known.get('customer-0')).toBe(0)
  })
})

describe('The turns of one that sleeps', () => {
  it('are those that were noted last, also after the arrays have grown, and 0 for whoever is not known', () => {
    const known = new KnownActors()
    known.add('one', 1)
    expect(known.turnsOf('one')).toBe(0)
    known.sleeps('one', 41)
    known.sleeps('nobody', 7)
    for (let i = 2; i <= 100; i++) known.add(`customer-${i}`, i)
    expect([known.turnsOf('one'), known.turnsOf('nobody'), known.turnsOf('customer-9')]).toEqual([41, 0, 0])
  })

  it('are not noted when they do not fit', () => {
    const known = new KnownActors()
    known.add('one', 1)
    known.sleeps('one', 2 ** 32)
    expect(known.turnsOf('one')).toBe(0)
  })
})
