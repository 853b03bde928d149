import { actor, allForOne, child, oneForOne, supervisor } from 'holdfast'
import type { TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { chronicle, ends, failEach, incarnations, lines, member, ownerOf, rootOf } from './chronicle.js'

const A = '/root/a'

describe('A directive', () => {
  it('SUP-97 to resume keeps the state and drops the message; the next is answered, and no hook has run', async () => {
    const world = await World.start({
      root: rootOf(child(actor({ ...member('a').spec, onFailure: { default: 'resume' } }))),
    })
    world.tell('/root/chronicle', 'clear')
    world.tell(A, 'add')
    world.tell(A, 'fail')
    expect(await world.ask(A, 'add')).toBe(2)
    expect(world.system.inspect(A)).toMatchObject({ incarnation: 1, restarts: 0, status: 'running' })
    expect(lines(world)).toEqual([])
    expect(world.recordsOf('failed').map((each) => each.data().parked)).toEqual([true])
    expect(world.recordsOf('restarted')).toEqual([])
  })

  it.each([
    [true, 2, 'last good one'],
    [false, 1, 'first one'],
  ])(
    'SUP-98 to restart runs the start hook again and answers the next message (durable: %s, so %i, from the %s)',
    async (durable, answer) => {
      const world = await World.start({ root: rootOf(child(actor({ ...member('a').spec, durable }))) })
      world.tell(A, 'add')
      world.tell(A, 'fail')
      expect(await world.ask(A, 'add')).toBe(answer)
      expect(world.system.inspect(A)).toMatchObject({ incarnation: 2, restarts: 1, status: 'running' })
      // What has failed runs no more code: there is no hook before a restart.
      expect(lines(world)).toEqual(['start a', 'start a'])
    },
  )

  it('SUP-99 to stop runs the stop hook, tells the watchers, and makes dead letters of what waited', async () => {
    const stopping = actor({ ...member('a').spec, onFailure: { default: 'stop' } })
    const world = await World.start({ root: rootOf(child(ownerOf(stopping))) })
    await world.settle()
    const path = '/root/owner/a'
    world.tell('/root/chronicle', 'clear')
    world.tell(path, 'fail', 'for good')
    world.tell(path, 'add')
    await world.settle()
    expect(lines(world)).toEqual(['stop a'])
    const error = { name: 'RangeError', message: 'for good' }
    expect(world.state('/root/owner')).toEqual({ notices: [{ path, reason: 'failed', error }] })
    expect(world.system.deadLetters.last).toMatchObject([{ to: path, type: 'add', reason: 'stopped' }])
    expect(world.recordsOf('restarted')).toEqual([])
  })

  it('SUP-101 to escalate fails the supervisor with that same error; without one the actor is restarted', async () => {
    const undecided = member('undecided')
    const raising = actor({ ...member('raising').spec, onFailure: { RangeError: 'escalate' } })
    const group = supervisor({ name: 'group', children: [child(undecided), child(raising)] })
    const world = await World.start({ root: rootOf(child(group)) })
    await failEach(world, '/root/group/undecided')
    expect(incarnations(world, '/root/group', '/root/group/undecided')).toEqual([1, 2])
    await failEach(world, '/root/group/raising')
    const error = { name: 'RangeError', message: 'raising failed' }
    const failed = world.recordsOf('failed').slice(1)
    expect(failed.map((each) => each.data())).toMatchObject([
      { context: 'message', error },
      { context: 'child', error },
    ])
    expect(failed[1]!.data().error).not.toHaveProperty('code')
    expect(world.recordsOf('directive').at(-1)!.data()).toMatchObject({
      offender: '/root/group',
      reason: error,
    })
    expect(incarnations(world, '/root', '/root/group', '/root/group/raising')).toEqual([1, 2, 2])
  })
})

describe('The hooks of an actor', () => {
  it('SUP-105 that fails once more than the budget of three: a start a life, and one stop, after the last', async () => {
    const counted = actor({
      name: 'counted',
      state: () => ({ life: 0 }),
      onStart(ctx) {
        ctx.state.life++
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', `start ${ctx.state.life}`)
      },
      onStop(ctx) {
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', `stop ${ctx.state.life}`)
      },
      on: {
        fail() {
          throw new Error('no')
        },
      },
    })
    const group = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 3 }),
      children: [child(counted)],
    })
    const world = await World.start({ root: rootOf(child(group, { restart: 'temporary' })) })
    const path = '/root/group/counted'
    await failEach(world, path, path, path)
    expect(lines(world)).toEqual(['start 1', 'start 2', 'start 3', 'start 4'])
    await failEach(world, path)
    expect(lines(world)).toEqual(['start 1', 'start 2', 'start 3', 'start 4', 'stop 4'])
    expect(world.system.inspect(path)).toMatchObject({ incarnation: 4, status: 'stopped' })
  })

  it('SUP-106 that never fails run once each', async () => {
    const world = await World.start({ root: rootOf(child(ownerOf(member('a')))) })
    const restarted = world.events('restarted')
    await world.settle()
    await world.ask('/root/owner/a', 'add')
    world.tell('/root/owner', 'stop')
    await world.settle()
    expect(lines(world)).toEqual(['start a', 'stop a'])
    expect(ends(world)).toEqual(['a normal'])
    expect(restarted).toEqual([])
    expect(world.recordsOf('restarted')).toEqual([])
  })

  it('SUP-108 that cannot start, with a budget of three: four starts, and then nothing more', async () => {
    let starts = 0
    const hopeless = actor({
      name: 'hopeless',
      onStart() {
        starts++
        throw new TypeError('never')
      },
      on: {},
    })
    const group = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 3 }),
      children: [child(hopeless), child(member('later'))],
    })
    const world = await World.start({ root: rootOf(child(group, { restart: 'temporary' })) })
    expect(starts).toBe(4)
    await world.advance(3_600_000)
    expect(starts).toBe(4)
    expect(world.system.inspect('/root/group')).toMatchObject({ status: 'stopped', stopped: 'failed' })
    expect(lines(world)).toEqual([])
    expect(world.authorities.timers).toBe(0)
  })

  it.each([
    ['state', 'start'],
    ['start hook', 'start'],
    ['handler', 'message'],
  ])(
    'SUP-111 that throws in its %s is reported to its supervisor as a failure of "%s"; who spawned it goes on',
    async (where, context) => {
      const broken = actor({
        name: 'broken',
        state: () => {
          if (where === 'state') throw new TypeError('no')
          return { n: 0 }
        },
        onStart() {
          if (where === 'start hook') throw new TypeError('no')
        },
        on: {
          go() {
            throw new TypeError('no')
          },
        },
      })
      const spawner = actor({
        name: 'spawner',
        spawns: [broken],
        on: {
          spawn(ctx) {
            ctx.tell(ctx.spawn(broken, { name: 'kid', restart: 'temporary' }), 'go')
            return 'spawned'
          },
        },
      })
      const world = await World.start({ root: rootOf(child(spawner)) })
      const failed = world.events('failed')
      expect(await world.ask('/root/spawner', 'spawn')).toBe('spawned')
      await world.settle()
      const offender = '/root/spawner/kid'
      expect(failed).toMatchObject([
        { supervisor: '/root/spawner', context, offender, reason: { name: 'TypeError', message: 'no' } },
      ])
      expect(world.recordsOf('failed').map((each) => each.data().context)).toEqual([context])
      expect(world.system.inspect('/root/spawner')).toMatchObject({ incarnation: 1, children: [] })
    },
  )

  it.each([
    ['start', 'it failed'],
    ['message', 'it failed'],
    ['stop', 'it normal'],
  ] as const)('SUP-112 fail alike by a throw and by a rejection, in %s', async (where, end) => {
    const outcomes: unknown[] = []
    for (const how of ['throw', 'reject'] as const) {
      const act = (at: string): unknown => {
        if (at !== where) return undefined
        if (how === 'throw') throw new RangeError(at)
        return Promise.reject(new RangeError(at))
      }
      const odd = actor({
        name: 'it',
        onFailure: { default: 'stop' },
        onStart: () => act('start'),
        onStop: () => act('stop'),
        on: {
          go: () => act('message'),
          end(ctx) {
            ctx.stop(ctx.self)
          },
        },
      })
      const world = await World.start({ root: rootOf(child(odd, { restart: 'transient' })) })
      if (where !== 'start') {
        world.tell('/root/it', 'go')
        world.tell('/root/it', 'end')
      }
      await world.settle()
      const failures = world.recordsOf('failed').map((each) => {
        const { context, parked, error } = each.data()
        return { context, parked, name: error.name, message: error.message }
      })
      outcomes.push({ failures, ends: ends(world) })
    }
    const failures = [{ context: where, parked: true, name: 'RangeError', message: where }]
    expect(outcomes).toEqual([
      { failures, ends: [end] },
      { failures, ends: [end] },
    ])
  })
})

