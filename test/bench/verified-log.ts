import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LmdbStore } from '@holdfast/journal'
import { contend, type Assignment } from './contender.js'
import { openCounters, tellInTurn } from './durable-counters.js'
import { throughput } from './throughput.js'

/** Each of a kilobyte, and a turn for each: 100 MB. */
const BURSTS = 100
const MESSAGES_PER_BURST = 1_000
const PAYLOAD = { amount: 5, note: 'x'.repeat(1_000) }

const MEGABYTE = 1_000_000

/** Goes through a log again and again, which is recorded once and kept for the rounds that follow. */
export async function contendReading(read: (store: LmdbStore) => number): Promise<void> {
  await contend(async (assignment) => {
    const store = new LmdbStore({ dir: await recorded(assignment), readOnly: true })
    try {
      return await throughput(assignment, () => read(store) / MEGABYTE)
    } finally {
      await store.close()
    }
  })
}

async function recorded({ keptDirectory }: Assignment): Promise<string> {
  const data = join(keptDirectory, 'data')
  const complete = join(keptDirectory, 'complete')
  if (existsSync(complete)) return data
  const bench = await openCounters(data)
  for (let burst = 0; burst < BURSTS; burst++)
    await tellInTurn(bench, MESSAGES_PER_BURST, (counter) => counter.tell('add', PAYLOAD))
  await bench.system.stop()
  writeFileSync(complete, '')
  return data
}
