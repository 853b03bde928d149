// The breaker beside a model of it. The model has no numbers for generations and no flags: each stretch of its life is
// an object, and a call belongs to the stretch in which it began.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { circuitBreaker, type BreakerChange } from './circuit-breaker.js'
import { VirtualClock } from './virtual-clock.fixture.js'

interface Stretch {
  readonly kind: 'closed' | 'open' | 'trial' | 'vacant'
  readonly openMs: number
  readonly untilMs: number
  failures: number
}

interface Call {
  readonly stretch: Stretch
  readonly generation: number
}

type Action =
  | { readonly do: 'ask' | 'trip' | 'reset' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'succeeded' | 'failed' | 'withdrawn'; readonly call: number }

const FAILURES = 2
const OPEN_MS = 100
const FACTOR = 3
const OPEN_MAX_MS = 500
const TRIAL_MS = 40

class Model {
  now: Stretch = closed()
  nowMs = 0

  /** What is due at this time, as if a timer had brought it about: a lost trial. */
  #settle(): void {
    if (this.now.kind === 'trial' && this.nowMs >= this.now.untilMs) this.#openAgain(this.now.untilMs)
  }

  /** How long a call has to wait. */
  get retryAfterMs(): number {
    const { kind, untilMs, openMs } = this.now
    if (kind === 'closed' || kind === 'vacant') return 0
    const isLost = kind === 'trial' && this.nowMs >= untilMs
    return Math.max(0, untilMs + (isLost ? longer(openMs) : 0) - this.nowMs)
  }

  ask(): boolean {
    this.#settle()
    const isAllowed = this.retryAfterMs === 0
    if (isAllowed && this.now.kind !== 'closed') {
      this.now = { ...this.now, kind: 'trial', untilMs: this.nowMs + TRIAL_MS }
    }
    return isAllowed
  }

  end(stretch: Stretch, how: 'succeeded' | 'failed' | 'withdrawn'): void {
    if (stretch !== this.now) return
    if (this.now.kind === 'trial') {
      if (how === 'succeeded') this.now = closed()
      else if (how === 'failed') this.#openAgain(this.nowMs)
      else this.now = { ...this.now, kind: 'vacant' }
    } else if (how === 'succeeded') this.now.failures = 0
    else if (how === 'failed' && ++this.now.failures === FAILURES) this.trip()
  }

  trip(): void {
    if (this.now.kind === 'trial' || this.now.kind === 'vacant') this.#openAgain(this.nowMs)
    else
      this.now = { kind: 'open', openMs: this.now.openMs, untilMs: this.nowMs + this.now.openMs, failures: 0 }
  }

  reset(): void {
    this.now = closed()
  }

  #openAgain(atMs: number): void {
    const openMs = longer(this.now.openMs)
    this.now = { kind: 'open', openMs, untilMs: atMs + openMs, failures: 0 }
  }

  get state(): string {
    return this.now.kind === 'trial' || this.now.kind === 'vacant' ? 'halfOpen' : this.now.kind
  }
}

function closed(): Stretch {
  return { kind: 'closed', openMs: OPEN_MS, untilMs: 0, failures: 0 }
}

function longer(openMs: number): number {
  return Math.min(OPEN_MAX_MS, openMs * FACTOR)
}

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('succeeded' as const, 'failed' as const, 'failed' as const, 'withdrawn' as const),
      call: fc.nat({ max: 30 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.oneof(fc.constantFrom(1, TRIAL_MS, OPEN_MS), fc.nat({ max: 700 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('trip' as const, 'reset' as const) }) },
)

/** Does the same to a breaker and to its model, and holds after each step that nobody could tell them apart. */
function compare(actions: readonly Action[]): Set<string> {
  const clock = new VirtualClock()
  const options = { failures: FAILURES, openMs: OPEN_MS, factor: FACTOR, openMaxMs: OPEN_MAX_MS }
  const breaker = circuitBreaker({ name: 'b', clock: clock.read, trialTimeoutMs: TRIAL_MS, ...options })
  const model = new Model()
  const calls: Call[] = []
  const changes: BreakerChange[] = []
  breaker.onChange((change) => changes.push(change))

  const step = (each: Action): void => {
    if ('ms' in each) {
      clock.advance(each.ms)
      model.nowMs += each.ms
    } else if ('call' in each) {
      if (calls.length === 0) return
      // One of the latest calls, also one that has ended before: whoever reports twice must not confuse anybody.
      const { stretch, generation } = calls.at(-1 - (each.call % Math.min(calls.length, 4)))!
      breaker[each.do](generation)
      model.end(stretch, each.do)
    } else if (each.do === 'ask') {
      const isAllowed = model.ask()
      expect(breaker.allows()).toBe(isAllowed)
      if (isAllowed) calls.push({ stretch: model.now, generation: breaker.generation })
    } else {
      breaker[each.do]()
      model[each.do]()
    }
  }
  for (const each of actions) {
    step(each)
    expect(breaker.state).toBe(model.state)
    expect(breaker.retryAfterMs).toBe(model.retryAfterMs)
  }
  // Each change begins where the one before ended, and the last one ends where the breaker is.
  expect(changes.map(({ from }) => from)).toEqual(['closed', ...changes.map(({ to }) => to)].slice(0, -1))
  expect(changes.at(-1)?.to ?? 'closed').toBe(breaker.state)
  return new Set(changes.map(({ event }) => event))
}

it('SUP-173 SUP-174 SUP-176 SUP-177 whatever calls do, in whatever order and time, a breaker does what its model does', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
      for (const event of compare(actions)) seen.add(event)
    }),
    { numRuns: 500 },
  )
  expect([...seen].sort()).toEqual([
    'due',
    'failures',
    'reset',
    'trial-failed',
    'trial-lost',
    'trial-succeeded',
    'trip',
  ])
})
