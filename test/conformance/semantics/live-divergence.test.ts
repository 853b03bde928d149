// An actor whose log the code does not follow, from the start that finds it out to the one that lets it go. On virtual
// time.

import { System } from '@holdfast/kernel'
import {
  actor,
  allForOne,
  child,
  oneForOne,
  supervisor,
  virtualActors,
  type ChildSpec,
  type Context,
  type Definition,
  type Strategy,
} from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const ana = { by: 'ana', reason: 'looks wrong' }
const PATH = '/root/it'

interface Sum {
  n: number
  seen: number[]
}

let gate = new Later()
let asked = 0
/** What the handlers of this process add to each number: the log was written with 0. */
let bug = 0

const kid = actor({ name: 'kid', state: () => ({ n: 0 }), on: { add: (ctx) => ++ctx.state.n } })

const good = actor({
  name: 'it',
  digestEvery: 1,
  spawns: [kid],
  state: (): Sum => ({ n: 0, seen: [] }),
  onStart(ctx) {
    ctx.tell(ctx.ref('/root/last'), 'note', 'start')
  },
  onStop(ctx) {
    ctx.tell(ctx.ref('/root/last'), 'note', 'stop')
  },
  on: {
    add(ctx, n: number) {
      ctx.state.n += n + bug
      ctx.state.seen.push(n)
      return ctx.state.n
    },
    old: () => 'old',
    fail: () => {
      throw new RangeError('no')
    },
    hire(ctx) {
      ctx.spawn(kid, { name: 'kid' })
    },
    remind(ctx) {
      ctx.schedule('add', 100, { afterMs: 10_000 })
    },
    async hold(ctx) {
      asked++
      ctx.state.n += await ctx.effect('first', () => ++asked)
      ctx.state.n += (await ctx.effect('second', () => gate.promise, { timeoutMs: 600_000 })) as number
      return ctx.state.n
    },
  },
})

/** The same actor as another deploy has it. */
function other(on: Readonly<Record<string, unknown>>, spec: object = {}) {
  const kept = Object.entries({ ...good.spec.on, ...on }).filter(([, handler]) => handler !== undefined)
  return actor({ ...good.spec, ...spec, on: Object.fromEntries(kept) as never })
}

const doubles = other({ add: (ctx: Context<Sum>, n: number) => (ctx.state.n += 2 * n) })
const throws = other({
  add: () => {
    throw new TypeError('cannot add')
  },
})

const last = actor({
  name: 'last',
  state: () => ({ n: 0, lines: [] as string[] }),
  on: {
    add: (ctx) => ++ctx.state.n,
    note(ctx, line: string) {
      ctx.state.lines.push(line)
    },
    fail: () => {
      throw new Error('no')
    },
  },
})

function rootOf(definition: Definition, strategy?: Strategy, ...more: ChildSpec[]) {
  return supervisor({ name: 'root', strategy, children: [child(last), child(definition), ...more] })
}

async function started(): Promise<World> {
  bug = 0
  const world = await World.start({ root: rootOf(good) })
  await world.ask(PATH, 'add', 1)
  await world.ask(PATH, 'add', 2)
  return world
}

/** The commands and the quarantines in the log, in its order. */
function history(world: World): string[] {
  return world.records().flatMap((record) => {
    if (record.kind === 'quarantined') return [`${record.data().context}: ${record.data().reason.code ?? ''}`]
    if (record.kind === 'restarted') return ['restarted']
    if (record.kind !== 'steered') return []
    const { command, by, reason } = record.data()
    return [`${command} by ${by}: ${reason ?? ''}`]
  })
}

const RELEASED = 'release by holdfast: its log replays again'
const status = (world: World, path = PATH): string => world.system.inspect(path).status

/** The process dies right after one of its records has reached the disk. @returns whether it came to that */
function dieAfter(world: World, nth: number, kind?: string): () => boolean {
  const { journal, store } = world
  const record = journal.record.bind(journal)
  let written = 0
  journal.record = (...args) => {
    const position = record(...args)
    if ((kind === undefined || args[0] === kind) && written++ === nth) {
      journal.flush()
      store.cut()
    }
    return position
  }
  return () => written > nth
}

