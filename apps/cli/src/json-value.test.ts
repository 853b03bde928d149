import { REF } from '@holdfast/kernel'
import { expect, it } from 'vitest'
import { jsonValue } from './json-value.js'

it.each([
  ['plain', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
  ['undefined', [undefined], [{ $undefined: true }]],
  ['undefined fields', { a: undefined, b: 1 }, { b: 1 }],
  ['bigint', 2n ** 70n, { $bigint: '1180591620717411303424' }],
  [
    'numbers that JSON has not',
    [NaN, -Infinity, -0],
    [{ $number: 'NaN' }, { $number: '-Infinity' }, { $number: '-0' }],
  ],
  ['date', new Date(0), { $date: '1970-01-01T00:00:00.000Z' }],
  ['invalid date', new Date(NaN), { $date: null }],
  ['map', new Map([[{ k: 1n }, 'v']]), { $map: [[{ k: { $bigint: '1' } }, 'v']] }],
  ['set', new Set([1]), { $set: [1] }],
  ['bytes', Buffer.from('hi'), { $bytes: 'aGk=' }],
  ['ref', { to: { [REF]: '/bank' } }, { to: { $ref: '/bank' } }],
  [
    'error',
    Object.assign(new Error('no', { cause: 1n }), { code: 'X' }),
    { $error: { name: 'Error', message: 'no', code: 'X', cause: { $bigint: '1' } } },
  ],
])('%s becomes JSON that says what it was', (_name, value, json) => {
  const made = jsonValue(value)
  expect(made).toEqual(json)
  expect(JSON.parse(JSON.stringify(made))).toEqual(json)
})

it('a key named "__proto__" is kept and changes nothing', () => {
  const value = JSON.parse('{"__proto__":{"x":1}}') as object
  expect(JSON.stringify(jsonValue(value))).toBe('{"__proto__":{"x":1}}')
})
