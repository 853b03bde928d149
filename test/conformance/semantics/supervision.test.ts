import { actor, allForOne, child, oneForOne, restForOne, supervisor } from 'holdfast'
import type { ChildSpec, Definition, FailurePolicy, RestartType, Strategy } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { chronicle } from '../supervision/chronicle.js'
import { Later, World } from './world.js'

/** A member of a group, which says when it starts and stops. */
function member(name: string) {
  return actor({
    name,
    state: () => ({ n: 0 }),
    onStart(ctx) {
      ctx.tell(ctx.ref('/root/chronicle'), 'note', `start ${name}`)
    },
    onStop(ctx) {
      ctx.tell(ctx.ref('/root/chronicle'), 'note', `stop ${name}`)
    },
    on: {
      add: (ctx) => ++ctx.state.n,
      fail(_ctx, how: string) {
        throw how === 'range' ? new RangeError('of range') : new Error(how)
      },
      end(ctx) {
        ctx.stop(ctx.self)
      },
    },
  })
}

function groupOf(strategy: Strategy, children: readonly ChildSpec[], onFailure?: FailurePolicy) {
  const group = supervisor({
    name: 'group',
    strategy,
    children,
    ...(onFailure === undefined ? {} : { onFailure }),
  })
  return supervisor({ name: 'root', children: [child(chronicle), child(group)] })
}

const abc = ['a', 'b', 'c'].map((name) => child(member(name)))
const lines = (world: World): string[] => world.state<{ lines: string[] }>('/root/chronicle').lines
const incarnations = (world: World): number[] =>
  ['a', 'b', 'c'].map((name) => world.system.inspect(`/root/group/${name}`).incarnation)

async function failing(root: Definition, path: string, how = 'no'): Promise<World> {
  const world = await World.start({ root })
  await world.ask('/root/group/a', 'add')
  world.tell('/root/chronicle', 'clear')
  await world.settle()
  world.tell(path, 'fail', how)
  await world.settle()
  return world
}

describe('P1: children', () => {
  it('SUP-73 start one after another in the order of the spec, and stop in reverse', async () => {
    const world = await World.start({ root: groupOf(oneForOne(), abc) })
    expect(lines(world)).toEqual(['start a', 'start b', 'start c'])
    await world.stop()
    const stops = world.recordsOf('message').filter(({ type }) => type === '$stop')
    const names = stops.map(
      ({ actor: id }) =>
        world
          .recordsOf('spawned')
          .find((each) => each.actor === id)!
          .data().name,
    )
    expect(names).toEqual(['c', 'b', 'a'])
  })

  it('wait for the start of the one before, also when that takes its time', async () => {
    const gate = new Later()
    const slow = actor({
      name: 'slow',
      async onStart(ctx) {
        await ctx.effect('gate', () => gate.promise)
      },
      on: {},
    })
    const root = supervisor({
      name: 'root',
      children: [child(chronicle), child(slow), child(member('next'))],
    })
    const world = new World({ root })
    const opening = world.open()
    await world.settle()
    expect(world.recordsOf('spawned').map((each) => each.data().name)).toEqual(['root', 'chronicle', 'slow'])
    gate.resolve(1)
    await opening
    expect(lines(world)).toEqual(['start next'])
  })
})

