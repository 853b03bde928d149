import { actor, child, supervisor, type Definition } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

function rootOf(...children: readonly Definition[]) {
  return supervisor({ name: 'root', children: children.map((each) => child(each)) })
}

const friend = actor({
  name: 'friend',
  state: () => ({ asked: 0 }),
  onFailure: { default: 'resume' },
  on: {
    double(ctx, n: number) {
      ctx.state.asked++
      return n * 2
    },
    break(): number {
      throw new RangeError('broken')
    },
    never: () => new Promise<number>(() => undefined),
  },
})

describe('A turn that waits', () => {
  const gate = { later: new Later<string>() }
  const waiter = actor({
    name: 'waiter',
    state: () => ({ seen: [] as string[] }),
    on: {
      async wait(ctx) {
        ctx.state.seen.push('begin')
        const value = await ctx.effect('gate', () => gate.later.promise)
        ctx.state.seen.push(value)
        return value
      },
      note(ctx, what: string) {
        ctx.state.seen.push(what)
      },
    },
  })

  it('keeps further messages of its actor waiting, in their order, while others go on', async () => {
    gate.later = new Later()
    const world = await World.start({ root: rootOf(waiter, friend) })
    world.tell('/root/waiter', 'wait')
    world.tell('/root/waiter', 'note', 'one')
    world.tell('/root/waiter', 'note', 'two')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ seen: ['begin'] })
    expect(world.system.inspect('/root/waiter')).toMatchObject({
      status: 'waiting',
      waiting: ['note', 'note'],
    })
    expect(await world.ask('/root/friend', 'double', 2)).toBe(4)
    gate.later.resolve('end')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ seen: ['begin', 'end', 'one', 'two'] })
  })

  it('starts its effect only once the log before it is on stable storage', async () => {
    let starts = 0
    const starter = actor({
      name: 'starter',
      on: {
        start: (ctx) =>
          ctx.effect('count', () => {
            starts++
          }),
      },
    })
    const world = await World.start({ root: rootOf(starter) })
    world.store.cut()
    world.tell('/root/starter', 'start')
    await world.settle()
    expect(starts).toBe(0)
    expect(world.recordsOf('began')).toHaveLength(1)
  })

  it('sees the time of its beginning until a result comes, and then the time of the result', async () => {
    gate.later = new Later()
    const timer = actor({
      name: 'timer',
      digestEvery: 1,
      state: () => ({ times: [] as number[] }),
      on: {
        async wait(ctx) {
          ctx.state.times.push(ctx.now())
          await Promise.resolve()
          ctx.state.times.push(ctx.now())
          await ctx.effect('gate', () => gate.later.promise)
          ctx.state.times.push(ctx.now())
        },
      },
    })
    const world = await World.start({ root: rootOf(timer) })
    const startMs = world.authorities.now()
    world.tell('/root/timer', 'wait')
    await world.advance(50)
    gate.later.resolve('x')
    await world.settle()
    const times = [startMs, startMs, startMs + 50]
    expect(world.state('/root/timer')).toEqual({ times })
    await world.recover()
    expect(world.state('/root/timer')).toEqual({ times })
  })

  it('sees the same time again after recovery also when it waited for nothing that is recorded', async () => {
    const clock = actor({
      name: 'clock',
      digestEvery: 1,
      state: () => ({ times: [] as number[] }),
      on: {
        async look(ctx) {
          ctx.state.times.push(ctx.now())
          await tick.promise
          ctx.state.times.push(ctx.now())
        },
      },
    })
    const tick = new Later()
    const world = await World.start({ root: rootOf(clock) })
    const startMs = world.authorities.now()
    world.tell('/root/clock', 'look')
    await world.advance(1_000)
    tick.resolve(1)
    await world.settle()
    expect(world.state('/root/clock')).toEqual({ times: [startMs, startMs] })
    await world.recover()
    expect(world.state('/root/clock')).toEqual({ times: [startMs, startMs] })
  })

  it('is one, when a plain function returns a promise after it has told: nothing goes out before the end', async () => {
    gate.later = new Later()
    const plain = actor({
      name: 'plain',
      state: () => ({ n: 0 }),
      spawns: [friend],
      on: {
        wait(ctx) {
          ctx.state.n++
          ctx.tell(ctx.ref('/root/waiter'), 'note', 'told')
          ctx.spawn(friend, { name: 'mine' })
          return ctx
            .effect('gate', () => gate.later.promise)
            .then((value) => {
              ctx.tell(ctx.ref('/root/waiter'), 'note', value)
              return value
            })
        },
      },
    })
    const world = await World.start({ root: rootOf(waiter, plain) })
    world.tell('/root/plain', 'wait')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ seen: [] })
    expect(() => world.system.inspect('/root/plain/mine')).not.toThrow()
    expect(world.recordsOf('spawned').some((each) => each.data().name === 'mine')).toBe(false)
    gate.later.resolve('later')
    await world.settle()
    expect(world.state('/root/waiter')).toEqual({ seen: ['told', 'later'] })
    expect(await world.ask('/root/plain/mine', 'double', 1)).toBe(2)
  })

  it('fails like any other when its promise rejects, and its state is as before', async () => {
    const failing = actor({
      name: 'failing',
      state: () => ({ n: 0 }),
      onFailure: { default: 'resume' },
      on: {
        async go(ctx) {
          ctx.state.n = 1
          await ctx.effect('ok', () => 1)
          ctx.state.n = 2
          ctx.tell(ctx.ref('/root/waiter'), 'note', 'never')
          throw new TypeError('late')
        },
      },
    })
    const world = await World.start({ root: rootOf(waiter, failing) })
    expect(await world.askFails('/root/failing', 'go')).toMatchObject({ cause: { name: 'TypeError' } })
    expect(world.state('/root/failing')).toEqual({ n: 0 })
    expect(world.state('/root/waiter')).toEqual({ seen: [] })
  })
})

