import { describe, expect, it } from 'vitest'
import { checkPatch, isMarked, markersOf, noteMarker, type Markers } from './patches.js'
import type { DataRecord, LogRecord } from './records.js'

function patched(cause: number, id: string, attempt?: number): LogRecord {
  const data = attempt === undefined ? { id } : { id, attempt }
  const record: DataRecord<'patched'> = {
    kind: 'patched',
    position: cause + 1,
    timeMs: 0,
    actor: 1,
    correlation: 0,
    cause,
    data: () => data,
  }
  return record
}

describe('the markers of a message', () => {
  it('are those of the attempt that came last, and of no other', () => {
    const noted = new Map<number, Markers>()
    for (const record of [patched(7, 'a'), patched(9, 'x'), patched(7, 'b')]) noteMarker(noted, record)
    expect([markersOf(noted.get(7), 1), markersOf(noted.get(9), 1)]).toEqual([['a', 'b'], ['x']])
    noteMarker(noted, patched(7, 'c', 2))
    expect([markersOf(noted.get(7), 1), markersOf(noted.get(7), 2)]).toEqual([undefined, ['c']])
    expect(markersOf(noted.get(8), 1)).toBeUndefined()
  })

  it('say yes to what is among them, and nothing else', () => {
    expect([isMarked(['a'], 'a', '/it'), isMarked(['a'], 'b', '/it'), isMarked(null, 'a', '/it')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('refuse one more when a turn has as many as it may, and none that is there', () => {
    const full = Array.from({ length: 100 }, (_, i) => `change ${i}`)
    expect(isMarked(full, 'change 99', '/it')).toBe(true)
    expect(() => isMarked(full, 'one more', '/it')).toThrow('at most 100 changes')
  })
})

describe('the name of a change', () => {
  it.each(['a', 'x'.repeat(200), 'Steuer 2026 ✓'])('may be %j', (id) => {
    expect(() => {
      checkPatch(id, '/it')
    }).not.toThrow()
  })

  it.each(['', 'x'.repeat(201), '\udc00', 1, undefined])('is not %j', (id) => {
    expect(() => {
      checkPatch(id, '/it')
    }).toThrow('patched.id')
  })
})
