// The executor above pools whose answers a test gives, when it likes and as often as it likes.

import { actor, HoldfastError, type Errand, type Outcome } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Death, Job } from './pool/lane.js'
import type { PoolOptions } from './pool/pool-options.js'
import type { Pool } from './pool/pool.js'
import { ThreadExecutor } from './thread-executor.js'
import { ParcelWriter } from './wire/bytes.js'
import type { Reply } from './wire/tasks.js'
import { writeTurnEnd } from './wire/turns.js'
import { newValues } from './wire/values.fixture.js'

/** A pool that does what the test says. */
class ScriptedPool implements Pool {
  readonly options: PoolOptions
  readonly jobs: Job[] = []
  readonly forgotten: Job[] = []
  readonly homes = new Set<number>()
  renewals = 0
  closings = 0

  constructor(options: PoolOptions) {
    this.options = options
  }

  submit(job: Job): void {
    this.jobs.push(job)
  }

  houses(one: number): boolean {
    return this.homes.has(one)
  }

  forget(job: Job): void {
    this.forgotten.push(job)
  }

  renew(): Promise<void> {
    this.renewals++
    return Promise.resolve()
  }

  end(thread: number): boolean {
    return thread === this.options.heapMb
  }

  stats(): ReturnType<Pool['stats']> {
    return { threads: [], hasSpare: false, waiting: this.jobs.length }
  }

  close(): Promise<void> {
    this.closings++
    return Promise.resolve()
  }
}

const values = newValues()
const module = 'file:///definitions.js'
const definition = actor({ name: 'one', runsIn: 'thread', on: {} })
const elsewhere = actor({ name: 'two', runsIn: 'thread', module: 'file:///other.js', on: {} })

let authorities: VirtualAuthorities
let opened: ScriptedPool[]
let executor: ThreadExecutor
let faults: ((actor: number, error: never) => void)[]

function open(
  needsModules = true,
  options: ConstructorParameters<typeof ThreadExecutor>[0]['options'] = {},
): void {
  opened = []
  faults = []
  authorities = new VirtualAuthorities()
  const pools = { small: { heapMb: 64 }, large: { heapMb: 512 } }
  executor = new ThreadExecutor({
    options: { module, pools, ...options },
    open: (given, onFault) => {
      const pool = new ScriptedPool(given)
      opened.push(pool)
      faults.push(onFault)
      return pool
    },
    authorities,
    needsModules,
    values,
  })
}

beforeEach(() => {
  open()
})

function errand(given: Partial<Errand> = {}): Errand {
  const which = { actor: 1, serial: 1, definition, pool: 'small', path: '/one', parent: '/' }
  const how = { turns: 0, digestEvery: 0, isStateDue: false, deadlineMs: 100, messages: [] }
  return { ...which, ...how, state: { value: {} }, ...given }
}

function run(given: Partial<Errand> = {}): Outcome[] {
  const outcomes: Outcome[] = []
  executor.run(errand(given), (outcome) => outcomes.push(outcome))
  return outcomes
}

function work(busyMs = 0): Reply {
  const writer = new ParcelWriter(values)
  writeTurnEnd(writer, 'done', 'answer', 0, -1)
  return { kind: 'work', work: { parcel: writer.end(), size: 1, hasState: false }, busyMs }
}

const death = (at: number): Death => ({
  kind: 'death',
  at,
  error: new HoldfastError('HF_THREAD_EXIT', 'It has ended.'),
})

describe('Before anything runs', () => {
  it.each([
    ['a pool that there is not', definition, 'nowhere', 'pool'],
    ['a pool that is named like what objects have', definition, 'constructor', 'pool'],
  ])('%s is refused', (_what, which, pool, field) => {
    expect(() => {
      executor.admit(which, pool)
    }).toThrow(expect.objectContaining({ code: 'HF_INVALID', field }))
  })

  it('a definition that says nowhere where it is exported is refused, where that is needed', () => {
    open(true, { module: undefined })
    expect(() => {
      executor.admit(definition, 'default')
    }).toThrow(expect.objectContaining({ code: 'HF_INVALID', field: 'module' }))
    executor.admit(elsewhere, 'default')
    open(false, { module: undefined })
    executor.admit(definition, 'default')
  })

  it('no pool is opened, and each is with its first errand, once and with its own options', () => {
    executor.admit(definition, 'small')
    expect(opened).toEqual([])
    run()
    run({ actor: 2 })
    run({ actor: 3, pool: 'large' })
    run({ actor: 4, pool: 'default' })
    expect(opened.map(({ options }) => options)).toEqual([{ heapMb: 64 }, { heapMb: 512 }, {}])
  })
})