describe('T3: results', () => {
  const names: string[] = []
  const racer = actor({
    name: 'racer',
    digestEvery: 1,
    state: () => ({ order: [] as string[], winner: '' }),
    on: {
      async race(ctx) {
        const one = ctx.effect('one', () => gates.one.promise)
        const two = ctx.effect('two', () => gates.two.promise)
        ctx.state.winner = await Promise.race([one, two])
        ctx.state.order.push(await one, await two)
      },
      async all(ctx) {
        const note = (result: string): string => {
          ctx.state.order.push(result)
          return result
        }
        const answers = await Promise.all([
          ctx.effect('one', () => gates.one.promise).then(note),
          ctx.ask(ctx.ref(friend, '/root/friend'), 'double', 21).then((n) => note(String(n))),
          ctx.effect('two', () => gates.two.promise).then(note),
        ])
        ctx.state.winner = answers.join(' ')
      },
    },
  })
  const gates = { one: new Later<string>(), two: new Later<string>() }

  async function raced(type: string, first: 'one' | 'two'): Promise<World> {
    gates.one = new Later()
    gates.two = new Later()
    names.length = 0
    const world = await World.start({ root: rootOf(racer, friend) })
    world.tell('/root/racer', type)
    await world.settle()
    gates[first].resolve(first)
    gates[first === 'one' ? 'two' : 'one'].resolve(first === 'one' ? 'two' : 'one')
    await world.settle()
    return world
  }

  it.each(['one', 'two'] as const)(
    'come in the order in which they were had: %s wins the race',
    async (first) => {
      const world = await raced('race', first)
      expect(world.state('/root/racer')).toEqual({ winner: first, order: ['one', 'two'] })
    },
  )

  it.each(['one', 'two'] as const)(
    'come in the same order again after recovery (%s first)',
    async (first) => {
      for (const type of ['race', 'all']) {
        const world = await raced(type, first)
        const state = world.state('/root/racer')
        await world.recover()
        expect(world.state('/root/racer')).toEqual(state)
      }
    },
  )

  it('of effects and asks can be awaited together', async () => {
    const world = await raced('all', 'two')
    expect(world.state('/root/racer')).toEqual({ winner: 'one 42 two', order: ['42', 'two', 'one'] })
  })

  it('that fail before the handler looks at them fail the turn and not the process', async () => {
    const careless = actor({
      name: 'careless',
      state: () => ({ error: '' }),
      on: {
        async go(ctx) {
          const failing = ctx.effect('fails', () => {
            throw new Error('early')
          })
          await ctx.effect('slow', () => gates.one.promise)
          await failing.catch((error: unknown) => {
            ctx.state.error = (error as Error).message
          })
        },
      },
    })
    gates.one = new Later()
    const world = await World.start({ root: rootOf(careless) })
    world.tell('/root/careless', 'go')
    await world.settle()
    gates.one.resolve('now')
    await world.settle()
    expect(world.state('/root/careless')).toEqual({ error: 'early' })
  })
})

