import { actor, child, supervisor, type HoldfastError } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gates = new Map<string, Later>()

function gateOf(name: string): Later {
  const gate = gates.get(name) ?? new Later()
  gates.set(name, gate)
  return gate
}

type Step =
  /** Asks somebody, who does the steps. */
  | { readonly ask: string; readonly steps?: readonly Step[] }
  | { readonly effect: string }
  /** The first of these. */
  | { readonly race: readonly Step[] }
  /** All of these, and each for itself. */
  | { readonly all: readonly Step[] }

interface Log {
  readonly log: string[]
}

/** An actor that asks and waits as it is told, and notes what comes of it. */
function node(name: string, durable: boolean) {
  return actor({
    name,
    durable,
    digestEvery: durable ? 1 : 0,
    onFailure: { default: 'resume' },
    state: (): Log => ({ log: [] }),
    on: {
      async run(ctx, steps: readonly Step[]) {
        const step = async (each: Step): Promise<string> => {
          try {
            if ('effect' in each)
              return await ctx.effect(each.effect, () => gateOf(each.effect).promise as Promise<string>)
            if ('race' in each) return await Promise.race(each.race.map(step))
            if ('all' in each) return (await Promise.all(each.all.map(step))).join('+')
            const to = ctx.ref(`/root/${each.ask}`)
            return (await ctx.ask(to, 'run', each.steps ?? [], { timeoutMs: 60_000 })) as string
          } catch (error) {
            return (error as { code?: string }).code ?? 'unknown'
          }
        }
        for (const each of steps) ctx.state.log.push(await step(each))
        return name
      },
    },
  })
}

type Nodes = Readonly<Record<string, boolean>>

async function started(nodes: Nodes): Promise<World> {
  gates.clear()
  const children = Object.entries(nodes).map(([name, durable]) => child(node(name, durable)))
  return World.start({ root: supervisor({ name: 'root', children }) })
}

async function run(world: World, name: string, ...steps: readonly Step[]): Promise<void> {
  world.tell(`/root/${name}`, 'run', steps)
  await world.settle()
}

const log = (world: World, name: string): readonly string[] => world.state<Log>(`/root/${name}`).log
const replies = (world: World): (string | undefined)[] =>
  world.recordsOf('reply').map((record) => record.data().error?.message)

const KINDS: [string, Nodes][] = [
  ['durable', { a: true, b: true, c: true }],
  ['volatile', { a: false, b: false, c: false }],
  ['mixed', { a: true, b: false, c: true }],
]

