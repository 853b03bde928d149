import assert from 'node:assert/strict'
import { BATCH_MESSAGES, BATCHES_IN_FLIGHT } from './bare-log.js'
import { AMOUNT } from './bursts.js'
import { contend } from './contender.js'
import { openCounters, totalOf, type CounterOptions } from './durable-counters.js'
import { pipelined } from './throughput.js'

/** Durable tells to 1,000 actors, whatever these and their log are like. */
export async function contendDurable(options: CounterOptions = {}): Promise<void> {
  await contend(async (assignment) => {
    const { system, counters } = await openCounters(assignment.dataDirectory, options)
    let told = 0
    const rate = await pipelined(assignment, BATCHES_IN_FLIGHT, async () => {
      for (let i = 0; i < BATCH_MESSAGES; i++)
        counters[told++ % counters.length]!.tell('add', { amount: AMOUNT })
      await system.flushed()
      return BATCH_MESSAGES
    })
    assert.equal(await totalOf(counters), told * AMOUNT, 'every message told is handled once')
    await system.stop()
    return rate
  })
}
