import assert from 'node:assert/strict'
import { ACTORS, BareLog, isMessage } from '../bare-log.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

const MESSAGES = 1_000_000

await contend(async ({ dataDirectory }) => {
  const written = new BareLog(dataDirectory)
  await written.fill(MESSAGES)
  await written.close()

  const started = performance.now()
  const log = new BareLog(dataDirectory)
  const states = Array.from({ length: ACTORS }, () => ({ n: 0 }))
  let position = 0
  let turns = 0
  let waiting = { position: -1, amount: 0 }
  for (const record of log.records()) {
    if (isMessage(record)) {
      waiting = { position, amount: record[4].amount }
    } else if (record[2] === waiting.position) {
      states[record[1]]!.n += waiting.amount
      turns++
    }
    position++
  }
  const elapsedMs = performance.now() - started
  assert.equal(turns, MESSAGES, 'every turn is folded')
  assert.equal(states[ACTORS - 1]!.n, (MESSAGES / ACTORS) * 5, 'every actor has its state back')
  return { value: turns / (elapsedMs / 1_000), version: packageVersion('lmdb'), details: { elapsedMs } }
})
