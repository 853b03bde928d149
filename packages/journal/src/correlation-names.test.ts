import { beforeEach, describe, expect, it } from 'vitest'
import { CorrelationNames } from './correlation-names.js'
import { NAMES_CACHED } from './limits.js'
import { journalOn, STORES, stored, tell, turnOf } from './log.fixture.js'
import { MemoryStore } from './memory-store.js'

describe('names of correlations', () => {
  let store: MemoryStore
  let names: CorrelationNames

  beforeEach(() => {
    store = new MemoryStore()
    names = new CorrelationNames(store, 1)
  })

  async function commit(before: number): Promise<void> {
    const due = names.due(before)
    await store.commit({ batches: [], snapshots: [], outdated: [], groups: [], names: due })
    names.settle(due)
  }

  it('stand for a position at once, and for 0 before they were brought in', () => {
    expect(names.positionOf('a')).toBe(0)
    names.add('a', 7)
    expect(names.positionOf('a')).toBe(7)
  })

  it('go to the store with the records that brought them in, and not before', async () => {
    names.add('a', 7)
    names.add('b', 9)
    await commit(8)
    expect([store.nameOf('a'), store.nameOf('b')]).toEqual([7, undefined])
    await commit(10)
    expect(store.nameOf('b')).toBe(9)
    expect(names.due(Infinity)).toEqual([])
  })

  it('of a turn that was taken back were never brought in, and those before it stay', () => {
    names.add('outside', 1)
    names.mark()
    names.add('inside', 2)
    names.rewind()
    expect([names.positionOf('outside'), names.positionOf('inside')]).toEqual([1, 0])
    names.add('later', 2)
    names.mark()
    names.rewind()
    expect(names.positionOf('later')).toBe(2)
  })

  it('are known of every position from where this process began, also that there is none', () => {
    const later = new CorrelationNames(store, 100)
    later.add('a', 120)
    expect([99, 100, 120].map((position) => later.nameAt(position))).toEqual([undefined, '100', 'a'])
    later.mark()
    later.add('taken back', 130)
    later.rewind()
    expect(later.nameAt(130)).toBe('130')
  })

  it('are asked of the log again when they are too many to be kept', () => {
    for (let i = 1; i <= NAMES_CACHED + 1; i++) names.add(`n${i}`, 2 * i)
    const early = NAMES_CACHED / 2
    expect([2, early, 2 * NAMES_CACHED].map((at) => names.nameAt(at))).toEqual([
      undefined,
      undefined,
      `n${NAMES_CACHED}`,
    ])
    expect(names.nameAt(2 * NAMES_CACHED + 1)).toBe(String(2 * NAMES_CACHED + 1))
  })

  it('are found in the store when there are more of them than are kept in memory', async () => {
    for (let i = 1; i <= NAMES_CACHED + 10; i++) names.add(`n${i}`, i)
    await commit(Infinity)
    for (const i of [1, 2, NAMES_CACHED, NAMES_CACHED + 10]) expect(names.positionOf(`n${i}`)).toBe(i)
  })
})

describe.each(STORES)('names of correlations on $store', ({ make }) => {
  it('come back as they were, whatever is in them', async () => {
    const place = make()
    const journal = journalOn(place.open())
    const odd = [
      'a b',
      'Ünïcødé/漢字',
      '😀'.repeat(200),
      '\u{1}\u{2}',
      '-',
      '0',
      '$start',
      'x'.repeat(400),
      '漢'.repeat(400),
    ]
    const at = odd.map((correlationName, to) => tell(journal, { to, extras: { correlationName } }))
    await stored(journal)
    await journal.close()
    const again = journalOn(place.open())
    expect(odd.map((name) => again.correlationOf(name))).toEqual(at)
    expect(at.map((position) => again.correlationName(position))).toEqual(odd)
    expect([...again.readCorrelation(at[3]!)].map(({ position }) => position)).toEqual([at[3]])
    expect(again.correlationName(0)).toBe('')
    await again.close()
    place.remove()
  })

  it('of a turn that failed after it had waited do not take those of others along', async () => {
    const place = make()
    const journal = journalOn(place.open())
    const message = tell(journal, { to: 1 })
    // The turn begins to wait: what it did is taken back. Somebody outside brings a name in; then the turn fails.
    journal.mark()
    journal.rewind()
    const at = tell(journal, { to: 2, extras: { correlationName: 'from outside' } })
    journal.rewind()
    turnOf(journal, 1, message, [])
    await stored(journal)
    await journal.close()
    const again = journalOn(place.open())
    expect(again.correlationOf('from outside')).toBe(at)
    expect(again.messageAt(at)?.correlationName).toBe('from outside')
    await again.close()
    place.remove()
  })
})
