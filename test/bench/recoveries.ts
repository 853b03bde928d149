import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AMOUNT } from './bursts.js'
import { contend } from './contender.js'
import { openCounters, tellInTurn } from './durable-counters.js'

const MESSAGES = 1_000_000
const OPTIONS = { actors: 10_000, snapshot: {} }

/** Milliseconds that the victim is at rest before it is killed: most die at some such time, and few in the middle of a flood. */
const REST_MS = 3_000

/**
 * How long a system takes to come back that was killed. It is started again as its own victim: it tells everything, waits
 * for the disk, and is killed a moment later.
 */
export async function contendRecovery(
  contender: string,
  until: 'first answer' | 'all answers',
): Promise<void> {
  const [, , victimDirectory] = process.argv
  if (victimDirectory !== undefined) {
    await tellInTurn(await openCounters(victimDirectory, OPTIONS), MESSAGES)
    await setTimeout(REST_MS)
    process.kill(process.pid, 'SIGKILL')
  }
  await contend(async ({ dataDirectory }) => {
    const victim = [...process.execArgv, fileURLToPath(contender), dataDirectory]
    const { signal } = spawnSync(process.execPath, victim, { stdio: ['ignore', 'ignore', 'inherit'] })
    assert.equal(signal, 'SIGKILL', 'the writer ran to its kill')
    const started = performance.now()
    const { system, counters } = await openCounters(dataDirectory, OPTIONS)
    const first = await counters[7_777]!.ask('total')
    const firstMs = performance.now() - started
    const answers = await Promise.all(counters.map((each) => each.ask('total')))
    const allMs = performance.now() - started
    assert.equal(first, (MESSAGES / counters.length) * AMOUNT, 'the first one has its state back')
    assert.equal(
      answers.reduce((sum, each) => sum + each),
      MESSAGES * AMOUNT,
      'every actor has its state back',
    )
    await system.stop()
    return { value: (until === 'first answer' ? firstMs : allMs) / 1_000, details: { firstMs, allMs } }
  })
}
