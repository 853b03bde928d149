import assert from 'node:assert/strict'
import { actor, child, createSystem } from 'holdfast'
import { AMOUNT } from '../bursts.js'
import { contend } from '../contender.js'
import { benchRoot } from '../holdfast-root.js'
import { latency } from '../throughput.js'

const ACTORS = 100
/** Turns before the snapshot, which the stop of the first system takes, and turns after it. */
const COVERED_TURNS = 10
const TURNS = 1_000

let folded = 0
let awaited = 0
let wake: (n: number) => void = () => undefined

const fragile = actor({
  name: 'fragile',
  state: () => ({ n: 0 }),
  snapshot: { everyBytes: Number.MAX_SAFE_INTEGER },
  on: {
    add(ctx, { amount }: { amount: number }) {
      folded++
      ctx.state.n += amount
    },
    crash() {
      throw new Error('crash')
    },
    // A rebuild runs earlier probes again, which say nothing about the one that is waited for.
    probe(ctx, { serial }: { serial: number }) {
      if (serial === awaited) wake(ctx.state.n)
    },
  },
})

const root = benchRoot(Array.from({ length: ACTORS }, (_, i) => child(fragile, { id: `fragile-${i}` })))

async function open(data: string, turns: number) {
  const system = await createSystem({ name: 'bench', data, root })
  const refs = root.children.map(({ id }) => system.ref(fragile, `/bench/${id}`))
  for (const ref of refs) {
    for (let turn = 0; turn < turns; turn++) ref.tell('add', { amount: AMOUNT })
    await system.flushed()
  }
  return { system, refs }
}

await contend(async (assignment) => {
  const first = await open(assignment.dataDirectory, COVERED_TURNS)
  await first.system.stop()
  const { system, refs } = await open(assignment.dataDirectory, TURNS)

  const median = await latency(assignment, async () => {
    const ref = refs[++awaited % ACTORS]!
    const handled = new Promise<number>((resolve) => (wake = resolve))
    const before = folded
    ref.tell('crash')
    ref.tell('probe', { serial: awaited })
    assert.equal(await handled, (COVERED_TURNS + TURNS) * AMOUNT, 'it has its state back')
    assert.equal(folded - before, TURNS, 'every turn since the snapshot is folded, and none before it')
  })
  await system.stop()
  return median
})
