import { beforeEach, describe, expect, it } from 'vitest'
import type { BreakerOptions } from './breaker-options.js'
import { circuitBreaker, type BreakerChange, type CircuitBreaker } from './circuit-breaker.js'
import { CircuitOpenError } from './errors.js'
import { VirtualClock } from './virtual-clock.fixture.js'

let clock: VirtualClock

beforeEach(() => {
  clock = new VirtualClock()
})

function made(options: Partial<BreakerOptions> = {}): CircuitBreaker {
  return circuitBreaker({
    name: 'rates',
    clock: clock.read,
    failures: 3,
    openMs: 1_000,
    factor: 2,
    openMaxMs: 5_000,
    trialTimeoutMs: 300,
    ...options,
  })
}

function opened(options: Partial<BreakerOptions> = {}): CircuitBreaker {
  const breaker = made(options)
  breaker.trip()
  return breaker
}

/** A breaker whose trial has begun. */
function tried(options: Partial<BreakerOptions> = {}): CircuitBreaker {
  const breaker = opened(options)
  clock.advance(1_000)
  expect(breaker.allows()).toBe(true)
  expect(breaker.state).toBe('halfOpen')
  return breaker
}

function heard(breaker: CircuitBreaker): BreakerChange[] {
  const changes: BreakerChange[] = []
  breaker.onChange((change) => changes.push(change))
  return changes
}

