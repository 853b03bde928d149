import { describe, expect, it } from 'vitest'
import { BATCH_BYTES } from './limits.js'
import { everything, fill, journalOn, sketches, stored, tell } from './log.fixture.js'
import { MemoryStore } from './memory-store.js'
import type { Commit } from './store.js'

const NOTHING: Commit = { batches: [], snapshots: [], outdated: [], groups: [], names: [] }

describe('a store in memory', () => {
  it('finds the batch that holds a position, and none before the first', async () => {
    const store = new MemoryStore()
    expect([store.batchAt(1), store.last(), store.indexedUpTo()]).toEqual([undefined, undefined, 1])
    expect([...store.batches(1)]).toEqual([])
    await fill(store, sketches(50))
    const firsts = [...store.batches(1)].map(({ first }) => first)
    for (let position = 1; position < store.last()!.first; position++) {
      const wanted = Math.max(...firsts.filter((first) => first <= position))
      expect(store.batchAt(position)?.first).toBe(wanted)
      expect([...store.batches(position)].map(({ first }) => first)).toEqual(
        firsts.filter((first) => first >= wanted),
      )
    }
    expect(store.batchAt(0)).toBeUndefined()
  })

  it('holds as many bytes as its batches have, not as their buffers had', async () => {
    const store = new MemoryStore()
    const journal = journalOn(store)
    for (let i = 0; i < 20; i++) {
      tell(journal, { to: 1, payload: i })
      await stored(journal)
    }
    const kept = [...store.batches(1)]
    expect(kept).toHaveLength(20)
    const memory = new Set(kept.map(({ bytes }) => bytes.buffer))
    const held = [...memory].reduce((sum, buffer) => sum + buffer.byteLength, 0)
    expect(held).toBeLessThan(BATCH_BYTES)
    expect(store.size()).toBe(kept.reduce((sum, { bytes }) => sum + bytes.byteLength, 0))
  })

  it('is full at its bound: nothing of that commit is there, and what was stored is read as before', async () => {
    const store = new MemoryStore({ bytesMax: 2_000 })
    const journal = journalOn(store)
    tell(journal, { to: 1, payload: 'fits' })
    await stored(journal)
    const before = everything(journal)
    tell(journal, { to: 1, payload: Buffer.alloc(2_000) })
    await expect(stored(journal)).rejects.toMatchObject({ code: 'HF_STORE_FULL' })
    expect(journal.failure).toMatchObject({ code: 'HF_STORE_FULL' })
    expect(journal.durable).toBe(2)
    expect([...store.batches(1)]).toHaveLength(1)
    expect(everything(journal).slice(0, 1)).toEqual(before)
    await expect(journal.close()).rejects.toMatchObject({ code: 'HF_STORE_FULL' })
  })

  it('keeps groups, names, snapshots and marks apart, and the last one of each wins', async () => {
    const store = new MemoryStore()
    const group = (kind: 'actor' | 'correlation', first: number, end: number): Commit['groups'][number] => {
      const head = Buffer.alloc(16)
      head.writeDoubleLE(end, 0)
      return { kind, first, head, pages: [Buffer.from([end])] }
    }
    await store.commit({ ...NOTHING, groups: [group('actor', 1, 5), group('correlation', 1, 5)] })
    await store.commit({ ...NOTHING, groups: [group('actor', 1, 9), group('correlation', 1, 9)] })
    expect([...store.groups('actor')]).toHaveLength(1)
    expect([store.page('actor', 1, 0)?.[0], store.page('actor', 1, 1)]).toEqual([9, undefined])
    expect(store.page('actor', 2, 0)).toBeUndefined()
    expect(store.indexedUpTo()).toBe(9)
    await store.replaceGroups([group('actor', 1, 3)])
    expect([[...store.groups('actor')].length, [...store.groups('correlation')].length]).toEqual([1, 0])
    expect(store.indexedUpTo()).toBe(3)
    await store.commit({ ...NOTHING, names: [{ name: 'a', position: 1 }] })
    await store.commit({ ...NOTHING, names: [{ name: 'a', position: 2 }] })
    expect([...store.names()]).toEqual([{ name: 'a', position: 2 }])
    await store.markDeleted(7, 4)
    expect([store.deletedUpTo(7), store.deletedUpTo(8)]).toEqual([4, 0])
    await store.reopen()
    expect(store.nameOf('a')).toBe(2)
    await store.close()
  })
})