describe.each(KINDS)('A question whose answer would wait for itself (%s actors)', (_, nodes) => {
  it('fails at once, and names the circle; nobody is asked', async () => {
    const world = await started(nodes)
    const startMs = world.authorities.monotonic()
    await run(world, 'a', { ask: 'b', steps: [{ ask: 'c', steps: [{ ask: 'a' }] }] })
    expect([log(world, 'c'), log(world, 'b'), log(world, 'a')]).toEqual([['HF_ASK_CYCLE'], ['c'], ['b']])
    expect([world.authorities.monotonic(), world.authorities.timers]).toEqual([startMs, 0])
    const letters = world.system.deadLetters.last
    expect(letters).toMatchObject([{ to: '/root/a', type: 'run', reason: 'ask-cycle' }])
    expect(world.system.inspect('/root/a')).toMatchObject({ turns: 1, mailbox: 0 })
    if (nodes['c'] === true)
      expect(replies(world)).toContain(
        '/root/c cannot ask /root/a now, because the answer would wait for itself: /root/c -> /root/a -> /root/b -> /root/c.',
      )
  })

  it('may be a question to itself', async () => {
    const world = await started(nodes)
    await run(world, 'a', { ask: 'a' })
    expect([log(world, 'a'), world.authorities.timers]).toEqual([['HF_ASK_CYCLE'], 0])
    expect(world.system.inspect('/root/a')).toMatchObject({ turns: 1, mailbox: 0 })
  })

  it('may be one of two that cross: one is refused, and the other one is answered', async () => {
    const world = await started(nodes)
    for (const name of ['a', 'b'])
      world.tell(`/root/${name}`, 'run', [{ effect: 'go' }, { ask: name === 'a' ? 'b' : 'a' }])
    await world.settle()
    gateOf('go').resolve('went')
    await world.settle()
    const outcomes = [log(world, 'a')[1], log(world, 'b')[1]].sort()
    expect(outcomes[0]).toBe('HF_ASK_CYCLE')
    expect(['a', 'b']).toContain(outcomes[1])
    expect(world.authorities.timers).toBe(0)
  })

  it('is no circle as long as an effect may come first, on any turn of the way', async () => {
    for (const steps of [
      [{ ask: 'b', steps: [{ race: [{ ask: 'a' }, { effect: 'hope' }] }] }],
      [{ race: [{ effect: 'hope' }, { ask: 'b', steps: [{ ask: 'a' }] }] }],
      [{ race: [{ ask: 'b', steps: [{ ask: 'c', steps: [{ ask: 'a' }] }] }, { effect: 'hope' }] }],
      [{ race: [{ ask: 'a' }, { effect: 'hope' }] }],
    ] as Step[][]) {
      const world = await started(nodes)
      await run(world, 'a', ...steps)
      await world.advance(1_000)
      expect(world.system.inspect('/root/a').status).toBe('waiting')
      gateOf('hope').resolve('hoped')
      await world.settle()
      const all = ['a', 'b', 'c'].flatMap((name) => log(world, name))
      expect(all).toContain('hoped')
      expect(all).not.toContain('HF_ASK_CYCLE')
      expect(world.system.inspect('/root/a').status).toBe('running')
      expect(world.system.deadLetters.count).toBe(0)
    }
  })

  it('is no circle as long as somebody else may answer first', async () => {
    const world = await started(nodes)
    await run(world, 'c', { effect: 'hope' })
    await run(world, 'a', { ask: 'b', steps: [{ race: [{ ask: 'a' }, { ask: 'c' }] }] })
    expect(world.system.inspect('/root/b').status).toBe('waiting')
    gateOf('hope').resolve('hoped')
    await world.settle()
    expect([log(world, 'b'), log(world, 'a')]).toEqual([['c'], ['b']])
  })

  it('becomes one when the one who gave hope comes to its end by something that is not seen', async () => {
    const own = new Later()
    const slow = actor({
      name: 'd',
      durable: nodes['a'] === true,
      on: { run: (ctx) => ctx.effect('hope', () => gateOf('hope').promise).then(() => own.promise) },
    })
    gates.clear()
    const children = Object.entries(nodes).map(([name, durable]) => child(node(name, durable)))
    const world = await World.start({
      root: supervisor({ name: 'root', children: [...children, child(slow)] }),
    })
    await run(world, 'a', { ask: 'b', steps: [{ all: [{ ask: 'a' }, { ask: 'd' }] }] })
    gateOf('hope').resolve('hoped')
    await world.settle()
    expect(world.system.inspect('/root/b').status).toBe('waiting')
    own.resolve('done')
    await world.settle()
    expect([log(world, 'b'), log(world, 'a')]).toEqual([['HF_ASK_CYCLE+done'], ['b']])
  })

  it('becomes one when what might have come first has come, and was not enough', async () => {
    for (const [hope, answer] of [
      [{ effect: 'hope' }, 'hoped'],
      [{ ask: 'c' }, 'c'],
    ] as [Step, string][]) {
      const world = await started(nodes)
      if (answer === 'c') await run(world, 'c', { effect: 'hope' })
      await run(world, 'a', { ask: 'b', steps: [{ all: [{ ask: 'a' }, hope] }] })
      expect(world.system.inspect('/root/b').status).toBe('waiting')
      gateOf('hope').resolve('hoped')
      await world.settle()
      expect([log(world, 'b'), log(world, 'a')]).toEqual([[`HF_ASK_CYCLE+${answer}`], ['b']])
      expect(world.authorities.timers).toBe(0)
    }
  })

  it('is refused on the turn that closes it, also when another one of the way had hope', async () => {
    const world = await started(nodes)
    await run(world, 'a', { all: [{ effect: 'hope' }, { ask: 'b', steps: [{ ask: 'a' }] }] })
    expect(world.system.inspect('/root/b').status).toBe('waiting')
    gateOf('hope').resolve('hoped')
    await world.settle()
    expect([log(world, 'b'), log(world, 'a')]).toEqual([['HF_ASK_CYCLE'], ['hoped+b']])
  })

  it('leaves others alone that wait for somebody in it', async () => {
    const world = await started(nodes)
    await run(world, 'a', { ask: 'b', steps: [{ all: [{ ask: 'a' }, { effect: 'hope' }] }] })
    await run(world, 'c', { ask: 'b' })
    expect(world.system.inspect('/root/c').status).toBe('waiting')
    gateOf('hope').resolve('hoped')
    await world.settle()
    expect([log(world, 'c'), log(world, 'b')]).toEqual([['b'], ['HF_ASK_CYCLE+hoped']])
  })
})