describe('A failing child', () => {
  it.each([
    ['one-for-one', oneForOne(), 'b', [1, 2, 1], ['start b']],
    ['all-for-one', allForOne(), 'b', [2, 2, 2], ['stop c', 'stop a', 'start a', 'start b', 'start c']],
    ['all-for-one', allForOne(), 'a', [2, 2, 2], ['stop c', 'stop b', 'start a', 'start b', 'start c']],
    ['rest-for-one', restForOne(), 'a', [2, 2, 2], ['stop c', 'stop b', 'start a', 'start b', 'start c']],
    ['rest-for-one', restForOne(), 'b', [1, 2, 2], ['stop c', 'start b', 'start c']],
    ['rest-for-one', restForOne(), 'c', [1, 1, 2], ['start c']],
  ])(
    'SUP-41 SUP-42 SUP-43 under %s restarts those that share its fate, out in reverse order and in again (%#)',
    async (_name, strategy, who, lives, said) => {
      const world = await failing(groupOf(strategy, abc), `/root/group/${who}`)
      expect(incarnations(world)).toEqual(lives)
      expect(lines(world)).toEqual(said)
    },
  )

  it('is reported with the same four keys as event and as record', async () => {
    const world = await World.start({ root: groupOf(restForOne(), abc) })
    const failed = world.events('failed')
    const directives = world.events('directive')
    world.tell('/root/group/b', 'fail', 'range')
    await world.settle()
    const report = { supervisor: '/root/group', context: 'message', offender: '/root/group/b' }
    const reason = { name: 'RangeError', message: 'of range' }
    expect(failed).toMatchObject([{ ...report, reason, parked: true }])
    expect(directives).toMatchObject([{ ...report, reason, directive: 'restart', affected: ['b', 'c'] }])
    expect(world.recordsOf('directive').map((each) => each.data())).toMatchObject([
      { ...report, reason, directive: 'restart', affected: ['b', 'c'] },
    ])
    expect(world.system.inspect('/root/group/b').failures).toMatchObject([{ error: reason }])
  })

  it('that fails in a group restart of another takes nobody twice', async () => {
    const gate = new Later()
    const slow = actor({
      name: 'slow',
      state: () => ({ stops: 0 }),
      async onStop(ctx) {
        ctx.state.stops++
        await ctx.effect('gate', () => gate.promise)
      },
      on: {},
    })
    const children = [child(member('a')), child(member('b')), child(slow)]
    const world = await World.start({ root: groupOf(allForOne(), children) })
    world.tell('/root/group/b', 'fail', 'first')
    await world.settle()
    // The stop hook of the last one still waits; the first one is still at work, and fails as well.
    world.tell('/root/group/a', 'fail', 'second')
    await world.settle()
    gate.resolve(1)
    await world.settle()
    expect(world.state('/root/group/slow')).toEqual({ stops: 1 })
    expect(['a', 'b', 'slow'].map((name) => world.system.inspect(`/root/group/${name}`))).toMatchObject([
      { incarnation: 2, status: 'running' },
      { incarnation: 2, status: 'running' },
      { incarnation: 2, status: 'running' },
    ])
    expect(await world.ask('/root/group/a', 'add')).toBe(1)
  })

  it('does not disturb a sibling that is starting', async () => {
    const gates = [new Later(), new Later()]
    let starts = 0
    const slow = actor({
      name: 'slow',
      state: () => ({ starts: 0 }),
      async onStart(ctx) {
        ctx.state.starts++
        await ctx.effect('gate', () => gates[starts++]?.promise)
      },
      on: {
        fail() {
          throw new Error('no')
        },
        ok: () => 'ok',
      },
    })
    gates[0]!.resolve(1)
    const world = await World.start({ root: groupOf(oneForOne(), [child(member('a')), child(slow)]) })
    world.tell('/root/group/slow', 'fail')
    await world.settle()
    world.tell('/root/group/a', 'fail', 'meanwhile')
    await world.settle()
    gates[1]!.resolve(1)
    await world.settle()
    expect(world.system.inspect('/root/group/slow')).toMatchObject({
      incarnation: 2,
      state: { starts: 2 },
      status: 'running',
    })
    expect(world.system.inspect('/root/group/a')).toMatchObject({ incarnation: 2, status: 'running' })
    expect(await world.ask('/root/group/slow', 'ok')).toBe('ok')
  })
})

