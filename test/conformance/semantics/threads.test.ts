// Handlers that run ahead of their turns, as they do in threads, on virtual time and without any thread: what they do on
// the way there and back is the same. How threads end is tested with real ones.

import { actor, child, type HoldfastError, ignore, supervisor, type Context } from 'holdfast'
import { evidenceOf, Incident, replay } from 'holdfast/replay'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

interface State {
  n: number
  heard: unknown[]
}

let gate = new Later<number>()

const leaf = actor({ name: 'leaf', state: () => ({ n: 0 }), on: { count: (ctx) => ++ctx.state.n } })

const other = actor({
  name: 'other',
  state: () => ({ got: [] as unknown[] }),
  on: {
    hear(ctx, what: unknown) {
      ctx.state.got.push(what)
    },
    double: (_ctx, n: number) => n * 2,
  },
})

const far = actor({
  name: 'far',
  runsIn: 'thread',
  digestEvery: 1,
  spawns: [leaf],
  snapshot: { everyBytes: 400 },
  state: (): State => ({ n: 0, heard: [] }),
  onFailure: { default: 'restart' },
  mailbox: { urgent: ['quick'] },
  output: (state) => state.n,
  on: {
    add(ctx, by: number) {
      ctx.state.n += by
    },
    quick(ctx) {
      ctx.state.heard.push(`quick at ${ctx.state.n}`)
    },
    state: (ctx) => structuredClone({ n: ctx.state.n, heard: ctx.state.heard }),
    fail(ctx) {
      ctx.state.n = 1_000_000
      ctx.tell(ctx.ref('/root/other'), 'hear', 'never')
      throw new TypeError('on purpose')
    },
    tell(ctx, what: { v: number }) {
      ctx.tell(ctx.ref('/root/other'), 'hear', what)
      what.v = 99
    },
    chance: (ctx) => [ctx.random(), ctx.id(), ctx.id(), ctx.now(), ctx.message.position, ctx.correlationId],
    spawn: (ctx) => ctx.spawn(leaf).path,
    unstorable(ctx) {
      ctx.tell(ctx.ref('/root/other'), 'hear', () => undefined)
    },
    refused(ctx) {
      try {
        ctx.tell(ctx.ref('/root/other'), 'nonsense')
      } catch {
        ctx.state.heard.push('put up with')
      }
    },
    async effects(ctx) {
      const before = ctx.now()
      const first = await ctx.effect('first', () => gate.promise)
      ctx.state.heard.push([first, ctx.now() - before])
      const second = await ctx.ask(ctx.ref('/root/other'), 'double', 21)
      ctx.tell(ctx.ref('/root/other'), 'hear', second)
      return [first, second, await ctx.lives(ctx.ref('/root/nobody'))]
    },
    async refuses(ctx) {
      const seen = await ctx.effect('fails', () => Promise.reject(new RangeError('outside'))).catch(String)
      ctx.state.heard.push(seen)
      return seen
    },
    later(ctx) {
      ctx.schedule('add', 5, { afterMs: 100 })
    },
    end(ctx) {
      ctx.state.n = 42
      ctx.stop(ctx.self)
    },
  },
  onStart(ctx, incarnation) {
    ctx.state.heard.push(`start ${incarnation}`)
  },
  onStop(ctx) {
    ctx.tell(ctx.ref('/root/other'), 'hear', 'stop hook')
  },
})

const root = supervisor({ name: 'root', children: [child(other), child(far, { restart: 'transient' })] })

const PATH = '/root/far'
const stateOf = (world: World): Promise<State> => world.ask<State>(PATH, 'state')

async function replayed(world: World): Promise<void> {
  await world.settle()
  const records = world.records()
  const report = await replay(new Incident(evidenceOf(world.journal), { from: 1, to: records.length }), {
    swarm: { root },
  })
  expect(report.divergences).toEqual([])
  expect(report).toMatchObject({ identical: true })
  expect(report.turns.length).toBeGreaterThan(0)
}

