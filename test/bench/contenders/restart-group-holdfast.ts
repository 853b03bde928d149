import assert from 'node:assert/strict'
import { actor, allForOne, child, createSystem, supervisor } from 'holdfast'
import { contend } from '../contender.js'
import { Restarted } from '../restarts.js'
import { latency } from '../throughput.js'

const CHILDREN = 1_000

await contend(async (assignment) => {
  const restarted = new Restarted()
  let starts = 0
  const member = actor({
    name: 'member',
    durable: false,
    state() {
      starts++
      return { n: 0 }
    },
    on: {
      crash() {
        throw new Error('crash')
      },
      // Children start in order, so the last one handles its probe when all the others run again.
      probe(ctx) {
        restarted.probed(ctx.state.n)
        ctx.state.n++
      },
    },
  })
  const root = supervisor({
    name: 'bench',
    strategy: allForOne({ maxRestarts: 1_000_000, withinMs: 1 }),
    children: Array.from({ length: CHILDREN }, (_, i) => child(member, { id: `member-${i}` })),
  })
  await using system = await createSystem({ name: 'bench', root })
  const first = system.ref(member, '/bench/member-0')
  const last = system.ref(member, `/bench/member-${CHILDREN - 1}`)
  return await latency(assignment, async () => {
    const before = starts
    const next = restarted.next()
    first.tell('crash')
    last.tell('probe')
    assert.equal(await next, 0, 'the run that was probed is a new one')
    assert.equal(starts - before, CHILDREN, 'every child has started again, once')
  })
})
