// The spec of a supervisor is changed while it runs.

import { actor, allForOne, child, oneForOne, supervisor } from 'holdfast'
import type { ChildSpec, SupervisorSpec } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { ends, failEach, incarnations, member, rootOf } from './chronicle.js'

const [a, b, c] = ['a', 'b', 'c'].map(member) as [
  ReturnType<typeof member>,
  ReturnType<typeof member>,
  ReturnType<typeof member>,
]
const GROUP = '/root/group'
const groupOf = (children: readonly ChildSpec[], more: Partial<SupervisorSpec> = {}) =>
  supervisor({ name: 'group', strategy: oneForOne({ maxRestarts: 5 }), children, ...more })
const start = (children: readonly ChildSpec[], more?: Partial<SupervisorSpec>): Promise<World> =>
  World.start({ root: rootOf(child(groupOf(children, more))) })
const listed = async (world: World): Promise<string[]> =>
  (await world.ask<{ id: string; status: string }[]>(GROUP, 'which')).map(
    ({ id, status }) => `${id} ${status}`,
  )

describe('A live change of a spec', () => {
  it('SUP-167 starts none that is new, leaves those that are gone, and acts on all from now on', async () => {
    const world = await start([child(a), child(b)])
    world.system.change(GROUP, groupOf([child(a), child(c)], { strategy: allForOne({ maxRestarts: 5 }) }))
    expect(await listed(world)).toEqual(['a running', 'b running'])
    expect(incarnations(world, GROUP, `${GROUP}/a`, `${GROUP}/b`)).toEqual([1, 1, 1])
    await failEach(world, `${GROUP}/a`)
    expect(incarnations(world, GROUP, `${GROUP}/a`, `${GROUP}/b`)).toEqual([1, 2, 2])
    expect(await world.ask(GROUP, 'start', { definition: 'c' })).toMatchObject({ path: `${GROUP}/c` })
    expect(world.recordsOf('changed').map((each) => each.data())).toMatchObject([
      { strategy: 'all-for-one (5 in 5000 ms)', children: ['a', 'c'] },
    ])
  })

  it('gives children that are there their new terms, and a budget that is smaller counts what was granted', async () => {
    const world = await start([child(a), child(b)])
    await failEach(world, `${GROUP}/a`, `${GROUP}/a`)
    world.system.change(
      GROUP,
      groupOf([child(a, { restart: 'temporary' }), child(b)], { strategy: oneForOne({ maxRestarts: 2 }) }),
    )
    await failEach(world, `${GROUP}/a`)
    expect(ends(world)).toEqual(['a failed'])
    await failEach(world, `${GROUP}/b`)
    expect(incarnations(world, GROUP)).toEqual([2])
  })

  it.each([
    ['HF_NO_SUCH_ACTOR', '/root/nobody', () => groupOf([child(a)])],
    ['HF_INVALID', `${GROUP}/a`, () => groupOf([child(a)])],
    ['HF_INVALID', GROUP, () => supervisor({ name: 'other', children: [] })],
    ['HF_INVALID', GROUP, () => a as never],
    ['HF_DUPLICATE_NAME', GROUP, () => groupOf([child(actor({ name: 'b', on: {} }))])],
    ['HF_INVALID', GROUP, () => groupOf([child(a, { shutdown: -1 })])],
  ])('SUP-167 that is wrong (%s at %s) leaves everything as it was', async (code, path, definition) => {
    const world = await start([child(a), child(b)])
    expect(() => {
      world.system.change(path, definition())
    }).toThrow(expect.objectContaining({ code }) as Error)
    expect(world.recordsOf('changed')).toEqual([])
    await failEach(world, `${GROUP}/a`)
    expect(incarnations(world, GROUP, `${GROUP}/a`, `${GROUP}/b`)).toEqual([1, 2, 1])
  })

  it('SUP-96 from never to any counts for children that are added after it', async () => {
    const world = await start([child(a)])
    world.system.change(GROUP, groupOf([child(a)], { autoShutdown: 'any' }))
    await world.ask(GROUP, 'start', { definition: 'a', id: 'x', restart: 'transient', significant: true })
    world.tell(`${GROUP}/x`, 'end')
    await world.settle()
    expect(ends(world)).toEqual(['x normal', 'a shutdown', 'group normal'])
  })

  it('SUP-96 from any to never ends nothing any more', async () => {
    const finishing = [child(a, { restart: 'transient', significant: true }), child(b)]
    const world = await start(finishing, { autoShutdown: 'any' })
    world.system.change(GROUP, groupOf([child(a, { restart: 'transient' }), child(b)]))
    world.tell(`${GROUP}/a`, 'end')
    await world.settle()
    expect(await listed(world)).toEqual(['a stopped', 'b running'])
  })

  it('is of this process: the next one runs the spec of its code', async () => {
    const world = await start([child(a), child(b)])
    world.system.change(GROUP, groupOf([child(a), child(b)], { strategy: allForOne() }))
    await world.recover()
    await failEach(world, `${GROUP}/a`)
    expect(incarnations(world, `${GROUP}/a`, `${GROUP}/b`)).toEqual([2, 1])
  })
})
