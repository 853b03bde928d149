// Actors that are held between two lives: by a budget of their own, or by hand. On virtual time.

import {
  actor,
  allForOne,
  child,
  oneForOne,
  supervisor,
  type ChildOptions,
  type ChildSpec,
  type Strategy,
  type TerminatedNotice,
} from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { chronicle, lines } from './chronicle.js'

const ana = { by: 'ana', reason: 'looks wrong' }
const plenty = { maxRestarts: 1_000, withinMs: 1_000_000 }
const once = { maxRestarts: 1, withinMs: 60_000, then: 'quarantine' } as const
let gate = new Later()

const kid = actor({
  name: 'kid',
  state: () => ({ pings: 0 }),
  on: {
    ping: (ctx) => (ctx.state.pings++, 'pong'),
    remind(ctx) {
      ctx.schedule('ping', undefined, { afterMs: 1_000 })
    },
  },
})
const fragile = actor({
  name: 'fragile',
  spawns: [kid],
  state: () => ({ n: 0 }),
  onStart(ctx) {
    ctx.tell(ctx.ref('/root/chronicle'), 'note', 'start')
  },
  onStop(ctx) {
    ctx.tell(ctx.ref('/root/chronicle'), 'note', 'stop')
  },
  on: {
    add: (ctx) => ++ctx.state.n,
    fail(ctx) {
      ctx.state.n = -1
      throw new RangeError('no')
    },
    remind(ctx) {
      ctx.schedule('add', undefined, { afterMs: 1_000 })
    },
    hire(ctx) {
      ctx.spawn(kid, { name: 'kid' })
    },
    async hold(ctx) {
      await ctx.effect('hold', () => gate.promise, { timeoutMs: 600_000 })
      return (ctx.state.n += 10)
    },
  },
})
const volatile = actor({ ...fragile.spec, name: 'volatile', durable: false, spawns: [] })
const steady = actor({ name: 'steady', state: () => ({ n: 0 }), on: { add: (ctx) => ++ctx.state.n } })
const watcher = actor({
  name: 'watcher',
  state: () => ({ notices: [] as TerminatedNotice[] }),
  on: {
    watch(ctx) {
      ctx.watch(ctx.ref(PATH))
    },
    terminated(ctx, notice: TerminatedNotice) {
      ctx.state.notices.push(notice)
    },
  },
})

const PATH = '/root/it'

function rootWith(
  definition = fragile,
  options: ChildOptions<undefined> = { budget: once },
  strategy: Strategy = oneForOne(plenty),
  ...more: ChildSpec[]
) {
  const children = [
    child(chronicle),
    child(definition, { id: 'it', ...options }),
    child(steady, { id: 'last' }),
    child(watcher),
  ]
  return supervisor({ name: 'root', strategy, children: [...children, ...more] })
}

const status = (world: World, path = PATH): string => world.system.inspect(path).status
const release = (world: World, path = PATH): Promise<void> =>
  world.settled(world.system.steer.release(path, ana))
const quarantine = (world: World, path = PATH): Promise<void> =>
  world.settled(world.system.steer.quarantine(path, ana))

async function fail(world: World, times: number, path = PATH): Promise<void> {
  for (let i = 0; i < times; i++) {
    world.tell(path, 'fail')
    await world.settle()
  }
}

