import assert from 'node:assert/strict'
import { contend } from '../contender.js'
import { settledBytes } from '../idle/population.js'
import { openVirtuals } from '../virtuals.js'

const KEYS = 1_000_000
const BURST = 10_000

/** Short, so that the first ones sleep while the next ones are reached. */
const IDLE_MS = 100

await contend(async ({ dataDirectory }) => {
  const virtuals = await openVirtuals(dataDirectory, IDLE_MS)
  // The first ones bring code and shapes with them that belong to nobody.
  await virtuals.reach(0, BURST)
  await virtuals.asleep(BURST)
  const before = await settledBytes()
  for (let from = BURST; from < KEYS + BURST; from += BURST) await virtuals.reach(from, BURST)
  await virtuals.asleep(KEYS + BURST)
  await virtuals.system.flushed()
  const bytes = (await settledBytes()) - before
  assert.equal(virtuals.handled, KEYS + BURST, 'every one of them was awake once')
  return { value: bytes / KEYS, details: { bytes } }
})
