import { HoldfastError, type LogRecord } from '@holdfast/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FORMAT, HEADER_BYTES, headerOf, isIntact } from './batch-format.js'
import { BatchReader } from './batch-reader.js'
import { Codec } from './codec.js'
import { forEachCorrelation } from './index-notes.js'
import { inEarlierFormat, named, shown } from './log.fixture.js'
import { OpenBatch } from './open-batch.js'
import { draft, DraftWriter, firstPosition, type Draft } from './records.fixture.js'

const codec = new Codec()
const encode = (value: unknown): Buffer => codec.bytes(value)

describe('a batch that is read', () => {
  it('gives the records that were written, from any position on, one by one, and while it is still open', () => {
    fc.assert(
      fc.property(
        firstPosition,
        fc.array(draft, { minLength: 1, maxLength: 100 }),
        fc.nat(),
        (first, drafts, some) => {
          const { batch, written } = batchOf(first, drafts)
          const open = new BatchReader(batch.peek(), codec)
          expect([...open.records()].map(shown)).toMatchObject(written)
          const reader = new BatchReader(sealed(batch), codec)
          expect([...reader.records()].map(shown)).toMatchObject(written)
          const from = some % written.length
          expect([...reader.records(first + from)].map(shown)).toMatchObject(written.slice(from))
          expect(shown(reader.at(first + from)!)).toMatchObject(written[from]!)
          expect([reader.at(first - 1), reader.at(first + written.length)]).toEqual([undefined, undefined])
        },
      ),
      { numRuns: 30 },
    )
  })

  it('notes the actors and the earlier correlations of its records', () => {
    fc.assert(
      fc.property(firstPosition, fc.array(draft, { maxLength: 100 }), (first, drafts) => {
        const { batch, written } = batchOf(first, drafts)
        const { actors, correlations } = new BatchReader(sealed(batch), codec).notes()
        const earlier = written
          .map(({ correlation }) => correlation as number)
          .filter((id) => id > 0 && id < first)
        expect(new Set(actors)).toEqual(new Set(written.map(({ actor }) => actor)))
        const noted = new Set<number>()
        forEachCorrelation(correlations, (correlation) => noted.add(correlation))
        expect(noted).toEqual(new Set(earlier))
      }),
      { numRuns: 30 },
    )
  })

  it('may be of an earlier format', () => {
    fc.assert(
      fc.property(firstPosition, fc.array(draft, { maxLength: 200 }), (first, drafts) => {
        const { batch, written } = batchOf(first, drafts)
        const bytes = inEarlierFormat(sealed(batch), 3)
        const reader = new BatchReader(bytes, codec)
        expect(reader.header.format).toBe(3)
        expect(isIntact(bytes)).toBe(true)
        expect([...reader.records()].map(shown)).toMatchObject(written)
        for (const [i, position] of written.map((_, i) => [i, first + i] as const))
          expect(shown(reader.at(position)!)).toMatchObject(written[i]!)
      }),
      { numRuns: 10 },
    )
  })

  it('gives a payload that is decoded anew each time', () => {
    const batch = new OpenBatch(codec, 1, 0)
    batch.message(1, named('a'), { list: [1] }, 0, 0, 0, null)
    const record = new BatchReader(sealed(batch), codec).at(1)
    const first = record?.kind === 'message' ? (record.payload() as { list: number[] }) : { list: [] }
    first.list.push(2)
    expect(record?.kind === 'message' ? record.payload() : undefined).toEqual({ list: [1] })
  })
})

