import { contend } from '../contender.js'
import { openCounters } from '../durable-counters.js'
import { latency } from '../throughput.js'

await contend(async (assignment) => {
  const { system, counters } = await openCounters(assignment.dataDirectory)
  let asked = 0
  const median = await latency(assignment, async () => {
    await counters[asked++ % counters.length]!.ask('add', { amount: 5 })
  })
  await system.stop()
  return median
})
