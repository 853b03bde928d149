// Pauses before restarts, and budgets of single children, on virtual time.

import { actor, allForOne, child, oneForOne, restForOne, supervisor, type ChildOptions } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'

const fragile = actor({
  name: 'fragile',
  state: () => ({ n: 0 }),
  on: {
    add: (ctx) => ++ctx.state.n,
    fail() {
      throw new Error('no')
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})

const volatile = actor({ ...fragile.spec, name: 'volatile', durable: false })
const steady = actor({ name: 'steady', state: () => ({ n: 0 }), on: { add: (ctx) => ++ctx.state.n } })

const plenty = { maxRestarts: 1_000, withinMs: 1_000_000 }
const pausing = { minMs: 1_000, maxMs: 10_000, jitter: 0 }

function rootWith(options: ChildOptions<undefined>, strategy = oneForOne(plenty), definition = fragile) {
  const children = [
    child(steady),
    child(definition, { id: 'fragile', ...options }),
    child(steady, { id: 'last' }),
  ]
  return supervisor({ name: 'root', strategy, children })
}

const statusOf = (world: World, name: string): string => world.system.inspect(`/root/${name}`).status
const incarnationOf = (world: World, name: string): number =>
  world.system.inspect(`/root/${name}`).incarnation

async function fail(world: World, path = '/root/fragile'): Promise<void> {
  world.tell(path, 'fail')
  await world.settle()
}

describe('a child with a backoff', () => {
  it('SUP-119 is started again after one second, then after two, and a volatile one is fresh', async () => {
    const world = await World.start({ root: rootWith({ backoff: pausing }, oneForOne(plenty), volatile) })
    await world.ask('/root/fragile', 'add')
    for (const [times, pauseMs] of [1_000, 2_000, 4_000].entries()) {
      await fail(world)
      await world.advance(pauseMs - 1)
      expect([statusOf(world, 'fragile'), incarnationOf(world, 'fragile')]).toEqual(['restarting', times + 1])
      await world.advance(1)
      expect([statusOf(world, 'fragile'), incarnationOf(world, 'fragile')]).toEqual(['running', times + 2])
      expect(await world.ask('/root/fragile', 'add')).toBe(1)
    }
    await world.stop()
  })

  it('keeps what it is sent meanwhile, in order, and a durable one has its state back', async () => {
    const world = await World.start({ root: rootWith({ backoff: pausing }) })
    await world.ask('/root/fragile', 'add')
    await fail(world)
    for (let i = 0; i < 3; i++) world.tell('/root/fragile', 'add')
    await world.settle()
    expect(world.system.inspect('/root/fragile')).toMatchObject({ status: 'restarting', mailbox: 3 })
    await world.advance(1_000)
    expect(await world.ask('/root/fragile', 'add')).toBe(5)
    await world.stop()
  })

  it('SUP-124 with room for one message: the next one is refused to the sender', async () => {
    const small = actor({ ...fragile.spec, mailbox: { capacity: 1 } })
    const world = await World.start({ root: rootWith({ backoff: pausing }, oneForOne(plenty), small) })
    await fail(world)
    world.tell('/root/fragile', 'add')
    expect(() => {
      world.tell('/root/fragile', 'add')
    }).toThrow(expect.objectContaining({ code: 'HF_MAILBOX_FULL' }))
    await world.stop()
  })

  it('begins with the first pause again once it was up for long enough', async () => {
    const world = await World.start({ root: rootWith({ backoff: { ...pausing, resetAfterMs: 5_000 } }) })
    await fail(world)
    await world.advance(1_000)
    await world.advance(4_999)
    await fail(world)
    await world.advance(1_999)
    expect(statusOf(world, 'fragile')).toBe('restarting')
    await world.advance(1)
    await world.advance(5_000)
    await fail(world)
    await world.advance(1_000)
    expect(statusOf(world, 'fragile')).toBe('running')
    await world.stop()
  })

  it('SUP-127 holds up nobody else under one-for-one: others fail, restart and answer meanwhile', async () => {
    const children = [child(fragile, { backoff: pausing }), child(fragile, { id: 'other' })]
    const world = await World.start({
      root: supervisor({ name: 'root', strategy: oneForOne(plenty), children }),
    })
    await fail(world)
    await fail(world, '/root/other')
    expect([statusOf(world, 'fragile'), statusOf(world, 'other')]).toEqual(['restarting', 'running'])
    expect([incarnationOf(world, 'fragile'), incarnationOf(world, 'other')]).toEqual([1, 2])
    expect(await world.ask('/root/other', 'add')).toBe(1)
    await world.stop()
  })

  it('SUP-126 that nothing but its own word resets, waits longer each time until it says that it is well', async () => {
    const speaking = actor({
      ...fragile.spec,
      on: {
        ...fragile.spec.on,
        recover(ctx) {
          ctx.well()
        },
      },
    })
    const root = rootWith({ backoff: { ...pausing, resetAfterMs: Infinity } }, oneForOne(plenty), speaking)
    const world = await World.start({ root })
    const pauses = async (...expected: readonly number[]): Promise<void> => {
      for (const pauseMs of expected) {
        await fail(world)
        await world.advance(pauseMs - 1)
        expect(statusOf(world, 'fragile')).toBe('restarting')
        await world.advance(1)
        expect(statusOf(world, 'fragile')).toBe('running')
      }
    }
    await pauses(1_000, 2_000)
    await world.advance(500_000)
    await pauses(4_000)
    world.tell('/root/fragile', 'recover')
    await world.settle()
    await pauses(1_000, 2_000)
    await world.stop()
  })

  it('SUP-125 each of two keeps a count of its own', async () => {
    const children = [child(fragile, { backoff: pausing }), child(fragile, { id: 'other', backoff: pausing })]
    const world = await World.start({
      root: supervisor({ name: 'root', strategy: oneForOne(plenty), children }),
    })
    await fail(world)
    await world.advance(1_000)
    await fail(world)
    await fail(world, '/root/other')
    await world.advance(1_000)
    expect([statusOf(world, 'fragile'), statusOf(world, 'other')]).toEqual(['restarting', 'running'])
    await world.advance(1_000)
    expect(statusOf(world, 'fragile')).toBe('running')
    await world.stop()
  })

  it('under rest-for-one makes those behind it wait with it, and those before it go on', async () => {
    const world = await World.start({ root: rootWith({ backoff: pausing }, restForOne(plenty)) })
    await fail(world)
    const all = (): string[] => ['steady', 'fragile', 'last'].map((name) => statusOf(world, name))
    expect(all()).toEqual(['running', 'restarting', 'restarting'])
    await world.advance(1_000)
    expect(all()).toEqual(['running', 'running', 'running'])
    expect(['steady', 'fragile', 'last'].map((name) => incarnationOf(world, name))).toEqual([1, 2, 2])
    await world.stop()
  })

  it('under all-for-one waits on when a sibling fails meanwhile, and all come back together', async () => {
    const children = [child(fragile, { backoff: pausing }), child(fragile, { id: 'other' })]
    const root = supervisor({ name: 'root', strategy: allForOne(plenty), children })
    const world = await World.start({ root })
    await fail(world)
    await world.advance(500)
    expect([statusOf(world, 'fragile'), statusOf(world, 'other')]).toEqual(['restarting', 'restarting'])
    await world.advance(499)
    expect(incarnationOf(world, 'other')).toBe(1)
    await world.advance(1)
    expect(['fragile', 'other'].map((name) => incarnationOf(world, name))).toEqual([2, 2])
    await world.stop()
  })

  it('SUP-70 is forgotten at once when its supervisor is stopped, and no timer is left', async () => {
    const world = await World.start({ root: rootWith({ backoff: { minMs: 100_000, maxMs: 100_000 } }) })
    await fail(world)
    const before = world.authorities.now()
    await world.stop()
    expect(world.authorities.now()).toBe(before)
    await world.advance(200_000)
    expect(world.recordsOf('restarted')).toEqual([])
  })

  it('that is in its start for the first time keeps its supervisor starting until it is up', async () => {
    let starts = 0
    const late = actor({
      name: 'late',
      durable: false,
      state: () => {
        if (++starts < 3) throw new Error('not yet')
        return {}
      },
      on: {},
    })
    const inner = supervisor({
      name: 'inner',
      strategy: oneForOne(plenty),
      children: [child(late, { backoff: pausing })],
    })
    const root = supervisor({ name: 'root', children: [child(inner), child(steady)] })
    const world = new World({ root })
    const opening = world.open()
    await world.settle()
    await world.advance(1_000)
    expect(starts).toBe(2)
    await world.advance(2_000)
    await opening
    expect([starts, statusOf(world, 'inner'), statusOf(world, 'steady')]).toEqual([3, 'running', 'running'])
    await world.stop()
  })

  it('that waits when the process dies is restarted by the next one, after the first pause', async () => {
    const root = rootWith({ backoff: pausing })
    const world = await World.start({ root })
    await world.ask('/root/fragile', 'add')
    await fail(world)
    await world.advance(1_000)
    await fail(world)
    await world.recover()
    expect(statusOf(world, 'fragile')).toBe('restarting')
    await world.advance(1_000)
    expect([statusOf(world, 'fragile'), incarnationOf(world, 'fragile')]).toEqual(['running', 3])
    expect(await world.ask('/root/fragile', 'add')).toBe(2)
    await world.stop()
  })
})

describe('a child with a budget of its own', () => {
  const two = { maxRestarts: 2, withinMs: 10_000 }

  it('SUP-62 ends with its third failure in the window as one that gave up, and its siblings work on', async () => {
    const world = await World.start({
      root: rootWith({ budget: two }, oneForOne({ maxRestarts: 2, withinMs: 10_000 })),
    })
    const ended = world.events('stopped')
    for (let i = 0; i < 3; i++) await fail(world)
    expect(world.system.inspect('/root/fragile')).toMatchObject({ stopped: 'gave-up', incarnation: 3 })
    expect(ended).toMatchObject([{ actor: '/root/fragile', reason: 'gave-up', error: { message: 'no' } }])
    expect(await world.ask('/root/steady', 'add')).toBe(1)
    expect(incarnationOf(world, 'last')).toBe(1)
    await world.stop()
  })

  it('SUP-63 is restarted again once its window has passed', async () => {
    const world = await World.start({ root: rootWith({ budget: two }) })
    await fail(world)
    await fail(world)
    await world.advance(10_000)
    await fail(world)
    expect([statusOf(world, 'fragile'), incarnationOf(world, 'fragile')]).toEqual(['running', 4])
    await world.stop()
  })

  it('SUP-122 and a backoff, that can start no more, gives up after two more tries', async () => {
    let isBroken = false
    let tries = 0
    const broken = actor({
      name: 'broken',
      durable: false,
      state: () => {
        if (!isBroken) return {}
        tries++
        throw new Error('it can start no more')
      },
      on: {
        fail() {
          throw new Error('no')
        },
      },
    })
    const root = supervisor({
      name: 'root',
      strategy: oneForOne(plenty),
      children: [
        child(broken, { id: 'fragile', backoff: pausing, budget: { maxRestarts: 2, withinMs: 60_000 } }),
      ],
    })
    const world = await World.start({ root })
    isBroken = true
    await fail(world)
    await world.advance(60_000)
    expect([tries, world.system.inspect('/root/fragile').stopped]).toEqual([2, 'gave-up'])
    await world.stop()
  })

  it('does not charge its supervisor for the restart that it refused, also in the next process', async () => {
    const root = rootWith({ budget: { maxRestarts: 0 } }, oneForOne({ maxRestarts: 1, withinMs: 100_000 }))
    const other = supervisor({ ...root, children: [...root.children, child(fragile, { id: 'other' })] })
    const world = await World.start({ root: other })
    await fail(world)
    await world.recover()
    await fail(world, '/root/other')
    expect([statusOf(world, 'other'), incarnationOf(world, 'other')]).toEqual(['running', 2])
    expect(world.system.inspect('/root/fragile').stopped).toBe('gave-up')
    await world.stop()
  })

  it('goes on with its count in the next process', async () => {
    const world = await World.start({ root: rootWith({ budget: two }) })
    await fail(world)
    await fail(world)
    await world.recover()
    await fail(world)
    expect(world.system.inspect('/root/fragile').stopped).toBe('gave-up')
    await world.stop()
  })

  it('that makes no sense is refused by its field', () => {
    expect(() => child(steady, { budget: { maxRestarts: -1 } })).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field: 'child.budget.maxRestarts' }),
    )
  })
})