describe('An actor whose log the code does not follow', () => {
  it('is held, and its record says where it was found, in which incident, and what differs', async () => {
    const world = await started()
    await world.recover({ root: rootOf(doubles) })
    const [record] = world.recordsOf('quarantined')
    const first = world.recordsOf('message').find(({ type }) => type === 'add')
    const turn = world.recordsOf('turn').find(({ message }) => message === first!.position)
    const differs = 'its state after "add" is not the one that was recorded'
    expect(record!.data()).toMatchObject({
      supervisor: '/root',
      offender: PATH,
      context: 'recovery',
      reason: {
        code: 'HF_DIVERGED',
        message: `${PATH} cannot be rebuilt: at position ${turn!.position}, ${differs}.`,
      },
      diverged: { position: turn!.position, message: turn!.message, what: differs },
    })
    expect(record).toMatchObject({ cause: turn!.message, correlation: first!.correlation })
    expect([status(world), await world.ask('/root/last', 'add')]).toEqual(['quarantined', 1])
  })

  it('takes no message until a start finds that its log replays, and then all of them, in order', async () => {
    const world = await started()
    await world.recover({ root: rootOf(doubles) })
    for (const n of [3, 4]) world.tell(PATH, 'add', n)
    await world.settled(world.system.flushed())
    expect(world.system.inspect(PATH)).toMatchObject({
      status: 'quarantined',
      waiting: ['add', 'add'],
      state: undefined,
    })
    await world.recover({ root: rootOf(good) })
    expect(world.state(PATH)).toEqual({ n: 10, seen: [1, 2, 3, 4] })
    expect(world.system.inspect(PATH)).toMatchObject({
      status: 'running',
      incarnation: 1,
      restarts: 0,
      quarantined: undefined,
    })
    expect(history(world)).toEqual(['recovery: HF_DIVERGED', RELEASED])
    const [released] = world.recordsOf('steered')
    expect(released).toMatchObject({ cause: world.recordsOf('quarantined')[0]!.position })
    expect(released!.data()).toMatchObject({ replays: true })
  })

  it('is written down once however often the same code is started, and again when it differs elsewhere', async () => {
    const world = await started()
    for (let i = 0; i < 3; i++) await world.recover({ root: rootOf(doubles) })
    expect(history(world)).toEqual(['recovery: HF_DIVERGED'])
    await world.reopen({ root: rootOf(doubles) })
    expect(history(world)).toEqual(['recovery: HF_DIVERGED'])
    await world.recover({ root: rootOf(throws) })
    const now = expect.stringContaining('"add" now throws TypeError: cannot add') as string
    expect(world.system.inspect(PATH).quarantined).toMatchObject({ message: now })
    expect(world.recordsOf('quarantined').map((each) => each.data().reason.message)).toEqual([
      expect.anything(),
      now,
    ])
    await world.recover({ root: rootOf(throws) })
    expect(history(world)).toHaveLength(2)
    await world.recover({ root: rootOf(good) })
    expect([status(world), history(world).at(-1)]).toEqual(['running', RELEASED])
    await world.recover({ root: rootOf(good) })
    expect(history(world)).toHaveLength(3)
  })

  it('is told of at each start that holds it and at the one that lets it go, once somebody can listen', async () => {
    const world = await started()
    const told: string[] = []
    for (const definition of [doubles, doubles, good]) {
      world.crash()
      const { journal: log, authorities } = world
      const opening = System.start({ name: 'world', root: rootOf(definition), log, authorities })
      const listening = opening.then((system) => {
        system.on('quarantined', ({ offender, context }) => told.push(`${context} ${offender}`))
        system.on('steered', ({ actor: path, command, by }) => told.push(`${command} ${path} by ${by}`))
      })
      await world.settled(listening)
    }
    const held = `recovery ${PATH}`
    expect(told).toEqual([held, held, `release ${PATH} by holdfast`])
  })

  it('keeps its snapshots, and none is taken of a state that does not fit', async () => {
    const world = await started()
    await world.stop()
    world.crash()
    await world.open()
    await world.ask(PATH, 'add', 3)
    const { id } = world.system.inspect(PATH)
    const before = world.journal.snapshot(id)!
    await world.recover({ root: rootOf(doubles) })
    world.tell(PATH, 'add', 4)
    for (let i = 0; i < 3; i++) await world.reopen({ root: rootOf(doubles) })
    const { position, turns, digest, state } = before
    expect(world.journal.snapshot(id)).toMatchObject({ position, turns, digest, state })
    await world.reopen({ root: rootOf(good) })
    expect(world.state(PATH)).toMatchObject({ n: 10 })
  })

  it('loses no message whose type or version the code does not know', async () => {
    bug = 0
    const second = { version: 2 }
    const world = await World.start({ root: rootOf(other({}, second)) })
    for (const n of [1, 2]) await world.ask(PATH, 'add', n)
    await world.recover({ root: rootOf(other(doubles.spec.on, second)) })
    for (const type of ['add', 'old', 'add']) world.tell(PATH, type, 5)
    await world.settled(world.system.flushed())
    await world.recover({ root: rootOf(other({ add: undefined, old: undefined }, second)) })
    expect(world.system.inspect(PATH)).toMatchObject({
      status: 'quarantined',
      waiting: ['add', 'old', 'add'],
    })
    await world.recover({ root: rootOf(good) })
    expect(world.system.inspect(PATH)).toMatchObject({
      waiting: ['add', 'old', 'add'],
      quarantined: { code: 'HF_VERSION_NEWER' },
    })
    expect(world.recordsOf('dead')).toEqual([])
    await world.recover({ root: rootOf(other({}, second)) })
    expect(world.state(PATH)).toEqual({ n: 13, seen: [1, 2, 5, 5] })
  })

  it('keeps its timers, and one that fell due fires once it goes on', async () => {
    const world = await started()
    await world.ask(PATH, 'remind')
    await world.recover({ root: rootOf(doubles) })
    await world.advance(60_000)
    expect(world.system.inspect(PATH)).toMatchObject({ mailbox: 0, timers: [{ key: 'add' }] })
    await world.recover({ root: rootOf(good) })
    await world.advance(0)
    expect(world.state(PATH)).toMatchObject({ n: 103 })
    await world.advance(60_000)
    expect(world.state(PATH)).toMatchObject({ n: 103 })
  })

  it('keeps what a turn in hand had learned, and does no effect of it again', async () => {
    gate = new Later()
    asked = 0
    const world = await started()
    world.tell(PATH, 'hold')
    world.tell(PATH, 'add', 4)
    await world.settle()
    for (let i = 0; i < 2; i++) await world.recover({ root: rootOf(doubles) })
    expect(world.system.inspect(PATH).waiting).toEqual(['hold', 'add'])
    gate.resolve(10)
    await world.recover({ root: rootOf(good) })
    await world.settle()
    expect(world.state(PATH)).toEqual({ n: 3 + 2 + 10 + 4, seen: [1, 2, 4] })
    expect(world.recordsOf('effect').map((each) => each.data().name)).toEqual(['first', 'second'])
  })

  it('keeps what it has spawned, which works on, and is supervised', async () => {
    const world = await started()
    await world.ask(PATH, 'hire')
    await world.ask(`${PATH}/kid`, 'add')
    await world.recover({ root: rootOf(doubles) })
    expect(await world.ask(`${PATH}/kid`, 'add')).toBe(2)
    await world.recover({ root: rootOf(good) })
    expect(await world.ask(`${PATH}/kid`, 'add')).toBe(3)
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'running', children: ['kid'] })
  })

  it('runs nothing, neither where it is held nor where it ends there', async () => {
    const world = await started()
    await world.recover({ root: rootOf(doubles) })
    await world.stop()
    expect(world.recordsOf('message').filter(({ type }) => type === '$stop')).toEqual([])
    await world.recover({ root: rootOf(good) })
    expect(world.state('/root/last')).toMatchObject({ lines: ['start', 'start'] })
  })
})

