import { REF } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { printable, printableBlock } from './printable.js'

class Odd extends Error {
  override readonly name = 'Odd'
  readonly code = 'ODD'
}

describe('a value on one line', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [12n, '12n'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    [[], '[]'],
    [{}, '{}'],
    [[1, [2]], '[1, [2]]'],
    [{ a: 1, 'b-c': { d: 'x' } }, '{ a: 1, "b-c": { d: "x" } }'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(NaN), 'Invalid Date'],
    [new Map([['k', { n: 1 }]]), 'Map(1) { "k" => { n: 1 } }'],
    [new Set([1, 'a']), 'Set(2) { 1, "a" }'],
    [Buffer.from('hi'), '<bytes 2: 6869>'],
    [new Uint16Array([1]), '<Uint16Array 2: 0100>'],
    [new Error('no'), '[Error: no]'],
    [new Odd('no', { cause: 1 }), '[Odd: no] { code: "ODD", cause: 1 }'],
    [{ [REF]: '/bank' }, 'ref /bank'],
  ])('%o', (value, text) => {
    expect(printable(value)).toBe(text)
  })

  it('characters that a terminal would obey are shown instead', () => {
    expect(printable({ '\u202e': '\u001b[2J\u009b' })).toBe('{ "\\u{202e}": "\\u001b[2J\\u{9b}" }')
  })

  it('depth, entries, texts and the whole are cut and say so', () => {
    expect(printable([[[[[1]]]]])).toBe('[[[[[… 1]]]]]')
    expect(printable(Array.from({ length: 20 }, (_, i) => i))).toMatch(/15, … 4 more\]$/)
    expect(printable('x'.repeat(200), 400)).toMatch(/^"x{120}"… 80 more characters$/)
    expect(printable('x'.repeat(100), 50)).toHaveLength(50)
  })
})

describe('a value as a block', () => {
  it('stays on one line when it fits', () => {
    expect(printableBlock({ a: [1, 2] })).toBe('{ a: [1, 2] }')
  })

  it('is broken where it does not, and only there', () => {
    expect(printableBlock({ short: [1], long: ['a'.repeat(10), 'b'.repeat(10)] }, 24)).toBe(
      ['{', '  short: [1],', '  long: [', '    "aaaaaaaaaa",', '    "bbbbbbbbbb"', '  ]', '}'].join('\n'),
    )
  })
})