describe('An errand', () => {
  it('says where its definition is: its own module, or that of the system', () => {
    run()
    run({ actor: 2, definition: elsewhere })
    expect(opened[0]!.jobs.map(({ task }) => task)).toMatchObject([
      { kind: 'run', definition: 'one', module },
      { kind: 'run', definition: 'two', module: 'file:///other.js' },
    ])
  })

  it.each<[string, Reply | Death, object]>([
    ['its work', work(), { kind: 'work', work: { size: 1 } }],
    ['a death that others are at fault for', death(-1), { kind: 'lost' }],
    ['a death by its third message', death(2), { kind: 'died', at: 2, error: { code: 'HF_THREAD_EXIT' } }],
    ['a thread that was replaced', { kind: 'lost' }, { kind: 'lost' }],
    [
      'a module that cannot be loaded',
      { kind: 'error', error: { name: 'E', code: 'HF_THREAD_UNLOADABLE', message: 'm' } },
      { kind: 'died', at: 0, error: { code: 'HF_THREAD_UNLOADABLE', message: 'm' } },
    ],
    [
      'an error that is none of ours',
      { kind: 'error', error: { name: 'E', message: 'm' } },
      { kind: 'died', at: 0, error: { code: 'HF_INVARIANT', message: 'm' } },
    ],
  ])('becomes what came of it: %s', (_what, reply, outcome) => {
    const outcomes = run()
    opened[0]!.jobs[0]!.done(reply)
    expect(outcomes).toMatchObject([outcome])
  })

  it('E1 without a state, to a pool that does not house its actor, is lost in a step of its own', async () => {
    const outcomes = run({ state: null })
    expect([outcomes, opened[0]!.jobs]).toEqual([[], []])
    await authorities.settle()
    expect(outcomes).toEqual([{ kind: 'lost' }])
    opened[0]!.homes.add(1)
    run({ state: null })
    expect(opened[0]!.jobs).toHaveLength(1)
  })

  it('whose state cannot travel is refused, and nothing was sent', () => {
    expect(() => run({ state: { value: () => 1 } })).toThrow(
      expect.objectContaining({ code: 'HF_NOT_STORABLE' }),
    )
    expect(opened[0]!.jobs).toEqual([])
  })

  it('has memory of its own for what is in hand, used again when its work is there', () => {
    run()
    run({ actor: 2 })
    const [one, two] = opened[0]!.jobs as [Job, Job]
    expect(one.task.inHand).not.toBe(two.task.inHand)
    one.done(work())
    run({ actor: 3 })
    expect(opened[0]!.jobs[2]!.task.inHand).toBe(one.task.inHand)
  })
})

