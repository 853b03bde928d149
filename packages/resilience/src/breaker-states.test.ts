import { describe, expect, it } from 'vitest'
import { breakerMachine, nextBreakerState, type BreakerEvent, type BreakerState } from './breaker-states.js'

const STATES: readonly BreakerState[] = ['closed', 'open', 'halfOpen']
const EVENTS: readonly BreakerEvent[] = [
  'failures',
  'due',
  'trial-succeeded',
  'trial-failed',
  'trial-lost',
  'trip',
  'reset',
]

const TABLE: Readonly<Record<BreakerState, Partial<Record<BreakerEvent, BreakerState>>>> = {
  closed: { failures: 'open', trip: 'open', reset: 'closed' },
  open: { due: 'halfOpen', trip: 'open', reset: 'closed' },
  halfOpen: {
    'trial-succeeded': 'closed',
    'trial-failed': 'open',
    'trial-lost': 'open',
    trip: 'open',
    reset: 'closed',
  },
}

describe('the states of a breaker', () => {
  it.each(STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))(
    'a breaker that is %s hears "%s"',
    (state, event) => {
      const next = TABLE[state][event]
      if (next === undefined) {
        expect(() => nextBreakerState(state, event)).toThrow(
          expect.objectContaining({ code: 'HF_INVARIANT' }),
        )
      } else {
        expect(nextBreakerState(state, event)).toBe(next)
        expect(nextBreakerState(state, event)).toBe(next)
      }
    },
  )

  it('are a statechart of exactly these', () => {
    expect(Object.keys(breakerMachine.states).sort()).toEqual([...STATES].sort())
  })
})
