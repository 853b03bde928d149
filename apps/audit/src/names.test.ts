import { describe, expect, it } from 'vitest'
import { correlationOf, placeName } from './names.js'

describe('the correlation of a package', () => {
  it('is its name and version', () => {
    expect(correlationOf('a', { name: '@scope/a', version: '1.0.0-rc.1' })).toBe('@scope/a@1.0.0-rc.1')
  })

  it.each([
    ['it says neither', null],
    ['its name holds a space', { name: 'a b', version: '1' }],
    ['its name holds what cannot be seen', { name: 'a\u202eb', version: '1' }],
    ['its version ends a line', { name: 'a', version: '1\n' }],
    ['its name would be taken for an option', { name: '--fresh', version: '1' }],
    ['its name has no end', { name: 'a'.repeat(1_000), version: '1' }],
  ])('is the name of its place when %s', (_why, label) => {
    expect(correlationOf('x/node_modules/@s/y', label)).toBe('x>@s|y')
  })
})

describe('the name of a place', () => {
  it.each([
    ['left-pad', 'left-pad'],
    ['@scope/a', '@scope|a'],
    ['a/node_modules/@scope/b', 'a>@scope|b'],
    ['node_modules/a', 'node_modules|a'],
    ['-rf', '%2drf'],
    ['evil \u001b[2J\n', 'evil%20%1b%5b2J%0a'],
    ['100%', '100%25'],
    ['a>b', 'a%3eb'],
    ['a|b', 'a%7cb'],
    ['paké', 'pak%c3%a9'],
    ['\ud800', '%ef%bf%bd'],
  ])('%j is %s', (place, name) => {
    expect(placeName(place)).toBe(name)
  })

  it('is bounded, and long ones that differ at their end differ', () => {
    const long = 'abc/node_modules/'.repeat(60)
    const [one, two] = [placeName(`${long}b`), placeName(`${long}c`)]
    expect(one).not.toBe(two)
    expect([one.length, two.length]).toEqual([160, 160])
  })
})
