import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AMOUNT } from '../bursts.js'
import { contend } from '../contender.js'
import { openCounters, tellInTurn, totalOf } from '../durable-counters.js'

const MESSAGES = 1_000_000

/** All of it is read again: what a checkpoint saves is what `recover-all` is about. */
const OPTIONS = { checkpointEvery: Number.MAX_SAFE_INTEGER }

/** Started again as its own victim: it tells everything, waits for the disk, and is killed. */
const [, , victimDirectory] = process.argv
if (victimDirectory !== undefined) {
  await tellInTurn(await openCounters(victimDirectory, OPTIONS), MESSAGES)
  process.kill(process.pid, 'SIGKILL')
}

await contend(async ({ dataDirectory }) => {
  const victim = [...process.execArgv, fileURLToPath(import.meta.url), dataDirectory]
  const { signal } = spawnSync(process.execPath, victim, { stdio: ['ignore', 'ignore', 'inherit'] })
  assert.equal(signal, 'SIGKILL', 'the writer ran to its kill')

  const started = performance.now()
  const { system, counters } = await openCounters(dataDirectory, OPTIONS)
  const elapsedMs = performance.now() - started
  assert.equal(await totalOf(counters), MESSAGES * AMOUNT, 'every actor has its state back')
  await system.stop()
  return { value: MESSAGES / (elapsedMs / 1_000), details: { elapsedMs } }
})