describe('A directive', () => {
  class Base extends Error {}
  class Derived extends Base {}
  class Coded extends Error {
    readonly code = 'E_CODED'
  }
  const errors: Readonly<Record<string, () => unknown>> = {
    base: () => new Base('base'),
    derived: () => new Derived('derived'),
    coded: () => new Coded('coded'),
    range: () => new RangeError('range'),
    thrown: () => 'a text',
    nothing: () => undefined,
    hostile: () => Object.create(null) as unknown,
  }

  function thrower(onFailure?: FailurePolicy) {
    return actor({
      name: 'a',
      state: () => ({ n: 0 }),
      ...(onFailure === undefined ? {} : { onFailure }),
      on: {
        add: (ctx) => ++ctx.state.n,
        fail(ctx, what: string) {
          ctx.state.n = -1
          throw errors[what]!()
        },
      },
    })
  }

  const policy: FailurePolicy = { Base: 'resume', E_CODED: 'stop', Error: 'escalate', default: 'resume' }

  it.each([
    ['base', policy, 'resume'],
    ['derived', policy, 'resume'],
    ['derived', { Derived: 'stop', Base: 'resume' }, 'stop'],
    ['derived', { Error: 'stop', Derived: 'resume' }, 'resume'],
    ['coded', policy, 'stop'],
    ['range', policy, 'escalate'],
    ['thrown', policy, 'resume'],
    ['nothing', policy, 'resume'],
    ['hostile', policy, 'resume'],
    ['range', { default: 'stop' }, 'stop'],
    ['range', { TypeError: 'stop' }, 'restart'],
    ['range', undefined, 'restart'],
  ] as const)('for %s under %j is %s', async (what, onFailure, directive) => {
    const world = await failing(groupOf(oneForOne(), [child(thrower(onFailure))]), '/root/group/a', what)
    expect(world.recordsOf('directive')[0]!.data().directive).toBe(directive)
  })

  it('comes from the supervisor when the definition says nothing of the error', async () => {
    for (const own of [undefined, { TypeError: 'stop' }] as const) {
      const root = groupOf(oneForOne(), [child(thrower(own))], { RangeError: 'resume', default: 'stop' })
      const world = await failing(root, '/root/group/a', 'range')
      expect(world.recordsOf('directive')[0]!.data().directive).toBe('resume')
      expect(world.state('/root/group/a')).toEqual({ n: 1 })
    }
  })

  it('to resume leaves the incarnation, and goes on from the last good state', async () => {
    const world = await failing(
      groupOf(oneForOne(), [child(thrower({ default: 'resume' }))]),
      '/root/group/a',
      'range',
    )
    expect(world.system.inspect('/root/group/a')).toMatchObject({
      incarnation: 1,
      restarts: 0,
      state: { n: 1 },
    })
    expect(await world.ask('/root/group/a', 'add')).toBe(2)
  })

  it('to stop ends the actor as failed', async () => {
    const world = await failing(
      groupOf(oneForOne(), [child(thrower({ default: 'stop' }))]),
      '/root/group/a',
      'range',
    )
    expect(world.system.inspect('/root/group/a')).toMatchObject({ status: 'stopped', stopped: 'failed' })
    expect(await world.askFails('/root/group/a', 'add')).toMatchObject({ code: 'HF_NO_SUCH_ACTOR' })
  })

  it('to escalate fails the supervisor, whose own supervisor restarts it with all its children', async () => {
    const world = await failing(
      groupOf(oneForOne(), [child(thrower({ default: 'escalate' })), child(member('b')), child(member('c'))]),
      '/root/group/a',
      'range',
    )
    expect(incarnations(world)).toEqual([2, 2, 2])
    expect(world.system.inspect('/root/group')).toMatchObject({
      incarnation: 2,
      restarts: 1,
      status: 'running',
    })
    expect(lines(world)).toEqual(['stop c', 'stop b', 'start b', 'start c'])
    expect(world.system.inspect('/root').restarts).toBe(0)
    expect(await world.ask('/root/group/a', 'add')).toBe(2)
  })
})

describe('A child that ends', () => {
  it.each([
    ['permanent', 'end', true],
    ['permanent', 'fail', true],
    ['transient', 'end', false],
    ['transient', 'fail', true],
    ['temporary', 'end', false],
    ['temporary', 'fail', false],
  ] as const)('and is %s, by "%s", lives again: %s', async (restart: RestartType, how, livesAgain) => {
    const world = await World.start({ root: groupOf(oneForOne(), [child(member('a'), { restart })]) })
    await world.ask('/root/group/a', 'add')
    world.tell('/root/group/a', how, how === 'fail' ? 'no' : undefined)
    await world.settle()
    const inspection = world.system.inspect('/root/group/a')
    if (livesAgain)
      expect(inspection).toMatchObject({ incarnation: 2, status: 'running', stopped: undefined })
    else
      expect(inspection).toMatchObject({
        incarnation: 1,
        status: 'stopped',
        stopped: how === 'end' ? 'normal' : 'failed',
      })
    await world.recover()
    expect(world.system.inspect('/root/group/a').status).toBe(livesAgain ? 'running' : 'stopped')
  })

  it('and is temporary, pulled down by a sibling, is not started again', async () => {
    const children = [child(member('a')), child(member('b'), { restart: 'temporary' }), child(member('c'))]
    const world = await failing(groupOf(allForOne(), children), '/root/group/a')
    expect(lines(world)).toEqual(['stop c', 'stop b', 'start a', 'start c'])
    expect(world.system.inspect('/root/group/b')).toMatchObject({ status: 'stopped', incarnation: 1 })
  })

  it('and was spawned, is forgotten, so that its name is free', async () => {
    const parent = actor({
      name: 'parent',
      spawns: [abc[0]!.definition],
      onFailure: { default: 'resume' },
      on: {
        spawn(ctx) {
          ctx.spawn(abc[0]!.definition, { name: 'kid' })
        },
      },
    })
    const world = await World.start({
      root: supervisor({ name: 'root', children: [child(chronicle), child(parent)] }),
    })
    await world.ask('/root/parent', 'spawn')
    expect(await world.askFails('/root/parent', 'spawn')).toMatchObject({
      cause: { code: 'HF_DUPLICATE_NAME' },
    })
    expect(await world.ask('/root/parent/kid', 'add')).toBe(1)
    await world.ask('/root/parent/kid', 'end')
    expect(world.system.inspect('/root/parent').children).toEqual([])
    await world.ask('/root/parent', 'spawn')
    expect(await world.ask('/root/parent/kid', 'add')).toBe(1)
    await world.recover()
    expect(world.system.inspect('/root/parent').children).toEqual(['kid'])
    expect(world.state('/root/parent/kid')).toEqual({ n: 1 })
  })
})