describe('What is above one that is held, and below it', () => {
  const one = { maxRestarts: 1, withinMs: 1_000 }

  it('may be restarted, which does not let it in; it comes back as after a restart', async () => {
    const group = (it: Definition) =>
      supervisor({
        name: 'group',
        strategy: oneForOne({ maxRestarts: 0 }),
        children: [child(last), child(it)],
      })
    const root = (it: Definition) =>
      supervisor({ name: 'root', children: [child(last), child(group(it), { id: 'group' })] })
    const path = '/root/group/it'
    bug = 0
    const world = await World.start({ root: root(good) })
    await world.ask(path, 'add', 1)
    await world.ask(path, 'remind')
    await world.recover({ root: root(doubles) })
    world.tell('/root/group/last', 'fail')
    await world.settle()
    expect(world.system.inspect('/root/group')).toMatchObject({ status: 'running', incarnation: 2 })
    expect(status(world, path)).toBe('quarantined')
    await world.recover({ root: root(doubles) })
    expect(status(world, path)).toBe('quarantined')
    await world.recover({ root: root(good) })
    expect(world.system.inspect(path)).toMatchObject({
      status: 'running',
      incarnation: 2,
      timers: [],
      state: { n: 1 },
    })
  })

  it('is supervised while it is held, as before', async () => {
    const fragile = actor({ ...kid.spec, on: { ...kid.spec.on, fail: last.spec.on.fail } })
    const spawning = (on: Readonly<Record<string, unknown>>) =>
      other(
        {
          hire(ctx: Context<Sum>) {
            ctx.spawn(fragile, { name: 'kid' })
          },
          ...on,
        },
        { spawns: [fragile], strategy: oneForOne(one) },
      )
    bug = 0
    const world = await World.start({ root: rootOf(spawning({})) })
    await world.ask(PATH, 'add', 1)
    await world.ask(PATH, 'hire')
    await world.recover({ root: rootOf(spawning(doubles.spec.on)) })
    world.tell(`${PATH}/kid`, 'fail')
    await world.settle()
    expect(world.system.inspect(`${PATH}/kid`)).toMatchObject({ status: 'running', incarnation: 2 })
    // Once more than it grants: that is its own failure, about which nobody decides before it is let go.
    world.tell(`${PATH}/kid`, 'fail')
    await world.settle()
    expect([status(world), status(world, `${PATH}/kid`)]).toEqual(['quarantined', 'failed'])
    await world.recover({ root: rootOf(spawning({})), awayMs: 10_000 })
    expect(world.system.inspect(PATH)).toMatchObject({
      status: 'running',
      incarnation: 2,
      state: { n: 1 },
      children: [],
    })
  })

  it('may be the system itself', async () => {
    bug = 0
    const world = await World.start({ root: good })
    await world.ask('/it', 'add', 1)
    await world.recover({ root: doubles })
    expect([status(world, '/it'), world.system.failure]).toEqual(['quarantined', null])
    await world.recover({ root: good })
    expect(await world.ask('/it', 'add', 1)).toBe(2)
  })
})

