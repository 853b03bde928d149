// Links between parents and children, between what goes down together, and with actors that the log does not keep.

import { actor, allForOne, child, supervisor } from 'holdfast'
import type { ChildSpec, TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { rootOf } from './chronicle.js'

const kid = actor({
  name: 'kid',
  state: () => ({ n: 0, heard: [] as string[] }),
  onFailure: { default: 'stop' },
  on: {
    link(ctx, path: string) {
      ctx.link(ctx.ref(path))
    },
    unlink(ctx, path: string) {
      ctx.unlink(ctx.ref(path))
    },
    dependOn(ctx, path: string) {
      ctx.dependOn(ctx.ref(path))
    },
    watch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
    },
    unwatch(ctx, path: string) {
      ctx.unwatch(ctx.ref(path))
    },
    add: (ctx) => ++ctx.state.n,
    fail() {
      throw new RangeError('kid failed')
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
    terminated(ctx, { path, reason }: TerminatedNotice) {
      ctx.state.heard.push(`${path} ${reason}`)
    },
  },
})
const volatileKid = actor({ ...kid.spec, name: 'volatile-kid', durable: false })
const unborn = actor({
  name: 'unborn',
  onFailure: { default: 'stop' },
  state: (): { n: number } => {
    throw new RangeError('never born')
  },
  on: {},
})
const parent = actor({
  name: 'parent',
  spawns: [kid, volatileKid, unborn],
  state: () => ({ n: 0, heard: [] as string[] }),
  onFailure: { RangeError: 'stop', default: 'restart' },
  onStart(ctx) {
    ctx.link(ctx.spawn(kid, { name: 'kid' }))
  },
  on: {
    add: (ctx) => ++ctx.state.n,
    stop(ctx, how?: 'kill') {
      ctx.stop(ctx.ref(`${ctx.self.path}/kid`), how)
    },
    restart() {
      throw new TypeError('once more')
    },
    fail() {
      throw new RangeError('parent failed')
    },
    bear(ctx) {
      const ref = ctx.spawn(unborn, { name: 'unborn' })
      ctx.watch(ref)
      ctx.link(ref)
    },
    bearVolatile(ctx) {
      ctx.spawn(volatileKid, { name: 'kid' })
    },
    terminated(ctx, { path, reason }: TerminatedNotice) {
      ctx.state.heard.push(`${path} ${reason}`)
    },
  },
})

const PARENT = '/root/parent'
const KID = '/root/parent/kid'

const start = (...children: readonly ChildSpec[]): Promise<World> =>
  World.start({ root: rootOf(...children) })
const codes = (world: World, path: string): unknown[] =>
  world.system.inspect(path).failures.map(({ error }) => error.code ?? error.name)
const stopped = (world: World, path: string): unknown => world.system.inspect(path).stopped

describe('SUP-81 A child that has broken its link with its parent', () => {
  it('is stopped as any other, and the parent serves further messages', async () => {
    for (const how of [undefined, 'kill'] as const) {
      const world = await start(child(parent))
      await world.ask(KID, 'unlink', PARENT)
      await world.ask(PARENT, 'stop', how)
      await world.settle()
      expect(world.system.inspect(PARENT)).toMatchObject({ children: [], restarts: 0 })
      expect(await world.ask(PARENT, 'add')).toBe(1)
      await world.stop()
    }
  })

  it('is stopped with its supervisor, which had no link with it', async () => {
    const group = supervisor({
      name: 'group',
      children: [child(kid, { id: 'one' }), child(kid, { id: 'two' })],
    })
    const world = await start(child(group))
    await world.ask('/root/group/one', 'unlink', '/root/group')
    await world.ask('/root/group/one', 'end')
    await world.settle()
    expect(await world.ask('/root/group/one', 'add')).toBe(1)
    expect(await world.ask('/root/group/two', 'add')).toBe(1)
    await world.stop()
  })

  it('and one that has not fail each other: a kill fails the parent, a stop does not', async () => {
    for (const how of [undefined, 'kill'] as const) {
      const world = await start(child(parent))
      await world.ask(PARENT, 'stop', how)
      await world.settle()
      expect(codes(world, PARENT)).toEqual(how === 'kill' ? ['HF_LINK_BROKEN'] : [])
      expect(await world.ask(PARENT, 'add')).toBe(1)
    }
  })
})

describe('A link with a child', () => {
  it('fails the parent when the child fails for good, and the next life has a child again', async () => {
    const world = await start(child(parent))
    await world.ask(PARENT, 'add')
    world.tell(KID, 'fail')
    await world.settle()
    expect(world.system.inspect(PARENT)).toMatchObject({ restarts: 1, children: ['kid'], state: { n: 1 } })
    expect(codes(world, PARENT)).toEqual(['HF_LINK_BROKEN'])
    await world.recover()
    expect(world.system.inspect(PARENT)).toMatchObject({ restarts: 1, children: ['kid'], mailbox: 0 })
  })

  it('does not fail the parent again for the children that its own restart has stopped', async () => {
    const world = await start(child(parent))
    world.tell(PARENT, 'restart')
    await world.settle()
    expect(world.system.inspect(PARENT)).toMatchObject({ restarts: 1, children: ['kid'] })
    expect(codes(world, PARENT)).toEqual(['TypeError'])
    await world.recover()
    expect(codes(world, PARENT)).toEqual(['TypeError'])
  })

  it('leaves nothing behind when the parent fails for good', async () => {
    const world = await start(child(parent, { restart: 'transient' }))
    world.tell(PARENT, 'fail')
    await world.settle()
    expect(stopped(world, PARENT)).toBe('failed')
    expect(world.recordsOf('failed')).toHaveLength(1)
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('that fails at its birth fails the parent, which had watched it as well', async () => {
    const world = await start(child(parent))
    world.tell(PARENT, 'bear')
    await world.settle()
    expect(world.state(PARENT).heard).toEqual([`${PARENT}/unborn failed`])
    expect(codes(world, PARENT)).toEqual(['HF_LINK_BROKEN'])
    const kinds = world.records().map(({ kind }) => kind)
    const end = kinds.indexOf('stopped')
    expect(kinds.slice(end, end + 3)).toEqual(['stopped', 'message', 'message'])
  })
})

describe('Linked actors that are taken down together', () => {
  const twins = (options: { restart?: 'transient' | 'temporary' } = {}): ChildSpec[] =>
    ['one', 'two', 'three'].map((id) => child(kid, { id, ...options }))
  const ring = async (world: World, group: string): Promise<void> => {
    for (const [from, to] of [
      ['one', 'two'],
      ['two', 'three'],
      ['three', 'one'],
    ])
      await world.ask(`${group}/${from}`, 'link', `${group}/${to}`)
  }

  it('do not fail for each other when their supervisor stops, or the system does', async () => {
    const group = supervisor({ name: 'group', strategy: allForOne({ maxRestarts: 0 }), children: twins() })
    const failing = actor({ ...kid.spec, name: 'failing', onFailure: { default: 'escalate' } })
    const outer = supervisor({
      name: 'outer',
      strategy: allForOne({ maxRestarts: 0 }),
      children: [child(group), child(failing)],
    })
    const world = await start(child(outer, { restart: 'temporary' }))
    await ring(world, '/root/outer/group')
    world.tell('/root/outer/failing', 'fail')
    await world.settle()
    expect(world.recordsOf('stopped').map((record) => record.data().reason)).toEqual([
      'shutdown',
      'shutdown',
      'shutdown',
      'shutdown',
      'shutdown',
      'failed',
    ])
    expect(
      world.recordsOf('failed').map((record) => record.data().error.code ?? record.data().error.name),
    ).toEqual(['RangeError', 'RangeError'])
    expect(world.system.deadLetters.count).toBe(0)
    await world.stop()
  })

  it('are linked as before when their system goes on', async () => {
    const group = supervisor({ name: 'group', children: twins({ restart: 'transient' }) })
    const world = await start(child(group))
    await ring(world, '/root/group')
    await world.reopen()
    world.tell('/root/group/two', 'fail')
    await world.settle()
    for (const id of ['one', 'two', 'three']) expect(stopped(world, `/root/group/${id}`)).toBe('failed')
  })

  it('fail when only one of them is pulled down: a temporary one, by a sibling', async () => {
    const failing = actor({ ...kid.spec, name: 'failing', onFailure: { default: 'restart' } })
    const group = supervisor({
      name: 'group',
      strategy: allForOne(),
      children: [child(kid, { id: 'one', restart: 'temporary' }), child(failing)],
    })
    const world = await start(child(group), child(kid, { id: 'outside', restart: 'transient' }))
    await world.ask('/root/outside', 'dependOn', '/root/group/one')
    world.tell('/root/group/failing', 'fail')
    await world.settle()
    expect(stopped(world, '/root/group/one')).toBe('shutdown')
    expect(codes(world, '/root/outside')).toEqual(['HF_LINK_BROKEN'])
  })
})

describe('A link with a volatile actor', () => {
  const V = '/root/volatile'
  const D = '/root/durable'
  const both = (): Promise<World> =>
    start(
      child(kid, { id: 'durable', restart: 'transient' }),
      child(volatileKid, { id: 'volatile', restart: 'transient' }),
    )

  it.each([
    [D, V],
    [V, D],
  ])('made by %s with %s holds both ways, also in the next process', async (from, to) => {
    for (const first of [D, V]) {
      for (const isKilled of [false, true]) {
        const world = await both()
        await world.ask(from, 'link', to)
        if (isKilled) await world.recover()
        world.tell(first, 'fail')
        await world.settle()
        expect([stopped(world, D), stopped(world, V)], `${first} ${isKilled}`).toEqual(['failed', 'failed'])
      }
    }
  })

  it.each([
    [D, V],
    [V, D],
  ])('that %s cuts is gone, also in the next process', async (from, to) => {
    for (const isKilled of [false, true]) {
      const world = await both()
      await world.ask(to, 'link', from)
      await world.ask(from, 'unlink', to)
      if (isKilled) await world.recover()
      world.tell(V, 'fail')
      await world.settle()
      expect([stopped(world, D), stopped(world, V)]).toEqual([undefined, 'failed'])
      world.tell(D, 'fail')
      await world.settle()
      expect(stopped(world, D)).toBe('failed')
    }
  })

  it('between two of them is kept in memory alone', async () => {
    const pair = ['one', 'two'].map((id) => child(volatileKid, { id, restart: 'transient' }))
    const world = await start(...pair)
    await world.ask('/root/one', 'link', '/root/two')
    expect(world.recordsOf('watched')).toEqual([])
    world.tell('/root/two', 'fail')
    await world.settle()
    expect([stopped(world, '/root/one'), stopped(world, '/root/two')]).toEqual(['failed', 'failed'])
  })
})

describe('The end of the process', () => {
  const holder = actor({
    name: 'holder',
    durable: false,
    spawns: [volatileKid],
    on: {
      bear(ctx) {
        ctx.spawn(volatileKid, { name: 'kid' })
      },
    },
  })
  const unseen = '/root/holder/kid'
  const both = async (): Promise<World> => {
    const world = await start(child(holder), child(kid, { restart: 'transient' }))
    await world.ask('/root/holder', 'bear')
    return world
  }

  it('is the end of an actor that the log does not know, and its watchers are told of it, once', async () => {
    const world = await both()
    await world.ask('/root/kid', 'watch', unseen)
    for (let i = 0; i < 3; i++) {
      await world.recover()
      expect(world.state('/root/kid').heard).toEqual([`${unseen} collateral`])
    }
  })

  it('breaks links with it', async () => {
    for (const from of ['/root/kid', unseen]) {
      const world = await both()
      await world.ask(from, 'link', from === unseen ? '/root/kid' : unseen)
      await world.recover()
      expect(codes(world, '/root/kid')).toEqual(['HF_LINK_BROKEN'])
    }
  })

  it('says nothing of a watch that was over by then', async () => {
    for (const [begin, end] of [
      ['watch', 'end'],
      ['watch', 'unwatch'],
      ['dependOn', 'end'],
      ['link', 'unlink'],
    ]) {
      const world = await both()
      await world.ask('/root/kid', begin!, unseen)
      if (end === 'end') await world.ask(unseen, end)
      else await world.ask('/root/kid', end!, unseen)
      await world.settle()
      const heard = world.state('/root/kid').heard
      await world.recover()
      expect(world.state('/root/kid').heard, `${begin} ${end}`).toEqual(heard)
      expect(codes(world, '/root/kid')).toEqual([])
    }
  })
})