/** A call that ends when the test says so. */
function pending<T>(): PromiseWithResolvers<T> {
  let resolve!: PromiseWithResolvers<T>['resolve']
  let reject!: PromiseWithResolvers<T>['reject']
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

const down = new RangeError('the service is down')

async function failing(): Promise<never> {
  throw down
}

describe('a closed breaker (C1)', () => {
  it('is what one begins with, and lets every call pass', () => {
    const breaker = made()
    expect(breaker.state).toBe('closed')
    expect([breaker.allows(), breaker.allows(), breaker.retryAfterMs]).toEqual([true, true, 0])
  })

  it('opens at the last of so many failures in a row', () => {
    const breaker = made()
    breaker.failed()
    breaker.failed()
    expect(breaker.state).toBe('closed')
    breaker.failed()
    expect(breaker.state).toBe('open')
  })

  it('SUP-173 begins to count anew after a success', () => {
    const breaker = made()
    for (let round = 0; round < 10; round++) {
      breaker.failed()
      breaker.failed()
      breaker.succeeded()
    }
    expect(breaker.state).toBe('closed')
    breaker.failed()
    breaker.failed()
    breaker.failed()
    expect(breaker.state).toBe('open')
  })

  it('counts nothing for a call that was withdrawn', () => {
    const breaker = made({ failures: 1 })
    breaker.withdrawn()
    expect(breaker.state).toBe('closed')
  })

  it('begins to count anew when it is reset', () => {
    const breaker = made({ failures: 2 })
    breaker.failed()
    breaker.reset()
    breaker.failed()
    expect(breaker.state).toBe('closed')
  })
})

describe('an open breaker (C2)', () => {
  it('RES-14 refuses until a millisecond before its time is over, and then lets one call pass', () => {
    const breaker = opened()
    expect(breaker.retryAfterMs).toBe(1_000)
    clock.advance(999)
    expect([breaker.allows(), breaker.state, breaker.retryAfterMs]).toEqual([false, 'open', 1])
    clock.advance(1)
    expect([breaker.retryAfterMs, breaker.allows(), breaker.state]).toEqual([0, true, 'halfOpen'])
  })

  it('stays what it is until somebody asks, because it has no timer', () => {
    const breaker = opened()
    clock.advance(1_000_000)
    expect(breaker.state).toBe('open')
  })

  it('says in whole milliseconds when to try again, and never too early', () => {
    const breaker = opened()
    clock.advance(0.25)
    expect(breaker.retryAfterMs).toBe(1_000)
  })

  it('SUP-177 is not closed by a success, whether it is new or of a call from before it opened', () => {
    const breaker = made({ failures: 1 })
    const before = breaker.generation
    breaker.failed()
    breaker.succeeded(before)
    breaker.succeeded()
    expect(breaker.state).toBe('open')
    expect(breaker.allows()).toBe(false)
  })

  it('SUP-177 is not closed by a run that began before it opened', async () => {
    const breaker = made({ failures: 1 })
    const slow = pending<string>()
    const early = breaker.run(() => slow.promise)
    await expect(breaker.run(failing)).rejects.toBe(down)
    slow.resolve('late')
    expect(await early).toBe('late')
    expect(breaker.state).toBe('open')
  })

  it('RES-29 is open no longer for a late failure, and tells of none', () => {
    const breaker = made({ failures: 1 })
    const changes = heard(breaker)
    const before = breaker.generation
    breaker.failed(before)
    clock.advance(600)
    breaker.failed(before)
    breaker.failed()
    expect(breaker.retryAfterMs).toBe(400)
    expect(changes).toHaveLength(1)
  })

  it('begins its time anew when it is tripped, without being longer and without a change', () => {
    const breaker = opened()
    const changes = heard(breaker)
    clock.advance(900)
    breaker.trip()
    expect([breaker.retryAfterMs, changes.length]).toEqual([1_000, 0])
  })
})

describe('a half-open breaker (C3)', () => {
  it('SUP-174 runs one trial, and refuses a second call meanwhile', async () => {
    const breaker = opened()
    clock.advance(1_000)
    const trial = pending<string>()
    const first = breaker.run(() => trial.promise)
    let calls = 0
    await expect(breaker.run(() => calls++)).rejects.toBeInstanceOf(CircuitOpenError)
    expect([calls, breaker.state]).toEqual([0, 'halfOpen'])
    trial.resolve('up')
    expect(await first).toBe('up')
    expect(breaker.state).toBe('closed')
  })

  it('SUP-174 is closed by the success of its trial', () => {
    const breaker = tried()
    breaker.succeeded()
    expect([breaker.state, breaker.allows(), breaker.allows()]).toEqual(['closed', true, true])
  })

  it('SUP-174 is open again after the failure of its trial', () => {
    const breaker = tried()
    breaker.failed()
    expect([breaker.state, breaker.allows()]).toEqual(['open', false])
  })

  it('RES-27 refuses everybody but the first, also when many ask at once', () => {
    const breaker = opened()
    clock.advance(1_000)
    expect(Array.from({ length: 50 }, () => breaker.allows()).filter(Boolean)).toHaveLength(1)
  })

  it('says when the trial is over at the latest', () => {
    const breaker = tried()
    clock.advance(100)
    expect(breaker.retryAfterMs).toBe(200)
    expect(breaker.refusal()).toMatchObject({ state: 'halfOpen', retryAfterMs: 200 })
  })

  it('RES-26 is open again when its trial never reports, and lets a later one pass', () => {
    const breaker = tried()
    const lost = breaker.generation
    clock.advance(300)
    expect(breaker.retryAfterMs).toBe(2_000)
    expect([breaker.allows(), breaker.state]).toEqual([false, 'open'])
    clock.advance(2_000)
    expect([breaker.allows(), breaker.state]).toEqual([true, 'halfOpen'])
    breaker.succeeded(lost)
    breaker.failed(lost)
    breaker.withdrawn(lost)
    expect([breaker.allows(), breaker.state]).toEqual([false, 'halfOpen'])
  })

  it('counts the time after a lost trial from its end, however late somebody asks', () => {
    const breaker = tried()
    const changes = heard(breaker)
    clock.advance(300 + 2_000)
    expect(breaker.retryAfterMs).toBe(0)
    expect(breaker.allows()).toBe(true)
    expect(changes.map(({ event }) => event)).toEqual(['trial-lost', 'due'])
  })

  it('gives the place of a trial that was withdrawn to the next call', () => {
    const breaker = tried()
    const withdrawn = breaker.generation
    breaker.withdrawn(withdrawn)
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['halfOpen', 0])
    breaker.succeeded(withdrawn)
    expect(breaker.state).toBe('halfOpen')
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false])
    breaker.failed(withdrawn)
    expect(breaker.state).toBe('halfOpen')
    breaker.succeeded()
    expect(breaker.state).toBe('closed')
  })
})

