import assert from 'node:assert/strict'
import { contend } from '../contender.js'
import { settledBytes } from '../idle/population.js'
import { keyOf } from '../virtuals.js'

const KEYS = 1_000_000

await contend(async () => {
  const before = await settledBytes()
  const ids = new Map<string, number>()
  for (let n = 0; n < KEYS; n++) ids.set(keyOf(n), n)
  const bytes = (await settledBytes()) - before
  assert.equal(ids.size, KEYS)
  return { value: bytes / KEYS, details: { bytes }, version: process.version }
})
