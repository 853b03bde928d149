import assert from 'node:assert/strict'
import { BareLog, isMessage } from '../bare-log.js'
import { AMOUNT } from '../bursts.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { latency } from '../throughput.js'

const TURNS = 1_000

await contend(async (assignment) => {
  const log = new BareLog(assignment.dataDirectory)
  await log.fill(TURNS)
  const median = await latency(assignment, async () => {
    const state = { n: 0 }
    let amount = 0
    for (const record of log.records()) {
      if (isMessage(record)) amount = record[4].amount
      else state.n += amount
    }
    assert.equal(state.n, TURNS * AMOUNT, 'every turn is folded')
  })
  return { ...median, version: packageVersion('lmdb') }
})
