import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { contendReading } from '../verified-log.js'

await contendReading((store) => {
  let total = 0
  let seen = 0
  for (const { bytes } of store.batches(1)) {
    seen += crc32(bytes) + hash('sha256', bytes, 'buffer').byteLength
    total += bytes.byteLength
  }
  assert.ok(seen > 0, 'something was read')
  return total
})