describe.each([fragile, volatile])('A child whose own budget quarantines it ($name)', (definition) => {
  it('is held when it is exhausted; what it is sent waits, in order, until it is released', async () => {
    const world = await World.start({ root: rootWith(definition) })
    await world.ask(PATH, 'add')
    await fail(world, 1)
    expect(status(world)).toBe('running')
    await fail(world, 1)
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'quarantined', incarnation: 2 })
    const asked = world.system.ref(PATH).ask('add')
    for (let i = 0; i < 3; i++) world.tell(PATH, 'add')
    await world.settle()
    expect(world.system.inspect(PATH)).toMatchObject({
      mailbox: 4,
      quarantined: { name: 'RangeError', message: 'no' },
      stopped: undefined,
    })
    await release(world)
    const before = definition.spec.durable === false ? 0 : 1
    expect(await world.settled(asked)).toBe(before + 1)
    expect(world.system.inspect(PATH)).toMatchObject({
      status: 'running',
      incarnation: 3,
      mailbox: 0,
      state: { n: before + 4 },
      quarantined: undefined,
    })
  })

  it('has a fresh budget when it comes back, and is held again when that is exhausted', async () => {
    const world = await World.start({ root: rootWith(definition) })
    await fail(world, 2)
    await release(world)
    await fail(world, 1)
    expect(status(world)).toBe('running')
    await fail(world, 1)
    expect(status(world)).toBe('quarantined')
    await release(world)
    expect(status(world)).toBe('running')
  })

  it('leaves its siblings and its supervisor alone, and is charged to nobody', async () => {
    const strategy = oneForOne({ maxRestarts: 2, withinMs: 60_000 })
    const other = child(definition, { id: 'other' })
    const world = await World.start({ root: rootWith(definition, { budget: once }, strategy, other) })
    await fail(world, 2)
    expect(await world.ask('/root/last', 'add')).toBe(1)
    await fail(world, 1, '/root/other')
    expect([status(world, '/root/other'), world.system.inspect('/root').restarts]).toEqual(['running', 0])
    await release(world)
    expect([status(world), world.system.inspect('/root').restarts]).toEqual(['running', 0])
  })

  it('runs nothing when it is put there, while it is there and when it ends there', async () => {
    const world = await World.start({ root: rootWith(definition) })
    await fail(world, 2)
    const told = lines(world)
    expect(told).toEqual(['start', 'start'])
    await world.stop()
    expect(world.recordsOf('message').filter((each) => each.type === '$stop')).toEqual([])
    await world.recover()
    expect([status(world), lines(world)]).toEqual(['quarantined', told])
  })

  it('survives the end of the process, however it came', async () => {
    const world = await World.start({ root: rootWith(definition) })
    await world.ask(PATH, 'add')
    await fail(world, 2)
    world.tell(PATH, 'add')
    await world.settled(world.system.flushed())
    for (const again of [() => world.recover(), () => world.reopen(), () => world.recover()]) {
      await again()
      expect(status(world)).toBe('quarantined')
    }
    await release(world)
    expect(await world.ask(PATH, 'add')).toBe(definition.spec.durable === false ? 1 : 3)
    await fail(world, 1)
    await world.recover()
    expect(status(world)).toBe('running')
  })
})