describe('the open time (C4)', () => {
  it('SUP-176 RES-30 grows by the factor with each opening again, up to the maximum, and is the first one after a closing', () => {
    const breaker = made({ failures: 1 })
    const lasted: number[] = []
    breaker.failed()
    for (let again = 0; again < 5; again++) {
      lasted.push(breaker.retryAfterMs)
      clock.advance(breaker.retryAfterMs)
      breaker.allows()
      breaker.failed()
    }
    expect(lasted).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
    clock.advance(5_000)
    breaker.allows()
    breaker.succeeded()
    breaker.failed()
    expect(breaker.retryAfterMs).toBe(1_000)
  })

  it.each(['trip', 'failed'] as const)('grows for a trial that ends with "%s"', (how) => {
    const breaker = tried()
    breaker[how]()
    expect(breaker.retryAfterMs).toBe(2_000)
  })

  it('is the first one again after a reset', () => {
    const breaker = tried()
    breaker.failed()
    breaker.reset()
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['closed', 0])
    breaker.trip()
    expect(breaker.retryAfterMs).toBe(1_000)
  })

  it('stays the same with a factor of 1', () => {
    const breaker = tried({ factor: 1 })
    breaker.failed()
    expect(breaker.retryAfterMs).toBe(1_000)
  })
})

describe('the generation of a call (C5)', () => {
  it('keeps a failure from before out of the count of a breaker that was closed again', () => {
    const breaker = made({ failures: 1 })
    const before = breaker.generation
    breaker.trip()
    breaker.reset()
    breaker.failed(before)
    expect(breaker.state).toBe('closed')
  })

  it.each(['succeeded', 'failed', 'withdrawn'] as const)(
    'keeps "%s" of a call from before it opened out of the trial',
    (how) => {
      const breaker = made({ failures: 1 })
      const before = breaker.generation
      breaker.failed()
      clock.advance(1_000)
      breaker.allows()
      breaker[how](before)
      expect([breaker.state, breaker.allows()]).toEqual(['halfOpen', false])
    },
  )

  it('is a new one after a reset, also of a breaker that is closed', () => {
    const breaker = made({ failures: 1 })
    const before = breaker.generation
    breaker.reset()
    breaker.failed(before)
    expect(breaker.state).toBe('closed')
  })
})

describe('a run', () => {
  it('gives what the call gives, be it a value or a promise', async () => {
    const breaker = made()
    expect(await breaker.run(() => 1)).toBe(1)
    expect(await breaker.run(async () => 2)).toBe(2)
  })

  it.each([
    [
      'throws',
      () => {
        throw down
      },
    ],
    ['rejects', failing],
  ])('of a call that %s counts as a failure, and the error goes on', async (_how, call) => {
    const breaker = made({ failures: 1 })
    await expect(breaker.run(call)).rejects.toBe(down)
    expect(breaker.state).toBe('open')
  })

  it('is refused without the call, with the state, the time and the last failure', async () => {
    const breaker = made({ failures: 1 })
    await expect(breaker.run(failing)).rejects.toBe(down)
    clock.advance(100)
    let calls = 0
    await expect(breaker.run(() => calls++)).rejects.toMatchObject({
      code: 'HF_CIRCUIT_OPEN',
      breaker: 'rates',
      state: 'open',
      retryAfterMs: 900,
      cause: down,
      message: 'The circuit breaker "rates" is open for another 900 ms. The call was not made.',
      hint: 'Try again in 900 ms, or do without the call until then; error.cause is the last failure.',
    })
    expect(calls).toBe(0)
  })

  it('takes an error that is no failure for an answer', async () => {
    const breaker = tried({ isFailure: (error) => !(error instanceof RangeError) })
    breaker.withdrawn()
    await expect(breaker.run(failing)).rejects.toBe(down)
    expect(breaker.state).toBe('closed')
  })

  it('learns nothing from an error that says nothing', async () => {
    const breaker = tried({ isFailure: () => undefined })
    breaker.withdrawn()
    await expect(breaker.run(failing)).rejects.toBe(down)
    expect([breaker.state, breaker.allows()]).toEqual(['halfOpen', true])
  })

  it('takes it for a failure when isFailure throws, and warns', async () => {
    const warnings: unknown[] = []
    const broken = new TypeError('a bug in the question')
    const breaker = made({
      failures: 1,
      isFailure: () => {
        throw broken
      },
      warn: (message, error) => warnings.push([message, error]),
    })
    await expect(breaker.run(failing)).rejects.toBe(down)
    expect(breaker.state).toBe('open')
    expect(warnings).toEqual([['isFailure of the circuit breaker threw: "rates".', broken]])
  })
})

