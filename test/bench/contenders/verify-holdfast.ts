import assert from 'node:assert/strict'
import { verifyStore } from '@holdfast/journal'
import { contendReading } from '../verified-log.js'

await contendReading((store) => {
  const { ok, bytes } = verifyStore(store)
  assert.ok(ok, 'the log is what was written')
  return bytes
})
