import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchIndex } from './batch-index.js'
import { IndexNotes } from './index-notes.js'
import type { Journal } from './journal.js'
import { GROUP_BATCHES, GROUP_ENTRIES } from './limits.js'
import { fill, groupsOf, journalOn, sketches, STORES, stored, tell, type StorePlace } from './log.fixture.js'
import { MemoryStore } from './memory-store.js'
import type { BatchStore } from './store.js'
import { verifyStore } from './verify.js'

describe.each(STORES)('J-23 the index of a log on $store', ({ make }) => {
  let place: StorePlace
  let store: BatchStore
  let journal: Journal

  beforeEach(async () => {
    place = make()
    store = place.open()
    await fill(store, sketches(700))
    journal = journalOn(store)
    // The first commit after the start takes the first group along, the next one the second.
    for (const payload of ['first', 'second']) {
      tell(journal, { to: 5, payload, correlation: 3, extras: { correlationName: payload } })
      await stored(journal)
    }
  })

  afterEach(async () => {
    await journal.close()
    place.remove()
  })

  /** Everything that can be asked, as the index answers it. */
  function answers(): unknown {
    const positions = (query: { actor?: number; correlation?: number }): unknown => {
      const { records, highest } = journal.query(query)
      return [records.map(({ position }) => position), highest]
    }
    return {
      actors: Array.from({ length: 20 }, (_, actor) => positions({ actor })),
      correlations: Array.from({ length: 50 }, (_, i) => positions({ correlation: i + 1 })),
      both: Array.from({ length: 20 }, (_, actor) => positions({ actor, correlation: 3 })),
      times: Array.from({ length: 20 }, (_, i) => journal.positionAtTime(1_000 + i * 411)),
      names: ['first', 'second', 'third'].map((name) => journal.correlationOf(name)),
    }
  }

  /** The same from a look at every record. */
  function answersOfScan(): unknown {
    const all = [...journal.read(1)]
    const positions = (wanted: (record: (typeof all)[number]) => boolean): unknown => {
      const found = all.filter(wanted).map(({ position }) => position)
      return [found, found.at(-1) ?? 0]
    }
    const named = (name: string): number =>
      all.find((record) => record.kind === 'message' && record.correlationName === name)?.position ?? 0
    return {
      actors: Array.from({ length: 20 }, (_, id) => positions(({ actor }) => actor === id)),
      correlations: Array.from({ length: 50 }, (_, i) =>
        positions(({ correlation }) => correlation === i + 1),
      ),
      both: Array.from({ length: 20 }, (_, id) =>
        positions((record) => record.actor === id && record.correlation === 3),
      ),
      times: Array.from({ length: 20 }, (_, i) => {
        const found = all.find(({ timeMs }) => timeMs >= 1_000 + i * 411)
        return found?.position ?? journal.next
      }),
      names: ['first', 'second', 'third'].map(named),
    }
  }

  it('finds every record by actor, by correlation, by name and by time, and nothing else', () => {
    expect([...store.groups('actor')]).toHaveLength(2)
    expect(answers()).toEqual(answersOfScan())
    expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
  })

  it('finds the same when all its rows are gone and the store is opened again', async () => {
    const before = answers()
    await store.replaceGroups([])
    await journal.close()
    store = place.open()
    journal = journalOn(store)
    expect([...store.groups('actor')]).toEqual([])
    expect(answers()).toEqual(before)
    expect(verifyStore(store).ok).toBe(true)
  })

  it('made again, it finds the same, during and after, and knows what is written meanwhile', async () => {
    const before = answers()
    await store.replaceGroups([])
    const rebuilt = journal.rebuildIndex()
    expect(answers()).toEqual(before)
    tell(journal, { to: 5, payload: 'meanwhile' })
    journal.flush()
    await rebuilt
    await stored(journal)
    expect(answers()).toEqual(answersOfScan())
    expect([...store.groups('actor')]).toHaveLength(2)
    expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
    await journal.close()
    store = place.open()
    journal = journalOn(store)
    expect(answers()).toEqual(answersOfScan())
  })

  it('X2 groups that were thrown away are made again the same, to the byte', async () => {
    const before = groupsOf(store)
    await store.replaceGroups([])
    expect(groupsOf(store)).toEqual([])
    await journal.rebuildIndex()
    expect(groupsOf(store)).toEqual(before)
  })
})

