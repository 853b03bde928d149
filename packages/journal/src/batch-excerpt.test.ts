import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excerptsOf } from './batch-excerpt.js'
import { BatchReader } from './batch-reader.js'
import { Codec } from './codec.js'
import { OFFSET_EVERY } from './limits.js'
import { named, shown } from './log.fixture.js'
import { OpenBatch } from './open-batch.js'
import { draft, DraftWriter, firstPosition } from './records.fixture.js'

const codec = new Codec()
const damaged = expect.objectContaining({ code: 'HF_STORE_DAMAGED' }) as unknown

function sealed(batch: OpenBatch): Buffer {
  return Buffer.from(batch.seal(new Uint8Array(32), 1).bytes)
}

describe('blocks cut out of a batch', () => {
  it('give the records that stand in them, as the whole batch gives them, and nothing else', () => {
    const drafts = fc.array(draft, { minLength: 1, maxLength: 300, size: 'max' })
    fc.assert(
      fc.property(firstPosition, drafts, fc.array(fc.nat({ max: 4 })), (first, written, some) => {
        const batch = new OpenBatch(codec, first, 1_000)
        const writer = new DraftWriter()
        for (const each of written) writer.write(batch, each, (value) => codec.bytes(value))
        const bytes = sealed(batch)
        const blocks = [...new Set(some)].sort().filter((block) => block * OFFSET_EVERY < written.length)
        const all = [...new BatchReader(bytes, codec).records()].map(shown)
        const wanted = all.filter((_, i) => blocks.includes(Math.floor(i / OFFSET_EVERY)))
        const found = excerptsOf(bytes, first, blocks).flatMap((excerpt) =>
          [...new BatchReader(excerpt, codec).records()].map(shown),
        )
        expect(found).toEqual(wanted)
      }),
      { numRuns: 30 },
    )
  })

  it('are as small as what stands in them, and those side by side are one', () => {
    const batch = new OpenBatch(codec, 1, 0)
    const name = named('note')
    for (let i = 0; i < 1_000; i++) batch.message(1, name, 'x'.repeat(100), 0, 0, 0, null)
    const excerpts = excerptsOf(sealed(batch), 1, [2, 3, 9])
    expect(excerpts.map((bytes) => new BatchReader(bytes, codec).header.count)).toEqual([128, 64])
    for (const bytes of excerpts) expect(bytes.buffer.byteLength).toBeLessThan(16_384)
  })

  it('are refused when the batch is another, has no such block, or its table leads outside', () => {
    const batch = new OpenBatch(codec, 1, 0)
    for (let i = 0; i < 200; i++) batch.message(1, named('note'), i, 0, 0, 0, null)
    const bytes = sealed(batch)
    expect(() => excerptsOf(bytes, 2, [0])).toThrow(damaged)
    expect(() => excerptsOf(bytes, 1, [4])).toThrow(damaged)
    expect(() => excerptsOf(bytes.subarray(0, bytes.byteLength - 4), 1, [3])).toThrow(damaged)
    for (const offset of [0, bytes.byteLength, 0xffffffff]) {
      const other = Buffer.from(bytes)
      other.writeUInt32LE(offset, bytes.byteLength - 12)
      expect(() => excerptsOf(other, 1, [1])).toThrow(damaged)
    }
  })
})