describe('a listener (C6)', () => {
  it('is told of each change with its event, the open time and the last failure', () => {
    const breaker = made({ failures: 1 })
    const changes = heard(breaker)
    breaker.failed(breaker.generation, down)
    clock.advance(1_000)
    breaker.allows()
    breaker.succeeded()
    const change = { breaker: 'rates', openMs: 0, cause: down }
    expect(changes).toEqual([
      { ...change, from: 'closed', to: 'open', event: 'failures', openMs: 1_000 },
      { ...change, from: 'open', to: 'halfOpen', event: 'due' },
      { ...change, from: 'halfOpen', to: 'closed', event: 'trial-succeeded', cause: undefined },
    ])
  })

  it('RES-18 is told nothing when the state is the one that it was', () => {
    const breaker = made()
    const changes = heard(breaker)
    breaker.reset()
    breaker.trip()
    breaker.trip()
    breaker.reset()
    breaker.reset()
    expect(changes.map(({ event }) => event)).toEqual(['trip', 'reset'])
  })

  it('RES-40 that throws stops neither the call nor the others, and is warned of', async () => {
    const warnings: unknown[] = []
    const breaker = made({ failures: 1, warn: (_message, error) => warnings.push(error) })
    const broken = new TypeError('a bug in the listener')
    breaker.onChange(() => {
      throw broken
    })
    const changes = heard(breaker)
    await expect(breaker.run(failing)).rejects.toBe(down)
    expect([changes.length, warnings]).toEqual([1, [broken]])
  })

  it('that throws where the warning throws too is still contained', () => {
    const breaker = made({ warn: failingAtOnce })
    const changes = heard(breaker)
    breaker.onChange(failingAtOnce)
    breaker.trip()
    expect(changes).toHaveLength(1)
  })

  it('that causes a change is told of it after all have heard of the first', () => {
    const breaker = made()
    const told: string[] = []
    breaker.onChange(({ event }) => {
      told.push(`one ${event}`)
      if (event === 'trip') breaker.reset()
    })
    breaker.onChange(({ event }) => told.push(`two ${event}`))
    breaker.trip()
    expect(told).toEqual(['one trip', 'two trip', 'one reset', 'two reset'])
  })

  it('that has gone hears nothing, and the same one may listen twice', () => {
    const breaker = made()
    const events: string[] = []
    const listener = ({ event }: BreakerChange): number => events.push(event)
    const go = breaker.onChange(listener)
    breaker.onChange(listener)
    breaker.trip()
    go()
    go()
    breaker.reset()
    expect(events).toEqual(['trip', 'trip', 'reset'])
  })

  it('that resets the breaker over a lost trial lets the call pass that found it lost', () => {
    const breaker = tried()
    breaker.onChange(({ event }) => {
      if (event === 'trial-lost') breaker.reset()
    })
    clock.advance(300)
    expect([breaker.allows(), breaker.state]).toEqual([true, 'closed'])
  })
})

function failingAtOnce(): never {
  throw down
}