describe('A turn that waits', () => {
  it('is lost where nobody knows its actor', async () => {
    const outcomes: Outcome[] = []
    executor.follow(1, 1, (outcome) => outcomes.push(outcome))
    executor.give(1, 1, 0, true, 'for nobody', 0)
    let isSettled = false
    void executor.effect(1, 1, 0, new AbortController().signal).finally(() => (isSettled = true))
    await authorities.settle()
    expect([outcomes, isSettled, opened]).toEqual([[{ kind: 'lost' }], false, []])
  })

  it('has the deadline of its actor', () => {
    run({ deadlineMs: 750 })
    executor.follow(1, 1, () => undefined)
    executor.give(1, 1, 0, true, 1, 0)
    expect(opened[0]!.jobs.map(({ deadlineMs }) => deadlineMs)).toEqual([750, 750, 750])
  })

  it('is refused a result that cannot travel', () => {
    run()
    expect(() => {
      executor.give(1, 1, 0, true, () => 1, 0)
    }).toThrow(expect.objectContaining({ code: 'HF_NOT_STORABLE' }))
  })

  it('has what its effect gave, or what it threw', async () => {
    run()
    const { signal } = new AbortController()
    const [good, bad] = [executor.effect(1, 1, 0, signal), executor.effect(1, 1, 1, signal)]
    const writer = new ParcelWriter(values)
    writer.value({ is: 'given' })
    const [, one, two] = opened[0]!.jobs as [Job, Job, Job]
    one.done({ kind: 'value', parcel: writer.end() })
    two.done({ kind: 'error', error: { name: 'RangeError', message: 'outside' } })
    expect(await good).toEqual({ is: 'given' })
    await expect(bad).rejects.toMatchObject({ name: 'RangeError', message: 'outside' })
  })

  it('gives an effect up once, and not after it has ended', () => {
    run()
    const [first, second] = [new AbortController(), new AbortController()]
    void executor.effect(1, 1, 0, first.signal)
    void executor.effect(1, 1, 1, second.signal)
    const { jobs } = opened[0]!
    jobs[2]!.done({ kind: 'lost' })
    first.abort()
    second.abort()
    expect(jobs.slice(3).map(({ task }) => task)).toMatchObject([{ kind: 'abort', index: 0 }])
  })
})

describe('An actor that is given up', () => {
  it('is forgotten once, where it was', () => {
    run()
    executor.forget(1)
    executor.forget(1)
    executor.forget(2)
    expect(opened[0]!.forgotten.map(({ task }) => task)).toMatchObject([{ kind: 'forget', actor: 1 }])
    expect(executor.stats().actors).toEqual([])
  })

  it('leaves what comes late with whoever waited for it, and begins anew', () => {
    const early = run()
    executor.forget(1)
    const later = run({ serial: 2 })
    const [first, second] = opened[0]!.jobs as [Job, Job]
    first.done(work(7))
    expect([early.length, later.length]).toEqual([1, 0])
    expect(executor.stats().actors).toMatchObject([{ actor: '/one', busyMs: 0, messages: 0 }])
    second.done(work(3))
    expect(executor.stats().actors).toMatchObject([{ busyMs: 3, messages: 1 }])
  })
})

describe('What there is to know', () => {
  it('is how long each actor was run and has waited, and what its pools say', async () => {
    run()
    await authorities.advance(10)
    opened[0]!.jobs[0]!.done(work(4))
    expect(executor.stats()).toEqual({
      pools: [{ name: 'small', threads: [], hasSpare: false, waiting: 1 }],
      actors: [{ actor: '/one', busyMs: 4, queueMs: 6, messages: 1 }],
    })
  })

  it('is told of an actor that ended its thread with nothing in hand', () => {
    const heard: unknown[] = []
    run()
    faults[0]!(1, 'nobody listens' as never)
    executor.onFault = (...fault) => heard.push(fault)
    faults[0]!(1, 'error' as never)
    expect(heard).toEqual([[1, 'error']])
  })
})

describe('All pools', () => {
  it('are renewed, or the one that is named; one that there is not is refused', async () => {
    run()
    run({ actor: 2, pool: 'large' })
    await executor.renew('large')
    expect(opened.map(({ renewals }) => renewals)).toEqual([0, 1])
    await executor.renew()
    await executor.renew('default')
    expect(opened.map(({ renewals }) => renewals)).toEqual([1, 2])
    await expect(executor.renew('nowhere')).rejects.toMatchObject({ code: 'HF_INVALID', field: 'pool' })
  })

  it('are asked for a thread that is to end', () => {
    run()
    run({ actor: 2, pool: 'large' })
    expect([executor.end(512), executor.end(1)]).toEqual([true, false])
  })

  it('are closed', async () => {
    run()
    run({ actor: 2, pool: 'large' })
    await executor.close()
    expect(opened.map(({ closings }) => closings)).toEqual([1, 1])
  })
})
