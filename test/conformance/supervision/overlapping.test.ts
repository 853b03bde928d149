// Restarts of one supervisor that overlap, as random trees have shown that they can.

import { actor, allForOne, child, restForOne, supervisor } from 'holdfast'
import type { ChildSpec } from 'holdfast'
import { expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { failEach, incarnations, lines, member, rootOf } from './chronicle.js'

const GROUP = '/root/group'

/** A group under rest-for-one, one of whose members starts slowly as soon as it is told how long that takes. */
async function slowWorld(children: (slow: ChildSpec) => readonly ChildSpec[]) {
  const pace = { startMs: 0 }
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      world.authorities.timer(pace.startMs, resolve)
    })
  const slow = actor({ ...member('slow').spec, onStart: (ctx) => ctx.effect('wait', wait) })
  const group = supervisor({ name: 'group', strategy: restForOne(), children: children(child(slow)) })
  const world = new World({ root: rootOf(child(group)) })
  const opening = world.open()
  await world.advance(0)
  await opening
  return { world, pace }
}

it('who left for a sibling that pauses does not work in the next process either, while another one starts slowly', async () => {
  const pausing = child(member('pausing'), { backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 } })
  const { world, pace } = await slowWorld((slow) => [slow, pausing, child(member('last'))])
  world.tell(`${GROUP}/pausing`, 'end')
  await world.advance(200)
  await failEach(world, `${GROUP}/slow`)
  pace.startMs = 200
  await world.advance(100)
  const recovering = world.recover()
  await world.advance(0)
  await recovering
  const last = `${GROUP}/last`
  expect(world.system.inspect(last)).toMatchObject({ status: 'restarting', incarnation: 1 })
  await world.advance(200)
  expect(world.system.inspect(`${GROUP}/slow`)).toMatchObject({ status: 'running', incarnation: 2 })
  expect(world.system.inspect(last)).toMatchObject({ status: 'restarting', incarnation: 1 })
  await world.advance(800)
  expect(lines(world).filter((line) => line === 'start last')).toHaveLength(2)
  expect(incarnations(world, `${GROUP}/pausing`, last)).toEqual([2, 2])
})

it('the time that a child is down for a sibling is none that it was up: its next pause is longer', async () => {
  let isBroken = false
  const first = actor({
    ...member('first').spec,
    onStart() {
      if (isBroken) throw new RangeError('no')
    },
  })
  const backoff = { minMs: 100, maxMs: 1_000, factor: 3, jitter: 0, resetAfterMs: 500 }
  const children = [
    child(first, { backoff }),
    child(member('second'), { backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 } }),
  ]
  const strategy = allForOne({ maxRestarts: 10, withinMs: 60_000 })
  const world = await World.start({ root: rootOf(child(supervisor({ name: 'group', strategy, children }))) })
  await failEach(world, `${GROUP}/first`)
  await world.advance(100)
  expect(incarnations(world, `${GROUP}/first`)).toEqual([2])
  // It is up for less than `resetAfterMs`, and then away for longer.
  await failEach(world, `${GROUP}/second`)
  isBroken = true
  await world.advance(1_000)
  expect(incarnations(world, `${GROUP}/first`)).toEqual([3])
  isBroken = false
  await world.advance(299)
  expect(world.system.inspect(`${GROUP}/first`).status).toBe('restarting')
  await world.advance(1)
  expect(world.system.inspect(`${GROUP}/first`)).toMatchObject({ status: 'running', incarnation: 4 })
})

it('who shares the fate of one that was terminated meanwhile comes back in the next process, also one that had failed', async () => {
  const wait = (minMs: number) => ({ backoff: { minMs, maxMs: minMs, jitter: 0 } })
  const children = [
    child(member('first'), wait(1_000)),
    child(member('second')),
    child(member('third'), wait(5_000)),
  ]
  const group = supervisor({ name: 'group', strategy: restForOne(), children })
  const world = await World.start({ root: rootOf(child(group)) })
  await failEach(world, `${GROUP}/third`, `${GROUP}/first`)
  await world.ask(GROUP, 'terminate', { id: 'first' })
  await world.recover()
  await world.advance(5_000)
  const [first, second, third] = ['first', 'second', 'third'].map((name) =>
    world.system.inspect(`${GROUP}/${name}`),
  )
  expect(first).toMatchObject({ status: 'stopped', stopped: 'shutdown' })
  expect(second).toMatchObject({ status: 'running', incarnation: 2 })
  expect(third).toMatchObject({ status: 'running', incarnation: 2 })
  expect(await world.ask(`${GROUP}/third`, 'add')).toBe(1)
})

it('who was to come back behind one that starts slowly begins its next life in the next process', async () => {
  const { world, pace } = await slowWorld((slow) => [child(member('first')), slow, child(member('last'))])
  pace.startMs = 200
  await failEach(world, `${GROUP}/first`)
  await world.advance(100)
  expect(incarnations(world, `${GROUP}/first`, `${GROUP}/slow`, `${GROUP}/last`)).toEqual([2, 2, 1])
  const recovering = world.recover()
  await world.advance(0)
  await recovering
  await world.advance(1_000)
  expect(world.system.inspect(`${GROUP}/last`)).toMatchObject({ status: 'running', incarnation: 2 })
  expect(incarnations(world, `${GROUP}/first`)).toEqual([2])
})