describe('What was decided about one that then does not fit', () => {
  async function dead(directive: 'stop' | 'escalate'): Promise<World> {
    bug = 0
    const world = await World.start({ root: rootOf(other({}, { onFailure: { default: directive } })) })
    await world.ask(PATH, 'add', 1)
    dieAfter(world, 0, 'directive')
    world.tell(PATH, 'fail')
    await world.settle()
    return world
  }

  it('is done when it is its end', async () => {
    const world = await dead('stop')
    await world.recover({ root: rootOf(doubles) })
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'stopped', stopped: 'failed' })
    expect(history(world)).toEqual([])
  })

  it('is done when it is for its supervisor, which begins anew without it', async () => {
    const world = await dead('escalate')
    await world.recover({ root: rootOf(doubles) })
    expect([status(world), world.system.inspect('/root/last').incarnation]).toEqual(['quarantined', 2])
    await world.recover({ root: rootOf(good) })
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'running', incarnation: 2, state: { n: 1 } })
  })
})

describe('The siblings of one that is held', () => {
  it('are restarted without it, and it is let go all the same', async () => {
    const world = await started()
    const all = allForOne({ maxRestarts: 100 })
    await world.recover({ root: rootOf(doubles, all) })
    world.tell('/root/last', 'fail')
    await world.settle()
    expect([status(world), world.system.inspect('/root/last').incarnation]).toEqual(['quarantined', 2])
    await world.recover({ root: rootOf(good, all) })
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'running', incarnation: 1, state: { n: 3 } })
  })

  it('do not wait for it when it was to be restarted with them', async () => {
    gate = new Later()
    const slow = actor({
      name: 'slow',
      state: () => ({}),
      onStop: (ctx) => ctx.effect('stop', () => gate.promise),
      on: {},
    })
    const all = allForOne({ maxRestarts: 100 })
    const root = (it: Definition) => rootOf(it, all, child(slow))
    bug = 0
    const world = await World.start({ root: root(good) })
    await world.ask(PATH, 'add', 1)
    world.tell(PATH, 'fail')
    await world.settle()
    expect(status(world, '/root/slow')).toBe('restarting')
    await world.recover({ root: root(doubles) })
    gate.resolve(1)
    await world.settle()
    for (const path of ['/root/last', '/root/slow'])
      expect(world.system.inspect(path), path).toMatchObject({ status: 'running', incarnation: 2 })
    expect(status(world)).toBe('quarantined')
    await world.recover({ root: root(doubles) })
    expect(status(world)).toBe('quarantined')
    await world.recover({ root: root(good) })
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'running', incarnation: 2, state: { n: 1 } })
    expect(world.system.inspect('/root/last').incarnation).toBe(2)
  })
})

