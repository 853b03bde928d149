import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Codec } from './codec.js'
import { FLAT_BYTES_MAX, writeFlat } from './flat.js'

const codec = new Codec()
const START = 3

/** Writes into bytes that hold nothing else. @returns what the codec reads there, or that it was not for here */
function writtenAndRead(value: unknown): { readonly value: unknown } | 'refused' {
  const bytes = Buffer.alloc(START + FLAT_BYTES_MAX + 8, 0xee)
  const end = writeFlat(bytes, START, value)
  expect([...bytes.subarray(START + FLAT_BYTES_MAX)], 'what lies behind its room').toEqual(
    Array(8).fill(0xee),
  )
  if (end === -1) return 'refused'
  return { value: codec.unpack(bytes, START, end) }
}

const scalar = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.string({ maxLength: 31, unit: 'grapheme-ascii' }),
)
const key = fc.string({ maxLength: 34, unit: 'grapheme-ascii' })

describe('a flat value', () => {
  it('is read as it was written, or is not written at all, and stays within its room (F1)', () => {
    fc.assert(
      fc.property(fc.oneof(scalar, fc.dictionary(key, scalar, { maxKeys: 18 })), (value) => {
        const found = writtenAndRead(value)
        if (found === 'refused') return
        expect(found.value).toStrictEqual(value)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each<[string, unknown]>([
    ['a number', 5],
    ['a number of two bytes', 0x1234],
    ['a number of four bytes', 0xdeadbeef],
    ['a number below zero', -7],
    ['a fraction', 0.1],
    ['no number', NaN],
    ['a text', 'note'],
    ['nothing', null],
    ['an empty object', {}],
    ['what most messages are', { amount: 5, who: 'ada', isLast: false, note: null }],
  ])('may be %s', (_what, value) => {
    expect(writtenAndRead(value)).toStrictEqual({ value })
  })

  it.each<[string, unknown]>([
    ['a zero below zero', { n: -0 }],
    ['undefined', { n: undefined }],
    ['a bigint', 5n],
    ['a function', { f: () => 5 }],
    ['a symbol', Symbol('s')],
    ['an array', [1]],
    ['an object in an object', { inner: {} }],
    ['a date', new Date(0)],
    [
      'an instance of a class',
      new (class Point {
        x = 1
      })(),
    ],
    ['an object of no class', Object.create(null)],
    ['an object that inherits', Object.create({ a: 1 })],
    ['a key that is the prototype', JSON.parse('{"__proto__": 1}')],
    ['a text of more than one byte a character', 'ä'],
    ['a key of more than one byte a character', { ä: 1 }],
    ['half of a character', '\ud800'],
    ['a long text', 'x'.repeat(32)],
    ['many keys', Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, i]))],
    ['much in few keys', { a: 'x'.repeat(31), b: 'x'.repeat(31), c: 'x'.repeat(31), d: 'x'.repeat(31) }],
  ])('is never %s: that is for the codec (F2)', (_what, value) => {
    expect(writtenAndRead(value)).toBe('refused')
  })
})
