import { actor, child, oneForOne, supervisor } from 'holdfast'
import type { RestartType } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { ends, failEach, member, ownerOf, rootOf } from './chronicle.js'

/** An actor that can end in every way there is. */
const mortal = actor({
  name: 'mortal',
  state: () => ({ n: 0 }),
  on: {
    add: (ctx) => ++ctx.state.n,
    end(ctx) {
      ctx.stop(ctx.self)
    },
    throw() {
      throw new RangeError('thrown')
    },
    reject: () => Promise.reject(new RangeError('rejected')),
    async effect(ctx) {
      await ctx.effect('fail', () => Promise.reject(new RangeError('from outside')))
    },
  },
})

const WAYS = ['end', 'throw', 'reject', 'effect'] as const
const FAILURES = ['throw', 'reject', 'effect'] as const
const PATH = '/root/group/mortal'

function groupOf(restart: RestartType, maxRestarts = 10) {
  const strategy = oneForOne({ maxRestarts })
  const children = [child(mortal, { restart }), child(member('sibling'))]
  return rootOf(child(supervisor({ name: 'group', strategy, children })))
}

async function endedBy(world: World, way: string): Promise<void> {
  world.tell(PATH, way)
  await world.settle()
}

describe('A permanent child', () => {
  it.each(WAYS)('SUP-33 that ends by "%s" is started again, each time anew', async (way) => {
    const world = await World.start({ root: groupOf('permanent') })
    for (const incarnation of [2, 3, 4]) {
      await endedBy(world, way)
      expect(world.system.inspect(PATH)).toMatchObject({ incarnation, status: 'running', stopped: undefined })
      expect(await world.ask(PATH, 'add')).toBe(incarnation - 1)
    }
    expect(world.recordsOf('restarted').map((each) => each.data().incarnation)).toEqual([2, 3, 4])
    expect(world.system.inspect('/root/group/sibling').incarnation).toBe(1)
  })
})

describe('A transient child', () => {
  it('SUP-34 that ends by itself stays down and keeps its place, from which a new life of its supervisor starts it', async () => {
    const world = await World.start({ root: groupOf('transient', 0) })
    await endedBy(world, 'end')
    expect(world.system.inspect('/root/group').children).toEqual(['mortal', 'sibling'])
    expect(world.system.inspect(PATH)).toMatchObject({ incarnation: 1, status: 'stopped', stopped: 'normal' })
    expect(world.recordsOf('restarted')).toEqual([])
    await failEach(world, '/root/group/sibling')
    expect(world.system.inspect('/root/group')).toMatchObject({ incarnation: 2, status: 'running' })
    expect(world.system.inspect(PATH)).toMatchObject({ incarnation: 2, status: 'running' })
    expect(await world.ask(PATH, 'add')).toBe(1)
  })

  it.each(FAILURES)('SUP-35 that fails by "%s" is started again', async (way) => {
    const world = await World.start({ root: groupOf('transient') })
    await endedBy(world, way)
    expect(world.system.inspect(PATH)).toMatchObject({ incarnation: 2, status: 'running' })
    expect(world.recordsOf('directive').map((each) => each.data())).toMatchObject([
      { directive: 'restart', affected: ['mortal'] },
    ])
    expect(ends(world)).toEqual([])
  })
})

describe('A temporary child', () => {
  it.each(WAYS)(
    'SUP-36 that ends by "%s" is not started again: the spec keeps its place, as that of one that has stopped',
    async (way) => {
      const world = await World.start({ root: groupOf('temporary') })
      await endedBy(world, way)
      const stopped = way === 'end' ? 'normal' : 'failed'
      expect(world.system.inspect('/root/group').children).toEqual(['mortal', 'sibling'])
      expect(world.system.inspect(PATH)).toMatchObject({ incarnation: 1, status: 'stopped', stopped })
      expect(ends(world)).toEqual([`mortal ${stopped}`])
      expect(world.recordsOf('restarted')).toEqual([])
      expect(world.system.inspect('/root/group').restarts).toBe(0)
    },
  )

  it.each(WAYS)('SUP-36 that was spawned and ends by "%s" is forgotten', async (way) => {
    const owner = ownerOf(mortal)
    const spawner = actor({
      ...owner.spec,
      onStart(ctx) {
        ctx.watch(ctx.spawn(mortal, { name: 'mortal', restart: 'temporary' }))
      },
    })
    const world = await World.start({ root: rootOf(child(spawner)) })
    await world.settle()
    world.tell('/root/owner/mortal', way)
    await world.settle()
    const reason = way === 'end' ? 'normal' : 'failed'
    expect(world.system.inspect('/root/owner')).toMatchObject({
      children: [],
      incarnation: 1,
      state: { notices: [{ path: '/root/owner/mortal', reason }] },
    })
    expect(() => world.system.inspect('/root/owner/mortal')).toThrow(
      expect.objectContaining({ code: 'HF_NO_SUCH_ACTOR' }) as Error,
    )
  })
})
