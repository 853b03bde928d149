import assert from 'node:assert/strict'
import { type ReproducedMessage, reproduce } from 'holdfast/replay'
import { contend } from '../contender.js'
import { MESSAGES, openFailure, root } from '../shrinks.js'

/** Each message is left away in turn, and stays away when the last one fails without it as well. */
await contend(async (assignment) => {
  await (await openFailure(assignment)).close()
  const started = performance.now()
  await using incident = await openFailure(assignment)
  const messages: ReproducedMessage[] = []
  for (const { message, end } of incident.slice.steps()) {
    const { type, position } = message
    messages.push({ type, payload: message.payload(), position, atMs: end.timeMs })
  }
  const own = messages.filter(({ type }) => !type.startsWith('$'))
  assert.equal(own.length, MESSAGES)
  const error = { name: 'Error', message: 'locked' }
  const head = { actor: '/bench/purse', parent: '/bench', definition: 'purse', error, swarm: { root } }
  let left = own
  for (const each of own.slice(0, -1)) {
    const without = left.filter((other) => other !== each)
    const outcome = await reproduce({ ...head, messages: without })
    if (outcome.error?.message === error.message) left = without
  }
  const elapsedMs = performance.now() - started
  assert.deepEqual(
    left.map(({ type }) => type),
    ['add', 'take'],
  )
  return { value: elapsedMs / 1_000 }
})
