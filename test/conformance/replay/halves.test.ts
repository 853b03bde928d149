// A turn that waits when its process ends, or when the log before it is cut, and ends later: with what it had learned, unless
// the system was stopped and a hook of its actor has come between.

import { actor, child, supervisor, type Context } from 'holdfast'
import { evidenceOf, Incident, replay } from 'holdfast/replay'
import { expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'

interface Desk {
  isOpen: boolean
  sum: number
}

let outside = new Later()
let asked: string[] = []

function ask(ctx: Context<Desk>, name: string, answer: () => unknown): Promise<number> {
  return ctx.effect(name, () => {
    asked.push(name)
    return answer() as number
  })
}

const desk = actor({
  name: 'desk',
  state: (): Desk => ({ isOpen: true, sum: 0 }),
  on: {
    async both(ctx) {
      // Which way it takes follows from the state.
      if (!ctx.state.isOpen) ctx.state.sum += await ask(ctx, 'open', () => 300)
      ctx.state.sum += await ask(ctx, 'first', () => 20)
      ctx.state.sum += await ask(ctx, 'second', () => outside.promise)
      return ctx.state.sum
    },
    add: (ctx) => ++ctx.state.sum,
  },
})
const shut = (ctx: Context<Desk>): void => {
  ctx.state.isOpen = false
}
const started = actor({ ...desk.spec, onStart: shut })
const stopped = actor({ ...desk.spec, onStop: shut })

const at = '/root/desk'

it.each([
  ['has learned what it had, where there is no hook', desk, ['first', 'second', 'second'], 22],
  ['begins anew behind a stop hook', stopped, ['first', 'second', 'open', 'first', 'second'], 322],
  ['begins anew behind a start hook', started, ['open', 'first', 'second', 'open', 'first', 'second'], 322],
])('a turn whose system stops while it waits %s, and is replayed so', async (_, definition, calls, sum) => {
  ;[outside, asked] = [new Later(), []]
  const root = supervisor({ name: 'root', children: [child(definition)] })
  const world = await World.start({ root })
  await world.ask(at, 'add')
  world.tell(at, 'both')
  await world.settle()
  void world.system.stop()
  await world.advance(10_000)
  world.crash()
  outside.resolve(1)
  await world.open()
  expect(await world.ask(at, 'add')).toBe(sum + 1)
  expect([asked, world.system.inspect(at).status]).toEqual([calls, 'running'])
  const evidence = evidenceOf(world.journal)
  for (const { position } of world.recordsOf('message')) {
    const report = await replay(new Incident(evidence, String(position)), { swarm: { root } })
    expect(report.divergences).toEqual([])
  }
  await world.stop()
})

it.each([
  ['stops', stopped],
  ['starts', started],
])(
  'a turn whose system is killed while it waits has learned what it had, also with a hook for when it %s',
  async (_, definition) => {
    ;[outside, asked] = [new Later(), []]
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(definition)] }) })
    world.tell(at, 'both')
    await world.settle()
    const before = [...asked]
    outside.resolve(1)
    await world.recover()
    expect(asked).toEqual([...before, 'second'])
    await world.stop()
  },
)

it('a turn that waits while the log before it is cut is replayed with what it had learned before', async () => {
  ;[outside, asked] = [new Later(), []]
  const root = supervisor({ name: 'root', children: [child(desk), child(desk, { id: 'other' })] })
  const world = await World.start({ root, retention: { maxRecords: 20 }, checkpointEvery: 20 })
  await world.ask(at, 'add')
  world.tell(at, 'both')
  await world.settle()
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 10; n++) world.tell('/root/other', 'add')
    await world.advance(1_000)
  }
  const [began] = world.recordsOf('began')
  expect(world.journal.beginning.base).toBeGreaterThan(began!.position)
  outside.resolve(1)
  await world.settle()
  expect(world.state<Desk>(at).sum).toBe(22)
  const evidence = evidenceOf(world.journal)
  for (const name of [String(began!.cause), { from: world.journal.beginning.base, to: evidence.next - 1 }]) {
    const report = await replay(new Incident(evidence, name), { swarm: { root } })
    expect(report.divergences).toEqual([])
    expect(report.counts.turns).toBeGreaterThan(0)
  }
  await world.stop()
})