describe('After a crash a question whose answer would wait for itself', () => {
  const nodes = { a: true, b: true, c: true }

  it('is refused again when its turn runs again, out of the log', async () => {
    const world = await started(nodes)
    await run(world, 'a', { ask: 'b', steps: [{ ask: 'a' }, { effect: 'later' }] })
    const before = world.recordsOf('message').length
    await world.recover()
    expect(world.system.inspect('/root/b').status).toBe('waiting')
    gateOf('later').resolve('late')
    await world.settle()
    expect([log(world, 'b'), log(world, 'a')]).toEqual([['HF_ASK_CYCLE', 'late'], ['b']])
    expect(world.recordsOf('message')).toHaveLength(before)
    const states = ['a', 'b'].map((name) => world.state(`/root/${name}`))
    await world.recover()
    expect(['a', 'b'].map((name) => world.state(`/root/${name}`))).toEqual(states)
  })

  it('ends in the same way, wherever the process ended, and without waiting for its time', async () => {
    for (let commits = 1; commits <= 10; commits++) {
      gates.clear()
      const children = Object.keys(nodes).map((name) => child(node(name, true)))
      const world = new World({ root: supervisor({ name: 'root', children }) }, commits)
      await world.open()
      const steps: Step[] = [{ ask: 'b', steps: [{ ask: 'c', steps: [{ effect: 'step' }, { ask: 'a' }] }] }]
      world.tell('/root/a', 'run', steps)
      await world.settle()
      gateOf('step').resolve('stepped')
      await world.settle()
      world.crash()
      await world.open()
      if (world.recordsOf('message').length === 0) world.tell('/root/a', 'run', steps)
      await world.advance(0)
      const answers = ['c', 'b', 'a'].map((name) => log(world, name))
      expect([commits, world.authorities.timers]).toEqual([commits, 0])
      // Who is refused depends on whose turn begins again last; everybody else is answered.
      expect(answers.flat().filter((answer) => answer === 'HF_ASK_CYCLE')).toHaveLength(1)
      expect(answers.flat()).toHaveLength(4)
    }
  })
})

