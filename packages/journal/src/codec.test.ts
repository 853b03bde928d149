import { HoldfastError, REF } from '@holdfast/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Codec } from './codec.js'
import { nested, refusals, samples } from './values.fixture.js'

const codec = new Codec()

function roundTrip(value: unknown): unknown {
  const bytes = codec.bytes(value)
  return codec.unpack(bytes, 0, bytes.byteLength)
}

describe('J-19 what goes in comes out', () => {
  it.each(samples().map((sample, i) => ({ ...sample, again: samples()[i]!.value })))(
    '$name',
    ({ value, again }) => {
      expect(roundTrip(value)).toStrictEqual(again)
      expect(value).toStrictEqual(again)
    },
  )

  it('an object without a prototype, as a plain one', () => {
    const value = Object.assign(Object.create(null) as object, { a: -0 })
    expect(roundTrip(value)).toStrictEqual({ a: -0 })
  })

  it('an error with its name, message, stack, cause and own fields', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' })
    const error = Object.assign(new Error('outer', { cause }), { code: 'E_OUTER', tries: [1, -0] })
    error.name = 'PaymentError'
    const back = roundTrip({ error }) as { error: typeof error & { cause: typeof cause } }
    expect(back.error).toBeInstanceOf(Error)
    expect(back.error).toMatchObject({
      name: 'PaymentError',
      message: 'outer',
      code: 'E_OUTER',
      tries: [1, -0],
    })
    expect(back.error.stack).toBe(error.stack)
    expect(back.error.cause).toBeInstanceOf(Error)
    expect(back.error.cause).toMatchObject({ name: 'TypeError', message: 'inner', code: 'E_INNER' })
    expect(Object.keys(back.error)).toEqual(['code', 'tries'])
  })

  it('an error of errors, with all of them', () => {
    const back = roundTrip(new AggregateError([new Error('a'), new Error('b')], 'both')) as AggregateError
    expect(back.message).toBe('both')
    expect(back.errors.map((error: Error) => error.message)).toEqual(['a', 'b'])
  })

  it('a ref, as a ref of the system that reads it', () => {
    const mine = new Codec()
    mine.ref = (path) => ({ path, isMine: true })
    class Address {
      readonly [REF] = '/bank/reserve'
    }
    const bytes = codec.bytes({ to: new Address() })
    expect(mine.unpack(bytes, 0, bytes.byteLength)).toEqual({ to: { path: '/bank/reserve', isMine: true } })
  })

  it('bytes as a Buffer of their own, whatever they are read from', () => {
    const bytes = codec.bytes({ a: Buffer.from('abc') })
    for (const source of [bytes, Uint8Array.from(bytes)]) {
      const { a } = codec.unpack(source, 0, source.byteLength) as { a: Buffer }
      expect(Buffer.isBuffer(a)).toBe(true)
      source.fill(0)
      expect(a.toString()).toBe('abc')
    }
  })

  it('the bytes of one value, also after the next one was packed', () => {
    const first = codec.bytes({ text: 'first' })
    codec.bytes({ text: 'the second, which is longer' })
    expect(codec.unpack(first, 0, first.byteLength)).toEqual({ text: 'first' })
  })

  it('anything that can be made of what may be stored', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.boolean(),
      fc.constantFrom(null, undefined, -0),
      fc.date(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.float64Array(),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 5 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('tree'), { maxKeys: 5, noNullPrototype: true }),
        fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 4 }).map((entries) => new Map(entries)),
        fc.array(tie('tree'), { maxLength: 4 }).map((values) => new Set(values)),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        expect(roundTrip(value)).toStrictEqual(value)
      }),
    )
  })
})

describe('J-19 what would not come back as it was is refused by its path', () => {
  it.each(refusals())('$name', ({ value, field }) => {
    const refused = { code: 'HF_NOT_STORABLE', field, message: expect.stringContaining(field) as string }
    expect(() => codec.bytes(value)).toThrow(expect.objectContaining(refused))
  })

  it('and nothing is left of it: the next value is packed as ever', () => {
    expect(() => codec.bytes({ a: () => 1 })).toThrow(HoldfastError)
    expect(roundTrip({ a: 1 })).toEqual({ a: 1 })
  })
})