describe('A rebuild that does not come out', () => {
  it.each(['restart', 'resume'] as const)(
    'after a failure (%s) holds the actor until a start',
    async (directive) => {
      const shaky = other({}, { onFailure: { default: directive } })
      bug = 0
      const world = await World.start({ root: rootOf(shaky) })
      await world.ask(PATH, 'add', 1)
      bug = 1
      world.tell(PATH, 'fail')
      world.tell(PATH, 'add', 2)
      await world.settle()
      expect(world.system.inspect(PATH)).toMatchObject({ status: 'quarantined', waiting: ['add'] })
      expect(await world.ask('/root/last', 'add')).toBe(1)
      await world.recover({ root: rootOf(shaky) })
      expect(status(world)).toBe('quarantined')
      bug = 0
      await world.recover({ root: rootOf(shaky) })
      const incarnation = directive === 'restart' ? 3 : 1
      expect(world.system.inspect(PATH)).toMatchObject({ status: 'running', incarnation, state: { n: 3 } })
      const quarantines = history(world).filter((line) => line.startsWith('recovery'))
      expect(quarantines).toEqual(['recovery: HF_DIVERGED'])
    },
  )

  it('is no start that others wait for', async () => {
    bug = 0
    const world = await World.start({ root: rootOf(good, allForOne({ maxRestarts: 100 })) })
    await world.ask(PATH, 'add', 1)
    bug = 1
    world.tell(PATH, 'fail')
    await world.settle()
    expect([status(world), status(world, '/root/last')]).toEqual(['quarantined', 'running'])
  })
})

