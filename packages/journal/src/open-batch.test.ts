import { NO_ANSWER } from '@holdfast/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerOf, isIntact } from './batch-format.js'
import { BatchReader } from './batch-reader.js'
import { Codec } from './codec.js'
import { hashOf } from './disk/checksum.js'
import { PAYLOAD_BYTES_MAX } from './limits.js'
import { named, shown } from './log.fixture.js'
import { OpenBatch } from './open-batch.js'
import { draft, DraftWriter, firstPosition } from './records.fixture.js'

const codec = new Codec()
const encode = (value: unknown): Buffer => codec.bytes(value)
const NO_HASH = new Uint8Array(32)

describe('O1 what is taken back was never there', () => {
  const turns = fc.array(
    fc.record({ drafts: fc.array(draft, { maxLength: 6 }), isKept: fc.boolean(), isRefused: fc.boolean() }),
    { maxLength: 40 },
  )

  it('a batch with turns that were taken back is, byte for byte, the one without them', () => {
    fc.assert(
      fc.property(firstPosition, turns, (first, all) => {
        const batch = new OpenBatch(codec, first, 1_000)
        const without = new OpenBatch(codec, first, 1_000)
        const writer = new DraftWriter()
        const other = new DraftWriter()
        for (const { drafts, isKept, isRefused } of all) {
          batch.mark()
          for (const each of drafts) writer.write(batch, each, encode)
          if (isRefused) refuse(batch)
          if (!isKept) batch.rewind()
          else {
            without.mark()
            for (const each of drafts) other.write(without, each, encode)
          }
        }
        expect(batch.next).toBe(without.next)
        const kept = sealed(without)
        // A refused value leaves at most the name of its type, which nobody uses.
        if (all.some(({ isKept, isRefused }) => isKept && isRefused)) {
          expect(read(sealed(batch))).toEqual(read(kept))
        } else expect(sealed(batch).equals(kept)).toBe(true)
      }),
    )
  })

  it('a turn that only tried to send what is refused leaves nothing, not even the name of the type', () => {
    const batch = new OpenBatch(codec, 1, 1_000)
    batch.mark()
    refuse(batch)
    batch.rewind()
    expect(sealed(batch).equals(sealed(new OpenBatch(codec, 1, 1_000)))).toBe(true)
  })

  it('without a mark, taking back goes to the start of the batch and no further', () => {
    const batch = new OpenBatch(codec, 5, 1_000)
    batch.record('closed', 0, 0, 0, {})
    batch.rewind()
    expect(batch.next).toBe(5)
    batch.record('closed', 1, 0, 0, {})
    expect(read(sealed(batch))).toMatchObject([{ position: 5, kind: 'closed', actor: 1 }])
  })

  function refuse(batch: OpenBatch): void {
    const value = { refused: () => 1 }
    expect(() => batch.message(1, named('refused type'), value, 0, 0, 0, null)).toThrow('refused')
    expect(() => batch.turn(1, batch.next - 1, batch.next - 1, 1, value, -1)).toThrow('refused')
    expect(() => batch.record('timer', 1, 0, 0, value)).toThrow('refused')
  }
})

describe('an open batch', () => {
  it('says how many of the records right before a turn belong to it', () => {
    const batch = new OpenBatch(codec, 1, 1_000)
    batch.message(1, named('a'), undefined, 0, 0, 0, null)
    batch.mark()
    batch.message(2, named('b'), undefined, 0, 0, 0, null)
    batch.record('timer', 1, 0, 0, {})
    batch.turn(1, 1, 1, 1, NO_ANSWER, -1)
    expect(read(sealed(batch)).at(-1)).toMatchObject({ kind: 'turn', told: 2 })
  })

  it('is sealed with a checksum over all of it and the hash of the one before', () => {
    const batch = new OpenBatch(codec, 1, 1_000)
    batch.record('closed', 0, 0, 0, {})
    const previous = hashOf(Buffer.from('before'))
    const bytes = batch.seal(previous, 7).bytes
    expect(headerOf(bytes)).toMatchObject({ first: 1, count: 1, epoch: 7, timeMs: 1_000 })
    expect(isIntact(bytes)).toBe(true)
    for (let i = 0; i < bytes.byteLength; i++) {
      const copy = Uint8Array.from(bytes)
      copy[i]! ^= 1
      expect(isIntact(copy), `byte ${i}`).toBe(false)
    }
  })

  it('grows with a turn that is larger than a batch', () => {
    const batch = new OpenBatch(codec, 1, 1_000)
    batch.mark()
    for (let i = 0; i < 40; i++) batch.message(1, named('large'), Buffer.alloc(50_000, i), 0, 0, 0, null)
    const records = read(sealed(batch))
    expect(records.map(({ payload }) => (payload as Buffer)[49_999])).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    )
  })

  it('refuses a payload that is too large, and stands as before', () => {
    const batch = new OpenBatch(codec, 1, 1_000)
    const large = Buffer.alloc(PAYLOAD_BYTES_MAX)
    const refused = { code: 'HF_NOT_STORABLE', field: 'payload' }
    expect(() => batch.message(1, named('a'), large, 0, 0, 0, null)).toThrow(expect.objectContaining(refused))
    batch.record('closed', 0, 0, 0, {})
    expect(read(sealed(batch))).toMatchObject([{ position: 1, kind: 'closed' }])
  })
})

function sealed(batch: OpenBatch): Buffer {
  return Buffer.from(batch.seal(NO_HASH, 1).bytes)
}

function read(bytes: Uint8Array): Record<string, unknown>[] {
  return [...new BatchReader(bytes, codec).records()].map(shown)
}