describe('An effect', () => {
  const runs = { count: 0, signals: [] as AbortSignal[] }
  const flaky = actor({
    name: 'flaky',
    state: (): { result: unknown } => ({ result: undefined }),
    onFailure: { default: 'resume' },
    on: {
      async retry(ctx, failures: number) {
        ctx.state.result = await ctx.effect(
          'flaky',
          () => {
            runs.count++
            if (runs.count <= failures) throw new Error(`failure ${runs.count}`)
            return runs.count
          },
          { retry: { attempts: 3, minMs: 100, maxMs: 1_000 } },
        )
      },
      async hang(ctx) {
        await ctx.effect(
          'hang',
          (signal) => {
            runs.signals.push(signal)
            return new Promise(() => undefined)
          },
          { timeoutMs: 200, retry: { attempts: 2, minMs: 50, maxMs: 50 } },
        )
      },
      throws: (ctx) =>
        ctx.effect('throws', () => {
          throw new Error('at once')
        }),
      async odd(ctx) {
        await ctx.effect('odd', () => Symbol('odd'))
      },
      refused: (ctx, options: { readonly timeoutMs?: number; readonly attempts?: number }) =>
        ctx.effect('refused', () => 1, {
          timeoutMs: options.timeoutMs,
          retry: { attempts: options.attempts ?? 1 },
        }),
      unnamed: (ctx) => ctx.effect('', () => 1),
    },
  })

  it('is tried again after a pause as often as it may', async () => {
    runs.count = 0
    const world = await World.start({ root: rootOf(flaky) })
    world.tell('/root/flaky', 'retry', 2)
    await world.settle()
    expect(runs.count).toBe(1)
    await world.advance(100)
    expect(runs.count).toBe(2)
    await world.advance(200)
    expect(world.state('/root/flaky')).toEqual({ result: 3 })
    expect(world.recordsOf('effect')).toHaveLength(1)
  })

  it('fails the turn with the last error when all its attempts failed', async () => {
    runs.count = 0
    const world = await World.start({ root: rootOf(flaky) })
    const asked = world.system.ref('/root/flaky').ask('retry', 9)
    const failed = expect(asked).rejects.toMatchObject({ cause: { message: 'failure 3' } })
    await world.advance(1_000)
    await failed
  })

  it('that takes too long is told so by its signal, and fails with HF_EFFECT_TIMEOUT', async () => {
    runs.signals = []
    const world = await World.start({ root: rootOf(flaky) })
    const asked = world.system.ref('/root/flaky').ask('hang')
    const failed = expect(asked).rejects.toMatchObject({ cause: { code: 'HF_EFFECT_TIMEOUT' } })
    await world.advance(200)
    expect(runs.signals.map(({ aborted }) => aborted)).toEqual([true])
    await world.advance(50)
    expect(runs.signals.map(({ aborted }) => aborted)).toEqual([true, false])
    await world.advance(200)
    await failed
  })

  it('leaves no timer behind, however it ends', async () => {
    runs.count = 0
    const world = await World.start({ root: rootOf(flaky) })
    for (const [type, payload] of [['retry', 0], ['odd'], ['refused', {}]] as const) {
      world.tell('/root/flaky', type, payload)
      await world.settle()
      expect(world.authorities.timers, type).toBe(0)
    }
  })

  it('fails when its result cannot be stored', async () => {
    const world = await World.start({ root: rootOf(flaky) })
    expect(await world.askFails('/root/flaky', 'odd')).toMatchObject({ cause: { code: 'HF_NOT_STORABLE' } })
  })

  it.each([
    ['effect.timeoutMs', 'refused', { timeoutMs: 0 }],
    ['effect.timeoutMs', 'refused', { timeoutMs: Infinity }],
    ['effect.retry.attempts', 'refused', { attempts: 0 }],
    ['effect.name', 'unnamed', undefined],
  ])('is refused with %s by %s %j', async (field, type, payload) => {
    const world = await World.start({ root: rootOf(flaky) })
    const error = (await world.askFails('/root/flaky', type, payload)) as Error
    expect(error.cause).toMatchObject({ code: 'HF_INVALID' })
    expect((error.cause as Error).message).toContain(field)
  })
})

