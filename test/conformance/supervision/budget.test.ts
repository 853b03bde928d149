import { actor, allForOne, child, oneForOne, supervisor } from 'holdfast'
import type { Definition, Strategy } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { ends, failEach, incarnations, lines, member, rootOf } from './chronicle.js'

const DAY_MS = 86_400_000

/** A group that is not started again, so that its end stays to be seen. */
function groupOf(strategy: Strategy, ...definitions: readonly Definition[]) {
  const children = definitions.map((definition) => child(definition))
  return rootOf(child(supervisor({ name: 'group', strategy, children }), { restart: 'temporary' }))
}

const A = '/root/group/a'

describe('A budget', () => {
  it('SUP-52 of two bears two failures of any children, and the third one ends the supervisor', async () => {
    const strategy = oneForOne({ maxRestarts: 2, withinMs: 600_000 })
    const world = await World.start({ root: groupOf(strategy, member('a'), member('b'), member('c')) })
    await failEach(world, A)
    await world.advance(200_000)
    await failEach(world, '/root/group/b')
    await world.advance(200_000)
    expect(incarnations(world, A, '/root/group/b', '/root/group/c')).toEqual([2, 2, 1])
    expect(world.system.inspect('/root/group').status).toBe('running')
    await failEach(world, '/root/group/c')
    expect(world.system.inspect('/root/group')).toMatchObject({ status: 'stopped', stopped: 'failed' })
    expect(ends(world)).toEqual(['c shutdown', 'b shutdown', 'a shutdown', 'group failed'])
    expect(world.recordsOf('restarted')).toHaveLength(2)
    const last = world.recordsOf('stopped').at(-1)!.data()
    expect(last.error).toMatchObject({
      code: 'HF_GAVE_UP',
      message: expect.stringContaining('/root/group/c') as string,
    })
  })

  it('SUP-65 that is as large as a number can be bears whatever happens', async () => {
    const strategy = oneForOne({ maxRestarts: Number.MAX_SAFE_INTEGER })
    const world = await World.start({ root: groupOf(strategy, member('a')) })
    await failEach(world, A, A, A, A, A, A, A)
    expect(world.system.inspect(A)).toMatchObject({ incarnation: 8, status: 'running' })
    expect(await world.ask(A, 'add')).toBe(1)
    expect(world.system.inspect('/root/group')).toMatchObject({ status: 'running', restarts: 0 })
  })

  it('SUP-66 of three in the longest window that there is counts what happened weeks ago', async () => {
    const strategy = oneForOne({ maxRestarts: 3, withinMs: 2_147_483_647 })
    const world = await World.start({ root: groupOf(strategy, member('a')) })
    for (let week = 0; week < 3; week++) {
      await failEach(world, A)
      await world.advance(7 * DAY_MS)
    }
    expect(world.system.inspect(A)).toMatchObject({ incarnation: 4, status: 'running' })
    await failEach(world, A)
    expect(world.system.inspect('/root/group')).toMatchObject({ status: 'stopped', stopped: 'failed' })
    expect(world.system.inspect(A)).toMatchObject({ incarnation: 4, status: 'stopped' })
  })

  it('of a child that ended itself counts from its end, also where the next process counts', async () => {
    const own = { maxRestarts: 1, withinMs: 5_000 }
    const backoff = { minMs: 1_000, maxMs: 1_000 }
    const ending = child(member('a'), { restart: 'permanent', budget: own, backoff })
    const world = await World.start({ root: rootOf(ending) })
    world.tell('/root/a', 'end')
    await world.advance(5_500)
    await world.recover()
    await failEach(world, '/root/a')
    await world.advance(1_000)
    expect(world.system.inspect('/root/a')).toMatchObject({ incarnation: 3, status: 'running' })
  })
})

describe('A start that fails in a restart', () => {
  const how = { starts: 0, isGood: (_start: number): boolean => true }
  // Volatile, because whether it starts hangs on a count outside: a durable one would be rebuilt from other code.
  const starter = actor({
    ...member('a').spec,
    durable: false,
    onStart() {
      how.starts++
      if (!how.isGood(how.starts)) throw new TypeError(`start ${how.starts} failed`)
    },
  })

  async function failing(maxRestarts: number, isGood: (start: number) => boolean): Promise<World> {
    Object.assign(how, { starts: 0, isGood })
    const world = await World.start({ root: groupOf(oneForOne({ maxRestarts }), starter) })
    expect(how.starts).toBe(1)
    await failEach(world, A)
    return world
  }

  it('SUP-55 and in all that follow uses up the budget, because every attempt is counted', async () => {
    const world = await failing(10, (start) => start === 1)
    expect(how.starts).toBe(11)
    expect(world.system.inspect(A).restarts).toBe(10)
    expect(ends(world)).toEqual(['a shutdown', 'group failed'])
    expect(world.recordsOf('stopped').at(-1)!.data().error).toMatchObject({
      code: 'HF_GAVE_UP',
      message: expect.stringMatching(/more than 10 restarts .* start 11 failed$/) as string,
    })
  })

  it('SUP-56 once and then goes well leaves the child up and the supervisor at work', async () => {
    const world = await failing(2, (start) => start !== 2)
    expect(world.system.inspect(A)).toMatchObject({ incarnation: 3, status: 'running' })
    expect(await world.ask(A, 'add')).toBe(1)
    expect(world.system.inspect('/root/group')).toMatchObject({ incarnation: 1, status: 'running' })
    // Both restarts were counted, so there is none left.
    await failEach(world, A)
    expect(world.system.inspect('/root/group').status).toBe('stopped')
  })
})

describe('A supervisor that gives up', () => {
  it('SUP-58 is a failed child of its parent, which applies its own strategy to it', async () => {
    const inner = supervisor({
      name: 'inner',
      strategy: oneForOne({ maxRestarts: 0 }),
      children: [child(member('leaf'))],
    })
    const outer = supervisor({
      name: 'outer',
      strategy: allForOne(),
      children: [child(member('sibling')), child(inner)],
    })
    const world = await World.start({ root: rootOf(child(outer)) })
    world.tell('/root/chronicle', 'clear')
    await failEach(world, '/root/outer/inner/leaf')
    const paths = ['/root/outer', '/root/outer/sibling', '/root/outer/inner', '/root/outer/inner/leaf']
    expect(incarnations(world, ...paths)).toEqual([1, 2, 2, 2])
    expect(lines(world)).toEqual(['stop sibling', 'start sibling', 'start leaf'])
    expect(world.recordsOf('directive').map((each) => each.data())).toMatchObject([
      { offender: '/root/outer/inner/leaf', supervisor: '/root/outer/inner', directive: 'restart' },
      {
        offender: '/root/outer/inner',
        supervisor: '/root/outer',
        context: 'child',
        reason: { code: 'HF_GAVE_UP' },
        directive: 'restart',
        affected: ['sibling', 'inner'],
      },
    ])
  })
})