describe('P3: the budget', () => {
  it.each([0, 1, 2, 3])(
    'of %i restarts is exhausted by one more, and the supervisor fails',
    async (maxRestarts) => {
      const world = await World.start({ root: groupOf(oneForOne({ maxRestarts, withinMs: 1_000 }), abc) })
      for (let i = 0; i < maxRestarts; i++) world.tell('/root/group/a', 'fail', 'again')
      await world.settle()
      expect(world.system.inspect('/root/group').restarts).toBe(0)
      world.tell('/root/group/a', 'fail', 'once more')
      await world.settle()
      expect(world.system.inspect('/root/group').restarts).toBe(1)
      const failed = world.recordsOf('failed').at(-1)!.data()
      expect(failed).toMatchObject({ context: 'child', error: { code: 'HF_GAVE_UP' } })
      expect(failed.error.message).toContain(`more than ${maxRestarts} restarts within 1000 ms`)
    },
  )

  it('SUP-53 is charged once for a group, however many it takes along', async () => {
    const world = await World.start({ root: groupOf(allForOne({ maxRestarts: 2, withinMs: 1_000 }), abc) })
    world.tell('/root/group/a', 'fail', 'one')
    await world.settle()
    world.tell('/root/group/b', 'fail', 'two')
    await world.settle()
    expect(incarnations(world)).toEqual([3, 3, 3])
    expect(world.system.inspect('/root/group').restarts).toBe(0)
  })

  it('slides: a restart that lies a whole window back no longer counts', async () => {
    const world = await World.start({ root: groupOf(oneForOne({ maxRestarts: 1, withinMs: 1_000 }), abc) })
    for (let i = 0; i < 5; i++) {
      world.tell('/root/group/a', 'fail', 'slowly')
      await world.settle()
      await world.advance(1_000)
    }
    expect(world.system.inspect('/root/group').restarts).toBe(0)
    world.tell('/root/group/a', 'fail', 'first')
    await world.advance(999)
    world.tell('/root/group/a', 'fail', 'second')
    await world.settle()
    expect(world.system.inspect('/root/group').restarts).toBe(1)
  })

  it('begins anew with a new life of the supervisor', async () => {
    const world = await World.start({ root: groupOf(oneForOne({ maxRestarts: 1 }), abc) })
    for (let i = 0; i < 3; i++) {
      world.tell('/root/group/a', 'fail', 'again')
      await world.settle()
    }
    expect(world.system.inspect('/root/group').restarts).toBe(1)
    expect(world.system.inspect('/root').restarts).toBe(0)
  })

  it('is charged for a permanent child that ends on its own', async () => {
    const world = await World.start({ root: groupOf(oneForOne({ maxRestarts: 1 }), abc) })
    world.tell('/root/group/a', 'end')
    await world.settle()
    expect(world.system.inspect('/root/group').restarts).toBe(0)
    world.tell('/root/group/a', 'end')
    await world.settle()
    expect(world.system.inspect('/root/group').restarts).toBe(1)
  })

  it('that is exhausted up to the root ends the system, which says why', async () => {
    const none = oneForOne({ maxRestarts: 0 })
    const group = supervisor({ name: 'group', strategy: none, children: abc })
    const root = supervisor({ name: 'root', strategy: none, children: [child(chronicle), child(group)] })
    const world = await World.start({ root })
    const gaveUp = world.events('gave-up')
    for (let i = 0; i < 4; i++) {
      world.tell('/root/group/a', 'fail', 'again')
      await world.settle()
    }
    const report = { supervisor: '/', context: 'child', offender: '/root', reason: { code: 'HF_GAVE_UP' } }
    expect(gaveUp).toMatchObject([report])
    expect(world.recordsOf('gave-up').map((record) => record.data())).toMatchObject([report])
    expect(world.system.failure).toMatchObject({ code: 'HF_GAVE_UP' })
    const ended = world.system.ended()
    await world.advance(50)
    await ended
    expect(() => {
      world.tell('/root/chronicle', 'clear')
    }).toThrow(expect.objectContaining({ code: 'HF_SYSTEM_STOPPED' }) as Error)
  })
})

