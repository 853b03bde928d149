import { actor, allForOne, child, supervisor, type Definition } from 'holdfast'
import { Journal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const counter = actor({
  name: 'counter',
  digestEvery: 1,
  state: (args: { from: number } | undefined) => ({ n: args?.from ?? 0, seen: [] as number[] }),
  onFailure: { RangeError: 'resume', default: 'restart' },
  on: {
    add(ctx, n: number) {
      if (n < 0) throw new RangeError('negative')
      if (n === 0) throw new Error('nothing')
      ctx.state.n += n
      ctx.state.seen.push(n)
      return ctx.state.n
    },
    total: (ctx) => ctx.state.n,
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})

const parent = actor({
  name: 'parent',
  spawns: [counter],
  onFailure: { default: 'resume' },
  on: {
    spawn(ctx, { name, from }: { name: string; from: number }) {
      ctx.spawn(counter, { name, args: { from } })
    },
  },
})

/** What a system looks like from outside: the tree, and the state and the life of each actor. */
function portrait(world: World): unknown {
  const look = (path: string): unknown => {
    const { state, incarnation, status, turns, waiting, children, restarts, timers } =
      world.system.inspect(path)
    return {
      path,
      state,
      incarnation,
      status,
      turns,
      waiting,
      restarts,
      timers,
      children: children.map((name) => look(`${path}/${name}`)),
    }
  }
  return look(world.system.tree().path)
}

describe('Recovery brings back', () => {
  const root = supervisor({ name: 'root', children: [child(counter), child(parent)] })

  it('states, incarnations, failures and what was spawned, with its arguments', async () => {
    const world = await World.start({ root })
    await world.ask('/root/parent', 'spawn', { name: 'kid', from: 100 })
    await world.ask('/root/counter', 'add', 1)
    await world.askFails('/root/counter', 'add', 0)
    await world.ask('/root/parent/kid', 'add', 5)
    await world.askFails('/root/parent/kid', 'add', -1)
    const before = portrait(world)
    await world.recover()
    expect(portrait(world)).toEqual(before)
    expect(world.state('/root/parent/kid')).toMatchObject({ n: 105 })
    expect(world.system.inspect('/root/parent/kid').failures).toMatchObject([
      { error: { name: 'RangeError' } },
    ])
    // And a restart of the spawned one still finds its arguments.
    await world.askFails('/root/parent/kid', 'add', 0)
    expect(world.state('/root/parent/kid')).toMatchObject({ n: 105 })
  })

  it('mailboxes with what was not handled, in their order', async () => {
    const world = await World.start({ root })
    for (const n of [1, 2, 3]) world.tell('/root/counter', 'add', n)
    world.journal.flush()
    await new Promise((resolve) => setImmediate(resolve))
    world.crash()
    await world.open()
    await world.settle()
    expect(world.state('/root/counter')).toEqual({ n: 6, seen: [1, 2, 3] })
  })

  it('an actor under a name that another one had before it', async () => {
    const world = await World.start({ root })
    await world.ask('/root/parent', 'spawn', { name: 'kid', from: 1 })
    await world.ask('/root/parent/kid', 'end')
    await world.ask('/root/parent', 'spawn', { name: 'kid', from: 2 })
    await world.recover()
    expect(world.system.inspect('/root/parent').children).toEqual(['kid'])
    expect(await world.ask('/root/parent/kid', 'total')).toBe(2)
  })

  it('a volatile actor as new, without its mailbox', async () => {
    const gate = new Later()
    const loose = actor({
      name: 'loose',
      durable: false,
      state: () => ({ n: 0 }),
      on: {
        add: (ctx) => ++ctx.state.n,
        hold: () => gate.promise,
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(loose)] }) })
    await world.ask('/root/loose', 'add')
    world.tell('/root/loose', 'hold')
    world.tell('/root/loose', 'add')
    await world.settle()
    await world.recover()
    expect(await world.ask('/root/loose', 'add')).toBe(1)
  })

  it('a state from its snapshot and the turns after it, also when their messages came before it', async () => {
    const gate = new Later()
    const big = actor({
      name: 'big',
      snapshot: { everyBytes: 500 },
      digestEvery: 1,
      state: () => ({ n: 0, log: [] as number[] }),
      on: {
        async hold(ctx) {
          await ctx.effect('hold', () => gate.promise)
        },
        add(ctx, n: number) {
          ctx.state.n += n
          if (n < 0) throw new Error('no')
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(big)] }) })
    world.tell('/root/big', 'hold')
    await world.settle()
    for (let n = 1; n <= 100; n++) world.tell('/root/big', 'add', n)
    gate.resolve(1)
    await world.settle()
    const { id } = world.system.inspect('/root/big')
    const { position } = world.journal.snapshot(id)!
    const later = world.recordsOf('turn').filter((turn) => turn.actor === id && turn.position > position)
    expect(later.some((turn) => turn.message < position)).toBe(true)
    await world.askFails('/root/big', 'add', -1)
    expect(world.state('/root/big')).toMatchObject({ n: 5_050 })
    expect(world.system.inspect('/root/big')).toMatchObject({ incarnation: 2, turns: 101 })
    await world.recover()
    expect(world.state('/root/big')).toMatchObject({ n: 5_050 })
    expect(world.system.inspect('/root/big').turns).toBe(101)
  })

  it('a state that cannot be stored, from the log alone', async () => {
    const odd = actor({
      name: 'odd',
      snapshot: { everyBytes: 100 },
      digestEvery: 2,
      state: () => ({ n: 0, format: (n: number) => `<${n}>` }),
      on: {
        add: (ctx) => ctx.state.format(++ctx.state.n),
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(odd)] }) })
    const warnings = world.events('warning')
    for (let i = 0; i < 9; i++) await world.ask('/root/odd', 'add')
    expect(warnings.map(({ message }) => message)).toContain(
      'Its state cannot be stored, so it is rebuilt from the log alone.',
    )
    await world.recover()
    expect(await world.ask('/root/odd', 'add')).toBe('<10>')
  })
})