describe('J-44 hostile bytes end in a typed error, at once and in little memory', () => {
  const header = (...bytes: number[]): Buffer => Buffer.from(bytes)
  const hostile: [name: string, bytes: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['an array of 2^32 - 1', header(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a map of 2^32 - 1', header(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['a text of 2^32 - 1', header(0xdb, 0xff, 0xff, 0xff, 0xff)],
    ['bytes of 2^32 - 1', header(0xc6, 0xff, 0xff, 0xff, 0xff)],
    ['an extension of 2^32 - 1', header(0xc9, 0xff, 0xff, 0xff, 0xff, 0x48)],
    ['72 KB of array headers', Buffer.alloc(72_000, 0x91)],
    ['72 KB of array headers that claim 65,535 each', repeated(24_000, 0xdc, 0xff, 0xff)],
    ['72 KB of array headers that claim 2^24 each', repeated(14_400, 0xdd, 0x01, 0, 0, 0)],
    ['72 KB of map headers', repeated(24_000, 0xde, 0xff, 0xff)],
    ['72 KB of rich headers', repeated(18_000, 0xd4, 0x48, 0x00, 0x92)],
    ['72 KB of error extensions', repeated(24_000, 0xd4, 0x65, 0x00)],
    ['an extension that nobody knows', header(0xc7, 0x01, 0x17, 0x00)],
    ['a rich value that is none', header(0xd4, 0x48, 0x00, 0xc0)],
    [
      'a rich value of a typed array that is none',
      header(0xd4, 0x48, 0x00, 0x92, 0x06, 0x92, 0xa1, 0x61, 0xc4, 0x00),
    ],
    ['a pointer of a structured clone', header(0xd6, 0x70, 0, 0, 0, 1)],
    ['a value with more behind it', header(0x01, 0x02)],
    ['a text that is cut off', header(0xd9, 0x20, 0x61)],
  ]

  function repeated(times: number, ...bytes: number[]): Buffer {
    return Buffer.concat(Array.from({ length: times }, () => Buffer.from(bytes)))
  }

  it.each(hostile)('%s', (_, bytes) => {
    const before = process.memoryUsage().arrayBuffers
    expect(() => codec.unpack(bytes, 0, bytes.byteLength)).toThrow(
      expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64_000_000)
    expect(roundTrip({ after: 1 })).toEqual({ after: 1 })
  })

  it('a rich value of a later version says so', () => {
    const bytes = header(0xd4, 0x48, 0x00, 0x92, 0x7f, 0xc0)
    expect(() => codec.unpack(bytes, 0, bytes.byteLength)).toThrow(
      expect.objectContaining({ code: 'HF_STORE_NEWER' }),
    )
  })

  it('a key named __proto__ changes no prototype', () => {
    const bytes = header(0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x61, 0x01)
    const value = codec.unpack(bytes, 0, bytes.byteLength) as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect('a' in value).toBe(false)
  })

  it('any bytes at all, and any change to good ones, give a value or a HoldfastError', () => {
    const good = samples()
      .map(({ value }) => codec.bytes(value))
      .filter((bytes) => bytes.byteLength < 4_000)
    const damaged = fc
      .tuple(
        fc.constantFrom(...good),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      )
      .map(([bytes, changes]) => {
        const copy = Buffer.from(bytes)
        for (const [at, byte] of changes) copy[at % copy.byteLength] = byte
        return copy
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ minLength: 1, maxLength: 200 })), (bytes) => {
        try {
          codec.unpack(bytes, 0, bytes.byteLength)
        } catch (error) {
          expect(error).toBeInstanceOf(HoldfastError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('what is deeper than anything that is written does not end the process', () => {
    expect(() => codec.bytes(nested(5_000))).toThrow(expect.objectContaining({ code: 'HF_NOT_STORABLE' }))
  })
})
