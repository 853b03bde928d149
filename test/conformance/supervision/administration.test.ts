// What a parent does with children that it spawns: it starts them, stops them, and is told of their end.

import { actor, child, oneForOne, supervisor } from 'holdfast'
import type { TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { ends, failEach, incarnations, lines, member, rootOf } from './chronicle.js'

const kid = member('kid')
const KID = '/root/parent/kid'

const parent = actor({
  name: 'parent',
  spawns: [kid],
  strategy: oneForOne({ maxRestarts: 1 }),
  onFailure: { default: 'resume' },
  on: {
    spawn(ctx, name: string) {
      return ctx.spawn(kid, { name }).path
    },
    stop(ctx, path: string) {
      ctx.stop(ctx.ref(path))
    },
  },
})

describe('A parent', () => {
  it('SUP-17 SUP-155 that spawns under a name in use is told who has it, and nothing is started', async () => {
    const world = await World.start({ root: rootOf(child(parent)) })
    expect(await world.ask('/root/parent', 'spawn', 'kid')).toBe(KID)
    expect(await world.ask(KID, 'add')).toBe(1)
    const { id } = world.system.inspect(KID)
    const records = world.recordsOf('spawned').length
    expect(await world.askFails('/root/parent', 'spawn', 'kid')).toMatchObject({
      code: 'HF_ACTOR_FAILED',
      cause: { code: 'HF_DUPLICATE_NAME', message: '/root/parent already has a child named "kid".' },
    })
    expect(world.system.inspect('/root/parent').children).toEqual(['kid'])
    expect(world.system.inspect(KID)).toMatchObject({ id, incarnation: 1, status: 'running' })
    expect(world.recordsOf('spawned')).toHaveLength(records)
    expect(await world.ask(KID, 'add')).toBe(2)
  })

  it('SUP-18 that spawns under the name of a child which has ended gets a new one; while it still leaves, none', async () => {
    const gate = new Later()
    const slow = actor({
      ...kid.spec,
      name: 'slow',
      onStop: (ctx) => ctx.effect('gate', () => gate.promise),
    })
    const spawner = actor({
      name: 'parent',
      spawns: [slow],
      onFailure: { default: 'resume' },
      on: {
        spawn(ctx) {
          ctx.spawn(slow, { name: 'kid' })
        },
        stop(ctx) {
          ctx.stop(ctx.ref(KID))
        },
      },
    })
    const world = await World.start({ root: rootOf(child(spawner)) })
    await world.ask('/root/parent', 'spawn')
    await world.ask(KID, 'add')
    const { id } = world.system.inspect(KID)
    await world.ask('/root/parent', 'stop')
    expect(world.system.inspect(KID)).toMatchObject({ id, status: 'stopping' })
    expect(await world.askFails('/root/parent', 'spawn')).toMatchObject({
      cause: { code: 'HF_DUPLICATE_NAME' },
    })
    gate.resolve(1)
    await world.settle()
    await world.ask('/root/parent', 'spawn')
    expect(world.system.inspect(KID).id).not.toBe(id)
    expect(await world.ask(KID, 'add')).toBe(1)
  })

  it.each(['transient', 'temporary'] as const)(
    'SUP-19 that stops a %s child has it end as it was told to, for good, and may say so twice',
    async (restart) => {
      const spawner = actor({
        ...parent.spec,
        onStart(ctx) {
          ctx.spawn(kid, { name: 'kid', restart })
        },
      })
      const world = await World.start({ root: rootOf(child(spawner)) })
      await world.settle()
      for (let i = 0; i < 2; i++) {
        await world.ask('/root/parent', 'stop', KID)
        expect(ends(world)).toEqual(['kid normal'])
        expect(world.system.inspect('/root/parent')).toMatchObject({ children: [], incarnation: 1 })
      }
      expect(lines(world)).toEqual(['start kid', 'stop kid'])
      expect(world.recordsOf('restarted')).toEqual([])
    },
  )

  it('SUP-27 that stops a child a second time changes nothing, and cannot stop a stranger', async () => {
    const world = await World.start({ root: rootOf(child(parent)) })
    await world.ask('/root/parent', 'spawn', 'kid')
    await world.ask('/root/parent', 'spawn', 'other')
    await world.ask('/root/parent', 'stop', KID)
    expect(ends(world)).toEqual(['kid normal'])
    expect(world.system.inspect('/root/parent').children).toEqual(['other'])
    await world.ask('/root/parent', 'stop', KID)
    expect(await world.askFails('/root/parent', 'stop', '/root/chronicle')).toMatchObject({
      cause: { code: 'HF_INVALID' },
    })
    expect(ends(world)).toEqual(['kid normal'])
    expect(world.system.inspect('/root/chronicle')).toMatchObject({ status: 'running', incarnation: 1 })
    expect(world.system.inspect('/root/parent').children).toEqual(['other'])
  })

  it('SUP-60 that stops a child and spawns it again, oftener than its budget grants, is charged nothing', async () => {
    const world = await World.start({ root: rootOf(child(parent)) })
    for (let i = 0; i < 10; i++) {
      await world.ask('/root/parent', 'spawn', 'kid')
      await world.ask('/root/parent', 'stop', KID)
    }
    await world.ask('/root/parent', 'spawn', 'kid')
    expect(world.recordsOf('restarted')).toEqual([])
    // The one restart that it grants is still to be had, and the next is one too many.
    await failEach(world, KID)
    expect(incarnations(world, '/root/parent', KID)).toEqual([1, 2])
    await failEach(world, KID)
    expect(world.system.inspect('/root/parent')).toMatchObject({ incarnation: 2, children: [] })
  })
})

describe('A spawned child', () => {
  const inState = actor({
    name: 'broken',
    state: (): { n: number } => {
      throw new TypeError('cannot start')
    },
    on: {},
  })
  const inHook = actor({
    name: 'broken',
    onStart() {
      throw new TypeError('cannot start')
    },
    on: {},
  })

  it.each([
    ['state', inState],
    ['start hook', inHook],
  ])(
    'SUP-23 whose start fails in its %s is forgotten when it is not to be tried again, and its parent learns why',
    async (_where, broken) => {
      const spawner = actor({
        name: 'spawner',
        spawns: [broken],
        state: () => ({ notices: [] as TerminatedNotice[] }),
        on: {
          spawn(ctx) {
            ctx.watch(ctx.spawn(broken, { name: 'kid', restart: 'temporary' }))
            return 'spawned'
          },
          terminated(ctx, notice: TerminatedNotice) {
            ctx.state.notices.push(notice)
          },
        },
      })
      const world = await World.start({ root: rootOf(child(spawner)) })
      expect(await world.ask('/root/spawner', 'spawn')).toBe('spawned')
      await world.settle()
      const error = { name: 'TypeError', message: 'cannot start' }
      expect(world.system.inspect('/root/spawner')).toMatchObject({
        children: [],
        incarnation: 1,
        status: 'running',
        state: { notices: [{ path: '/root/spawner/kid', reason: 'failed', error }] },
      })
      expect(world.recordsOf('failed').map((each) => each.data())).toMatchObject([
        { context: 'start', error },
      ])
      expect(await world.ask('/root/spawner', 'spawn')).toBe('spawned')
    },
  )

  describe('in its second life', () => {
    const life = { starts: 0, second: 'end', gate: new Later() }
    // Volatile, because what a life does hangs on a count outside: a durable one would be rebuilt from other code.
    const fickle = actor({
      name: 'fickle',
      durable: false,
      onStart(ctx) {
        life.starts++
        if (life.starts === 1) return undefined
        if (life.starts > 2) return ctx.effect('gate', () => life.gate.promise)
        if (life.second === 'fail') throw new Error('not yet')
        ctx.stop(ctx.self)
        return undefined
      },
      on: {
        fail() {
          throw new Error('no')
        },
      },
    })
    const spawner = actor({
      name: 'spawner',
      spawns: [fickle],
      onStart(ctx) {
        ctx.spawn(fickle, { name: 'kid' })
      },
      on: {},
    })

    async function secondLife(second: 'end' | 'fail'): Promise<World> {
      Object.assign(life, { starts: 0, second, gate: new Later() })
      const world = await World.start({ root: rootOf(child(spawner)) })
      await world.settle()
      await failEach(world, '/root/spawner/kid')
      return world
    }

    it('SUP-39 that ends itself as it is started again is forgotten', async () => {
      const world = await secondLife('end')
      expect(life.starts).toBe(2)
      expect(ends(world)).toEqual(['kid normal'])
      expect(world.system.inspect('/root/spawner')).toMatchObject({ children: [], incarnation: 1 })
    })

    it('SUP-39 that fails as it is started again is shown as restarting until it is up', async () => {
      const world = await secondLife('fail')
      expect(world.system.inspect('/root/spawner').children).toEqual(['kid'])
      expect(world.system.inspect('/root/spawner/kid')).toMatchObject({
        status: 'restarting',
        incarnation: 3,
      })
      life.gate.resolve(1)
      await world.settle()
      expect(world.system.inspect('/root/spawner/kid')).toMatchObject({ status: 'running', incarnation: 3 })
    })
  })
})

describe('The tree', () => {
  it('SUP-31 shows a supervisor that has ended where it was, as a supervisor that is stopped', async () => {
    const group = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 0 }),
      children: [child(member('a'))],
    })
    const world = await World.start({ root: rootOf(child(group, { restart: 'temporary' })) })
    await failEach(world, '/root/group/a')
    expect(world.system.tree().children).toMatchObject([
      { name: 'chronicle', status: 'running', strategy: undefined },
      {
        name: 'group',
        status: 'stopped',
        strategy: 'one-for-one (0 in 5000 ms)',
        children: [{ name: 'a', status: 'stopped' }],
      },
    ])
  })
})
