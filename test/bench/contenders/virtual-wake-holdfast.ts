import assert from 'node:assert/strict'
import { contend } from '../contender.js'
import { AMOUNT } from '../bursts.js'
import { openVirtuals } from '../virtuals.js'

const ACTORS = 20_000
const BURST = 4_000

/** Longer than it takes to wake them all, and then all sleep again soon. */
const IDLE_MS = 1_500

/** Wakings of all of them: the first two warm up. */
const WAKINGS = 5

await contend(async ({ dataDirectory }) => {
  const virtuals = await openVirtuals(dataDirectory, IDLE_MS)
  let messages = 0
  const wakeAll = async () => {
    messages += ACTORS
    const started = performance.now()
    const bursts: Promise<number>[] = []
    for (let from = 0; from < ACTORS; from += BURST) bursts.push(virtuals.reach(from, BURST))
    await Promise.all(bursts)
    return performance.now() - started
  }

  await wakeAll()
  await virtuals.asleep(ACTORS)
  const takenMs: number[] = []
  for (let waking = 0; waking < WAKINGS; waking++) {
    takenMs.push(await wakeAll())
    assert.equal(virtuals.handled, messages, 'every message is handled once, and no turn again')
    await virtuals.asleep(ACTORS)
  }
  assert.equal(await virtuals.total(ACTORS - 1), (WAKINGS + 1) * AMOUNT, 'it has its state back')
  await virtuals.system.stop()
  const measured = takenMs.slice(2)
  const elapsedMs = measured.reduce((sum, ms) => sum + ms, 0)
  return { value: (measured.length * ACTORS) / (elapsedMs / 1_000), details: { elapsedMs } }
})
