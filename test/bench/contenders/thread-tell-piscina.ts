// One task a message.

import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { pipelined } from '../throughput.js'

await contend(async (assignment) => {
  const filename = fileURLToPath(new URL('../far-crunch.ts', import.meta.url))
  const execArgv = ['--import', 'tsx']
  const pool = new Piscina({
    filename,
    name: 'crunchOrEnd',
    minThreads: 1,
    maxThreads: 1,
    execArgv,
    concurrentTasksPerWorker: 512,
  })
  const rate = await pipelined(assignment, 4, async () => {
    await Promise.all(Array.from({ length: 128 }, () => pool.run(1)))
    return 128
  })
  await pool.destroy()
  return { ...rate, version: packageVersion('piscina') }
})