describe('A virtual actor', () => {
  const cart = actor({
    name: 'cart',
    digestEvery: 1,
    state: () => ({ n: 0 }),
    on: { add: (ctx, n: number) => (ctx.state.n += n + bug) },
  })
  const root = supervisor({
    name: 'root',
    children: [child(virtualActors({ name: 'carts', of: cart, idleMs: 1_000 }))],
  })
  const path = '/root/carts/a'

  it('that does not fit is held with its mail, sleeps no more, and goes on when it does', async () => {
    bug = 0
    const world = await World.start({ root })
    await world.ask(path, 'add', 1)
    bug = 1
    for (let i = 0; i < 2; i++) {
      await world.recover()
      world.tell(path, 'add', 2)
      await world.advance(60_000)
      expect(world.system.inspect(path)).toMatchObject({ status: 'quarantined', mailbox: i + 1 })
    }
    expect(history(world)).toEqual(['recovery: HF_DIVERGED'])
    bug = 0
    await world.recover()
    expect(world.system.inspect(path)).toMatchObject({ status: 'running', state: { n: 5 } })
    expect(history(world)).toEqual(['recovery: HF_DIVERGED', RELEASED])
    await world.advance(60_000)
    expect(await world.ask(path, 'add', 1)).toBe(6)
  })

  it('is held for what waits for it as well', async () => {
    const own = { later: new Later() }
    const slow = (version: number) => {
      const hold = (ctx: Context<{ n: number }>) => ctx.effect('hold', () => own.later.promise)
      const of = actor({ ...cart.spec, version, on: { ...cart.spec.on, hold } })
      return supervisor({
        name: 'root',
        children: [child(virtualActors({ name: 'carts', of, idleMs: 1_000 }))],
      })
    }
    bug = 0
    const world = await World.start({ root: slow(1) })
    world.tell(path, 'hold')
    await world.settle()
    await world.recover({ root: slow(2) })
    world.tell(path, 'add', 2)
    await world.settled(world.system.flushed())
    for (let i = 0; i < 2; i++) {
      await world.recover({ root: slow(1) })
      expect(world.system.inspect(path)).toMatchObject({ status: 'quarantined', waiting: ['hold', 'add'] })
    }
    expect(history(world)).toEqual(['recovery: HF_VERSION_NEWER'])
    own.later.resolve(1)
    await world.recover({ root: slow(2) })
    expect(world.system.inspect(path)).toMatchObject({ status: 'running', state: { n: 2 } })
    expect(world.recordsOf('dead')).toEqual([])
  })

  it('that wakes from what the code does not know is held with what it was told', async () => {
    bug = 0
    const carts = (version: number) => {
      const of = actor({ ...cart.spec, version })
      return supervisor({
        name: 'root',
        children: [child(virtualActors({ name: 'carts', of, idleMs: 1_000 }))],
      })
    }
    const world = await World.start({ root: carts(2) })
    await world.ask(path, 'add', 1)
    await world.advance(5_000)
    await world.recover({ root: carts(1) })
    world.tell(path, 'add', 2)
    await world.settle()
    expect(world.system.inspect(path)).toMatchObject({
      status: 'quarantined',
      waiting: ['add'],
      quarantined: { code: 'HF_VERSION_NEWER' },
    })
    await world.recover({ root: carts(1) })
    expect(history(world)).toEqual(['recovery: HF_VERSION_NEWER'])
    await world.recover({ root: carts(2) })
    expect(world.system.inspect(path)).toMatchObject({ status: 'running', state: { n: 3 } })
  })
})