describe('Y1: while the log is read', () => {
  it('nothing happens outside, and nothing is written', async () => {
    let effects = 0
    const doer = actor({
      name: 'doer',
      state: () => ({ n: 0 }),
      on: {
        async go(ctx) {
          ctx.state.n += await ctx.effect('count', () => ++effects)
          ctx.tell(ctx.self, 'told')
          ctx.log.info('went')
        },
        told: () => undefined,
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(doer)] }) })
    await world.ask('/root/doer', 'go')
    await world.settle()
    const before = world.records().length
    world.crash()
    await world.open()
    const logged = world.events('log')
    await world.settle()
    expect(effects).toBe(1)
    expect(logged).toEqual([])
    expect(
      world
        .records()
        .slice(before)
        .map(({ kind }) => kind),
    ).toEqual(['opened'])
  })
})

describe('Y2: an actor whose code no longer fits its log', () => {
  const other = actor({ name: 'other', state: () => ({ n: 0 }), on: { add: (ctx) => ++ctx.state.n } })

  function rooted(definition: Definition) {
    return supervisor({ name: 'root', children: [child(definition), child(other)] })
  }

  /** Handlers of the counter with some changed, and those without one left out. */
  function changed(handlers: Readonly<Record<string, unknown>>): Definition {
    const all = Object.entries({ ...counter.spec.on, ...handlers })
    const on = Object.fromEntries(all.filter(([, handler]) => handler !== undefined))
    return actor({ ...counter.spec, on: on as never })
  }

  async function recoveredWith(handlers: Readonly<Record<string, unknown>>): Promise<World> {
    const world = await World.start({ root: rooted(counter) })
    await world.ask('/root/counter', 'add', 1)
    await world.ask('/root/other', 'add')
    await world.recover({ root: rooted(changed(handlers)) })
    return world
  }

  it.each([
    [
      'its state differs',
      { add: (ctx: { state: { n: number } }) => (ctx.state.n += 2) },
      'not the one that was recorded',
    ],
    [
      'it waits for what it did not wait for',
      { add: (ctx: { effect(name: string, run: () => number): unknown }) => ctx.effect('new', () => 1) },
      'has no record',
    ],
    [
      'it throws',
      {
        add: () => {
          throw new Error('now')
        },
      },
      'now throws Error: now',
    ],
    ['it no longer handles the message', { add: undefined }, 'no longer handles "add"'],
  ])('because %s, is quarantined with HF_DIVERGED, and the others go on', async (_why, on, text) => {
    const world = await recoveredWith(on)
    const reason = { code: 'HF_DIVERGED', message: expect.stringContaining(text) as string }
    expect(world.system.inspect('/root/counter')).toMatchObject({
      status: 'quarantined',
      stopped: undefined,
      state: undefined,
      quarantined: reason,
    })
    const [quarantined] = world.recordsOf('quarantined')
    expect(quarantined!.data()).toMatchObject({ context: 'recovery', reason })
    expect(await world.ask('/root/other', 'add')).toBe(2)
    world.tell('/root/counter', 'total')
    await world.settle()
    expect(world.system.inspect('/root/counter').waiting).toEqual(['total'])
  })

  it('in a way that no digest shows goes on', async () => {
    const world = await recoveredWith({ total: () => 'changed' })
    expect(await world.ask('/root/counter', 'total')).toBe('changed')
  })
})

