// Watches and links on virtual actors: who is watched is awake, so a sleeper is woken by its watch.

import { actor, child, virtualActors, type TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { rootOf } from './chronicle.js'

const HOME = '/root/carts'
const one = `${HOME}/one`

const cart = actor({
  name: 'cart',
  state: () => ({ items: 0 }),
  onFailure: { RangeError: 'stop' },
  on: {
    add: (ctx) => ++ctx.state.items,
    end(ctx) {
      ctx.stop(ctx.self)
    },
    giveUp() {
      throw new RangeError('no more')
    },
  },
})
const carts = virtualActors({ name: 'carts', of: cart, idleMs: 1_000 })

let gate = new Later()

const watcher = actor({
  name: 'watcher',
  state: () => ({ heard: [] as string[], lives: [] as boolean[] }),
  onFailure: { default: 'resume' },
  on: {
    watch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
    },
    async watchLater(ctx, path: string) {
      ctx.watch(ctx.ref(path))
      await ctx.effect('wait', () => gate.promise)
    },
    // Not an async function: what it has done so far is taken back when it begins to wait, and done when it ends.
    tellAndWait(ctx, path: string) {
      ctx.tell(ctx.ref(path), 'add')
      ctx.watch(ctx.ref(path))
      return ctx.effect('wait', () => gate.promise)
    },
    watchAndThrow(ctx, path: string) {
      ctx.watch(ctx.ref(path))
      throw new Error('not so')
    },
    watchAndUnwatch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
      ctx.unwatch(ctx.ref(path))
    },
    unwatch(ctx, path: string) {
      ctx.unwatch(ctx.ref(path))
    },
    link(ctx, path: string) {
      ctx.link(ctx.ref(path))
    },
    async lives(ctx, path: string) {
      ctx.state.lives.push(await ctx.lives(ctx.ref(path)))
    },
    terminated(ctx, { path, reason }: TerminatedNotice) {
      ctx.state.heard.push(`${path} ${reason}`)
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})
const volatile = actor({ ...watcher.spec, name: 'volatile', durable: false })
const at = '/root/watcher'
const watching = (): Promise<World> => {
  gate = new Later()
  const others = [watcher, volatile].map((each) => child(each, { restart: 'transient' }))
  return World.start({ root: rootOf(child(carts), ...others) })
}
const heard = (world: World, path = at): unknown => world.state(path).heard
const asleep = async (): Promise<World> => {
  const world = await watching()
  await world.ask(one, 'add')
  await world.advance(2_000)
  expect(awake(world)).toEqual([])
  return world
}
const awake = (world: World): readonly string[] => world.system.inspect(HOME).children
const counts = (world: World) => world.ask(HOME, 'count')

describe('A watch on a virtual actor', () => {
  it.each([at, '/root/volatile'])(
    'that sleeps says nothing, wakes it and keeps it awake: %s',
    async (from) => {
      const world = await asleep()
      await world.ask(from, 'watch', one)
      await world.advance(10_000)
      expect(heard(world, from)).toEqual([])
      expect(awake(world)).toEqual(['one'])
      expect(world.state(one)).toEqual({ items: 1 })
      await world.ask(from, 'unwatch', one)
      await world.advance(2_000)
      expect(awake(world)).toEqual([])
      expect(heard(world, from)).toEqual([])
      await world.stop()
    },
  )

  it.each(['recover', 'reopen'] as const)('is there after a %s, and tells of an end once', async (how) => {
    const world = await asleep()
    await world.ask(at, 'watch', one)
    await world[how]()
    await world.advance(10_000)
    expect(awake(world)).toEqual(['one'])
    expect(heard(world)).toEqual([])
    world.tell(one, 'end')
    await world.settle()
    expect(heard(world)).toEqual([`${one} normal`])
    await world.ask(one, 'add')
    world.tell(one, 'giveUp')
    await world.settle()
    await world[how]()
    expect(heard(world)).toEqual([`${one} normal`])
    await world.stop()
  })

  it('that nobody can wake any more when the turn ends is nobody in the log, and no other one takes its place there', async () => {
    gate = new Later()
    const world = await World.start({ root: rootOf(child(watcher), child(carts)) })
    world.tell('/root/watcher', 'tellAndWait', one)
    await world.settle()
    // The home ends first; the turn has a while to end as well.
    void world.system.stop()
    await world.settle()
    gate.resolve(1)
    await world.advance(10_000)
    expect(world.recordsOf('watched').map((each) => each.data())).toMatchObject([{ target: 0, path: one }])
    await world.reopen()
    expect(await world.ask(`${HOME}/other`, 'add')).toBe(1)
    await world.stop()
  })

  it('that never lived brings it to life, as its first message would', async () => {
    const world = await watching()
    await world.ask(at, 'watch', one)
    expect(awake(world)).toEqual(['one'])
    world.tell(one, 'giveUp')
    await world.settle()
    expect(heard(world)).toEqual([`${one} failed`])
    await world.stop()
  })

  it('wakes nobody in a turn that throws, and nobody before the end of one that waits', async () => {
    const world = await asleep()
    world.tell(at, 'watchAndThrow', one)
    await world.settle()
    expect(awake(world)).toEqual([])
    for (const [i, type] of ['watchLater', 'tellAndWait'].entries()) {
      gate = new Later()
      world.tell(at, type, one)
      await world.settle()
      expect(awake(world)).toEqual([])
      // Somebody else wakes it meanwhile.
      if (type === 'tellAndWait') expect(await world.ask(one, 'add')).toBe(2)
      gate.resolve(1)
      await world.settle()
      expect(awake(world)).toEqual(['one'])
      expect(heard(world)).toEqual([])
      expect(world.state(one)).toEqual({ items: 1 + 2 * i })
      await world.ask(at, 'unwatch', one)
      await world.advance(2_000)
    }
    await world.recover()
    expect(await world.ask(one, 'add')).toBe(4)
    await world.stop()
  })

  it('and a message in a turn that comes to wait wake it together, when the turn ends', async () => {
    const world = await asleep()
    world.tell(at, 'tellAndWait', `${HOME}/two`)
    await world.settle()
    expect(await counts(world)).toMatchObject({ active: 0, known: 1 })
    gate.resolve(1)
    await world.settle()
    await world.recover()
    expect(awake(world)).toEqual(['two'])
    expect(world.state(`${HOME}/two`)).toEqual({ items: 1 })
    await world.advance(10_000)
    expect(awake(world)).toEqual(['two'])
    await world.stop()
  })

  it('that is taken back by the same turn lets it sleep', async () => {
    const world = await asleep()
    await world.ask(at, 'watchAndUnwatch', one)
    await world.advance(2_000)
    expect([awake(world), heard(world)]).toEqual([[], []])
    await world.stop()
  })

  it('ends with its watcher, and it may sleep again', async () => {
    const world = await asleep()
    await world.ask(at, 'watch', one)
    world.tell(at, 'end')
    await world.advance(2_000)
    expect(awake(world)).toEqual([])
    await world.stop()
  })

  it('says that it sleeps when it was on its way to sleep before the watch came, and can be had again', async () => {
    const leaving = new Later()
    const slow = actor({
      ...cart.spec,
      async onStop(ctx) {
        await ctx.effect('leave', () => leaving.promise)
      },
    })
    const home = virtualActors({ name: 'carts', of: slow, idleMs: 1_000 })
    const world = await World.start({ root: rootOf(child(home), child(watcher)) })
    await world.ask(one, 'add')
    await world.advance(2_000)
    await world.ask(at, 'watch', one)
    leaving.resolve(1)
    await world.settle()
    expect([awake(world), heard(world)]).toEqual([[], [`${one} passivated`]])
    await world.ask(at, 'watch', one)
    expect([awake(world), heard(world)]).toEqual([['one'], [`${one} passivated`]])
    await world.stop()
  })

  it.each([false, true])('says that it sleeps when its home is out; after a crash: %s', async (isCrashed) => {
    const world = await asleep()
    await world.ask(at, 'watch', one)
    await world.ask('/root', 'terminate', { id: 'carts' })
    expect(heard(world)).toEqual([`${one} passivated`])
    if (isCrashed) await world.recover()
    await world.ask(at, 'watch', one)
    await world.settle()
    expect(heard(world)).toEqual([`${one} passivated`, `${one} passivated`])
    await world.ask('/root', 'restart', { id: 'carts' })
    await world.ask(at, 'watch', one)
    expect(awake(world)).toEqual(['one'])
    expect(heard(world)).toHaveLength(2)
    await world.stop()
  })

  it('becomes a dead letter with what the turn told, when the home ends while the turn waits', async () => {
    const world = await asleep()
    world.tell(at, 'tellAndWait', one)
    await world.settle()
    await world.ask('/root', 'terminate', { id: 'carts' })
    gate.resolve(1)
    await world.settle()
    expect(heard(world)).toEqual([`${one} passivated`])
    expect(world.system.deadLetters.last).toMatchObject([{ to: one, type: 'add', reason: 'no-actor' }])
    await world.recover()
    await world.ask('/root', 'restart', { id: 'carts' })
    expect(await world.ask(one, 'add')).toBe(2)
    await world.stop()
  })

  it('is a link as well: one that sleeps is woken, and breaks nothing until it ends', async () => {
    const world = await asleep()
    await world.ask(at, 'link', one)
    await world.recover()
    await world.advance(10_000)
    expect(awake(world)).toEqual(['one'])
    expect(world.recordsOf('failed')).toEqual([])
    world.tell(one, 'giveUp')
    await world.settle()
    expect(world.recordsOf('failed').map((each) => each.data().error.code)).toEqual([
      undefined,
      'HF_LINK_BROKEN',
    ])
    await world.stop()
  })

  it('is not needed to ask whether it lives: it does, asleep or not, while it has a home', async () => {
    const world = await asleep()
    await world.ask(at, 'lives', one)
    expect(awake(world)).toEqual([])
    await world.ask('/root', 'terminate', { id: 'carts' })
    await world.ask(at, 'lives', one)
    expect(world.state(at).lives).toEqual([true, false])
    await world.stop()
  })
})
