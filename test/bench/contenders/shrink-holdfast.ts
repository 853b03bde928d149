import assert from 'node:assert/strict'
import { shrink } from 'holdfast/replay'
import { contend } from '../contender.js'
import { openFailure, root } from '../shrinks.js'

await contend(async (assignment) => {
  await (await openFailure(assignment)).close()
  const started = performance.now()
  await using incident = await openFailure(assignment)
  const { reproduction, tries } = await shrink(incident, { swarm: { root } })
  const elapsedMs = performance.now() - started
  const types = reproduction.messages.map(({ type }) => type)
  assert.deepEqual(types, ['add', 'take'])
  return { value: elapsedMs / 1_000, details: { tries } }
})
