import assert from 'node:assert/strict'
import { actor, type ChildSpec, child, createSystem, supervisor } from 'holdfast'
import { contend } from '../contender.js'
import { benchRoot } from '../holdfast-root.js'
import { settledBytes } from '../idle/population.js'

const SPECS = 200_000

const worker = actor({ name: 'worker', state: () => ({ n: 0 }), on: { add: (ctx) => ++ctx.state.n } })

/** A system that knows a supervisor with so many specs and does not run it, so that none of them has an actor. */
function open(specs: number) {
  const children: ChildSpec[] = []
  for (let i = 0; i < specs; i++) children.push(child(worker, { id: `worker-${i}` }))
  const team = supervisor({ name: 'team', children })
  return createSystem({ name: 'bench', root: benchRoot([]), definitions: [team] })
}

await contend(async () => {
  const before = await settledBytes()
  const empty = await open(0)
  const ofNone = (await settledBytes()) - before
  const full = await open(SPECS)
  const bytes = (await settledBytes()) - before - 2 * ofNone
  assert.deepEqual([empty.epoch, full.epoch], [1, 1], 'both are still there')
  return { value: bytes / SPECS, details: { bytes, ofNone } }
})
