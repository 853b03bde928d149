import { actor, allForOne, child, oneForOne, restForOne, supervisor } from 'holdfast'
import type { Strategy } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { failEach, incarnations, lines, member, rootOf } from './chronicle.js'

async function groupOf(strategy: Strategy, ...names: readonly string[]): Promise<World> {
  const children = names.map((name) => child(member(name)))
  const world = await World.start({ root: rootOf(child(supervisor({ name: 'group', strategy, children }))) })
  world.tell('/root/chronicle', 'clear')
  await world.settle()
  return world
}

describe('A group', () => {
  it('SUP-44 under rest-for-one, whose third of five fails: the fifth stops before the fourth, then the three start in order', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const world = await groupOf(restForOne(), ...names)
    await failEach(world, '/root/group/c')
    expect(lines(world)).toEqual(['stop e', 'stop d', 'start c', 'start d', 'start e'])
    expect(incarnations(world, ...names.map((name) => `/root/group/${name}`))).toEqual([1, 1, 2, 2, 2])
    expect(world.recordsOf('directive').map((each) => each.data().affected)).toEqual([['c', 'd', 'e']])
  })

  it.each([oneForOne(), allForOne(), restForOne()])(
    'SUP-48 with a single child restarts that child, whatever the strategy: $kind',
    async (strategy) => {
      const world = await groupOf(strategy, 'only')
      await failEach(world, '/root/group/only', '/root/group/only')
      expect(lines(world)).toEqual(['start only', 'start only'])
      expect(incarnations(world, '/root/group', '/root/group/only')).toEqual([1, 3])
      expect(world.recordsOf('directive').map((each) => each.data().affected)).toEqual([['only'], ['only']])
    },
  )

  it('SUP-49 under one-for-one, whose children fail at the same time, restarts each of them once', async () => {
    const paths = ['a', 'b', 'c'].map((name) => `/root/group/${name}`)
    const world = await groupOf(oneForOne(), 'a', 'b', 'c')
    for (const path of paths) world.tell(path, 'fail')
    await world.settle()
    expect(lines(world)).toEqual(['start a', 'start b', 'start c'])
    expect(incarnations(world, ...paths)).toEqual([2, 2, 2])
    expect(world.recordsOf('restarted')).toHaveLength(3)
    expect(world.system.inspect('/root/group')).toMatchObject({ incarnation: 1, restarts: 0 })
    for (const path of paths) expect(await world.ask(path, 'add')).toBe(1)
  })
})

describe('A tree of three levels', () => {
  const leaf = actor({
    ...member('leaf').spec,
    onFailure: { RangeError: 'escalate' },
  })
  const middle = supervisor({ name: 'middle', children: [child(member('other')), child(leaf)] })
  const top = supervisor({ name: 'top', children: [child(middle), child(member('beside'))] })

  it('SUP-51 whose middle fails gets it back, with its children, and what is above and beside stays', async () => {
    const world = await World.start({ root: rootOf(child(top)) })
    expect(await world.ask('/root/top/middle/leaf', 'add')).toBe(1)
    world.tell('/root/chronicle', 'clear')
    await failEach(world, '/root/top/middle/leaf')
    const below = ['/root/top/middle', '/root/top/middle/other', '/root/top/middle/leaf']
    expect(incarnations(world, ...below)).toEqual([2, 2, 2])
    expect(incarnations(world, '/root', '/root/top', '/root/top/beside')).toEqual([1, 1, 1])
    expect(lines(world)).toEqual(['stop other', 'start other', 'start leaf'])
    expect(await world.ask('/root/top/middle/leaf', 'add')).toBe(2)
  })
})
