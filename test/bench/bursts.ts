import assert from 'node:assert/strict'
import { type Assignment, type Measurement } from './contender.js'
import { type latency, throughput } from './throughput.js'

/** Messages that are told before the harness waits until the actor handled them. */
export const BURST_MESSAGES = 10_000

/** What every message carries. */
export const AMOUNT = 5

/** The total at which a burst is handled through. The actor that reaches it wakes the one who told the burst. */
export class Goal {
  /** An actor compares its own total with this after every message. */
  total = 0
  #wake: () => void = () => undefined

  raise(by: number): Promise<void> {
    this.total += by
    return new Promise((resolve) => (this.#wake = resolve))
  }

  reached(): void {
    this.#wake()
  }
}

/**
 * Tells an actor bursts of `{ amount }` and counts what it handled. The actor adds the amounts up in its own
 * state and calls `goal.reached()` when its total is `goal.total`; `total` reads that state at the end. The figure is
 * messages a second, or with `latency` the median time of a burst.
 */
export async function measureTells(
  assignment: Assignment,
  goal: Goal,
  tell: (amount: number) => void,
  total: () => number | Promise<number>,
  measure: typeof throughput | typeof latency = throughput,
): Promise<Measurement> {
  let told = 0
  const rate = await measure(assignment, async () => {
    const handled = goal.raise(BURST_MESSAGES * AMOUNT)
    for (let i = 0; i < BURST_MESSAGES; i++) tell(AMOUNT)
    told += BURST_MESSAGES
    await handled
    return BURST_MESSAGES
  })
  assert.equal((await total()) / AMOUNT, told, 'every message told is handled once')
  return rate
}