describe('an actor whose handlers run ahead in a thread', () => {
  it('handles its messages in their order, and keeps its state from one to the next', async () => {
    const world = await World.start({ root })
    for (let i = 1; i <= 1_000; i++) world.tell(PATH, 'add', i)
    expect(await stateOf(world)).toEqual({ n: 500_500, heard: ['start 1'] })
    await replayed(world)
  })

  it('has the time, chance, ids and names that a replay gives it', async () => {
    const world = await World.start({ root })
    const [random, first, second, now, position, correlation] = await world.ask<unknown[]>(PATH, 'chance')
    expect(random).toBeGreaterThanOrEqual(0)
    expect([first, second]).toEqual([`${String(position)}-0`, `${String(position)}-1`])
    expect(now).toBe(world.authorities.now())
    expect(correlation).toBe(String(position))
    expect(await world.ask(PATH, 'spawn')).toMatch(/^\/root\/far\/\d+-0$/)
    await replayed(world)
  })

  it('sends what it had in hand when it sent it', async () => {
    const world = await World.start({ root })
    world.tell(PATH, 'tell', { v: 1 })
    await world.settle()
    expect(world.state('/root/other')).toEqual({ got: [{ v: 1 }] })
    await replayed(world)
  })

  it('has done nothing when it throws, and goes on from the last turn that was whole', async () => {
    const world = await World.start({ root })
    world.tell(PATH, 'add', 1)
    world.tell(PATH, 'fail')
    world.tell(PATH, 'add', 2)
    expect(await stateOf(world)).toEqual({ n: 3, heard: ['start 1', 'start 2'] })
    expect(world.state('/root/other')).toEqual({ got: [] })
    expect(world.recordsOf('failed').map((each) => each.data().error.name)).toEqual(['TypeError'])
    await replayed(world)
  })

  it('fails with what it cannot send, as it would here', async () => {
    const world = await World.start({ root })
    const error = (await world.askFails(PATH, 'unstorable')) as HoldfastError
    expect(error).toMatchObject({ code: 'HF_ACTOR_FAILED', cause: { code: 'HF_NOT_STORABLE' } })
    await replayed(world)
  })

  it('fails when a call is refused that its handler would have put up with, live and in a replay', async () => {
    const world = await World.start({ root })
    expect(await world.askFails(PATH, 'refused')).toMatchObject({ cause: { code: 'HF_UNKNOWN_MESSAGE' } })
    expect(await stateOf(world)).toMatchObject({ n: 0, heard: ['start 1', 'start 2'] })
    await replayed(world)
  })

  it('waits for effects, answers and looks, with the time of each result', async () => {
    gate = new Later<number>()
    const world = await World.start({ root })
    const asked = world.system.ref(PATH).ask('effects')
    await world.advance(250)
    gate.resolve(7)
    expect(await world.settled(asked)).toEqual([7, 42, false])
    const { heard } = await stateOf(world)
    expect(heard[1]).toEqual([7, expect.any(Number)])
    expect((heard[1] as number[])[1]).toBeGreaterThanOrEqual(250)
    expect(await world.ask(PATH, 'refuses')).toBe('RangeError: outside')
    await replayed(world)
  })

  it('begins a turn that waited again after a crash, and reads what it had got', async () => {
    gate = new Later<number>()
    const world = await World.start({ root })
    let runs = 0
    world.system.ref(PATH).tell('effects')
    void gate.promise.then(() => runs++)
    await world.settle()
    gate.resolve(3)
    await world.settle()
    await world.recover()
    await world.settle()
    expect((await stateOf(world)).heard[1]).toEqual([3, expect.any(Number)])
    expect(runs).toBe(1)
    await replayed(world)
  })

  it('comes back from its log with its state, also from snapshots of it', async () => {
    const world = await World.start({ root })
    for (let i = 0; i < 100; i++) {
      world.tell(PATH, 'add', 1)
      if (i % 10 === 0) await world.settle()
    }
    await world.settle()
    expect(world.journal.snapshot(2 + 1)?.turns).toBeGreaterThan(10)
    await world.recover()
    expect(await stateOf(world)).toEqual({ n: 100, heard: ['start 1'] })
    await replayed(world)
  })

  it('finishes the message in hand when it is told to stop, and none behind it', async () => {
    const world = await World.start({ root })
    for (let i = 0; i < 5; i++) world.tell(PATH, 'add', 1)
    // The errand is out once the dispatcher has had its round.
    await world.settle()
    world.tell(PATH, 'end')
    world.tell(PATH, 'add', 1)
    await world.settle()
    expect(world.recordsOf('stopped').map(({ actor: id }) => id)).toHaveLength(1)
    expect(world.system.deadLetters.byReason).toMatchObject({ stopped: 1 })
    expect(world.state<{ got: unknown[] }>('/root/other').got).toEqual(['stop hook'])
    await replayed(world)
  })

  it('lets an urgent message pass those that its thread has run ahead, which are run again', async () => {
    const world = await World.start({ root })
    for (let i = 0; i < 3; i++) world.tell(PATH, 'add', 1)
    world.tell(PATH, 'quick')
    world.tell(PATH, 'add', 1)
    expect(await stateOf(world)).toEqual({ n: 4, heard: ['start 1', 'quick at 0'] })
    await replayed(world)
  })

  it('takes no message while an operator holds it, and all of them after that', async () => {
    const world = await World.start({ root })
    await world.settled(world.system.steer.pause(PATH, { by: 'ana', reason: 'looks wrong' }))
    for (let i = 0; i < 5; i++) world.tell(PATH, 'add', 1)
    await world.settle()
    expect(world.system.inspect(PATH).mailbox).toBe(5)
    await world.settled(world.system.steer.resume(PATH, { by: 'ana', reason: 'is well' }))
    expect(await stateOf(world)).toMatchObject({ n: 5 })
    await replayed(world)
  })

  it('gets its own timers', async () => {
    const world = await World.start({ root })
    world.tell(PATH, 'later')
    await world.advance(200)
    expect(await stateOf(world)).toMatchObject({ n: 5 })
    await replayed(world)
  })

  it('stops with the system in order, and goes on where it was', async () => {
    const world = await World.start({ root })
    world.tell(PATH, 'add', 7)
    await world.reopen()
    expect(await stateOf(world)).toEqual({ n: 7, heard: ['start 1', 'start 1'] })
    await replayed(world)
  })

  it('may say as it starts that there is nothing to do', async () => {
    const idle = actor({ name: 'idle', runsIn: 'thread', onStart: () => ignore, on: {} })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(idle)] }) })
    await world.settle()
    expect(world.system.inspect('/root/idle').stopped).toBe('ignored')
  })

  it('is refused where it is defined when nothing of it is kept', () => {
    const volatile = (): unknown => actor({ name: 'v', runsIn: 'thread', durable: false, on: {} })
    expect(volatile).toThrow(expect.objectContaining({ code: 'HF_INVALID', field: 'durable' }))
    const nowhere = (): unknown => actor({ name: 'v', runsIn: 'process' as 'thread', on: {} })
    expect(nowhere).toThrow(expect.objectContaining({ code: 'HF_INVALID', field: 'runsIn' }))
  })

  it('hands its context to nobody after its end', async () => {
    let kept: Context<object> | undefined
    const leaky = actor({
      name: 'leaky',
      runsIn: 'thread',
      on: {
        keep(ctx) {
          kept = ctx
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(leaky)] }) })
    world.tell('/root/leaky', 'keep')
    await world.settle()
    expect(() => kept!.now()).toThrow(expect.objectContaining({ code: 'HF_TURN_CLOSED' }))
  })
})
