// A system that is stopped while a turn waits: the snapshot that is taken then lies within that turn, and what it had
// learned before stands in front of the snapshot.

import { actor, child, supervisor } from 'holdfast'
import { evidenceOf, Incident, replay } from 'holdfast/replay'
import { expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'

let outside = new Later()

const desk = actor({
  name: 'desk',
  state: () => ({ sum: 0 }),
  // For a stop hook the state is made again, and there is a snapshot of it.
  onStop: () => undefined,
  on: {
    async both(ctx) {
      const first = await ctx.effect('first', () => 20)
      const second = await ctx.effect('second', () => outside.promise as Promise<number>)
      ctx.state.sum += first + second
      return ctx.state.sum
    },
    add: (ctx) => ++ctx.state.sum,
  },
})
const before = actor({ ...desk.spec, on: { ...desk.spec.on, gone: () => undefined } })

const at = '/root/desk'
const rootOf = (definition: typeof desk) => supervisor({ name: 'root', children: [child(definition)] })

it.each([
  ['', []],
  [', also when one that waits behind it is buried then', ['gone']],
])(
  'what a turn had learned before a snapshot within it is known to a replay from there%s',
  async (_, types) => {
    outside = new Later()
    const world = await World.start({ root: rootOf(before) })
    await world.ask(at, 'add')
    world.tell(at, 'both')
    for (const type of types) world.tell(at, type)
    await world.settle()
    void world.system.stop()
    await world.advance(10_000)
    outside.resolve(1)
    world.crash()
    await world.open({ root: rootOf(desk) })
    expect(await world.ask(at, 'add')).toBe(23)
    expect(world.recordsOf('dead').map((each) => each.data().reason)).toEqual(types.map(() => 'unknown-type'))
    const evidence = evidenceOf(world.journal)
    const last = world.recordsOf('message').at(-1)!
    const incident = new Incident(evidence, String(last.position))
    expect(incident.slice.actors.map(({ from }) => from > 0)).toEqual([true])
    const report = await replay(incident, { swarm: { root: rootOf(desk) } })
    expect(report.divergences).toEqual([])
    expect(report.identical).toBe(true)
    await world.stop()
  },
)
