// The eight worked cases of a turn, each under its number.

import { actor, allForOne, child, oneForOne, supervisor } from 'holdfast'
import type { StoredError } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const listener = actor({
  name: 'listener',
  state: () => ({ heard: [] as unknown[] }),
  on: {
    hear(ctx, what: unknown) {
      ctx.state.heard.push(what)
    },
  },
})

const heard = (world: World): unknown => world.state('/root/listener').heard

describe('Case 1: a turn that waits', () => {
  const gate = { later: new Later<number>() }
  const waiter = actor({
    name: 'waiter',
    digestEvery: 1,
    state: () => ({ n: 0 }),
    on: {
      async wait(ctx) {
        ctx.state.n++
        ctx.state.n += await ctx.effect('gate', () => gate.later.promise)
        ctx.tell(ctx.ref(listener, '/root/listener'), 'hear', ctx.state.n)
      },
      add(ctx) {
        ctx.state.n++
      },
    },
  })
  const root = supervisor({ name: 'root', children: [child(waiter), child(listener)] })

  it('lets others go on and takes no message, so that its turn may run again where its record stands', async () => {
    gate.later = new Later()
    const world = await World.start({ root })
    world.tell('/root/waiter', 'wait')
    world.tell('/root/waiter', 'add')
    await world.settle()
    world.tell('/root/listener', 'hear', 'meanwhile')
    await world.settle()
    gate.later.resolve(10)
    await world.settle()
    expect(heard(world)).toEqual(['meanwhile', 11])
    expect(world.state('/root/waiter')).toEqual({ n: 12 })
    await world.recover()
    expect(heard(world)).toEqual(['meanwhile', 11])
    expect(world.state('/root/waiter')).toEqual({ n: 12 })
  })
})

