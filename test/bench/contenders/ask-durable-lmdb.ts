import { BareLog } from '../bare-log.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { latency } from '../throughput.js'

await contend(async (assignment) => {
  const log = new BareLog(assignment.dataDirectory)
  const median = await latency(assignment, () => log.append(1))
  return { ...median, version: packageVersion('lmdb') }
})
