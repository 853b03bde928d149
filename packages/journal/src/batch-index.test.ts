import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchIndex, INDEX_KINDS } from './batch-index.js'
import type { Journal } from './journal.js'
import { GROUP_BATCHES, GROUP_ENTRIES } from './limits.js'
import { fill, journalOn, sketches, STORES, stored, tell, type StorePlace } from './log.fixture.js'
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
    const bytes = (): string[] =>
      INDEX_KINDS.flatMap((kind) =>
        [...store.groups(kind)].map((group) => Buffer.from(group).toString('hex')),
      )
    const before = bytes()
    await store.replaceGroups([])
    await journal.rebuildIndex()
    expect(bytes()).toEqual(before)
  })
})

describe('a batch index', () => {
  const notes = (
    actors: number[],
    correlations: number[] = [],
  ): { actors: number[]; correlations: number[] } => ({
    actors,
    correlations,
  })

  it('makes a group of the batches in memory once there are enough of them', () => {
    const index = new BatchIndex(new MemoryStore())
    for (let i = 1; i < GROUP_BATCHES; i++) index.add(i, 1, notes([1]))
    expect(index.due()).toEqual([])
    index.add(GROUP_BATCHES, 1, notes([1]))
    expect(index.due().map(({ kind, first }) => [kind, first])).toEqual([
      ['actor', 1],
      ['correlation', 1],
    ])
  })

  it('makes a group of few batches once they concern many actors', () => {
    const index = new BatchIndex(new MemoryStore())
    index.add(1, 1, notes(Array.from({ length: GROUP_ENTRIES }, (_, i) => i)))
    expect(index.due()).toHaveLength(2)
  })

  it('finds a batch once, whether its group is stored already or not yet settled', async () => {
    const store = new MemoryStore()
    const index = new BatchIndex(store)
    for (let i = 0; i < GROUP_BATCHES + 10; i++) index.add(1 + i * 3, 3, notes([i % 2, 9], [i % 4]))
    const before = index.find('actor', 1)
    const groups = index.due()
    await store.commit({ batches: [], snapshots: [], outdated: [], groups, names: [] })
    expect(index.find('actor', 1)).toEqual(before)
    index.settle(groups)
    expect(index.find('actor', 1)).toEqual(before)
    expect(before).toEqual(Array.from({ length: (GROUP_BATCHES + 10) / 2 }, (_, i) => 1 + (2 * i + 1) * 3))
    expect(index.find('correlation', 3, 100)).toEqual(
      before.filter((first) => (first - 10) % 12 === 0 && first + 3 > 100),
    )
    expect(index.find('actor', 8)).toEqual([])
  })

  it('says that a group is damaged rather than reading past its end', async () => {
    const store = new MemoryStore()
    const index = new BatchIndex(store)
    for (let i = 1; i <= GROUP_BATCHES; i++) index.add(i, 1, notes([1]))
    const groups = index.due().map((group) => ({ ...group, bytes: group.bytes.subarray(0, 600) }))
    await store.commit({ batches: [], snapshots: [], outdated: [], groups, names: [] })
    expect(() => index.find('actor', 1)).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
  })
})
