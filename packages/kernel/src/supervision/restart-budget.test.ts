import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RestartBudget } from './restart-budget.js'

describe('B1 a restart is granted while fewer than max lie within the window', () => {
  it('grants max restarts at once and refuses the next', () => {
    const budget = new RestartBudget(2, 1_000)
    expect([budget.grant(0), budget.grant(0), budget.grant(0)]).toEqual([true, true, false])
  })

  it('with a max of 0 grants none', () => {
    expect(new RestartBudget(0, 1_000).grant(0)).toBe(false)
  })

  it('does not count a restart that it refused', () => {
    const budget = new RestartBudget(1, 100)
    budget.grant(0)
    budget.grant(50)
    expect(budget.grant(100)).toBe(true)
  })
})

describe('B2 the edge of the window is exclusive', () => {
  it('a restart exactly a window ago no longer counts, one a moment younger does', () => {
    const budget = new RestartBudget(1, 1_000)
    budget.grant(0)
    expect(budget.used(999.9)).toBe(1)
    expect(budget.used(1_000)).toBe(0)
  })
})

describe('B3 the window slides', () => {
  it('for any times it answers like a list of all restarts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }),
        (max, withinMs, pauses) => {
          const budget = new RestartBudget(max, withinMs)
          let granted: number[] = []
          let now = 0
          for (const pause of pauses) {
            now += pause
            granted = granted.filter((at) => at > now - withinMs)
            const fits = granted.length < max
            expect(budget.grant(now)).toBe(fits)
            if (fits) granted.push(now)
            expect(budget.used(now)).toBe(granted.length)
          }
        },
      ),
    )
  })
})

describe('a budget of an earlier process', () => {
  it('goes on with the restarts that were granted before this one began', () => {
    const budget = new RestartBudget(2, 1_000)
    expect([budget.grant(-850), budget.grant(-350)]).toEqual([true, true])
    expect(budget.used(50)).toBe(2)
    expect(budget.grant(50)).toBe(false)
    expect(budget.grant(150)).toBe(true)
    expect(budget.used(150)).toBe(2)
  })
})

describe('a budget that is cleared', () => {
  it('begins anew', () => {
    const budget = new RestartBudget(1, 1_000)
    budget.grant(0)
    budget.clear()
    expect([budget.used(0), budget.grant(0)]).toEqual([0, true])
  })
})