describe('A start that fails', () => {
  const how = { fails: 0 }
  const thrower = (): void => {
    if (how.fails-- > 0) throw new TypeError('cannot start')
  }
  const byState = actor({
    name: 'it',
    state: () => {
      thrower()
      return { n: 1 }
    },
    on: { get: (ctx) => ctx.state },
  })
  const byHook = actor({
    name: 'it',
    state: () => ({ n: 0 }),
    onStart(ctx) {
      ctx.state.n++
      thrower()
    },
    on: { get: (ctx) => ctx.state },
  })
  const byAsyncHook = actor({
    name: 'it',
    state: () => ({ n: 0 }),
    async onStart(ctx) {
      ctx.state.n++
      await ctx.effect('try', () => 1)
      thrower()
    },
    on: { get: (ctx) => ctx.state },
  })
  const byVolatileHook = actor({
    name: 'it',
    durable: false,
    state: () => ({ n: 0 }),
    onStart(ctx) {
      ctx.state.n++
      thrower()
    },
    on: { get: (ctx) => ctx.state },
  })
  const variants = [
    ['state', byState],
    ['start hook', byHook],
    ['async start hook', byAsyncHook],
    ['volatile start hook', byVolatileHook],
  ] as const

  it.each(variants)(
    'in its %s is tried again within the budget, from a clean state',
    async (_name, definition) => {
      how.fails = 3
      const world = await World.start({ root: supervisor({ name: 'root', children: [child(definition)] }) })
      expect(await world.ask('/root/it', 'get')).toEqual({ n: 1 })
      expect(world.recordsOf('failed').map((each) => each.data().context)).toEqual([
        'start',
        'start',
        'start',
      ])
      expect(world.system.inspect('/root/it')).toMatchObject({ restarts: 3, status: 'running' })
    },
  )

  it.each(variants)('in its %s for good refuses the start of the system', async (_name, definition) => {
    how.fails = Infinity
    const world = new World({ root: supervisor({ name: 'root', children: [child(definition)] }) })
    await expect(world.open()).rejects.toMatchObject({
      code: 'HF_START_FAILED',
      message: expect.stringContaining('cannot start') as string,
    })
    expect(world.authorities.timers).toBe(0)
  })

  it('SUP-102 is obeyed when the policy is to stop: the others start without it', async () => {
    how.fails = Infinity
    const stopping = actor({ ...byHook.spec, onFailure: { default: 'stop' } })
    const root = supervisor({ name: 'root', children: [child(stopping), child(chronicle)] })
    const world = await World.start({ root })
    expect(world.system.inspect('/root/it').stopped).toBe('failed')
    expect(lines(world)).toEqual([])
  })

  it('of the root itself refuses the start of the system, whatever the policy', async () => {
    for (const directive of ['stop', 'restart', 'escalate', 'resume'] as const) {
      how.fails = Infinity
      const world = new World({ root: actor({ ...byHook.spec, onFailure: { default: directive } }) })
      await expect(world.open(), directive).rejects.toMatchObject({ code: 'HF_START_FAILED' })
    }
  })

  it('within a very large budget does not overflow the stack', async () => {
    how.fails = 1_500
    const strategy = oneForOne({ maxRestarts: 10_000 })
    const world = await World.start({
      root: supervisor({ name: 'root', strategy, children: [child(byState)] }),
    })
    expect(world.system.inspect('/root/it').restarts).toBe(1_500)
  })
})