describe('Case 2: killed while it waits', () => {
  const done: string[] = []
  const gates = new Map<string, Later<string>>()

  function gateOf(name: string): Later<string> {
    const gate = gates.get(name) ?? new Later<string>()
    gates.set(name, gate)
    return gate
  }

  const callee = actor({
    name: 'callee',
    state: () => ({ asked: 0 }),
    on: {
      async answer(ctx) {
        ctx.state.asked++
        return `answer ${ctx.state.asked} ${await ctx.effect('callee', () => gateOf('callee').promise)}`
      },
      quick(ctx) {
        ctx.state.asked++
        return `quick ${ctx.state.asked}`
      },
    },
  })
  const forgetful = actor({
    name: 'forgetful',
    durable: false,
    on: { never: () => new Promise<string>(() => undefined) },
  })
  const waiter = actor({
    name: 'waiter',
    state: () => ({ results: [] as string[] }),
    onFailure: { default: 'resume' },
    on: {
      async chain(ctx) {
        for (const name of ['one', 'two', 'three']) {
          const result = await ctx.effect(name, () => {
            done.push(name)
            return gateOf(name).promise
          })
          ctx.state.results.push(result)
        }
        return ctx.state.results.join(' ')
      },
      async race(ctx) {
        const racers = ['left', 'right'].map((name) => {
          return ctx.effect(name, () => {
            done.push(name)
            return gateOf(name).promise
          })
        })
        ctx.state.results.push(await Promise.race(racers))
        ctx.state.results.push(await ctx.effect('after', () => gateOf('after').promise))
      },
      async asks(ctx, type: 'answer' | 'quick') {
        ctx.state.results.push(await ctx.effect('before', () => gateOf('before').promise))
        ctx.state.results.push(await ctx.ask(ctx.ref(callee, '/root/callee'), type))
        ctx.state.results.push(await ctx.effect('after', () => gateOf('after').promise))
      },
      asksVolatile: (ctx) => ctx.ask(ctx.ref(forgetful, '/root/forgetful'), 'never'),
    },
  })
  const root = supervisor({ name: 'root', children: [child(waiter), child(callee), child(forgetful)] })

  async function worldAt(type: string, payload: unknown, ...open: readonly string[]): Promise<World> {
    done.length = 0
    gates.clear()
    const world = await World.start({ root })
    world.tell('/root/waiter', type, payload)
    for (const name of open) {
      await world.settle()
      gateOf(name).resolve(name)
    }
    await world.settle()
    return world
  }

  it('an effect that has a record is not done again, and the first without one is', async () => {
    const world = await worldAt('chain', undefined, 'one')
    expect(done).toEqual(['one', 'two'])
    await world.recover()
    expect(done).toEqual(['one', 'two', 'two'])
    expect(world.system.inspect('/root/waiter')).toMatchObject({
      status: 'waiting',
      state: { results: ['one'] },
    })
    gateOf('two').resolve('two')
    gateOf('three').resolve('three')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ results: ['one', 'two', 'three'] })
    expect(world.recordsOf('effect')).toHaveLength(3)
  })

  it('once more, it goes on from what both runs have learned', async () => {
    const world = await worldAt('chain', undefined, 'one')
    await world.recover()
    gateOf('two').resolve('two')
    await world.settle()
    await world.recover()
    expect(done).toEqual(['one', 'two', 'two', 'three', 'three'])
    gateOf('three').resolve('three')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ results: ['one', 'two', 'three'] })
  })

  it.each(['left', 'right'])('a race that %s had won is won by the same one', async (winner) => {
    const world = await worldAt('race', undefined, winner)
    const other = winner === 'left' ? 'right' : 'left'
    await world.recover()
    gateOf(other).resolve(other)
    await world.settle()
    gateOf('after').resolve('after')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ results: [winner, 'after'] })
  })

  it('an ask that was sent is matched to its message and not sent twice', async () => {
    const world = await worldAt('asks', 'answer', 'before')
    expect(world.state('/root/callee')).toEqual({ asked: 1 })
    await world.recover()
    gateOf('callee').resolve('now')
    gateOf('after').resolve('after')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ results: ['before', 'answer 1 now', 'after'] })
    expect(world.recordsOf('message').filter(({ ask }) => ask !== undefined)).toHaveLength(1)
    expect(world.recordsOf('reply')).toHaveLength(1)
  })

  it('an answer that the log has is not asked for again', async () => {
    const world = await worldAt('asks', 'quick', 'before')
    await world.recover()
    gateOf('after').resolve('after')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ results: ['before', 'quick 1', 'after'] })
    expect(world.state('/root/callee')).toEqual({ asked: 1 })
  })

  it('an answer that is there before the turn has come to its question again is not lost', async () => {
    const world = await worldAt('asks', 'answer', 'before')
    world.crash()
    // Both turns run again: the one that is asked needs one step of the event loop less than the one that asks.
    gateOf('callee').resolve('at once')
    await world.open()
    await world.settle()
    gateOf('after').resolve('after')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ results: ['before', 'answer 1 at once', 'after'] })
  })

  it('an ask of a volatile actor, which has forgotten it, fails at once', async () => {
    const world = await worldAt('asksVolatile', undefined)
    await world.recover()
    const [failed] = world.recordsOf('failed')
    expect(failed!.data().error).toMatchObject({ code: 'HF_ACTOR_RESTARTED' })
    expect(world.authorities.timers).toBe(0)
  })

  it('a result that was recorded for another effect fails the turn with HF_DIVERGED', async () => {
    const world = await worldAt('chain', undefined, 'one')
    const changed = actor({
      ...waiter.spec,
      on: { ...waiter.spec.on, chain: (ctx) => ctx.effect('another', () => 'x') },
    })
    await world.recover({
      root: supervisor({ ...root, children: [child(changed), child(callee), child(forgetful)] }),
    })
    const [failed] = world.recordsOf('failed')
    expect(failed!.data().error).toMatchObject({ code: 'HF_DIVERGED' })
  })
})

