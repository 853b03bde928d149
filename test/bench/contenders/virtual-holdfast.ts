import assert from 'node:assert/strict'
import { BATCH_MESSAGES, BATCHES_IN_FLIGHT } from '../bare-log.js'
import { contend } from '../contender.js'
import { pipelined } from '../throughput.js'
import { openVirtuals, SLEEPLESS_MS } from '../virtuals.js'

await contend(async (assignment) => {
  const virtuals = await openVirtuals(assignment.dataDirectory, SLEEPLESS_MS)
  let reached = 0
  const rate = await pipelined(assignment, BATCHES_IN_FLIGHT, () => {
    reached += BATCH_MESSAGES
    return virtuals.reach(reached - BATCH_MESSAGES, BATCH_MESSAGES)
  })
  assert.equal(virtuals.handled, reached, 'every message is handled once')
  assert.equal((await virtuals.customers.ask('count')).active, reached, 'every one of them is awake')
  await virtuals.system.stop()
  return rate
})