describe('Y3: recovery that is cut short and done again', () => {
  it('F-19 I-04 gives the same system', async () => {
    const gate = new Later()
    const slow = actor({
      name: 'slow',
      state: () => ({ n: 0 }),
      async onStop(ctx) {
        await ctx.effect('gate', () => gate.promise)
      },
      on: {
        schedule(ctx) {
          ctx.schedule('tick', undefined, { afterMs: 1_000, everyMs: 1_000 })
        },
        tick(ctx) {
          ctx.state.n++
        },
      },
    })
    const root = supervisor({
      name: 'root',
      strategy: allForOne(),
      children: [child(counter), child(slow), child(parent)],
    })
    const world = await World.start({ root })
    await world.ask('/root/parent', 'spawn', { name: 'kid', from: 1 })
    await world.ask('/root/slow', 'schedule')
    await world.ask('/root/counter', 'add', 1)
    world.tell('/root/counter', 'add', 0)
    await world.settle()
    // The group restart waits for the stop hook of one of them, and that is where the process is killed, thrice.
    for (let i = 0; i < 3; i++) await world.recover()
    gate.resolve(1)
    await world.settle()
    for (const name of ['counter', 'slow', 'parent']) {
      expect(world.system.inspect(`/root/${name}`), name).toMatchObject({
        incarnation: 2,
        status: 'running',
        restarts: 1,
      })
    }
    expect(world.recordsOf('directive')).toHaveLength(1)
    expect(world.state('/root/counter')).toEqual({ n: 1, seen: [1] })
    await world.recover()
    for (const name of ['counter', 'slow', 'parent']) {
      expect(world.system.inspect(`/root/${name}`), name).toMatchObject({
        incarnation: 2,
        status: 'running',
        restarts: 1,
      })
    }
  })

  it('has a new life begin with its start hook whose restart was the last thing in the log', async () => {
    const hooked = actor({
      name: 'hooked',
      state: () => ({ lives: [] as string[] }),
      onStart(ctx) {
        ctx.state.lives.push('started')
      },
      onRestart(ctx, { incarnation, reason }) {
        ctx.state.lives.push(`life ${incarnation} after ${reason?.name ?? 'nothing'}`)
      },
      on: {
        fail() {
          throw new RangeError('no')
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(hooked)] }) })
    const { journal, store } = world
    const record = journal.record.bind(journal)
    journal.record = (...args) => {
      const position = record(...args)
      if (args[0] === 'restarted') {
        journal.flush()
        store.cut()
      }
      return position
    }
    world.tell('/root/hooked', 'fail')
    await world.settle()
    for (let i = 0; i < 2; i++) {
      await world.recover()
      expect(world.system.inspect('/root/hooked')).toMatchObject({
        incarnation: 2,
        state: { lives: ['started', 'life 2 after RangeError'] },
      })
    }
  })

  it('starts a permanent child again whose end was the last thing in the log', async () => {
    const root = supervisor({ name: 'root', children: [child(counter)] })
    const world = await World.start({ root })
    await world.ask('/root/counter', 'add', 7)
    const { id } = world.system.inspect('/root/counter')
    world.crash()
    world.journal.record('stopped', id, 0, 0, { reason: 'normal' })
    world.journal.flush()
    await new Promise((resolve) => setImmediate(resolve))
    await world.recover()
    expect(world.system.inspect('/root/counter')).toMatchObject({
      status: 'running',
      incarnation: 2,
      state: { n: 7 },
    })
  })
})

