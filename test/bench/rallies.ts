import assert from 'node:assert/strict'
import { type Assignment, type Measurement } from './contender.js'
import { throughput } from './throughput.js'

/** Messages of one rally, both directions together. */
const RALLY_MESSAGES = 20_000

/** Wakes the one who served when two actors that answer each other come to the end of a rally. */
export class Rally {
  #wake: () => void = () => undefined

  finished(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }

  over(): void {
    this.#wake()
  }
}

/**
 * Lets two actors answer each other. A message carries how many are `left`; an actor counts what it handles,
 * sends `left - 1` back, and calls `rally.over()` instead when nothing is left.
 */
export async function measureRallies(
  assignment: Assignment,
  rally: Rally,
  serve: (left: number) => void,
  handled: () => number | Promise<number>,
): Promise<Measurement> {
  let sent = 0
  const rate = await throughput(assignment, async () => {
    const finished = rally.finished()
    serve(RALLY_MESSAGES - 1)
    sent += RALLY_MESSAGES
    await finished
    return RALLY_MESSAGES
  })
  assert.equal(await handled(), sent, 'every message of every rally is handled once')
  return rate
}
