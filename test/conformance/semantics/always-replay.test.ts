// Always-replay: every turn is run again before it counts, and one that does something else fails.

import { randomUUID } from 'node:crypto'
import {
  actor,
  child,
  dynamicSupervisor,
  ignore,
  registry,
  supervisor,
  task,
  type Definition,
  type HoldfastError,
} from 'holdfast'
import { beforeEach, describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

// What every test of determinism is about: it outlasts a turn, and is no state of an actor.
let count = 0
const seen: string[] = []

beforeEach(() => {
  count = 0
  seen.length = 0
})

const kid = actor({ name: 'kid', on: { go: () => undefined } })
const other = actor({
  name: 'other',
  on: {
    hear: (_ctx, _what: unknown) => 'heard',
    fail: () => {
      throw new RangeError('no')
    },
  },
})

interface Rich {
  n: number
  readonly map: Map<string, number[]>
  readonly set: Set<string>
  at: Date
}

const faithful = actor({
  name: 'it',
  onFailure: { default: 'resume' },
  spawns: [kid],
  mailbox: { stash: 1 },
  state: (): Rich => ({ n: 0, map: new Map(), set: new Set(), at: new Date(0) }),
  onStart: (ctx) => void ctx.state.set.add(ctx.id()),
  on: {
    rich(ctx, { list }: { list: number[] }) {
      list.push(ctx.random())
      ctx.state.map.set(ctx.id(), list)
      ctx.state.at = new Date(ctx.now())
      return [...ctx.state.map.values()]
    },
    replace: (ctx) => void (ctx.state = { ...ctx.state, n: ctx.state.n + 1 }),
    acts(ctx) {
      const to = ctx.ref('/root/other')
      ctx.tell(to, 'hear', ctx.id())
      ctx.tell(to, 'hear', 1, { correlation: 'named' })
      const born = ctx.spawn(kid)
      ctx.watch(born, 'replace')
      ctx.unwatch(born)
      ctx.link(born)
      ctx.unlink(born)
      ctx.schedule('replace', undefined, { afterMs: 1_000 })
      ctx.unschedule('replace')
      ctx.stop(born)
      ctx.reply(born.path)
      return 'not this'
    },
    async waits(ctx, hope: boolean) {
      const to = ctx.ref('/root/other')
      const fast = ctx.effect('fast', () => ++count)
      const slow = ctx.effect('slow', () => new Promise((resolve) => (hope ? resolve('slow') : undefined)))
      const first = await Promise.race([slow, fast])
      const error = await ctx.ask(to, 'fail').catch((each: unknown) => each as HoldfastError)
      const { code, message, cause } = error as HoldfastError
      const lives = [await ctx.lives(to), await ctx.lives(ctx.ref('/root/nobody'))]
      return [first, code, message, (cause as Error).message, lives, await ctx.ask(to, 'hear', ctx.now())]
    },
    async own(ctx) {
      await Promise.resolve()
      ctx.state.n += await Promise.resolve(2)
      return ctx.state.n
    },
    stash(ctx) {
      try {
        ctx.stash()
      } catch (error) {
        ctx.state.set.add((error as HoldfastError).code)
      }
    },
    fails(ctx, { list }: { list: string[] }) {
      list.push('x')
      ctx.state.n = 99
      throw new RangeError(`no ${list.length} ${ctx.state.n}`)
    },
    refused: (ctx) => ctx.tell(ctx.ref('/root/other'), 'no such type' as 'hear', 1),
  },
})

const faithless = actor({
  name: 'it',
  onFailure: { default: 'resume' },
  spawns: [kid],
  state: () => ({ n: 0, list: [] as string[] }),
  on: {
    state: (ctx) => void (ctx.state.n = ++count),
    answer: () => ++count,
    tell: (ctx) => ctx.tell(ctx.ref('/root/other'), 'hear', ++count),
    more: (ctx) => (count++ === 0 ? undefined : ctx.tell(ctx.ref('/root/other'), 'hear', 1)),
    spawn: (ctx) => void ctx.spawn(kid, { name: `kid-${++count}` }),
    schedule: (ctx) => ctx.schedule('state', undefined, { afterMs: ++count }),
    stop: (ctx) => (count++ === 0 ? undefined : ctx.stop(ctx.self)),
    effect: (ctx) => ctx.effect(`effect-${++count}`, () => 1),
    question: (ctx) => ctx.ask(ctx.ref('/root/other'), 'hear', ++count),
    fails: () => {
      throw new RangeError(`no ${++count}`)
    },
    recovers: () => {
      if (++count === 1) throw new RangeError('no')
    },
    shared(ctx) {
      seen.push('x')
      ctx.state.list = seen
    },
    clock: () => void Date.now(),
    chance: (ctx) => void (ctx.state.n = Math.random()),
    id: () => randomUUID().length,
    async late(ctx) {
      await ctx.effect('first', () => 1)
      if (++count > 1) await ctx.effect('second', () => 2)
    },
    async hangs(ctx) {
      await Promise.resolve()
      if (++count > 1) await new Promise(() => undefined)
      ctx.state.n++
    },
  },
})

const failuresIn = (world: World) => world.recordsOf('failed').map((record) => record.data().error)

function worldOf(it: Definition, options: { strict?: boolean } = {}): Promise<World> {
  const children = [child(it, { id: 'it' }), child(other, { id: 'other' })]
  return World.start({ root: supervisor({ name: 'root', children }), alwaysReplay: true, ...options })
}

describe.each([{ strict: false }, { strict: true }])('When every turn is run again (%o)', (options) => {
  it('one that does the same twice counts once', async () => {
    const world = await worldOf(faithful, options)
    const answer = await world.ask<number[][]>('/root/it', 'rich', { list: [1] })
    expect(answer).toEqual([[1, expect.any(Number)]])
    await world.ask('/root/it', 'replace')
    expect(await world.ask('/root/it', 'own')).toBe(3)
    expect(world.system.inspect('/root/it')).toMatchObject({ turns: 4, state: { n: 3 } })
    await world.stop()
  })

  it('what it does is done once', async () => {
    const world = await worldOf(faithful, options)
    const path = await world.ask<string>('/root/it', 'acts')
    expect(path).toMatch(/^\/root\/it\/\d+-1$/)
    await world.settle()
    expect(world.recordsOf('spawned').filter((record) => record.data().definition === 'kid')).toHaveLength(1)
    expect(world.recordsOf('message').filter(({ type }) => type === 'hear')).toHaveLength(2)
    await world.stop()
  })

  it.each([true, false])('one that waits gets the same results in the same order (%s)', async (hope) => {
    const world = await worldOf(faithful, options)
    const answer = await world.ask('/root/it', 'waits', hope)
    expect(answer).toEqual([
      1,
      'HF_ACTOR_FAILED',
      '/root/other failed while it handled this: no',
      'no',
      [true, false],
      'heard',
    ])
    expect(count).toBe(1)
    await world.stop()
  })

  it('one that fails the same way fails with its own error', async () => {
    const world = await worldOf(faithful, options)
    await world.askFails('/root/it', 'fails', { list: [] })
    await world.askFails('/root/it', 'refused')
    expect(failuresIn(world)).toMatchObject([
      { name: 'RangeError', message: 'no 1 99' },
      { code: 'HF_UNKNOWN_MESSAGE' },
    ])
    expect(world.state('/root/it')).toMatchObject({ n: 0 })
    await world.stop()
  })

  it('one that was refused its stash is refused again', async () => {
    const world = await worldOf(faithful, options)
    for (let i = 0; i < 2; i++) world.tell('/root/it', 'stash')
    await world.settle()
    expect(world.state<Rich>('/root/it').set.has('HF_STASH_FULL')).toBe(true)
    await world.stop()
  })

  it('what comes after a kill is the same, and is checked as well', async () => {
    const world = await worldOf(faithful, options)
    await world.ask('/root/it', 'replace')
    await world.recover()
    await world.ask('/root/it', 'replace')
    expect(world.state('/root/it')).toMatchObject({ n: 2 })
    await world.stop()
  })

  it.each([
    ['state', /its state is \{"n":2,"list":\[\]\} instead of \{"n":1,"list":\[\]\}/],
    ['answer', /it answers 2 instead of 1/],
    ['tell', /tell "hear" to \/root\/other carries 2 instead of 1/],
    ['more', /tell "hear" to \/root\/other was not recorded/],
    ['spawn', /spawn "kid" to kid-1 is missing, and spawn "kid" to kid-2 instead/],
    ['schedule', /schedule "state" to state carries .* instead of/],
    ['stop', /stop \/root\/it was not recorded/],
    ['effect', /it fails with HF_DIVERGED: Result 0 was recorded for effect "effect-1"/],
    ['question', /ask "hear" to \/root\/other carries 2 instead of 1/],
    ['fails', /it fails with RangeError: no 2 instead of RangeError: no 1/],
    ['recovers', /it fails with RangeError: no, and not the second time/],
    ['shared', /its state is .*\["x","x"\].* instead of .*\["x"\]/],
    ['late', /HF_DIVERGED: .* wants effect "second", of which .* has no record/],
  ])('one that is not the same twice fails: %s', async (type, what) => {
    const world = await worldOf(faithless, options)
    await world.askFails('/root/it', type)
    expect(failuresIn(world)).toMatchObject([{ code: 'HF_NOT_DETERMINISTIC' }])
    expect(failuresIn(world)[0]!.message).toMatch(what)
    expect(failuresIn(world)[0]!.message).toContain(`/root/it in "${type}" does not do the same twice: `)
    expect(world.state('/root/it')).toEqual({ n: 0, list: [] })
    await world.stop()
  })

  it.each(['clock', 'chance', 'id'])(
    'one that goes past ctx fails, and the line is named: %s',
    async (type) => {
      const world = await worldOf(faithless, options)
      await world.askFails('/root/it', type)
      expect(failuresIn(world)[0]).toMatchObject({
        code: options.strict ? 'HF_LEAK' : 'HF_NOT_DETERMINISTIC',
      })
      expect(failuresIn(world)[0]!.message).toMatch(
        /calls \S+ past ctx, at .*always-replay\.test\.ts:\d+:\d+/,
      )
      await world.stop()
    },
  )

  it('one that does not come to an end the second time fails after a while', async () => {
    const world = await worldOf(faithless, options)
    world.tell('/root/it', 'hangs')
    await world.advance(10_000)
    expect(failuresIn(world)[0]!.message).toContain('it does not come to an end the second time')
    expect(world.authorities.timers).toBe(0)
    await world.stop()
  })
})

describe('When every turn is run again', () => {
  it('a first state is made twice as well', async () => {
    const born = actor({ name: 'born', state: () => ({ n: ++count }), on: {} })
    await expect(worldOf(born)).rejects.toThrow(/"state" of the definition "born" does not do the same twice/)
  })

  it('hooks, tasks, registries and ignored starts do the same', async () => {
    const ignored = actor({ name: 'ignored', onStart: () => ignore, on: {} })
    const job = task({ name: 'job', run: (ctx, n: number) => ctx.effect('work', () => n * 2) })
    const jobs = dynamicSupervisor({ name: 'jobs', of: job })
    const root = supervisor({
      name: 'root',
      children: [
        child(ignored, { restart: 'temporary' }),
        child(jobs),
        child(registry({ name: 'names' })),
        child(other),
      ],
    })
    const world = await World.start({ root, alwaysReplay: true, strict: true })
    expect(await world.ask('/root/jobs', 'run', 4)).toBe(8)
    await world.ask('/root/names', 'register', { name: 'a', ref: world.system.ref('/root/other') })
    expect(world.recordsOf('failed')).toEqual([])
    await world.stop()
  })

  it('one that is stopped while it waits ends as ever, and nothing is left', async () => {
    const later = new Later()
    const waiter = actor({ name: 'waiter', on: { wait: (ctx) => ctx.effect('wait', () => later.promise) } })
    const world = await worldOf(waiter)
    world.tell('/root/it', 'wait')
    await world.settle()
    const stopped = world.system.stop()
    await world.advance(5_000)
    later.resolve(1)
    await world.settled(stopped)
    expect(world.authorities.timers).toBe(0)
  })
})