describe('A quarantine', () => {
  it('is a record and an event with the four keys of a failure', async () => {
    const world = await World.start({ root: rootWith() })
    const events = world.events('quarantined')
    await fail(world, 1)
    world.tell(PATH, 'fail', undefined, { correlation: 'incident-1' })
    await world.settle()
    const report = { supervisor: '/root', context: 'message', offender: PATH }
    expect(events).toMatchObject([{ ...report, reason: { message: 'no' }, correlationId: 'incident-1' }])
    const [record] = world.recordsOf('quarantined')
    expect(record!.data()).toMatchObject({ ...report, reason: { name: 'RangeError', message: 'no' } })
    expect(world.journal.correlationName(record!.correlation)).toBe('incident-1')
    const parked = world.system.parked().at(-1)!
    expect(record!.cause).toBe(parked.position)
  })

  it('shows the last good state, and not what the failed turn left', async () => {
    const world = await World.start({ root: rootWith() })
    await world.ask(PATH, 'add')
    await fail(world, 2)
    expect(world.state(PATH)).toEqual({ n: 1 })
  })

  it('is no end: nobody who watches is told, until it is one', async () => {
    const world = await World.start({ root: rootWith(fragile, { budget: once, restart: 'transient' }) })
    world.tell('/root/watcher', 'watch')
    await fail(world, 2)
    expect(world.state('/root/watcher')).toEqual({ notices: [] })
    await release(world)
    expect(world.state('/root/watcher')).toEqual({ notices: [] })
  })

  it('cancels timers and stops what was spawned, as a restart does', async () => {
    const world = await World.start({ root: rootWith() })
    world.tell(PATH, 'remind')
    await world.ask(PATH, 'hire')
    await fail(world, 2)
    expect(world.system.inspect(PATH)).toMatchObject({ children: [], timers: [] })
    await world.advance(2_000)
    expect(world.system.inspect(PATH).mailbox).toBe(0)
    await world.recover()
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'quarantined', children: [], timers: [] })
  })

  it('of a child that cannot start lets the system start, and the others run', async () => {
    let tries = 0
    const broken = actor({
      ...fragile.spec,
      name: 'broken',
      onStart() {
        tries++
        throw new Error('cannot start')
      },
    })
    const world = await World.start({ root: rootWith(broken) })
    expect([tries, status(world), await world.ask('/root/last', 'add')]).toEqual([2, 'quarantined', 1])
    await release(world)
    expect([tries, status(world)]).toEqual([4, 'quarantined'])
  })

  it('is not ended by a restart of its siblings, and holds none of them up', async () => {
    const other = child(fragile, { id: 'other' })
    const world = await World.start({ root: rootWith(fragile, { budget: once }, allForOne(plenty), other) })
    await fail(world, 2)
    await fail(world, 1, '/root/other')
    expect([status(world), status(world, '/root/last'), status(world, '/root/other')]).toEqual([
      'quarantined',
      'running',
      'running',
    ])
    // With the one restart that it was granted, all of them were restarted.
    const lives = [PATH, '/root/last', '/root/other'].map((path) => world.system.inspect(path).incarnation)
    expect(lives).toEqual([2, 3, 3])
    expect(world.recordsOf('directive').at(-1)!.data().affected).not.toContain('it')
  })

  it('is not ended by a restart of its supervisor', async () => {
    const group = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 0 }),
      children: [
        child(fragile, { id: 'it', budget: { ...once, maxRestarts: 0 } }),
        child(fragile, { id: 'b' }),
      ],
    })
    const root = supervisor({
      name: 'root',
      strategy: oneForOne(plenty),
      children: [child(chronicle), child(group)],
    })
    const world = await World.start({ root })
    await fail(world, 1, '/root/group/it')
    await fail(world, 1, '/root/group/b')
    expect(world.system.inspect('/root/group')).toMatchObject({ restarts: 1, status: 'running' })
    expect(status(world, '/root/group/it')).toBe('quarantined')
    await release(world, '/root/group/it')
    expect(status(world, '/root/group/it')).toBe('running')
  })

  it('ends with its supervisor, at once, also when that is ended for good', async () => {
    const group = supervisor({ name: 'group', children: [child(fragile, { id: 'it', budget: once })] })
    const world = await World.start({
      root: supervisor({
        name: 'root',
        strategy: oneForOne(plenty),
        children: [child(chronicle), child(host(group))],
      }),
    })
    const path = '/root/host/group/it'
    await world.ask('/root/host', 'open')
    await fail(world, 2, path)
    expect(status(world, path)).toBe('quarantined')
    world.tell('/root/host', 'close')
    await world.settle()
    expect(world.system.inspect('/root/host').children).toEqual([])
    expect(lines(world)).toEqual(['start', 'start'])
  })

  it('by the budget comes after the last attempt of each message, and the one in hand waits in front', async () => {
    const patient = actor({ ...fragile.spec, name: 'patient', attempts: 3 })
    const world = await World.start({ root: rootWith(patient) })
    world.tell(PATH, 'fail')
    world.tell(PATH, 'add')
    await world.settle()
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'quarantined', waiting: ['fail', 'add'] })
    expect(world.system.parked()).toEqual([])
    await world.recover()
    await release(world)
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'running', state: { n: 1 } })
    expect(world.system.parked()).toMatchObject([{ attempts: 3 }])
  })

  it('of a supervisor holds all below it, and a release starts them as a restart does', async () => {
    const group = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 0 }),
      children: [child(fragile, { id: 'a' }), child(fragile, { id: 'b' }), child(volatile, { id: 'v' })],
    })
    const root = supervisor({
      name: 'root',
      strategy: oneForOne(plenty),
      children: [child(chronicle), child(group, { budget: { ...once, maxRestarts: 0 } })],
    })
    const world = await World.start({ root })
    for (const path of ['a', 'b']) await world.ask(`/root/group/${path}`, 'add')
    await fail(world, 1, '/root/group/a')
    const all = (): string[] => ['', '/a', '/b', '/v'].map((path) => status(world, `/root/group${path}`))
    expect(all()).toEqual(['quarantined', 'restarting', 'restarting', 'restarting'])
    for (const path of ['a', 'b', 'v']) world.tell(`/root/group/${path}`, 'add')
    await world.settle()
    const stops = lines(world).filter((line) => line === 'stop')
    for (const again of [() => world.recover(), () => world.reopen()]) {
      await again()
      expect(all()).toEqual(['quarantined', 'restarting', 'restarting', 'restarting'])
    }
    expect(lines(world).filter((line) => line === 'stop')).toEqual(stops)
    await release(world, '/root/group')
    expect(all()).toEqual(['running', 'running', 'running', 'running'])
    const states = ['a', 'b', 'v'].map((path) => world.state(`/root/group/${path}`))
    expect(states).toEqual([{ n: 2 }, { n: 2 }, { n: 0 }])
  })

  it('whose release was not carried out when the process died is released by the next one', async () => {
    for (let commits = 0; ; commits++) {
      const world = await World.start({ root: rootWith() })
      await fail(world, 2)
      await world.settled(world.system.flushed())
      world.crash(0, commits)
      await world.open()
      world.system.steer.release(PATH, ana).catch(() => undefined)
      await world.settle()
      await world.recover()
      const isReleased = world.recordsOf('steered').length > 0
      expect([isReleased, status(world)]).toEqual([isReleased, isReleased ? 'running' : 'quarantined'])
      if (isReleased) break
    }
  })
})

