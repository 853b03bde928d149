import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Incident, openIncident } from 'holdfast/replay'
import { type Assignment } from './contender.js'
import { openCounters, tellInTurn } from './durable-counters.js'

/** A message and its turn: 10 million records, of 1,000 actors. */
const MESSAGES = 5_000_000
const CORRELATION = 'incident-123'

/** In the middle of it, 1,000 messages to 50 actors, each tenth message of all that is told meanwhile. */
const FIRST = 2_500_000
export const INCIDENT = 1_000
const EVERY = 10
export const CONCERNED = 50

/** Opens the incident; the log is recorded once and kept for the rounds that follow. */
export async function openSlice({ keptDirectory }: Assignment): Promise<() => Promise<Incident>> {
  const data = join(keptDirectory, 'data')
  const complete = join(keptDirectory, 'complete')
  if (!existsSync(complete)) {
    const bench = await openCounters(data, { snapshot: {} })
    await tellInTurn(bench, MESSAGES, (counter, message) => {
      const nth = (message - FIRST) / EVERY
      if (Number.isInteger(nth) && nth >= 0 && nth < INCIDENT) {
        bench.counters[nth % CONCERNED]!.tell('add', { amount: 5 }, { correlation: CORRELATION })
      } else counter.tell('add', { amount: 5 })
    })
    await bench.system.stop()
    writeFileSync(complete, '')
  }
  return () => openIncident({ data, correlation: CORRELATION })
}