describe('An ask inside a turn', () => {
  const asker = actor({
    name: 'asker',
    spawns: [friend],
    state: () => ({ log: [] as unknown[] }),
    onFailure: { default: 'resume' },
    on: {
      async ask(ctx, { path, type, timeoutMs }: { path: string; type: string; timeoutMs?: number }) {
        try {
          const answer = await ctx.ask(ctx.ref(path), type, 2, timeoutMs === undefined ? {} : { timeoutMs })
          ctx.state.log.push(answer)
        } catch (error) {
          const { code, cause, message } = error as Error & { code?: string }
          ctx.state.log.push(cause === undefined ? code : `${String(code)} ${(cause as Error).name}`, message)
        }
      },
      async newborn(ctx) {
        await ctx.ask(ctx.spawn(friend), 'double', 1)
      },
      rely: (ctx) => ctx.ask(ctx.ref('/root/friend'), 'never', 1, { timeoutMs: 10 }),
    },
  })

  it.each([
    [{ path: '/root/friend', type: 'double' }, [4]],
    [
      { path: '/root/friend', type: 'break' },
      ['HF_ACTOR_FAILED RangeError', '/root/friend failed while it handled this: broken'],
    ],
    [{ path: '/root/nobody', type: 'double' }, ['HF_NO_SUCH_ACTOR', 'There is no actor at /root/nobody.']],
    [
      { path: '/root/friend', type: 'strange' },
      ['HF_UNKNOWN_MESSAGE', '/root/friend (friend) has no handler for "strange".'],
    ],
    [
      { path: '/root/friend', type: 'never', timeoutMs: 10 },
      ['HF_ASK_TIMEOUT', '/root/friend did not answer "never" within 10 ms: it was waiting in a turn.'],
    ],
  ])('%j gives %j, and the same after recovery', async (question, log) => {
    const world = await World.start({ root: rootOf(asker, friend) })
    world.tell('/root/asker', 'ask', question)
    await world.advance(10)
    expect(world.state('/root/asker')).toEqual({ log })
    await world.recover()
    expect(world.state('/root/asker')).toEqual({ log })
  })

  it('of a child that the same turn spawns is refused at once', async () => {
    const world = await World.start({ root: rootOf(asker) })
    const error = await world.askFails('/root/asker', 'newborn')
    expect(error).toMatchObject({ code: 'HF_ACTOR_FAILED', cause: { code: 'HF_NOT_YET_BORN' } })
  })

  it('that times out fails its own asker as a failure, not as a time-out of that one', async () => {
    const world = await World.start({ root: rootOf(asker, friend) })
    const asked = world.system.ref('/root/asker').ask('rely')
    const failed = expect(asked).rejects.toMatchObject({
      code: 'HF_ACTOR_FAILED',
      cause: { code: 'HF_ASK_TIMEOUT' },
    })
    await world.advance(10)
    await failed
  })

  it('goes out at once, also when the turn fails later', async () => {
    const late = actor({
      name: 'late',
      onFailure: { default: 'resume' },
      on: {
        async go(ctx) {
          await ctx.ask(ctx.ref(friend, '/root/friend'), 'double', 1)
          throw new Error('after')
        },
      },
    })
    const world = await World.start({ root: rootOf(late, friend) })
    await world.askFails('/root/late', 'go')
    expect(world.state('/root/friend')).toEqual({ asked: 1 })
    await world.recover()
    expect(world.state('/root/friend')).toEqual({ asked: 1 })
  })
})

describe('Chance and names', () => {
  const dice = actor({
    name: 'dice',
    digestEvery: 1,
    state: () => ({ throws: [] as number[], ids: [] as string[] }),
    on: {
      throw(ctx) {
        ctx.state.throws.push(ctx.random(), ctx.random())
        ctx.state.ids.push(ctx.id(), ctx.id())
      },
    },
  })

  it('follow from the message: they differ between messages, and are the same after recovery', async () => {
    const world = await World.start({ root: rootOf(dice) })
    world.tell('/root/dice', 'throw')
    world.tell('/root/dice', 'throw')
    await world.settle()
    const state = world.state<{ throws: number[]; ids: string[] }>('/root/dice')
    expect(new Set(state.throws).size).toBe(4)
    expect(new Set(state.ids).size).toBe(4)
    await world.recover()
    expect(world.state('/root/dice')).toEqual(state)
  })

  it('of a volatile actor differ between messages too', async () => {
    const loose = actor({
      name: 'loose',
      durable: false,
      on: { throw: (ctx) => [ctx.random(), ctx.id()] },
    })
    const world = await World.start({ root: rootOf(loose) })
    const first = await world.ask<[number, string]>('/root/loose', 'throw')
    const second = await world.ask<[number, string]>('/root/loose', 'throw')
    expect(second[0]).not.toBe(first[0])
    expect(second[1]).not.toBe(first[1])
  })
})
