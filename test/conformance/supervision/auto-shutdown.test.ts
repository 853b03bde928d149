// Supervisors that end by themselves, because the children that count have ended.

import { actor, allForOne, child, oneForOne, supervisor, type AutoShutdown, type ChildSpec } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'

const worker = actor({
  name: 'worker',
  on: {
    end(ctx) {
      ctx.stop(ctx.self)
    },
    fail() {
      throw new Error('no')
    },
    ping: () => 'pong',
  },
})

const job = (id: string, restart: 'transient' | 'temporary' = 'transient'): ChildSpec =>
  child(worker, { id, restart, significant: true })
const helper = (id: string): ChildSpec => child(worker, { id })

/** A team below a root that outlives it. */
function teamOf(autoShutdown: AutoShutdown, children: readonly ChildSpec[], strategy = oneForOne()) {
  const team = supervisor({ name: 'team', autoShutdown, strategy, children })
  return supervisor({ name: 'root', children: [child(team, { restart: 'transient' }), helper('beside')] })
}

const stoppedOf = (world: World, path: string): unknown => world.system.inspect(path).stopped

async function tell(world: World, path: string, type: string): Promise<void> {
  world.tell(path, type)
  await world.settle()
}

describe('a supervisor with autoShutdown', () => {
  it('SUP-89 any: the first significant child that ends normally ends its siblings and the supervisor', async () => {
    const world = await World.start({ root: teamOf('any', [job('one'), job('two'), helper('three')]) })
    const ended = world.events('stopped')
    await tell(world, '/root/team/two', 'end')
    expect(ended.map(({ actor: path, reason }) => [path, reason])).toEqual([
      ['/root/team/two', 'normal'],
      ['/root/team/three', 'shutdown'],
      ['/root/team/one', 'shutdown'],
      ['/root/team', 'normal'],
    ])
    expect(await world.ask('/root/beside', 'ping')).toBe('pong')
    await world.stop()
  })

  it('all: only the last significant child ends it, and the others that still run are stopped', async () => {
    const world = await World.start({ root: teamOf('all', [job('one'), job('two'), helper('three')]) })
    await tell(world, '/root/team/one', 'end')
    expect(stoppedOf(world, '/root/team')).toBeUndefined()
    await tell(world, '/root/team/two', 'end')
    expect(['/root/team', '/root/team/three'].map((path) => stoppedOf(world, path))).toEqual([
      'normal',
      'shutdown',
    ])
    await world.stop()
  })

  it('SUP-90 a transient significant child that crashes is restarted, and nothing ends', async () => {
    const world = await World.start({ root: teamOf('any', [job('one'), job('two')]) })
    await tell(world, '/root/team/one', 'fail')
    expect(world.system.inspect('/root/team/one')).toMatchObject({ incarnation: 2, status: 'running' })
    expect(stoppedOf(world, '/root/team')).toBeUndefined()
    await world.stop()
  })

  it('a temporary one counts however it ends, but not when a sibling pulls it down', async () => {
    const children = [job('one', 'temporary'), helper('two')]
    const pulled = await World.start({ root: teamOf('any', children, allForOne()) })
    await tell(pulled, '/root/team/two', 'fail')
    expect(['/root/team', '/root/team/one'].map((path) => stoppedOf(pulled, path))).toEqual([
      undefined,
      'shutdown',
    ])
    await pulled.stop()
    const failed = await World.start({ root: teamOf('any', children) })
    await tell(failed, '/root/team/one', 'fail')
    expect(['/root/team', '/root/team/one'].map((path) => stoppedOf(failed, path))).toEqual([
      'normal',
      'failed',
    ])
    await failed.stop()
  })

  it('SUP-95 a significant supervisor that is done makes the one above done; one that is not, does not', async () => {
    const inner = supervisor({ name: 'inner', autoShutdown: 'any', children: [job('job')] })
    for (const significant of [true, false]) {
      const outer = supervisor({
        name: 'outer',
        autoShutdown: significant ? 'any' : 'never',
        children: [child(inner, { restart: 'transient', significant }), helper('other')],
      })
      const root = supervisor({ name: 'root', children: [child(outer, { restart: 'transient' })] })
      const world = await World.start({ root })
      await tell(world, '/root/outer/inner/job', 'end')
      expect(stoppedOf(world, '/root/outer/inner')).toBe('normal')
      expect(stoppedOf(world, '/root/outer')).toBe(significant ? 'normal' : undefined)
      await world.stop()
    }
  })

  it('that is permanent is started again by the one above, with all its children', async () => {
    const team = supervisor({ name: 'team', autoShutdown: 'any', children: [helper('first'), job('job')] })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(team)] }) })
    await tell(world, '/root/team/job', 'end')
    expect(world.system.inspect('/root/team')).toMatchObject({ incarnation: 2, stopped: undefined })
    expect(await world.ask('/root/team/job', 'ping')).toBe('pong')
    await world.stop()
  })

  it('that is the root stops its system in order, and the next run begins anew', async () => {
    const root = supervisor({ name: 'root', autoShutdown: 'all', children: [job('one'), job('two')] })
    const world = await World.start({ root })
    await tell(world, '/root/one', 'end')
    await tell(world, '/root/two', 'end')
    await world.settled(world.system.stop())
    expect([world.system.failure, world.recordsOf('closed').length]).toEqual([null, 1])
    await world.recover()
    expect(await world.ask('/root/two', 'ping')).toBe('pong')
    await world.stop()
  })

  it('that was killed between the end of its child and its own, ends in the next process', async () => {
    const root = teamOf('any', [job('one'), job('two')])
    for (let commits = 1; ; commits++) {
      const world = new World({ root }, commits)
      await world.open()
      await tell(world, '/root/team/one', 'end')
      const isWhole = world.store.commits < commits
      await world.recover()
      const one = world.recordsOf('spawned').find((record) => record.data().name === 'one')?.actor
      const hasEnded = world.recordsOf('stopped').some(({ actor: id }) => id === one)
      expect(stoppedOf(world, '/root/team')).toBe(hasEnded ? 'normal' : undefined)
      await world.stop()
      if (isWhole) break
    }
  })
})

describe('a significant child that makes no sense is refused', () => {
  it.each<[string, () => unknown]>([
    ['child.significant', () => child(worker, { significant: true })],
    ['autoShutdown', () => supervisor({ name: 'team', children: [job('one')] })],
    ['autoShutdown', () => supervisor({ name: 'team', autoShutdown: 'some' as 'any', children: [] })],
  ])('by the field %s', (field, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'HF_INVALID', field }))
  })
})
