import assert from 'node:assert/strict'
import { join } from 'node:path'
import { BATCH_MESSAGES, BATCHES_IN_FLIGHT } from './bare-log.js'
import { AMOUNT } from './bursts.js'
import { contend } from './contender.js'
import { openCounters, totalOf, type CounterOptions } from './durable-counters.js'
import { pipelined } from './throughput.js'

/** Something that goes on beside the tells: it is started with their data directory, and gives back the way to end it. */
type Beside = (data: string) => Promise<() => Promise<void>>

/** Durable tells to 1,000 actors, whatever these and their log are like. */
export async function contendDurable(
  options: CounterOptions = {},
  beside: Beside = () => Promise.resolve(() => Promise.resolve()),
): Promise<void> {
  await contend(async (assignment) => {
    const data = join(assignment.dataDirectory, 'data')
    const { system, counters } = await openCounters(data, options)
    let told = 0
    const end = await beside(data)
    const rate = await pipelined(assignment, BATCHES_IN_FLIGHT, async () => {
      for (let i = 0; i < BATCH_MESSAGES; i++)
        counters[told++ % counters.length]!.tell('add', { amount: AMOUNT })
      await system.flushed()
      return BATCH_MESSAGES
    })
    await end()
    assert.equal(await totalOf(counters), told * AMOUNT, 'every message told is handled once')
    await system.stop()
    return rate
  })
}
