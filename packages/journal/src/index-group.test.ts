import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeGroup, searchGroup, type IndexedBatch, type Place } from './index-group.js'
import { IndexNotes } from './index-notes.js'
import { INDEX_PAGE_BYTES, OFFSET_EVERY } from './limits.js'
import type { IndexKind } from './store.js'

interface Sketch {
  readonly actor: number
  readonly correlation: number
}

const KINDS: readonly IndexKind[] = ['actor', 'correlation']

/** Batches side by side, as they are noted while they are written. */
function indexed(first: number, batches: readonly (readonly Sketch[])[]): IndexedBatch[] {
  let next = first
  return batches.map((records) => {
    const from = next
    const notes = new IndexNotes()
    for (const { actor, correlation } of records) notes.add(actor, correlation, from)
    next += records.length
    return { first: from, next, keys: { actor: notes.actors, correlation: notes.correlations } }
  })
}

function search(kind: IndexKind, batches: readonly IndexedBatch[], key: number, from: number): Place[] {
  const { head, pages } = makeGroup(kind, batches)
  return searchGroup(kind, head, (page) => pages[page], key, from)
}

/** The same from a look at every record. */
function scan(
  kind: IndexKind,
  first: number,
  batches: readonly (readonly Sketch[])[],
  key: number,
  from: number,
): Place[] {
  let next = first
  return batches.flatMap((records) => {
    const begin = next
    next += records.length
    const isIn = (record: Sketch): boolean =>
      record[kind] === key && (kind === 'actor' || (key > 0 && key < begin))
    const blocks = new Set(
      records.flatMap((record, i) => (isIn(record) ? [Math.floor(i / OFFSET_EVERY)] : [])),
    )
    if (blocks.size === 0 || next <= from) return []
    return [{ first: begin, blocks: kind === 'actor' ? undefined : [...blocks] }]
  })
}

describe('an index group', () => {
  it('G1 finds what a look at every record finds, for any key and from any position on', () => {
    const record = fc.record({
      actor: fc.nat({ max: 9 }),
      correlation: fc.oneof(fc.nat({ max: 9 }), fc.constantFrom(100, 105, 2 ** 24, 2 ** 40)),
    })
    const batch = fc.array(record, { minLength: 1, maxLength: 200, size: 'max' })
    const first = fc.constantFrom(1, 100, 2 ** 40 + 1)
    fc.assert(
      fc.property(
        fc.array(batch, { minLength: 1, maxLength: 8 }),
        first,
        fc.nat({ max: 900 }),
        (batches, at, some) => {
          const made = indexed(at, batches)
          for (const kind of KINDS) {
            for (const key of [...Array(10).keys(), 100, 105, 2 ** 24, 2 ** 40, 2 ** 41])
              expect(search(kind, made, key, at + some)).toEqual(scan(kind, at, batches, key, at + some))
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('finds each key in many pages, also one that fills pages of its own', () => {
    const first = 100_000
    const batches = Array.from({ length: 20 }, (_, i) =>
      Array.from({ length: 3_000 }, (_record, j) => ({
        actor: (i * 3_000 + j * 7) % 5_000,
        correlation: j % OFFSET_EVERY === 0 ? 50_000 : 1 + ((i * 12_345 + j * 31) % 99_000),
      })),
    )
    const made = indexed(first, batches)
    const { pages } = makeGroup('correlation', made)
    expect(pages.length).toBeGreaterThan(20)
    expect(Math.max(...pages.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(INDEX_PAGE_BYTES)
    for (const key of [1, 2, 49_999, 50_000, 50_001, 77_777, 98_999, 99_001])
      expect(search('correlation', made, key, 0)).toEqual(scan('correlation', first, batches, key, 0))
    for (const key of [0, 1, 2_500, 4_999, 5_000])
      expect(search('actor', made, key, 0)).toEqual(scan('actor', first, batches, key, 0))
    const same = batches.map((records) => records.map(() => ({ actor: 1, correlation: 7 })))
    const one = indexed(2 ** 40, [...same, ...same, ...same, ...same, ...same])
    expect(makeGroup('correlation', one).pages.length).toBeGreaterThan(2)
    expect(search('correlation', one, 7, 0).flatMap(({ blocks }) => blocks ?? [])).toHaveLength(100 * 47)
  })

  it('of batches that concern no correlation has no pages, and finds nothing', () => {
    const made = indexed(1, [[{ actor: 1, correlation: 0 }]])
    expect(makeGroup('correlation', made).pages).toEqual([])
    expect(search('correlation', made, 1, 0)).toEqual([])
  })
})