describe('a batch that is damaged', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  })

  it('whatever is changed in it, reading ends, with records or with a HoldfastError', () => {
    const drafts = fc.array(draft, { minLength: 1, maxLength: 90 })
    fc.assert(
      fc.property(firstPosition, drafts, damage, fc.nat(), (first, all, changes, cut) => {
        const bytes = sealed(batchOf(first, all).batch)
        for (const [at, byte] of changes) bytes[at % bytes.byteLength] = byte
        readEverything(bytes)
        readEverything(bytes.subarray(0, cut % bytes.byteLength))
      }),
      { numRuns: 300 },
    )
  })

  it('a header with the worst that each field can hold ends as well', () => {
    const bytes = sealed(batchOf(2 ** 41, [drafted('a'), drafted('b')]).batch)
    for (let at = 4; at < HEADER_BYTES; at += 4) {
      for (const word of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7ff00000, 0x7ff80000]) {
        const copy = Buffer.from(bytes)
        copy.writeUInt32LE(word, at)
        readEverything(copy)
      }
    }
  })

  it('one that claims to hold no records has none at any position', () => {
    const bytes = sealed(batchOf(2 ** 41, [drafted('a')]).batch)
    for (const at of [24, 28, 32, 44]) bytes.writeUInt32LE(0, at)
    const reader = new BatchReader(bytes, codec)
    expect([[...reader.records()], reader.at(2 ** 41), reader.at(2 ** 41 - 1)]).toEqual([
      [],
      undefined,
      undefined,
    ])
    readEverything(bytes)
  })

  it('a text that is none, and a table of offsets that points into the header, are damage', () => {
    const { batch, written } = batchOf(
      2 ** 41,
      Array.from({ length: 70 }, () => drafted('name')),
    )
    const bytes = sealed(batch)
    const broken = Buffer.from(bytes)
    broken[bytes.indexOf('name')] = 0xff
    expect(() => new BatchReader(broken, codec)).toThrow(
      expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
    )
    const astray = Buffer.from(bytes)
    astray.writeUInt32LE(8, bytes.byteLength - 4)
    const reader = new BatchReader(astray, codec)
    expect(() => reader.at(2 ** 41 + written.length - 1)).toThrow('offsets')
  })

  it('a batch of a later format says so, and says which', () => {
    const bytes = sealed(batchOf(2 ** 41, [drafted('a')]).batch)
    bytes.writeUInt16LE(FORMAT + 1, 4)
    const newer = {
      code: 'HF_STORE_NEWER',
      message: expect.stringContaining(`format ${FORMAT + 1}`) as string,
    }
    expect(() => new BatchReader(bytes, codec)).toThrow(expect.objectContaining(newer))
  })

  it('a first position that is no whole number from one on is damage', () => {
    const bytes = sealed(batchOf(2 ** 41, [drafted('a')]).batch)
    for (const first of [0, -1, 0.5, 2 ** 53, Infinity, NaN]) {
      bytes.writeDoubleLE(first, 8)
      expect(() => new BatchReader(bytes, codec), String(first)).toThrow('begins at no position')
    }
  })

  it('bytes that are no batch have no header', () => {
    expect(headerOf(Buffer.alloc(200))).toBeUndefined()
    expect(headerOf(Buffer.alloc(3))).toBeUndefined()
    expect(() => new BatchReader(Buffer.alloc(200), codec)).toThrow(HoldfastError)
  })

  /** Reads all that can be read. Anything but a HoldfastError fails the test, and so does an end that never comes. */
  function readEverything(bytes: Buffer): void {
    const use = (record: LogRecord): void => {
      try {
        shown(record)
      } catch (error) {
        expect(error).toBeInstanceOf(HoldfastError)
      }
    }
    try {
      const reader = new BatchReader(bytes, codec)
      reader.notes()
      const { first, count } = reader.header
      let seen = 0
      for (const record of reader.records()) {
        use(record)
        seen++
      }
      expect(seen).toBe(count)
      const last = reader.at(first + count - 1)
      if (last === undefined) expect(count).toBe(0)
      else use(last)
    } catch (error) {
      expect(error).toBeInstanceOf(HoldfastError)
    }
  }
})

function drafted(type: string): Draft {
  const none = { correlation: 0, cause: 0, sender: 0, extras: null, isEncoded: false }
  return { kind: 'message', actor: 1, type, version: 1, payload: 1, ...none }
}

function batchOf(
  first: number,
  drafts: readonly Draft[],
): { batch: OpenBatch; written: Record<string, unknown>[] } {
  const batch = new OpenBatch(codec, first, 1_767_225_600_000)
  const writer = new DraftWriter()
  return { batch, written: drafts.map((each) => writer.write(batch, each, encode)) }
}

function sealed(batch: OpenBatch): Buffer {
  return Buffer.from(batch.seal(new Uint8Array(32), 1).bytes)
}
