import assert from 'node:assert/strict'
import { openJournal } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { contend } from '../contender.js'
import { median } from '../statistics.js'
import { largeState, longestStall } from '../stalls.js'

const TIMES = 40

await contend(async ({ dataDirectory }) => {
  const journal = openJournal({ dir: dataDirectory, authorities: machineAuthorities() })
  const state = largeState()
  const add = { type: 'add', version: 1, batch: -1, slot: 0 }
  let waiting: { readonly upTo: number; readonly resolve: () => void } | undefined
  journal.onProgress(() => {
    if (waiting !== undefined && journal.durable >= waiting.upTo) waiting.resolve()
  })
  const stalls: number[] = []
  let bytes = 0
  for (let time = 0; time < TIMES; time++) {
    const stall = await longestStall(async () => {
      const message = journal.message(1, add, time, 0, 0, 0, null)
      bytes = journal.saveSnapshot(1, 1, time, state)
      await new Promise<void>((resolve) => {
        waiting = { upTo: message + 1, resolve }
        journal.flush()
      })
    })
    // The first ones are compiled as they run.
    if (time >= TIMES / 4) stalls.push(stall)
  }
  assert.ok(bytes > 900_000, 'the state has about a megabyte')
  await journal.close()
  return { value: median(stalls), details: { bytes, worst: Math.max(...stalls) } }
})
