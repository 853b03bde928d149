// Virtual actors: known by a key, always there, and in memory only while there is something to do.

import { actor, child, restForOne, supervisor, virtualActors } from 'holdfast'
import { describe, expect, it, vi } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { chronicle, ends, failEach, lines, rootOf } from './chronicle.js'

const HOME = '/root/carts'
const one = `${HOME}/one`

const cart = actor({
  name: 'cart',
  state: () => ({ items: 0 }),
  onFailure: { RangeError: 'stop' },
  on: {
    add: (ctx) => ++ctx.state.items,
    fail() {
      throw new Error('a bad apple')
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
    giveUp() {
      throw new RangeError('no more')
    },
    hold: (ctx) => ctx.effect('hold', () => new Promise<number>(() => undefined), { timeoutMs: 600_000 }),
    later(ctx) {
      ctx.schedule('add', undefined, { afterMs: 100_000 })
    },
  },
})
const carts = virtualActors({ name: 'carts', of: cart, idleMs: 1_000 })

const clerk = actor({
  name: 'clerk',
  onFailure: { default: 'resume' },
  on: {
    tellTwice(ctx, key: string) {
      ctx.tell(ctx.ref(cart, `${HOME}/${key}`), 'add')
      ctx.tell(ctx.ref(cart, `${HOME}/${key}`), 'add')
    },
    tellAndThrow(ctx, key: string) {
      ctx.tell(ctx.ref(cart, `${HOME}/${key}`), 'add')
      throw new Error('not so')
    },
    async tellLater(ctx, key: string) {
      await ctx.effect('wait', () => 0)
      ctx.tell(ctx.ref(cart, `${HOME}/${key}`), 'add')
    },
    ask: (ctx, key: string) => ctx.ask(ctx.ref(cart, `${HOME}/${key}`), 'add'),
    wrong(ctx, key: string) {
      ctx.tell(ctx.ref(`${HOME}/${key}`), 'unheard')
    },
  },
})

const start = (definition = carts): Promise<World> =>
  World.start({ root: rootOf(child(definition), child(clerk)) })
const awake = (world: World): readonly string[] => world.system.inspect(HOME).children
const counts = (world: World) => world.ask(HOME, 'count')

describe('A virtual actor', () => {
  it('comes to life with its first message, sleeps when it was idle, and wakes with the state that it had', async () => {
    const world = await start()
    const ref = world.system.get(cart, 'one')
    expect(ref.path).toBe(one)
    expect(awake(world)).toEqual([])
    expect(await world.ask(one, 'add')).toBe(1)
    expect(await world.ask(one, 'add')).toBe(2)
    expect(awake(world)).toEqual(['one'])
    await world.advance(999)
    expect(awake(world)).toEqual(['one'])
    await world.advance(500)
    expect(awake(world)).toEqual([])
    expect(ends(world)).toEqual(['one passivated'])
    expect(await counts(world)).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 0, known: 1 })
    expect(await world.settled(ref.ask('add'))).toBe(3)
    await world.stop()
  })

  it('is the same one for its key however often it slept: one id, one line of turns', async () => {
    const world = await start()
    for (let day = 1; day <= 4; day++) {
      expect(await world.ask(one, 'add')).toBe(day)
      await world.advance(2_000)
    }
    const births = world.recordsOf('spawned').filter((each) => each.data().virtual === true)
    expect(new Set(births.map((each) => each.actor)).size).toBe(1)
    expect(births).toHaveLength(4)
    await world.stop()
  })

  it('wakes from its snapshot without a search of the log, unless another snapshot is all that is left', async () => {
    const world = await start()
    await world.ask(one, 'add')
    await world.ask(one, 'add')
    await world.advance(2_000)
    const read = vi.spyOn(world.journal, 'readActor')
    expect(await world.ask(one, 'add')).toBe(3)
    expect(read).not.toHaveBeenCalled()

    await world.advance(2_000)
    const first = world.journal.snapshot(2, 10)
    vi.spyOn(world.journal, 'snapshot').mockReturnValue(first)
    expect(await world.ask(one, 'add')).toBe(4)
    expect(read).toHaveBeenCalled()
    await world.stop()
  })

  it('is there after a crash, asleep as well as awake', async () => {
    const world = await start()
    await world.ask(one, 'add')
    await world.advance(2_000)
    await world.ask(`${HOME}/two`, 'add')
    await world.recover()
    expect(awake(world)).toEqual(['two'])
    expect(await world.ask(one, 'add')).toBe(2)
    expect(await world.ask(`${HOME}/two`, 'add')).toBe(2)
    expect(await counts(world)).toMatchObject({ active: 2, known: 2 })
    await world.advance(2_000)
    expect(awake(world)).toEqual([])
    await world.reopen()
    expect(await world.ask(one, 'add')).toBe(3)
    await world.stop()
  })

  it('does not sleep while it waits, has a timer, or is spoken to', async () => {
    const world = await start()
    world.tell(one, 'hold')
    world.tell(`${HOME}/two`, 'later')
    for (let i = 0; i < 10; i++) {
      world.tell(`${HOME}/three`, 'add')
      await world.advance(900)
    }
    expect(awake(world)).toEqual(['one', 'two', 'three'])
    const stopped = world.system.stop()
    await world.advance(10_000)
    await world.settled(stopped)
  })

  it('is woken by what a turn tells it, once, and by nothing that a turn which throws has told', async () => {
    const world = await start()
    world.tell('/root/clerk', 'tellTwice', 'one')
    await world.settle()
    expect(world.state(one)).toEqual({ items: 2 })
    world.tell('/root/clerk', 'tellAndThrow', 'two')
    world.tell('/root/clerk', 'wrong', 'two')
    await world.settle()
    expect(awake(world)).toEqual(['one'])
    expect(await counts(world)).toMatchObject({ known: 1 })
    world.tell('/root/clerk', 'tellLater', 'two')
    await world.settle()
    expect(world.state(`${HOME}/two`)).toEqual({ items: 1 })
    expect(await world.ask('/root/clerk', 'ask', 'three')).toBe(1)
    expect(world.recordsOf('failed').map((each) => each.data().error.name)).toEqual([
      'Error',
      'HoldfastError',
    ])
    await world.recover()
    expect(await world.ask('/root/clerk', 'ask', 'two')).toBe(2)
    await world.stop()
  })

  it('only sleeps when it stops itself or is stopped for a failure; what waited behind that wakes it', async () => {
    const world = await start()
    world.tell(one, 'add')
    world.tell(one, 'end')
    world.tell(one, 'add')
    world.tell(one, 'giveUp')
    world.tell(one, 'add')
    await world.settle()
    expect(ends(world)).toEqual(['one normal', 'one failed'])
    expect(world.state(one)).toEqual({ items: 3 })
    expect(world.system.deadLetters.count).toBe(0)
    await world.recover()
    expect(await world.ask(one, 'add')).toBe(4)
    await world.stop()
  })

  it('is restarted alone within a budget of its own; beyond it, it sleeps, and its home is charged nothing', async () => {
    const world = await start()
    await world.ask(`${HOME}/two`, 'add')
    await failEach(world, one, one, one, one)
    expect(ends(world)).toEqual(['one gave-up'])
    expect(world.system.inspect(HOME)).toMatchObject({ incarnation: 1, children: ['two'] })
    expect(await world.ask(one, 'add')).toBe(1)
    await world.stop()
  })

  it('runs its start hook when it wakes, and its stop hook when it falls asleep; mail on the way wakes it again', async () => {
    const gate = new Later()
    const noting = actor({
      ...cart.spec,
      onStart(ctx) {
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', `wakes with ${ctx.state.items}`)
      },
      async onStop(ctx) {
        await ctx.effect('gate', () => gate.promise)
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', 'sleeps')
      },
    })
    const world = await start(virtualActors({ name: 'carts', of: noting, idleMs: 1_000 }))
    await world.ask(one, 'add')
    await world.advance(2_000)
    world.tell(one, 'add')
    await world.settle()
    expect(lines(world)).toEqual(['wakes with 0'])
    gate.resolve(1)
    await world.settle()
    expect(lines(world)).toEqual(['wakes with 0', 'sleeps', 'wakes with 1'])
    expect(world.state(one)).toEqual({ items: 2 })
    await world.stop()
  })

  it('that cannot come up ends with its mail, and is tried again for what is sent later', async () => {
    let isBroken = true
    const shaky = actor({
      ...cart.spec,
      onStart() {
        if (isBroken) throw new RangeError('no key')
      },
    })
    const world = await start(virtualActors({ name: 'carts', of: shaky, idleMs: 1_000 }))
    world.tell(one, 'add')
    const failure = await world.askFails(one, 'add')
    expect(failure).toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    await world.settle()
    expect(world.recordsOf('dead').map((each) => each.data().reason)).toEqual(['stopped', 'stopped'])
    const births = world.recordsOf('spawned').length
    await world.recover()
    expect(world.recordsOf('spawned')).toHaveLength(births)
    isBroken = false
    expect(await world.ask(one, 'add')).toBe(1)
    await world.stop()
  })

  it('that had mail when it fell asleep handles it once, whenever the process is killed', async () => {
    for (let commits = 4; commits < 14; commits++) {
      const world = new World({ root: rootOf(child(carts)) }, commits)
      await world.open()
      for (const type of ['add', 'end', 'add', 'end', 'add']) {
        world.tell(one, type)
        await world.settle().catch(() => undefined)
      }
      const told = world.recordsOf('message').filter((each) => each.type === 'add')
      await world.recover()
      const durable = world.recordsOf('message').filter((each) => each.type === 'add').length
      expect(durable).toBeLessThanOrEqual(told.length)
      expect(await world.ask(one, 'add')).toBe(durable + 1)
      await world.stop()
    }
  })

  it('that was to start again when its home was restarted starts once when it wakes, in the next process too', async () => {
    // Both fail behind an await: the one is to start again, and has not when the other takes its home along.
    const late = async (): Promise<void> => {
      await Promise.resolve()
      throw new Error('a bad apple')
    }
    const noting = actor({
      ...cart.spec,
      on: { ...cart.spec.on, late },
      onStart(ctx) {
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', `wakes with ${ctx.state.items}`)
      },
    })
    const group = supervisor({
      name: 'group',
      strategy: restForOne(),
      children: [
        child(actor({ name: 'first', on: { late } })),
        child(virtualActors({ name: 'carts', of: noting, idleMs: 1_000 })),
      ],
    })
    const world = await World.start({ root: rootOf(child(group)) })
    const path = '/root/group/carts/one'
    expect(await world.ask(path, 'add')).toBe(1)
    world.tell(path, 'late')
    world.tell('/root/group/first', 'late')
    await world.settle()
    const starts = world.recordsOf('message').filter(({ type }) => type === '$start')
    const begun = new Set(world.recordsOf('turn').map(({ message }) => message))
    expect(starts.filter(({ position }) => !begun.has(position))).toHaveLength(1)
    await world.recover()
    expect(world.system.inspect('/root/group/carts').children).toEqual([])
    expect(await world.ask(path, 'add')).toBe(2)
    expect(lines(world)).toEqual(['wakes with 0', 'wakes with 1'])
    await world.stop()
  })

  it('goes to sleep with its home, and is back when that is', async () => {
    const world = await start()
    await world.ask(one, 'add')
    await world.ask('/root', 'terminate', { id: 'carts' })
    expect(ends(world)).toEqual(['one passivated', 'carts shutdown'])
    expect(await world.askFails(one, 'add')).toMatchObject({ code: 'HF_NO_SUCH_ACTOR' })
    await world.ask('/root', 'restart', { id: 'carts' })
    expect(await world.ask(one, 'add')).toBe(2)
    await world.stop()
  })

  it('has a home, an actor that is durable, and a key that is a name', async () => {
    const world = await start()
    expect(() => world.system.get(clerk, 'one')).toThrow(
      expect.objectContaining({ code: 'HF_NO_HOME' }) as Error,
    )
    expect(() => world.system.get(cart, 'a/b')).toThrow(expect.objectContaining({ field: 'key' }) as Error)
    const wrong: [string, object][] = [
      ['of', { of: actor({ name: 'volatile', durable: false, on: {} }) }],
      ['of', { of: carts }],
      ['idleMs', { idleMs: 0 }],
      ['child.budget.maxRestarts', { budget: { maxRestarts: -1 } }],
    ]
    for (const [field, fields] of wrong) {
      expect(() => virtualActors({ name: 'carts', of: cart, ...fields })).toThrow(
        expect.objectContaining({ code: 'HF_INVALID', field }) as Error,
      )
    }
    await world.stop()
  })
})

describe('a message that puts a virtual actor to sleep', () => {
  it('is tried as often as its attempts say, and no more', async () => {
    let tries = 0
    const shy = actor({
      name: 'shy',
      attempts: 2,
      onFailure: { default: 'stop' },
      on: {
        fail() {
          tries++
          // A kernel that tries it for ever would never come to rest.
          if (tries <= 5) throw new Error('no')
        },
      },
    })
    const world = await start(virtualActors({ name: 'carts', of: shy as never, idleMs: 1_000 }))
    await world.askFails(one, 'fail')
    expect(tries).toBe(2)
    expect(world.recordsOf('failed').map((record) => record.data().parked)).toEqual([false, true])
  })
})