describe('Case 3: a handler throws after an ask', () => {
  const tries: number[] = []
  const callee = actor({
    name: 'callee',
    state: () => ({ asked: 0 }),
    on: {
      count(ctx) {
        return ++ctx.state.asked
      },
    },
  })
  const thrower = actor({
    name: 'thrower',
    attempts: 2,
    state: () => ({ log: [] as unknown[] }),
    onFailure: { default: 'resume' },
    on: {
      async go(ctx) {
        const answer = await ctx.ask(ctx.ref(callee, '/root/callee'), 'count')
        const result = await ctx.effect('try', () => {
          tries.push(answer)
          return tries.length
        })
        ctx.state.log.push(answer, result)
        ctx.tell(ctx.ref(listener, '/root/listener'), 'hear', answer)
        ctx.schedule('go', undefined, { afterMs: 1_000 })
        if (answer === 1) throw new Error('first')
        return ctx.random()
      },
    },
  })
  const root = supervisor({ name: 'root', children: [child(thrower), child(callee), child(listener)] })

  it('what it did is gone, the ask happened, and a second attempt has effects of its own', async () => {
    tries.length = 0
    const world = await World.start({ root })
    const answer = await world.ask('/root/thrower', 'go')
    expect(world.state('/root/thrower')).toEqual({ log: [2, 2] })
    expect(world.state('/root/callee')).toEqual({ asked: 2 })
    expect(heard(world)).toEqual([2])
    expect(world.recordsOf('effect').map((each) => each.data().attempt)).toEqual([1, 2])
    expect(world.recordsOf('failed').map((each) => each.data().parked)).toEqual([false])
    await world.recover()
    expect(world.state('/root/thrower')).toEqual({ log: [2, 2] })
    expect(tries).toEqual([1, 2])
    expect(typeof answer).toBe('number')
  })

  it('killed before the second attempt, it is tried once more and no oftener', async () => {
    tries.length = 0
    const gate = new Later()
    const slow = actor({
      name: 'thrower',
      attempts: 2,
      onFailure: { default: 'resume' },
      on: {
        async go(ctx) {
          tries.push(tries.length)
          await ctx.effect('gate', () => gate.promise)
          throw new Error('always')
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(slow)] }) })
    world.tell('/root/thrower', 'go')
    await world.settle()
    gate.resolve(1)
    await world.settle()
    expect(world.recordsOf('failed').map((each) => each.data().attempt)).toEqual([1, 2])
    expect(world.recordsOf('failed').at(-1)!.data().parked).toBe(true)
    await world.recover()
    expect(world.system.inspect('/root/thrower')).toMatchObject({ mailbox: 0, status: 'running' })
    expect(tries).toEqual([0, 1])
  })
})

describe('Case 4: killed between the failure and the directive', () => {
  const error: StoredError = { name: 'RangeError', message: 'recorded' }
  const handled: string[] = []
  const failing = actor({
    name: 'failing',
    state: () => ({ n: 0 }),
    onFailure: { RangeError: 'resume', default: 'stop' },
    on: {
      go(ctx, what: string) {
        handled.push(what)
        ctx.state.n++
      },
    },
  })
  const root = supervisor({ name: 'root', children: [child(failing)] })

  /** A log that ends with a failure, and with a decision about it when one is given. */
  async function cutAfterFailure(directive?: string): Promise<World> {
    handled.length = 0
    const world = await World.start({ root })
    const { id } = world.system.inspect('/root/failing')
    // The message is in the log, and nobody has handled it: the kernel is abandoned before its next step.
    world.tell('/root/failing', 'go', 'failed')
    world.tell('/root/failing', 'go', 'next')
    world.journal.flush()
    await new Promise((resolve) => setImmediate(resolve))
    world.crash()
    const { journal } = world
    const [message] = [...journal.readActor(id, 1)].filter((record) => record.kind === 'message')
    const { position } = message!
    const data = { attempt: 1, context: 'message', error, parked: true }
    journal.record('failed', id, position, position, data)
    if (directive !== undefined) {
      const report = { supervisor: '/root', context: 'message', reason: error, offender: '/root/failing' }
      journal.record('directive', id, position, position, { ...report, directive, affected: ['failing'] })
    }
    journal.flush()
    await new Promise((resolve) => setImmediate(resolve))
    return world
  }

  it('the supervisor decides now, once', async () => {
    const world = await cutAfterFailure()
    await world.recover()
    expect(world.recordsOf('directive').map((each) => each.data().directive)).toEqual(['resume'])
    expect(handled).toEqual(['next'])
    await world.recover()
    expect(world.recordsOf('directive')).toHaveLength(1)
    expect(world.state('/root/failing')).toEqual({ n: 1 })
  })

  it('a decision that the log has is carried out, and not taken again', async () => {
    const world = await cutAfterFailure('stop')
    await world.recover()
    expect(world.recordsOf('directive')).toHaveLength(1)
    expect(world.system.inspect('/root/failing')).toMatchObject({ stopped: 'failed', status: 'stopped' })
    expect(handled).toEqual([])
  })

  it('a restart that the log has is carried out', async () => {
    const world = await cutAfterFailure('restart')
    await world.recover()
    expect(world.recordsOf('directive')).toHaveLength(1)
    expect(world.system.inspect('/root/failing')).toMatchObject({
      incarnation: 2,
      restarts: 1,
      state: { n: 1 },
    })
    await world.recover()
    expect(world.system.inspect('/root/failing')).toMatchObject({ incarnation: 2, restarts: 1 })
  })
})