describe('An order of somebody', () => {
  it('to release it is refused with the reason, and nothing is written', async () => {
    const world = await started()
    await world.recover({ root: rootOf(doubles) })
    const before = world.records().length
    const released = world.settled(world.system.steer.release(PATH, ana))
    await expect(released).rejects.toMatchObject({
      code: 'HF_DIVERGED',
      message: expect.stringContaining('is not the one that was recorded') as string,
    })
    expect([status(world), world.records().length]).toEqual(['quarantined', before])
  })

  it('to quarantine one is not taken back by a log that replays', async () => {
    const world = await started()
    await world.settled(world.system.steer.quarantine(PATH, ana))
    await world.recover({ root: rootOf(doubles) })
    await world.recover({ root: rootOf(good) })
    expect([status(world), history(world)]).toEqual([
      'quarantined',
      ['quarantine by ana: looks wrong', 'steered: '],
    ])
    await world.settled(world.system.steer.release(PATH, ana))
    expect(await world.ask(PATH, 'add', 3)).toBe(6)
  })

  it('to quarantine one holds what it is sent, also what other code cannot read', async () => {
    bug = 0
    const second = rootOf(other({}, { version: 2 }))
    const world = await World.start({ root: second })
    await world.settled(world.system.steer.quarantine(PATH, ana))
    world.tell(PATH, 'add', 1)
    await world.settled(world.system.flushed())
    await world.recover({ root: rootOf(good) })
    await world.settled(world.system.steer.release(PATH, ana))
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'quarantined', waiting: ['add'] })
    await world.recover({ root: second })
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'running', state: { n: 1 } })
  })

  it('that comes on top holds it when its log replays, and can be taken back before', async () => {
    for (const isTakenBack of [false, true]) {
      const world = await started()
      await world.recover({ root: rootOf(doubles) })
      await world.settled(world.system.steer.quarantine(PATH, ana))
      if (isTakenBack) await world.settled(world.system.steer.release(PATH, ana))
      expect(status(world)).toBe('quarantined')
      await world.recover({ root: rootOf(doubles) })
      expect(status(world)).toBe('quarantined')
      await world.recover({ root: rootOf(good) })
      expect([isTakenBack, status(world)]).toEqual([isTakenBack, isTakenBack ? 'running' : 'quarantined'])
      if (!isTakenBack) await world.settled(world.system.steer.release(PATH, ana))
      expect(await world.ask(PATH, 'add', 3)).toBe(6)
    }
  })

  it('to end it and to start it again is answered with the reason, and it is held again', async () => {
    const world = await started()
    await world.recover({ root: rootOf(doubles) })
    world.tell(PATH, 'add', 3)
    await world.ask('/root', 'terminate', { id: 'it' })
    expect([status(world), world.recordsOf('dead').map((each) => each.data().reason)]).toEqual([
      'stopped',
      ['stopped'],
    ])
    const error = await world.askFails('/root', 'restart', { id: 'it' })
    const why = expect.stringContaining('is not the one that was recorded') as string
    expect(error).toMatchObject({ code: 'HF_START_FAILED', message: why })
    expect(status(world)).toBe('quarantined')
    await world.recover({ root: rootOf(good) })
    expect([status(world), await world.ask(PATH, 'add', 3)]).toEqual(['running', 6])
  })

  it('to release one that then does not fit holds it for that', async () => {
    const world = await started()
    await world.settled(world.system.steer.quarantine(PATH, ana))
    await world.recover({ root: rootOf(doubles) })
    await world.settled(world.system.steer.release(PATH, ana))
    expect(world.system.inspect(PATH)).toMatchObject({
      status: 'quarantined',
      quarantined: { code: 'HF_DIVERGED' },
    })
    await world.recover({ root: rootOf(good) })
    expect([status(world), await world.ask(PATH, 'add', 3)]).toEqual(['running', 6])
  })
})

describe('A process that is killed on the way', () => {
  const deploys = [doubles, throws, throws, good]
  const all = allForOne({ maxRestarts: 100 })

  async function before(what: string): Promise<World> {
    gate = new Later()
    asked = 0
    bug = 0
    const world = await World.start({ root: rootOf(good, all) })
    await world.ask(PATH, 'add', 1)
    await world.ask(PATH, 'remind')
    dieAfter(world, 0, what)
    world.tell(PATH, what === 'nothing' ? 'hold' : 'fail')
    world.tell(PATH, 'add', 2)
    await world.settle()
    return world
  }

  function portrait(world: World): unknown {
    const look = (path: string): unknown => {
      const { state, incarnation, restarts, turns, waiting, timers } = world.system.inspect(path)
      return { state, incarnation, restarts, turns, waiting, timers, status: status(world, path) }
    }
    const pending = history(world).filter((line) => line !== 'restarted')
    return { it: look(PATH), last: look('/root/last'), pending }
  }

  async function end(world: World): Promise<unknown> {
    gate.resolve(10)
    await world.settle()
    await world.advance(60_000)
    return portrait(world)
  }

  it.each(['nothing', 'failed', 'directive'])(
    'comes to the same, wherever its log ends (after %s)',
    async (what) => {
      const whole = await before(what)
      for (const definition of deploys) await whole.recover({ root: rootOf(definition, all) })
      const wanted = await end(whole)
      expect(wanted).toMatchObject({ it: { status: 'running', waiting: [] } })
      let cuts = 0
      for (const [at] of deploys.entries()) {
        for (let nth = 0, isDead = true; isDead; nth++) {
          const world = await before(what)
          for (const [i, definition] of deploys.entries()) {
            const root = rootOf(definition, all)
            if (i === at) {
              world.crash()
              const died = dieAfter(world, nth)
              await world.open({ root })
              await world.settle()
              isDead = died()
              if (isDead) cuts++
            }
            await world.recover({ root })
          }
          expect(await end(world), `start ${at}, record ${nth}`).toEqual(wanted)
        }
      }
      expect(cuts).toBeGreaterThanOrEqual(7)
    },
  )
})
