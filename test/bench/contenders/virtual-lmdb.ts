import assert from 'node:assert/strict'
import { BareLog, BATCH_MESSAGES, BATCHES_IN_FLIGHT } from '../bare-log.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { pipelined } from '../throughput.js'

await contend(async (assignment) => {
  const log = new BareLog(assignment.dataDirectory)
  let appended = 0
  const rate = await pipelined(assignment, BATCHES_IN_FLIGHT, async () => {
    const messages = await log.append(BATCH_MESSAGES)
    appended += messages
    return messages
  })
  let records = 0
  for (const _ of log.records()) records++
  assert.equal(records, 2 * appended, 'every message and every turn is in the log')
  return { ...rate, version: packageVersion('lmdb') }
})