describe('Case 5: windows of time', () => {
  const fragile = actor({
    name: 'fragile',
    on: {
      break() {
        throw new Error('broken')
      },
    },
  })
  const inner = supervisor({
    name: 'inner',
    strategy: oneForOne({ maxRestarts: 2, withinMs: 5_000 }),
    children: [child(fragile)],
  })
  const root = supervisor({ name: 'root', children: [child(inner)] })

  async function breakIt(world: World, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      world.tell('/root/inner/fragile', 'break')
      await world.settle()
    }
  }

  const restartsOf = (world: World): number => world.system.inspect('/root/inner').restarts

  it('go on over a restart of the process, by the clock on the wall', async () => {
    const world = await World.start({ root })
    await breakIt(world, 2)
    expect(restartsOf(world)).toBe(0)
    await world.recover({ awayMs: 4_000 })
    await breakIt(world, 1)
    expect(restartsOf(world)).toBe(1)
  })

  it('have passed when the process was away for longer', async () => {
    const world = await World.start({ root })
    await breakIt(world, 2)
    await world.recover({ awayMs: 5_000 })
    await breakIt(world, 1)
    expect(restartsOf(world)).toBe(0)
  })

  it('do not begin anew when the clock on the wall was set back meanwhile', async () => {
    const world = await World.start({ root })
    await breakIt(world, 2)
    await world.recover({ awayMs: -3_600_000 })
    await breakIt(world, 1)
    expect(restartsOf(world)).toBe(1)
  })

  it('count monotonic time while running, whatever the clock on the wall is set to', async () => {
    const world = await World.start({ root })
    await breakIt(world, 2)
    world.authorities.stepClock(3_600_000)
    await breakIt(world, 1)
    expect(restartsOf(world)).toBe(1)
  })
})

describe('Case 6: a spawned actor without a name', () => {
  const leaf = actor({ name: 'leaf', on: { hi: () => 'hi' } })
  const parent = actor({
    name: 'parent',
    spawns: [leaf],
    state: () => ({ children: [] as string[] }),
    onFailure: { default: 'resume' },
    attempts: 2,
    on: {
      spawn(ctx) {
        ctx.state.children.push(ctx.spawn(leaf).path, ctx.spawn(leaf).path)
      },
      async late(ctx) {
        await ctx.effect('wait', () => 1)
        ctx.state.children.push(ctx.spawn(leaf).path)
      },
    },
  })
  const root = supervisor({ name: 'root', children: [child(parent)] })

  it('is named after its message and its index, and lives under that name after recovery', async () => {
    const world = await World.start({ root })
    world.tell('/root/parent', 'spawn')
    world.tell('/root/parent', 'late')
    await world.settle()
    const [spawn, late] = world.recordsOf('message').filter(({ type }) => type === 'spawn' || type === 'late')
    const names = [`${spawn!.position}-0`, `${spawn!.position}-1`, `${late!.position}-0`]
    const children = names.map((name) => `/root/parent/${name}`)
    expect(world.state('/root/parent')).toEqual({ children })
    await world.recover()
    expect(world.state('/root/parent')).toEqual({ children })
    for (const path of children) expect(await world.ask(path, 'hi')).toBe('hi')
  })
})