describe('A process that is killed on the way into a quarantine or out of it', () => {
  const other = child(fragile, { id: 'other' })
  const root = rootWith(fragile, { budget: once }, allForOne(plenty), other)

  async function play(world: World): Promise<void> {
    for (let i = 0; i < 2; i++) {
      world.tell(PATH, 'add')
      await fail(world, 1)
    }
    world.tell(PATH, 'add')
    await fail(world, 1, '/root/other')
    world.system.steer.release(PATH, ana).catch(() => undefined)
    await world.settle()
    world.tell(PATH, 'add')
    await world.settle()
    world.system.steer.quarantine(PATH, ana).catch(() => undefined)
    await world.settle()
  }

  it('goes on from what its log says, wherever that ends, and loses no message of it', async () => {
    const whole = await World.start({ root })
    const before = whole.store.commits
    await play(whole)
    const seen = new Set<string>()
    for (let commits = before; commits <= whole.store.commits; commits++) {
      const world = new World({ root }, commits)
      await world.open()
      await play(world)
      await world.recover()
      const ins = world.recordsOf('quarantined').length
      const outs = world.recordsOf('steered').filter((each) => each.data().command === 'release').length
      expect(status(world)).toBe(ins > outs ? 'quarantined' : 'running')
      seen.add(`${ins} ${outs}`)
      await release(world)
      const { id } = world.system.inspect(PATH)
      const isAdd = ({ actor: to, type }: { actor: number; type: string }): boolean =>
        to === id && type === 'add'
      const sent = world.recordsOf('message').filter(isAdd).length
      expect(await world.ask(PATH, 'add')).toBe(sent + 1)
      expect(status(world, '/root/last')).toBe('running')
    }
    expect([...seen]).toEqual(['0 0', '1 0', '1 1', '2 1'])
  })
})

