import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { NOT_PLAIN, PlainReader } from './plain-value.js'

const OPTIONS = { useRecords: false, mapsAsObjects: true, moreTypes: false, copyBuffers: true } as const
const packr = new Packr(OPTIONS)
const unpackr = new Unpackr(OPTIONS)
const reader = new PlainReader()

function read(bytes: Uint8Array): unknown {
  return reader.read(bytes, 0, bytes.byteLength)
}

/** What msgpackr makes of the same bytes; `NOT_PLAIN` when it refuses them. */
function reference(bytes: Buffer): unknown {
  try {
    return unpackr.unpack(bytes)
  } catch {
    return NOT_PLAIN
  }
}

const word = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 31 })
const scalar = fc.oneof(
  fc.integer(),
  fc.integer({ min: -200, max: 70_000 }),
  fc.double({ noDefaultInfinity: false }),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
)
const plain = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 40 }),
  fc.dictionary(
    word.filter((key) => key !== '__proto__'),
    fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(word, fc.integer())),
    { noNullPrototype: true },
  ),
)

// Compared without the matchers: they take what stands under a key named "constructor" for the class of the object.
describe('values that are plain', () => {
  it('are read as msgpackr reads them', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = Buffer.from(packr.pack(value))
        expect(isDeepStrictEqual(read(bytes), reference(bytes))).toBe(true)
      }),
    )
  })

  it('may have a key that is the name of something that every object has', () => {
    const value = { constructor: {}, toString: [] }
    expect(isDeepStrictEqual(read(Buffer.from(packr.pack(value))), value)).toBe(true)
  })

  it('are found between two offsets, whatever stands around them', () => {
    const value = { amount: 5, from: 'a', to: ['b', -1, 1.5] }
    const bytes = Buffer.from(packr.pack(value))
    const source = Buffer.concat([bytes, bytes, bytes])
    expect(reader.read(source, bytes.byteLength, 2 * bytes.byteLength)).toStrictEqual(value)
  })

  it('do not take one key for another that has the same place', () => {
    const keys = Array.from({ length: 5_000 }, (_, i) => `key-${(i * 7_919) % 5_000}-${i % 7}`)
    for (const key of [...keys, ...keys]) {
      expect(read(Buffer.from(packr.pack({ [key]: 1 })))).toStrictEqual({ [key]: 1 })
    }
  })
})

describe('values that are not', () => {
  it.each([
    ['text beyond ASCII', 'à la carte'],
    ['a key beyond ASCII', { à: 1 }],
    ['a key that is long', { ['k'.repeat(32)]: 1 }],
    ['a date', new Date(0)],
    ['bytes', Buffer.from([1])],
    ['undefined', undefined],
    ['a large whole number', 2n ** 60n],
    ['what is nested deeply', [[[[[[[[[1]]]]]]]]]],
  ])('are left: %s', (_what, value) => {
    expect(read(Buffer.from(packr.pack(value)))).toBe(NOT_PLAIN)
  })

  it('are left: an own key that is the name of the prototype', () => {
    const bytes = Buffer.concat([Buffer.from([0x81, 0xa9]), Buffer.from('__proto__'), Buffer.from([0x80])])
    expect(read(bytes)).toBe(NOT_PLAIN)
  })

  it('are left when bytes are missing or too many', () => {
    const bytes = Buffer.from(packr.pack({ amount: 70_000, name: 'counter', rate: 1.25, list: [1, 2] }))
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(reader.read(bytes.subarray(0, length), 0, length)).toBe(NOT_PLAIN)
      expect(reader.read(bytes, 0, length)).toBe(NOT_PLAIN)
    }
    expect(read(Buffer.concat([bytes, Buffer.from([0])]))).toBe(NOT_PLAIN)
    expect(reader.read(bytes, 0, bytes.byteLength + 1)).toBe(NOT_PLAIN)
  })

  it('are left, or read as msgpackr reads them, whatever the bytes are', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(plain, changes, (value, changed) => {
        const bytes = Buffer.from(packr.pack(value))
        for (const [at, byte] of changed) bytes[at % bytes.byteLength] = byte
        const found = read(bytes)
        if (found !== NOT_PLAIN) expect(isDeepStrictEqual(found, reference(bytes))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
