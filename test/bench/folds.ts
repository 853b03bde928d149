import assert from 'node:assert/strict'
import { Packr } from 'msgpackr'

const TURNS = 1_000_000
const ACTORS = 50

const add = (state: { n: number }, { amount }: { amount: number }): void => {
  state.n += amount
}

/**
 * The handler of the replayed incident over the same payloads, unpacked one after the other: no log, no order of others, no
 * comparison. @returns turns a second
 */
export function folded(): number {
  const packr = new Packr({ useRecords: false })
  const payloads = Array.from({ length: TURNS }, () => Buffer.from(packr.pack({ amount: 5 })))
  const states = Array.from({ length: ACTORS }, () => ({ n: 0 }))
  const started = performance.now()
  for (let i = 0; i < TURNS; i++) add(states[i % ACTORS]!, packr.unpack(payloads[i]!) as { amount: number })
  const elapsedMs = performance.now() - started
  assert.equal(
    states.reduce((sum, { n }) => sum + n, 0),
    TURNS * 5,
  )
  return TURNS / (elapsedMs / 1_000)
}
