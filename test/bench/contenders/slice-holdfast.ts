import assert from 'node:assert/strict'
import { contend } from '../contender.js'
import { CONCERNED, INCIDENT, openSlice } from '../slices.js'
import { latency } from '../throughput.js'

await contend(async (assignment) => {
  const open = await openSlice(assignment)
  return latency(assignment, async () => {
    await using incident = await open()
    assert.equal(incident.slice.actors.length, CONCERNED, 'all actors are found')
    const messages = incident.records.filter(({ kind }) => kind === 'message')
    assert.equal(messages.length, INCIDENT, 'all messages are found')
  })
})