describe('After a restart', () => {
  const counter = (durable: boolean) =>
    actor({
      name: 'counter',
      durable,
      attempts: 1,
      state: () => ({ n: 0, seen: [] as number[] }),
      on: {
        see(ctx, n: number) {
          ctx.state.n++
          ctx.state.seen.push(n)
          if (n === 3) throw new Error('three')
          return ctx.state.n
        },
      },
    })
  const rootOf = (it: Definition) => supervisor({ name: 'root', children: [child(it)] })

  it('a durable actor has the state of its last completed turn, and its mailbox in order', async () => {
    const world = await World.start({ root: rootOf(counter(true)) })
    for (let n = 1; n <= 6; n++) world.tell('/root/counter', 'see', n)
    await world.settle()
    expect(world.state('/root/counter')).toEqual({ n: 5, seen: [1, 2, 4, 5, 6] })
    await world.recover()
    expect(world.state('/root/counter')).toEqual({ n: 5, seen: [1, 2, 4, 5, 6] })
  })

  it('a volatile actor is fresh, and has its mailbox in order', async () => {
    const world = await World.start({ root: rootOf(counter(false)) })
    for (let n = 1; n <= 6; n++) world.tell('/root/counter', 'see', n)
    await world.settle()
    expect(world.state('/root/counter')).toEqual({ n: 3, seen: [4, 5, 6] })
  })

  it('a ref of the old incarnation reaches the new one', async () => {
    const world = await World.start({ root: rootOf(counter(true)) })
    const ref = world.system.ref('/root/counter')
    ref.tell('see', 3)
    await world.settle()
    expect(await world.settled(ref.ask('see', 4) as Promise<number>)).toBe(1)
  })

  it('a message that is tried again keeps its count over the start of the new incarnation', async () => {
    const tried: number[] = []
    const stubborn = actor({
      name: 'stubborn',
      attempts: 3,
      state: () => ({ starts: 0 }),
      onStart(ctx) {
        ctx.state.starts++
      },
      on: {
        go(ctx) {
          tried.push(ctx.state.starts)
          throw new Error('never')
        },
        ok: () => 'ok',
      },
    })
    const strategy = oneForOne({ maxRestarts: 100 })
    const world = await World.start({
      root: supervisor({ name: 'root', strategy, children: [child(stubborn)] }),
    })
    world.tell('/root/stubborn', 'go')
    expect(await world.ask('/root/stubborn', 'ok')).toBe('ok')
    expect(tried).toEqual([1, 2, 3])
    expect(world.recordsOf('failed').map((each) => each.data())).toMatchObject([
      { attempt: 1, parked: false },
      { attempt: 2, parked: false },
      { attempt: 3, parked: true },
    ])
  })

  it('its children that were spawned are gone, and those of its spec are restarted with it', async () => {
    const leaf = actor({ name: 'leaf', on: { hi: () => 'hi' } })
    const parent = actor({
      name: 'parent',
      spawns: [leaf],
      state: () => ({ spawned: 0 }),
      on: {
        spawn(ctx) {
          ctx.spawn(leaf, { name: 'leaf' })
          ctx.state.spawned++
        },
        fail() {
          throw new Error('no')
        },
      },
    })
    const world = await World.start({ root: rootOf(parent) })
    await world.ask('/root/parent', 'spawn')
    await world.askFails('/root/parent', 'fail')
    expect(world.system.inspect('/root/parent')).toMatchObject({ children: [], state: { spawned: 1 } })
    await world.ask('/root/parent', 'spawn')
    expect(await world.ask('/root/parent/leaf', 'hi')).toBe('hi')
  })

  it('of a spawned child its parent goes on, until the budget of the parent is exhausted', async () => {
    const leaf = actor({
      name: 'leaf',
      on: {
        fail() {
          throw new Error('no')
        },
      },
    })
    const parent = actor({
      name: 'parent',
      spawns: [leaf],
      strategy: oneForOne({ maxRestarts: 1 }),
      on: {
        spawn(ctx) {
          ctx.spawn(leaf, { name: 'leaf' })
        },
      },
    })
    const world = await World.start({ root: rootOf(parent) })
    await world.ask('/root/parent', 'spawn')
    await world.askFails('/root/parent/leaf', 'fail')
    expect(world.system.inspect('/root/parent/leaf').incarnation).toBe(2)
    await world.askFails('/root/parent/leaf', 'fail')
    expect(world.system.inspect('/root/parent')).toMatchObject({ incarnation: 2, children: [] })
  })
})