describe('A quarantine by hand', () => {
  it.each([fragile, volatile])('holds an actor until it is released ($name)', async (definition) => {
    const world = await World.start({ root: rootWith(definition, {}) })
    const events = world.events('quarantined')
    await world.ask(PATH, 'add')
    await quarantine(world)
    await quarantine(world)
    expect(status(world)).toBe('quarantined')
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ context: 'steered', reason: { message: 'by ana: looks wrong' } })
    world.tell(PATH, 'add')
    await world.settled(world.system.flushed())
    await world.recover()
    expect(world.system.inspect(PATH)).toMatchObject({
      status: 'quarantined',
      quarantined: { message: 'by ana: looks wrong' },
    })
    await release(world)
    await release(world)
    expect(await world.ask(PATH, 'add')).toBe(definition.spec.durable === false ? 1 : 3)
    expect(lines(world).filter((line) => line === 'stop')).toEqual([])
    expect(world.recordsOf('steered').map((each) => each.data().command)).toEqual([
      'quarantine',
      'quarantine',
      'release',
      'release',
    ])
  })

  it('gives a turn in hand up, which is tried again in the next life', async () => {
    gate = new Later()
    const world = await World.start({ root: rootWith(fragile, {}) })
    const asked = world.system.ref(PATH).ask('hold', undefined, { timeoutMs: 600_000 })
    world.tell(PATH, 'add')
    await world.settle()
    await quarantine(world)
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'quarantined', waiting: ['hold', 'add'] })
    gate.resolve(1)
    await world.settle()
    expect(world.state(PATH)).toEqual({ n: 0 })
    await release(world)
    expect(await world.settled(asked)).toBe(10)
    await world.settle()
    expect(world.state(PATH)).toEqual({ n: 11 })
  })

  it('of an actor that pauses before its restart ends the pause; released, it starts at once', async () => {
    const backoff = { minMs: 10_000, maxMs: 10_000, jitter: 0 }
    const world = await World.start({ root: rootWith(fragile, { backoff }) })
    await fail(world, 1)
    const { restartDueMs } = world.system.inspect(PATH)
    expect([status(world), restartDueMs]).toEqual(['restarting', world.authorities.now() + 10_000])
    await quarantine(world)
    await world.advance(20_000)
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'quarantined', restartDueMs: undefined })
    await release(world)
    expect(status(world)).toBe('running')
  })

  it('of one that its supervisor is about to restart with others lets the others come back', async () => {
    gate = new Later()
    const slow = actor({ name: 'slow', onStop: (ctx) => ctx.effect('stop', () => gate.promise), on: {} })
    const [other, behind] = [child(fragile, { id: 'other' }), child(slow)]
    const world = await World.start({ root: rootWith(fragile, {}, allForOne(plenty), other, behind) })
    await fail(world, 1, '/root/other')
    expect(status(world, '/root/slow')).toBe('restarting')
    await quarantine(world)
    gate.resolve(1)
    await world.settle()
    expect([status(world), status(world, '/root/last'), status(world, '/root/other')]).toEqual([
      'quarantined',
      'running',
      'running',
    ])
    await release(world)
    expect([status(world), await world.ask(PATH, 'add')]).toEqual(['running', 1])
  })

  it('of a paused one keeps the pause', async () => {
    const world = await World.start({ root: rootWith(fragile, {}) })
    await world.settled(world.system.steer.pause(PATH, ana))
    await quarantine(world)
    expect(status(world)).toBe('quarantined')
    await world.recover()
    await release(world)
    expect(status(world)).toBe('paused')
    await world.settled(world.system.steer.resume(PATH, ana))
    expect(await world.ask(PATH, 'add')).toBe(1)
  })

  it('of the root holds the whole tree', async () => {
    const world = await World.start({ root: rootWith(fragile, {}) })
    await quarantine(world, '/root')
    expect([status(world, '/root'), status(world)]).toEqual(['quarantined', 'restarting'])
    await world.recover()
    expect(status(world, '/root')).toBe('quarantined')
    await release(world, '/root')
    expect(await world.ask(PATH, 'add')).toBe(1)
  })

  it('of what a volatile actor spawned is a record that names the path', async () => {
    const nurse = actor({ ...steady.spec, name: 'nurse', durable: false })
    const nursery = actor({
      name: 'nursery',
      durable: false,
      spawns: [nurse],
      onStart(ctx) {
        ctx.spawn(nurse, { name: 'one' })
      },
      on: {},
    })
    const world = await World.start({ root: rootWith(fragile, {}, oneForOne(), child(nursery)) })
    await quarantine(world, '/root/nursery/one')
    expect(status(world, '/root/nursery/one')).toBe('quarantined')
    expect(world.recordsOf('steered')[0]).toMatchObject({ actor: 0 })
    expect(world.recordsOf('steered')[0]!.data().to).toBe('/root/nursery/one')
    await release(world, '/root/nursery/one')
    expect(await world.ask('/root/nursery/one', 'add')).toBe(1)
  })
})

it('A budget that ends in neither a stop nor a quarantine is refused', () => {
  const budget = { then: 'hope' } as never
  expect(() => child(fragile, { budget })).toThrow(
    expect.objectContaining({ code: 'HF_INVALID', field: 'child.budget.then' }),
  )
})

function host(group: ReturnType<typeof supervisor>) {
  return actor({
    name: 'host',
    spawns: [group],
    on: {
      open(ctx) {
        ctx.spawn(group, { name: 'group' })
      },
      close(ctx) {
        ctx.stop(ctx.ref('/root/host/group'))
      },
    },
  })
}

describe('The children of one that keeps them', () => {
  const keeper = actor({ ...fragile.spec, name: 'keeper', keepChildren: true })
  const keeping = supervisor({
    name: 'root',
    strategy: oneForOne(plenty),
    children: [child(chronicle, { id: 'chronicle' }), child(keeper, { id: 'it' })],
  })

  it('go on while it is quarantined, also in the next process', async () => {
    const world = await World.start({ root: keeping })
    await world.ask('/root/it', 'hire')
    await world.settled(world.system.steer.quarantine('/root/it', ana))
    await world.settle()
    await world.ask('/root/it/kid', 'remind')
    await world.recover()
    await world.advance(1_000)
    expect(world.state('/root/it/kid')).toEqual({ pings: 1 })
    await world.settled(world.system.steer.release('/root/it', ana))
    await world.settle()
    expect(await world.ask('/root/it/kid', 'ping')).toBe('pong')
    expect(await world.ask('/root/it', 'add')).toBe(1)
    await world.stop()
  })
})
