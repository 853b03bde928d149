import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openIncident } from 'holdfast/replay'
import { contend } from '../contender.js'
import { openCounters, tellInTurn } from '../durable-counters.js'
import { latency } from '../throughput.js'

/** A message and its turn: 10 million records. */
const MESSAGES = 5_000_000
const CORRELATION = 'incident-123'
const EVERY = 500_000

await contend(async (assignment) => {
  const data = join(assignment.keptDirectory, 'data')
  const complete = join(assignment.keptDirectory, 'complete')
  if (!existsSync(complete)) {
    const bench = await openCounters(data, { snapshot: {} })
    await tellInTurn(bench, MESSAGES, (counter, message) => {
      if (message % EVERY === 0) counter.tell('add', { amount: 5 }, { correlation: CORRELATION })
      else counter.tell('add', { amount: 5 })
    })
    await bench.system.stop()
    writeFileSync(complete, '')
  }
  return latency(assignment, async () => {
    await using incident = await openIncident({ data, correlation: CORRELATION })
    const messages = incident.records.filter(({ kind }) => kind === 'message')
    assert.equal(messages.length, MESSAGES / EVERY, 'all of it is found')
  })
})
