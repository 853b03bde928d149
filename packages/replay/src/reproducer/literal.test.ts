import { runInThisContext } from 'node:vm'
import { memoryJournal } from '@holdfast/journal'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { literal } from './literal.js'

const { codec } = memoryJournal(new VirtualAuthorities())

const read = (text: string): unknown => runInThisContext(`(${text})`)

describe('a literal', () => {
  it.each([
    [undefined],
    [null],
    [true],
    [-0],
    [NaN],
    [Infinity],
    [2n ** 70n],
    ['it\'s "so"\n\u2028\\'],
    [new Date(7)],
    [new Map<unknown, unknown>([[1, { a: [] }]])],
    [new Set([1, 'b'])],
    [Buffer.from([1, 2, 255])],
    [new Float64Array([1.5, -2])],
    [new Int16Array([300, -300])],
    [{ 'a b': 1, c: { d: [1, 2, { e: 'f'.repeat(100) }] } }],
  ])('of %o reads as it was', (value) => {
    expect(codec.encode(read(literal(value))).bytes).toEqual(codec.encode(value).bytes)
  })

  it('of any data reads as it was', () => {
    const property = fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(read(literal(value))).toEqual(value)
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('of an object with a field named like the prototype has that field', () => {
    const value = JSON.parse('{"__proto__": {"x": 1}, "y": 2}') as object
    expect(Object.keys(read(literal(value)) as object)).toEqual(['__proto__', 'y'])
  })

  it('of an error has its name, its message and its fields', () => {
    const error = Object.assign(new RangeError('too far'), { limit: 3 })
    expect(literal(error)).toBe("Object.assign(new Error('too far'), { name: 'RangeError', limit: 3 })")
  })
})
