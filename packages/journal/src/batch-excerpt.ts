// Blocks of a batch, cut out as batches of their own: whoever wants one record of a batch keeps a thousand bytes of it,
// and reads no more than a block. A block is as many records as stand between two entries of the table of offsets.

import * as format from './batch-format.js'
import { intact } from './damage.js'
import { OFFSET_EVERY } from './limits.js'

/** Cuts blocks, whose numbers rise, out of the batch from a position on; blocks side by side stay together. */
export function excerptsOf(bytes: Uint8Array, first: number, blocks: readonly number[]): Uint8Array[] {
  intact(format.headerOf(bytes)?.first === first, `no batch begins at position ${first}`)
  const excerpts: Uint8Array[] = []
  for (let i = 0; i < blocks.length;) {
    const from = i
    while (i < blocks.length && blocks[i]! - blocks[from]! === i - from) i++
    excerpts.push(excerptOf(bytes, blocks[from]!, blocks[i - 1]! + 1))
  }
  return excerpts
}

function excerptOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const { headerBytes, first, count, recordBytes, nameBytes, noteBytes } = format.headerOf(bytes)!
  const recordsEnd = headerBytes + recordBytes
  const table = recordsEnd + nameBytes + noteBytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const offsetOf = (block: number): number => {
    if (block * OFFSET_EVERY >= count) return recordsEnd
    intact(
      table + 4 * block + 4 <= bytes.byteLength,
      `the batch from ${first} on has no table of its records`,
    )
    return view.getUint32(table + 4 * block, true)
  }
  intact(from * OFFSET_EVERY < count, `the index knows records behind the batch from ${first} on`)
  const start = offsetOf(from)
  const end = offsetOf(to)
  intact(
    headerBytes <= start && start <= end && end <= recordsEnd && table <= bytes.byteLength,
    `the table of the records from ${first} on points outside`,
  )
  const excerpt = Buffer.allocUnsafeSlow(headerBytes + end - start + nameBytes)
  excerpt.set(bytes.subarray(0, headerBytes))
  excerpt.set(bytes.subarray(start, end), headerBytes)
  excerpt.set(bytes.subarray(recordsEnd, recordsEnd + nameBytes), headerBytes + end - start)
  const header = new DataView(excerpt.buffer, excerpt.byteOffset, excerpt.byteLength)
  header.setFloat64(8, first + from * OFFSET_EVERY, true)
  header.setUint32(24, Math.min(count, to * OFFSET_EVERY) - from * OFFSET_EVERY, true)
  header.setUint32(28, end - start, true)
  header.setUint32(44, 0, true)
  return excerpt
}
