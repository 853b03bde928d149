import assert from 'node:assert/strict'
import { join } from 'node:path'
import { open } from 'lmdb'
import { Packr } from 'msgpackr'
import { BareLog, BATCH_MESSAGES, BATCHES_IN_FLIGHT } from '../bare-log.js'
import { AMOUNT } from '../bursts.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { pipelined } from '../throughput.js'
import { keyOf } from '../virtuals.js'

const ACTORS = 20_000

// A state is read by its key, changed, and the message and its turn are appended to the log.
await contend(async (assignment) => {
  const packr = new Packr()
  const path = join(assignment.dataDirectory, 'states')
  const states = open<Buffer, string>({ path, encoding: 'binary', overlappingSync: false })
  const puts = Array.from({ length: ACTORS }, (_, n) => states.put(keyOf(n), packr.pack({ n: AMOUNT })))
  await Promise.all(puts)

  const log = new BareLog(assignment.dataDirectory)
  let reached = 0
  const rate = await pipelined(assignment, BATCHES_IN_FLIGHT, () => {
    for (let i = 0; i < BATCH_MESSAGES; i++) {
      const state = packr.unpack(states.get(keyOf(reached++ % ACTORS))!) as { n: number }
      state.n += AMOUNT
      assert.equal(state.n, 2 * AMOUNT, 'it is the state that was stored')
    }
    return log.append(BATCH_MESSAGES)
  })
  await states.close()
  return { ...rate, version: packageVersion('lmdb') }
})
