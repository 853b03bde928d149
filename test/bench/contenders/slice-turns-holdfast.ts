import assert from 'node:assert/strict'
import { contend } from '../contender.js'
import { INCIDENT, openSlice } from '../slices.js'
import { latency } from '../throughput.js'

await contend(async (assignment) => {
  const open = await openSlice(assignment)
  return latency(assignment, async () => {
    await using incident = await open()
    let own = 0
    for (const { isContext } of incident.slice.steps()) if (!isContext) own++
    assert.equal(own, INCIDENT, 'all turns are found')
  })
})
