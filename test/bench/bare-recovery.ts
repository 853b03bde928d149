import assert from 'node:assert/strict'
import { ACTORS, BareLog, isMessage } from './bare-log.js'

/** Writes a bare log, opens it again, and folds it. @returns how long the opening and the fold took */
export async function foldBareLog(
  directory: string,
  messages: number,
): Promise<{ readonly elapsedMs: number }> {
  const written = new BareLog(directory)
  await written.fill(messages)
  await written.close()

  const started = performance.now()
  const log = new BareLog(directory)
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
  assert.equal(turns, messages, 'every turn is folded')
  assert.equal(states[ACTORS - 1]!.n, (messages / ACTORS) * 5, 'every actor has its state back')
  return { elapsedMs }
}
