import { describe, expect, it } from 'vitest'
import { paintFor } from './paint.js'
import { valueDifferences, valueDiffJson, valueDiffLines } from './value-diff.js'

describe('the differences of two values', () => {
  it('are the places at which they differ, each with its path', () => {
    const before = { a: 1, list: [1, { x: 'y' }], gone: true, same: new Date(0), 'a b': 1 }
    const after = { a: 2, list: [1, { x: 'z' }, 3], same: new Date(0), 'a b': 2, more: null }
    expect(valueDifferences(before, after)).toEqual([
      { path: '.a', kind: 'changed', before: 1, after: 2 },
      { path: '.list[1].x', kind: 'changed', before: 'y', after: 'z' },
      { path: '.list[2]', kind: 'added', before: undefined, after: 3 },
      { path: '.gone', kind: 'removed', before: true, after: undefined },
      { path: '["a b"]', kind: 'changed', before: 1, after: 2 },
      { path: '.more', kind: 'added', before: undefined, after: null },
    ])
  })

  it('look into maps and errors, and take what has no parts as a whole', () => {
    const places = (a: unknown, b: unknown) => valueDifferences(a, b).map(({ path }) => path)
    expect(places(new Map([['k', 1]]), new Map([['k', 2]]))).toEqual(['["k"]'])
    expect(places(new RangeError('a'), new RangeError('b'))).toEqual(['.message'])
    expect(places(new Set([1]), new Set([2]))).toEqual([''])
    expect(places([], {})).toEqual([''])
    expect(places(undefined, 1)).toEqual([''])
    expect(places({ n: Number.NaN }, { n: Number.NaN })).toEqual([])
    expect(places({ at: new Date(Number.NaN) }, { at: new Date(Number.NaN) })).toEqual([])
    expect(places({ at: new Date(Number.NaN) }, { at: new Date(0) })).toEqual(['.at'])
  })

  it('of a value that holds itself come to an end', () => {
    const ring = (n: number): unknown => {
      const value: Record<string, unknown> = { n }
      value['self'] = value
      return value
    }
    expect(valueDifferences(ring(1), ring(2)).length).toBeGreaterThan(0)
  })

  it('are lines with what was and what is, and obey nothing that stands in them', () => {
    const lines = valueDiffLines({ 'k\u001b[2J': 1, b: 2 }, { 'k\u001b[2J': 3 }, paintFor(false))
    expect(lines).toEqual(['- ["k\\u001b[2J"] 1', '+ ["k\\u001b[2J"] 3', '- .b 2'])
    const many = valueDiffLines(
      Array.from({ length: 99 }, () => 1),
      [],
      paintFor(false),
    )
    expect(many.at(-1)).toBe('… 79 more places; --json lists them')
  })

  it('are documents in which nothing is lost', () => {
    expect(valueDiffJson({ a: 1n }, { a: undefined, b: 1 })).toEqual([
      { path: '.a', kind: 'changed', recorded: { $bigint: '1' }, replayed: { $undefined: true } },
      { path: '.b', kind: 'added', replayed: 1 },
    ])
  })
})