describe('a batch index', () => {
  /** Notes of a batch whose records concern one actor and one earlier correlation each. */
  const notes = (
    first: number,
    actors: readonly number[],
    correlations: readonly number[] = [],
  ): Pick<IndexNotes, 'actors' | 'correlations'> => {
    const noted = new IndexNotes()
    actors.forEach((actor, i) => {
      noted.add(actor, correlations[i] ?? 0, first)
    })
    return noted
  }

  it('makes a group of the batches in memory once there are enough of them', () => {
    const index = new BatchIndex(new MemoryStore())
    for (let i = 1; i < GROUP_BATCHES; i++) index.add(i, 1, notes(i, [1]))
    expect(index.due()).toEqual([])
    index.add(GROUP_BATCHES, 1, notes(GROUP_BATCHES, [1]))
    expect(index.due().map(({ kind, first }) => [kind, first])).toEqual([
      ['actor', 1],
      ['correlation', 1],
    ])
  })

  it('makes a group of few batches once they concern many actors', () => {
    const index = new BatchIndex(new MemoryStore())
    index.add(
      1,
      GROUP_ENTRIES,
      notes(
        1,
        Array.from({ length: GROUP_ENTRIES }, (_, i) => i),
      ),
    )
    expect(index.due()).toHaveLength(2)
    expect(index.next).toBe(GROUP_ENTRIES + 1)
  })

  it('finds a batch once, whether its group is stored already or not yet settled', async () => {
    const store = new MemoryStore()
    const index = new BatchIndex(store)
    for (let i = 0; i < GROUP_BATCHES + 10; i++)
      index.add(101 + i * 3, 3, notes(101 + i * 3, [i % 2, 9], [i % 4]))
    const before = index.find('actor', 1)
    const groups = index.due()
    await store.commit({ batches: [], snapshots: [], outdated: [], groups, names: [] })
    expect(index.find('actor', 1)).toEqual(before)
    index.settle(groups)
    expect(index.find('actor', 1)).toEqual(before)
    const firsts = before.map(({ first }) => first)
    expect(firsts).toEqual(Array.from({ length: (GROUP_BATCHES + 10) / 2 }, (_, i) => 101 + (2 * i + 1) * 3))
    expect(index.find('correlation', 3, 200)).toEqual(
      firsts
        .filter((first) => (first - 110) % 12 === 0 && first + 3 > 200)
        .map((first) => ({ first, blocks: [0] })),
    )
    expect(index.find('actor', 8)).toEqual([])
  })

  it.each([
    ['whose head is cut off', { head: 40 }, {}],
    ['whose page is cut off', {}, { page: 20 }],
    ['whose page is missing', {}, { page: 0 }],
  ])(
    'says that a group is damaged %s, rather than finding less',
    async (_, { head }: { head?: number }, { page }: { page?: number }) => {
      const store = new MemoryStore()
      const index = new BatchIndex(store)
      for (let i = 1; i <= GROUP_BATCHES; i++) index.add(i, 1, notes(i, [1]))
      const groups = index.due().map((group) => ({
        ...group,
        head: group.head.subarray(0, head),
        pages: page === 0 ? [] : group.pages.map((bytes) => bytes.subarray(0, page)),
      }))
      await store.commit({ batches: [], snapshots: [], outdated: [], groups, names: [] })
      index.settle(groups)
      expect(() => index.find('actor', 1)).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
    },
  )

  it('says that a group is damaged when one bit of it is another, wherever that is', async () => {
    const index = new BatchIndex(new MemoryStore())
    for (let i = 1; i <= GROUP_BATCHES; i++) index.add(i, 1, notes(i, [i % 7]))
    const groups = index.due()
    const flip = (bytes: Uint8Array, at: number): Uint8Array => {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 4
      return flipped
    }
    const [{ head, pages }] = groups as [(typeof groups)[0]]
    for (let at = 8; at < head.byteLength; at++) {
      const store = new MemoryStore()
      await store.replaceGroups(
        groups.map((group) => ({
          ...group,
          head: flip(group.head, Math.min(at, group.head.byteLength - 1)),
        })),
      )
      expect(() => new BatchIndex(store).find('actor', 3)).toThrow(
        expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
      )
    }
    for (let at = 0; at < pages[0]!.byteLength; at++) {
      const store = new MemoryStore()
      await store.replaceGroups(
        groups.map((group) => ({
          ...group,
          pages: group.pages.map((page) => flip(page, Math.min(at, page.byteLength - 1))),
        })),
      )
      expect(() => new BatchIndex(store).find('actor', 3)).toThrow(
        expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
      )
    }
  })
})
