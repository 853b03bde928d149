import { describe, expect, it } from 'vitest'
import { VirtualAuthorities } from './authorities/virtual.js'
import { DeadLetterEvents } from './dead-letter-events.js'
import { DeadLetters, type DeadLetter, type DeadLetterQuery } from './dead-letters.js'
import { EventStream, type SystemEvents } from './events.js'
import { DEAD_LETTER_EVENTS_MAX, DEAD_LETTERS_KEPT } from './limits.js'

const letter = (given: Partial<DeadLetter> = {}): DeadLetter => {
  return { to: '/a', type: 'go', position: 0, reason: 'no-actor', atMs: 0, ...given }
}

describe('dead letters', () => {
  it('are counted by reason, also those that are no longer kept', () => {
    const letters = new DeadLetters()
    for (let i = 0; i < DEAD_LETTERS_KEPT + 2; i++) letters.add(letter({ position: i }))
    letters.add(letter({ reason: 'stopped' }))
    expect(letters.byReason).toEqual({ 'no-actor': DEAD_LETTERS_KEPT + 2, stopped: 1 })
    expect([letters.count, letters.list().length, letters.list()[0]?.position]).toEqual([
      DEAD_LETTERS_KEPT + 3,
      DEAD_LETTERS_KEPT,
      3,
    ])
  })

  const kept = new DeadLetters()
  for (const given of [
    { position: 1, to: '/a', type: 'go', reason: 'stopped', atMs: 10 },
    { position: 2, to: '/a', type: 'stay', reason: 'stopped', atMs: 20 },
    { position: 3, to: '/b', type: 'go', reason: 'mailbox-full', atMs: 30 },
  ] as const)
    kept.add(given)

  it.each([
    [{}, [1, 2, 3]],
    [{ to: '/a' }, [1, 2]],
    [{ type: 'go' }, [1, 3]],
    [{ reason: 'stopped', type: 'go' }, [1]],
    [{ sinceMs: 20 }, [2, 3]],
    [{ limit: 2 }, [2, 3]],
    [{ to: '/c' }, []],
  ] as [DeadLetterQuery, number[]][])('that are asked for by %j are found: %j', (query, positions) => {
    expect(kept.find(query).map(({ position }) => position)).toEqual(positions)
  })

  it.each([
    ['deadLetters.limit', { limit: 0 }],
    ['deadLetters.limit', { limit: 1.5 }],
    ['deadLetters.sinceMs', { sinceMs: NaN }],
    ['deadLetters.sinceMs', { sinceMs: -1 }],
  ])('that are asked for wrongly are refused by %s', (field, query) => {
    expect(() => kept.find(query)).toThrow(expect.objectContaining({ code: 'HF_INVALID', field }))
  })
})

describe('events of dead letters', () => {
  function stream() {
    const authorities = new VirtualAuthorities()
    const events = new EventStream()
    const told: SystemEvents['dead-letter'][] = []
    const suppressed: SystemEvents['dead-letters-suppressed'][] = []
    const letters = new DeadLetterEvents(authorities, events)
    const tell = (count: number, given: Partial<DeadLetter> = {}): void => {
      for (let i = 0; i < count; i++) letters.tell(letter(given), () => 'incident')
    }
    return { authorities, events, told, suppressed, letters, tell }
  }

  function heard() {
    const all = stream()
    all.events.on('dead-letter', (event) => all.told.push(event))
    all.events.on('dead-letters-suppressed', (event) => all.suppressed.push(event))
    return all
  }

  it('are as many as may be told in one second; one event tells how many more there were, and why', async () => {
    const { authorities, told, suppressed, tell } = heard()
    tell(DEAD_LETTER_EVENTS_MAX)
    await authorities.advance(400)
    tell(5)
    tell(2, { reason: 'stopped' })
    expect([told.length, suppressed]).toEqual([DEAD_LETTER_EVENTS_MAX, []])
    expect(told[0]).toEqual({
      to: '/a',
      type: 'go',
      position: 0,
      reason: 'no-actor',
      correlationId: 'incident',
    })
    await authorities.advance(599)
    expect(suppressed).toEqual([])
    await authorities.advance(1)
    expect(suppressed).toEqual([{ count: 7, byReason: { 'no-actor': 5, stopped: 2 } }])
    tell(1)
    expect(told).toHaveLength(DEAD_LETTER_EVENTS_MAX + 1)
  })

  it('need no timer while none is held back', async () => {
    const { authorities, told, suppressed, tell } = heard()
    for (let second = 0; second < 3; second++) {
      tell(DEAD_LETTER_EVENTS_MAX)
      expect(authorities.timers).toBe(0)
      await authorities.advance(1_000)
    }
    expect([told.length, suppressed]).toEqual([3 * DEAD_LETTER_EVENTS_MAX, []])
  })

  it('are told at once when there will be no more', () => {
    const { authorities, suppressed, letters, tell } = heard()
    tell(DEAD_LETTER_EVENTS_MAX + 1)
    letters.end()
    letters.end()
    expect([suppressed, authorities.timers]).toEqual([[{ count: 1, byReason: { 'no-actor': 1 } }], 0])
  })

  it('cost nothing while nobody listens, and who begins to listen hears the next one', () => {
    const { authorities, events, told, tell } = stream()
    tell(10 * DEAD_LETTER_EVENTS_MAX)
    expect(authorities.timers).toBe(0)
    events.on('dead-letter', (event) => told.push(event))
    tell(1)
    expect(told).toHaveLength(1)
  })

  it('are counted for one who listens to the sum only', async () => {
    const { authorities, events, suppressed, tell } = stream()
    events.on('dead-letters-suppressed', (event) => suppressed.push(event))
    tell(DEAD_LETTER_EVENTS_MAX + 3)
    await authorities.advance(1_000)
    expect(suppressed).toEqual([{ count: 3, byReason: { 'no-actor': 3 } }])
  })
})
