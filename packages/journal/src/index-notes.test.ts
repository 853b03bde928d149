import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forEachCorrelation, IndexNotes } from './index-notes.js'
import { OFFSET_EVERY } from './limits.js'

const FIRST = 1_000

const record = fc.record({
  actor: fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(1_024, 1_025, 2_048, 5_000_000_000)),
  correlation: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 2 * FIRST })),
})

type Noted = Pick<IndexNotes, 'actors' | 'correlations'>

/** What a batch concerns, from a look at every record. */
function concerns(records: readonly { actor: number; correlation: number }[]): unknown {
  const places = records.flatMap(({ correlation }, i) =>
    correlation === 0 || correlation >= FIRST ? [] : [`${correlation} in ${Math.floor(i / OFFSET_EVERY)}`],
  )
  return { actors: [...new Set(records.map(({ actor }) => actor))], places: new Set(places) }
}

function noted({ actors, correlations }: Noted): unknown {
  const places = new Set<string>()
  forEachCorrelation(correlations, (correlation, block) => places.add(`${correlation} in ${block}`))
  return { actors, places }
}

describe('the notes of a batch', () => {
  it('say which actors its records concern, and which earlier correlations, to the block', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 500, size: 'max' }), (records) => {
        const notes = new IndexNotes()
        for (const { actor, correlation } of records) notes.add(actor, correlation, FIRST)
        expect(noted(notes)).toEqual(concerns(records))
      }),
      { numRuns: 100 },
    )
  })

  it('N2 O1 are the same when turns in between were taken back, and tell a reader the same as the writer', () => {
    const turns = fc.array(
      fc.record({ records: fc.array(record, { maxLength: 100 }), isTakenBack: fc.boolean() }),
      { maxLength: 20, size: 'max' },
    )
    fc.assert(
      fc.property(turns, (all) => {
        const notes = new IndexNotes()
        const pure = new IndexNotes()
        for (const { records, isTakenBack } of all) {
          notes.mark()
          for (const { actor, correlation } of records) notes.add(actor, correlation, FIRST)
          if (isTakenBack) notes.rewind()
          else for (const { actor, correlation } of records) pure.add(actor, correlation, FIRST)
        }
        expect(notes.actors).toEqual(pure.actors)
        expect(notes.correlations).toEqual(pure.correlations)
      }),
      { numRuns: 100 },
    )
  })

  it('note a correlation once while nothing else is said in its block, and again in the next', () => {
    const notes = new IndexNotes()
    for (let i = 0; i < 2 * OFFSET_EVERY; i++) notes.add(1, i % 3 === 0 ? 0 : 7, FIRST)
    expect(notes.correlations).toEqual([14, 15, 14])
  })
})