describe('An error', () => {
  it('SUP-112 that is returned and not thrown is an answer, and fails nobody', async () => {
    const mild = actor({ name: 'mild', on: { go: () => new RangeError('only said') } })
    const world = await World.start({ root: rootOf(child(mild)) })
    const answer = await world.ask('/root/mild', 'go')
    expect(answer).toBeInstanceOf(Error)
    expect(answer).toMatchObject({ name: 'RangeError', message: 'only said' })
    expect(world.system.inspect('/root/mild')).toMatchObject({ incarnation: 1, failures: [], turns: 1 })
    expect(world.recordsOf('failed')).toEqual([])
  })
})

describe('A restart', () => {
  const gate = { later: new Later() }
  const left: string[] = []

  /** A parent of two children that take their time to leave. */
  function parentOf(durable: boolean) {
    const kid = actor({
      name: 'kid',
      durable,
      onStop(ctx) {
        left.push(ctx.self.path)
        return ctx.effect('gate', () => gate.later.promise)
      },
      on: {},
    })
    return actor({
      name: 'parent',
      durable,
      spawns: [kid],
      state: () => ({ n: 0, notices: [] as TerminatedNotice[] }),
      on: {
        spawn(ctx) {
          ctx.spawn(kid, { name: 'one' })
          ctx.spawn(kid, { name: 'two' })
        },
        watch(ctx, path: string) {
          ctx.watch(ctx.ref(path))
        },
        terminated(ctx, notice: TerminatedNotice) {
          ctx.state.notices.push(notice)
        },
        add: (ctx) => ++ctx.state.n,
        fail() {
          throw new Error('no')
        },
      },
    })
  }

  async function withKids(durable: boolean): Promise<World> {
    gate.later = new Later()
    left.length = 0
    const other = child(member('other'), { restart: 'transient' })
    const world = await World.start({ root: rootOf(other, child(parentOf(durable))) })
    await world.ask('/root/parent', 'spawn')
    await world.ask('/root/parent', 'watch', '/root/other')
    await world.ask('/root/parent', 'add')
    return world
  }

  it.each([
    [true, 3],
    [false, 2],
  ])(
    'SUP-113 of a parent (durable: %s) stops its children first, one after the other, while messages wait',
    async (durable, n) => {
      const world = await withKids(durable)
      world.tell('/root/parent', 'fail')
      world.tell('/root/parent', 'add')
      await world.settle()
      world.tell('/root/parent', 'add')
      await world.settle()
      expect(left).toEqual(['/root/parent/two'])
      expect(world.system.inspect('/root/parent')).toMatchObject({
        status: 'restarting',
        incarnation: 1,
        waiting: ['add', 'add'],
      })
      gate.later.resolve(1)
      await world.settle()
      expect(left).toEqual(['/root/parent/two', '/root/parent/one'])
      expect(world.system.inspect('/root/parent')).toMatchObject({
        status: 'running',
        incarnation: 2,
        children: [],
        waiting: [],
        state: { n },
      })
      expect(world.system.deadLetters.count).toBe(0)
    },
  )

  it.each([true, false])(
    'SUP-114 of a watcher (durable: %s) does not lose the notice of one that ends meanwhile',
    async (durable) => {
      const world = await withKids(durable)
      world.tell('/root/parent', 'fail')
      await world.settle()
      world.tell('/root/other', 'end')
      await world.settle()
      expect(world.system.inspect('/root/parent')).toMatchObject({
        status: 'restarting',
        waiting: ['terminated'],
      })
      gate.later.resolve(1)
      await world.settle()
      expect(world.system.inspect('/root/parent')).toMatchObject({
        incarnation: 2,
        state: { notices: [{ path: '/root/other', reason: 'normal' }] },
      })
    },
  )

  it('SUP-118 begins no start hook before the stop hook of the last life has ended', async () => {
    const later = new Later()
    const steps: string[] = []
    const slow = actor({
      name: 'slow',
      onStart() {
        steps.push('start')
      },
      async onStop(ctx) {
        steps.push('stop begins')
        await ctx.effect('gate', () => later.promise)
        steps.push('stop ends')
      },
      on: {},
    })
    const group = supervisor({
      name: 'group',
      strategy: allForOne(),
      children: [child(member('a')), child(slow)],
    })
    const world = await World.start({ root: rootOf(child(group)) })
    await failEach(world, '/root/group/a')
    expect(steps).toEqual(['start', 'stop begins'])
    expect(incarnations(world, '/root/group/a', '/root/group/slow')).toEqual([1, 1])
    later.resolve(1)
    await world.settle()
    expect(steps).toEqual(['start', 'stop begins', 'stop ends', 'start'])
    expect(incarnations(world, '/root/group/a', '/root/group/slow')).toEqual([2, 2])
  })
})

