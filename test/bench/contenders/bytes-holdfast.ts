import { bytesOnDisk } from '../bare-log.js'
import { contend } from '../contender.js'
import { openCounters, tellInTurn } from '../durable-counters.js'

const MESSAGES = 500_000

await contend(async ({ dataDirectory }) => {
  const bench = await openCounters(dataDirectory)
  await tellInTurn(bench, MESSAGES)
  await bench.system.stop()
  return { value: bytesOnDisk(dataDirectory) / MESSAGES }
})
