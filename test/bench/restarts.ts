import assert from 'node:assert/strict'
import { type Assignment, type Measurement } from './contender.js'
import { latency } from './throughput.js'

/** Wakes the one who crashed an actor when its next run handled a message. */
export class Restarted {
  #wake: (n: number) => void = () => undefined

  /** The actor tells the state it had when it was probed: a fresh one holds 0, whatever was counted before. */
  probed(n: number): void {
    this.#wake(n)
  }

  next(): Promise<number> {
    return new Promise((resolve) => (this.#wake = resolve))
  }
}

/**
 * Times from the message that makes an actor throw until the probe behind it is handled by the next run.
 * On `probe` the actor calls `restarted.probed(n)` and counts `n` up in its state, which a restart forgets.
 */
export async function measureRestarts(
  assignment: Assignment,
  restarted: Restarted,
  tell: (type: 'crash' | 'probe') => void,
): Promise<Measurement> {
  const median = await latency(assignment, async () => {
    const next = restarted.next()
    tell('crash')
    tell('probe')
    assert.equal(await next, 0, 'the run that was probed is a new one')
  })
  return { ...median, value: median.value * 1_000 }
}