describe('Case 7: what comes from an old incarnation', () => {
  const gate = { later: new Later<string>() }
  const answerer = actor({
    name: 'answerer',
    on: { wait: (ctx) => ctx.effect('gate', () => gate.later.promise) },
  })
  const asker = actor({
    name: 'asker',
    state: () => ({ answers: [] as string[], ticks: 0 }),
    on: {
      async ask(ctx) {
        ctx.state.answers.push(await ctx.ask(ctx.ref(answerer, '/root/answerers/answerer'), 'wait'))
      },
      schedule(ctx) {
        ctx.schedule('tick', undefined, { afterMs: 10 })
      },
      async hold(ctx) {
        await ctx.effect('hold', () => gate.later.promise)
        throw new Error('held for nothing')
      },
      tick(ctx) {
        ctx.state.ticks++
      },
    },
  })
  const fragile = actor({
    name: 'fragile',
    on: {
      break() {
        throw new Error('broken')
      },
    },
  })
  const group = supervisor({ name: 'group', strategy: allForOne(), children: [child(asker), child(fragile)] })
  const other = actor({
    name: 'answerers',
    spawns: [answerer],
    onStart(ctx) {
      ctx.spawn(answerer, { name: 'answerer' })
    },
    on: {},
  })
  const root = supervisor({ name: 'root', children: [child(other), child(group)] })
  it('a reply is dropped by its reference and counted', async () => {
    gate.later = new Later()
    const world = await World.start({ root })
    const late = world.events('late-reply')
    world.tell('/root/group/asker', 'ask')
    await world.settle()
    world.tell('/root/group/fragile', 'break')
    await world.settle()
    expect(world.system.inspect('/root/group/asker')).toMatchObject({ incarnation: 2, status: 'waiting' })
    gate.later.resolve('answer')
    await world.settle()
    expect(late).toEqual([{ actor: '/root/group/asker' }])
    // The message itself did not fail: the new incarnation asked again, as another attempt.
    expect(world.state('/root/group/asker')).toMatchObject({ answers: ['answer'] })
    expect(
      world
        .recordsOf('message')
        .filter(({ ask }) => ask !== undefined)
        .map(({ ask }) => ask!.attempt),
    ).toEqual([1, 2])
  })

  it('SUP-162 a tick that waits in the mailbox is dropped and counted', async () => {
    gate.later = new Later()
    const world = await World.start({ root })
    world.tell('/root/group/asker', 'schedule')
    await world.settle()
    world.tell('/root/group/asker', 'hold')
    await world.advance(10)
    expect(world.system.inspect('/root/group/asker').waiting).toEqual(['tick'])
    gate.later.resolve('now')
    await world.settle()
    expect(world.state('/root/group/asker')).toMatchObject({ ticks: 0 })
    expect(world.system.deadLetters).toMatchObject({
      count: 1,
      last: [{ type: 'tick', reason: 'stale-tick' }],
    })
  })

  it('a tick that waits in the mailbox is dropped also when the process ends in between', async () => {
    gate.later = new Later()
    const world = await World.start({ root })
    world.tell('/root/group/asker', 'schedule')
    await world.settle()
    world.tell('/root/group/asker', 'hold')
    await world.advance(10)
    await world.recover()
    expect(world.system.inspect('/root/group/asker').waiting).toEqual(['tick'])
    gate.later.resolve('now')
    await world.settle()
    expect(world.state('/root/group/asker')).toMatchObject({ ticks: 0 })
    await world.recover()
    expect(world.state('/root/group/asker')).toMatchObject({ ticks: 0 })
  })
})

describe('Case 8: the disk says no', () => {
  const counter = actor({
    name: 'counter',
    state: () => ({ n: 0 }),
    on: {
      add(ctx) {
        return ++ctx.state.n
      },
    },
  })
  const root = supervisor({ name: 'root', children: [child(counter)] })

  it('nothing is released and no turn is taken, while reading and inspection work', async () => {
    const world = await World.start({ root })
    const failures = world.events('store-failed')
    world.store.refuse(1)
    let isAnswered = false
    const asked = world.system.ref('/root/counter').ask('add')
    void asked.then(() => {
      isAnswered = true
    })
    await world.settle()
    expect(failures).toMatchObject([{ failure: { code: 'HF_STORE_FAILED' } }])
    expect(isAnswered).toBe(false)
    await expect(world.system.ref('/root/counter').ask('add')).rejects.toMatchObject({
      code: 'HF_STORE_FAILED',
    })
    expect(world.system.inspect('/root/counter')).toMatchObject({ turns: 1, state: { n: 1 } })
    expect(world.system.tree().children).toHaveLength(1)
  })

  it('when the store is open again, what was in memory is committed in the same order and released', async () => {
    const world = await World.start({ root })
    const recovered = world.events('store-recovered')
    world.store.refuse(2)
    const asked = world.system.ref('/root/counter').ask('add')
    await world.settle()
    await world.advance(1_000)
    expect(recovered).toHaveLength(1)
    expect(await asked).toBe(1)
    expect(await world.ask('/root/counter', 'add')).toBe(2)
    await world.recover()
    expect(world.state('/root/counter')).toEqual({ n: 2 })
    expect(world.records().map(({ position }) => position)).toEqual(world.records().map((_, i) => i + 1))
  })

  it('what is not durable when the process ends was never answered', async () => {
    const world = await World.start({ root })
    expect(await world.ask('/root/counter', 'add')).toBe(1)
    world.store.refuse(100)
    void world.system
      .ref('/root/counter')
      .ask('add')
      .catch(() => undefined)
    await world.settle()
    expect(world.state('/root/counter')).toEqual({ n: 2 })
    await world.recover()
    expect(world.state('/root/counter')).toEqual({ n: 1 })
  })
})