describe('An actor that never came up', () => {
  const left: string[] = []
  const how = {
    name: 'never',
    onFailure: { default: 'stop' as const },
    onStop: () => void left.push('left'),
    on: {},
  }
  const thrown = (): never => {
    throw new Error('not today')
  }

  it.each([
    ['start hook', actor({ ...how, onStart: thrown })],
    ['first state', actor({ ...how, durable: false, state: thrown })],
  ])('because its %s threw runs no stop hook when it is stopped for it', async (_what, never) => {
    left.length = 0
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(never)] }) })
    await world.settle()
    expect(world.system.inspect('/root/never').stopped).toBe('failed')
    expect(left).toEqual([])
    await world.stop()
    expect(left).toEqual([])
  })

  it('because it was to be a permanent child of a turn is refused, and the turn has done nothing', async () => {
    const kid = actor({ name: 'kid', on: {} })
    const parent = actor({
      name: 'parent',
      spawns: [kid],
      on: {
        go(ctx) {
          ctx.spawn(kid, { restart: 'permanent' as never })
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(parent)] }) })
    const error = await world.askFails('/root/parent', 'go')
    expect(error).toMatchObject({ message: expect.stringContaining('spawn.restart') as string })
    expect(world.system.inspect('/root/parent').children).toEqual([])
    await world.stop()
  })
})