describe('A definition', () => {
  const root = supervisor({ name: 'root', children: [child(parent)] })
  const childless = actor({ ...parent.spec, spawns: [] })
  const without = supervisor({ name: 'root', children: [child(childless)] })

  it('that is gone while one of its actors lives refuses the start, and names it', async () => {
    const world = await World.start({ root })
    await world.ask('/root/parent', 'spawn', { name: 'kid', from: 1 })
    world.crash()
    await expect(world.open({ root: without })).rejects.toMatchObject({
      code: 'HF_DEFINITION_MISSING',
      actor: '/root/parent/kid',
      message: expect.stringContaining('"counter"') as string,
    })
    await world.recover({ root: without, definitions: [counter] })
    expect(await world.ask('/root/parent/kid', 'total')).toBe(1)
  })

  it('that is gone after all its actors have ended is not missed', async () => {
    const world = await World.start({ root })
    await world.ask('/root/parent', 'spawn', { name: 'kid', from: 1 })
    await world.ask('/root/parent/kid', 'end')
    await world.recover({ root: without })
    expect(world.system.inspect('/root/parent')).toMatchObject({ status: 'running', children: [] })
  })

  it('of a supervisor that has gained a child starts it, and one that has lost a child keeps it', async () => {
    const before = supervisor({ name: 'root', children: [child(counter, { id: 'a' })] })
    const after = supervisor({ name: 'root', children: [child(counter, { id: 'b', args: { from: 10 } })] })
    const world = await World.start({ root: before })
    await world.ask('/root/a', 'add', 1)
    await world.recover({ root: after })
    expect(await world.ask('/root/a', 'total')).toBe(1)
    expect(await world.ask('/root/b', 'total')).toBe(10)
    await world.recover({ root: after })
    expect(await world.ask('/root/b', 'total')).toBe(10)
  })

  it('of another root refuses the start, and has written nothing', async () => {
    const world = await World.start({ root })
    world.crash()
    const records = world.records().length
    const another = supervisor({ name: 'another', children: [child(parent)] })
    await expect(world.open({ root: another, definitions: [root] })).rejects.toMatchObject({
      code: 'HF_INVALID',
      field: 'root',
    })
    expect(new Journal(world.memory, world.authorities).next - 1).toBe(records)
  })
})

describe('A system that gave up', () => {
  const fragile = actor({
    name: 'fragile',
    state: () => ({ n: 0 }),
    onFailure: { RangeError: 'stop' },
    on: {
      fail(_ctx, how: string) {
        throw how === 'range' ? new RangeError('for good') : new Error('no')
      },
      ok: (ctx) => ++ctx.state.n,
    },
  })

  it('is not started again within the window, and is after it', async () => {
    const world = await World.start({ root: fragile })
    await world.ask('/fragile', 'ok')
    for (let i = 0; i < 4; i++) {
      world.tell('/fragile', 'fail', 'again')
      await world.settle()
    }
    expect(world.system.failure).toMatchObject({ code: 'HF_GAVE_UP' })
    world.crash(1_000)
    await expect(world.open()).rejects.toMatchObject({ code: 'HF_START_FAILED' })
    await world.recover({ awayMs: 5_000 })
    expect(await world.ask('/fragile', 'ok')).toBe(2)
  })

  it('because its root was to stop is started again when it is opened', async () => {
    const world = await World.start({ root: fragile })
    await world.ask('/fragile', 'ok')
    world.tell('/fragile', 'fail', 'range')
    await world.settle()
    expect(world.system.failure).toMatchObject({ name: 'RangeError' })
    await world.recover()
    expect(await world.ask('/fragile', 'ok')).toBe(2)
    expect(world.system.inspect('/fragile').incarnation).toBe(2)
  })
})