describe('An ask that is not answered', () => {
  const friend = actor({
    name: 'friend',
    state: () => ({ n: 0 }),
    on: {
      work: (ctx) => ctx.effect('work', () => gateOf('work').promise),
      quick: (ctx) => ++ctx.state.n,
      fail() {
        throw new RangeError('no')
      },
      end(ctx) {
        ctx.stop(ctx.self)
      },
    },
  })
  const asker = actor({
    name: 'asker',
    state: () => ({ errors: [] as unknown[] }),
    on: {
      async ask(ctx, { path, timeoutMs }: { path: string; timeoutMs: number }) {
        try {
          await ctx.ask(ctx.ref(path), 'quick', undefined, { timeoutMs })
        } catch (error) {
          const { code, detail, message, cause } = error as HoldfastError
          ctx.state.errors.push({ code, detail, message, cause: (cause as Error | undefined)?.message })
        }
      },
    },
  })

  /** The errors of the same ask, from outside and from a turn. */
  async function both(world: World, path: string, timeoutMs = 10): Promise<unknown[]> {
    const outside = world.system
      .ref(path)
      .ask('quick', undefined, { timeoutMs })
      .catch((error: unknown) => error)
    world.tell('/root/asker', 'ask', { path, timeoutMs })
    await world.advance(timeoutMs)
    return [await outside, world.state<{ errors: unknown[] }>('/root/asker').errors.at(-1)]
  }

  async function withFriend(options: Parameters<typeof child>[1] = {}, definition = friend): Promise<World> {
    gates.clear()
    const children = [child(asker), child(definition, options)]
    return World.start({ root: supervisor({ name: 'root', children }) })
  }

  it('in time says that the other one waits in a turn', async () => {
    const world = await withFriend()
    world.tell('/root/friend', 'work')
    await world.settle()
    const told = {
      code: 'HF_ASK_TIMEOUT',
      detail: 'waiting',
      message: '/root/friend did not answer "quick" within 10 ms: it was waiting in a turn.',
    }
    expect(await both(world, '/root/friend')).toMatchObject([told, told])
    await world.recover()
    expect(world.state('/root/asker')).toMatchObject({ errors: [told] })
  })

  it('in time says that the other one pauses before its restart, or is being restarted', async () => {
    const pausing = await withFriend({ backoff: { minMs: 1_000, maxMs: 1_000 } })
    pausing.tell('/root/friend', 'fail')
    await pausing.settle()
    const pause = { code: 'HF_ASK_TIMEOUT', detail: 'pausing' }
    expect(await both(pausing, '/root/friend')).toMatchObject([pause, pause])

    const kid = actor({
      name: 'kid',
      onStop: (ctx) => ctx.effect('stop', () => gateOf('stop').promise),
      on: {},
    })
    const parent = actor({
      ...friend.spec,
      spawns: [kid],
      onStart(ctx) {
        ctx.spawn(kid)
      },
    })
    const leaving = await withFriend({}, parent)
    await leaving.settle()
    leaving.tell('/root/friend', 'fail')
    await leaving.settle()
    const restart = { code: 'HF_ASK_TIMEOUT', detail: 'restarting' }
    expect(await both(leaving, '/root/friend')).toMatchObject([restart, restart])
  })

  it('SUP-153 by one that ends is told at once, and why: it was told to stop', async () => {
    const world = await withFriend({ restart: 'transient' })
    world.tell('/root/friend', 'work')
    world.tell('/root/friend', 'end')
    await world.settle()
    const outside = world.system
      .ref('/root/friend')
      .ask('quick')
      .catch((error: unknown) => error)
    world.tell('/root/asker', 'ask', { path: '/root/friend', timeoutMs: 60_000 })
    await world.settle()
    gateOf('work').resolve(1)
    await world.settle()
    const told = { code: 'HF_ACTOR_STOPPED', detail: 'normal' }
    expect([await outside, ...world.state<{ errors: unknown[] }>('/root/asker').errors]).toMatchObject([
      told,
      told,
    ])
    expect((await both(world, '/root/friend'))[1]).toMatchObject(told)
  })

  it.each([
    ['failed', { onFailure: { default: 'stop' } }, {}],
    ['gave-up', {}, { budget: { maxRestarts: 0, withinMs: 1_000 } }],
  ] as const)(
    'SUP-153 by one that ends is told at once, and of what: it has %s',
    async (detail, spec, options) => {
      const dying = actor({ ...friend.spec, ...spec })
      const world = await withFriend(options, dying)
      world.tell('/root/friend', 'work')
      world.tell('/root/friend', 'fail')
      await world.settle()
      const outside = world.system
        .ref('/root/friend')
        .ask('quick')
        .catch((error: unknown) => error)
      world.tell('/root/asker', 'ask', { path: '/root/friend', timeoutMs: 60_000 })
      await world.settle()
      gateOf('work').resolve(1)
      await world.settle()
      const told = {
        code: 'HF_ACTOR_STOPPED',
        detail,
        message: `/root/friend stopped before it answered: ${detail}.`,
      }
      expect(await outside).toMatchObject({ ...told, cause: { name: 'RangeError', message: 'no' } })
      expect(world.state('/root/asker')).toEqual({ errors: [{ ...told, cause: 'no' }] })
      expect((await both(world, '/root/friend'))[1]).toMatchObject({
        code: 'HF_ACTOR_STOPPED',
        detail,
        cause: 'no',
      })
    },
  )

  it('in time may still be handled: the answer is late, dropped and counted', async () => {
    const world = await withFriend()
    world.tell('/root/friend', 'work')
    await world.settle()
    await both(world, '/root/friend')
    expect(world.system.lateReplies).toBe(0)
    gateOf('work').resolve(1)
    await world.settle()
    expect(world.system.lateReplies).toBe(2)
    expect(world.state('/root/friend')).toEqual({ n: 2 })
  })
})
