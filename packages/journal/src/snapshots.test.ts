import { beforeEach, describe, expect, it } from 'vitest'
import { Codec } from './codec.js'
import { MemoryStore } from './memory-store.js'
import { Snapshots } from './snapshots.js'
import type { StoredSnapshot } from './store.js'

const ACTOR = 7

describe('snapshots', () => {
  let store: MemoryStore
  let snapshots: Snapshots

  beforeEach(() => {
    store = new MemoryStore()
    snapshots = new Snapshots(new Codec(), store)
  })

  function save(position: number, state: unknown = { at: position }): void {
    snapshots.save(ACTOR, position, 1, position, 1_000 + position, state)
  }

  async function commit(before: number): Promise<void> {
    const due = snapshots.due(before)
    await store.commit({ batches: [], groups: [], names: [], ...due })
    snapshots.settle(due.snapshots)
  }

  function keep(position: number, change: (bytes: Buffer) => void): StoredSnapshot {
    const [stored] = [...store.snapshots(ACTOR, position)]
    change(stored!.bytes as Buffer)
    return stored!
  }

  it('are found before and after they are stored, the newest first', async () => {
    save(10)
    save(20)
    expect(snapshots.newest(ACTOR, Infinity)).toMatchObject({
      position: 20,
      state: { at: 20 },
      turns: 20,
      version: 1,
    })
    await commit(100)
    save(30)
    expect(snapshots.newest(ACTOR, Infinity)?.position).toBe(30)
    expect(snapshots.newest(ACTOR, 29)?.position).toBe(20)
    expect(snapshots.newest(ACTOR, 9)).toBeUndefined()
    expect(snapshots.newest(8, Infinity)).toBeUndefined()
  })

  it('two are kept of each actor, however many were taken between two commits', async () => {
    for (const position of [10, 20, 30]) save(position)
    snapshots.save(8, 15, 1, 1, 1_000, 'other')
    await commit(100)
    expect([...store.snapshots(ACTOR, Infinity)].map(({ position }) => position)).toEqual([30, 20])
    save(40)
    await commit(100)
    expect([...store.snapshots(ACTOR, Infinity)].map(({ position }) => position)).toEqual([40, 30])
    expect([...store.snapshots(8, Infinity)]).toHaveLength(1)
  })

  it('two are kept also when the same one is handed to the store twice', async () => {
    save(10)
    save(20)
    await commit(100)
    save(30)
    // The first commit came through although the store said that it had not.
    await store.commit({ batches: [], groups: [], names: [], ...snapshots.due(100) })
    await commit(100)
    expect([...store.snapshots(ACTOR, Infinity)].map(({ position }) => position)).toEqual([30, 20])
  })

  it('J-18 one is not stored before the records that it stands on', async () => {
    save(10)
    save(20)
    await commit(15)
    expect([...store.snapshots(ACTOR, Infinity)].map(({ position }) => position)).toEqual([10])
    expect(snapshots.newest(ACTOR, Infinity)?.position).toBe(20)
    await commit(21)
    expect([...store.snapshots(ACTOR, Infinity)].map(({ position }) => position)).toEqual([20, 10])
  })

  it('J-16 a newest one that is damaged, in any byte, gives way to the one before', async () => {
    save(10)
    save(20, { n: 1 })
    await commit(100)
    const { bytes } = keep(20, () => undefined)
    for (let i = 0; i < bytes.byteLength; i++) {
      keep(20, (own) => own.writeUInt8(own.readUInt8(i) ^ 0x40, i))
      expect(snapshots.newest(ACTOR, Infinity)?.position, `byte ${i}`).toBe(10)
      expect(snapshots.damaged).toBe(i + 1)
      keep(20, (own) => own.writeUInt8(own.readUInt8(i) ^ 0x40, i))
    }
    expect(snapshots.newest(ACTOR, Infinity)?.position).toBe(20)
  })

  it('J-16 when both are damaged there is none, and the log alone has to do', async () => {
    save(10)
    save(20)
    await commit(100)
    for (const position of [10, 20]) keep(position, (bytes) => bytes.fill(0))
    expect(snapshots.newest(ACTOR, Infinity)).toBeUndefined()
    expect(snapshots.damaged).toBe(2)
  })

  it('a state that cannot be stored is refused, and the ones before stay', () => {
    save(10)
    expect(() => {
      save(20, { run: () => 1 })
    }).toThrow(expect.objectContaining({ code: 'HF_NOT_STORABLE', field: 'run' }))
    expect(snapshots.newest(ACTOR, Infinity)?.position).toBe(10)
  })

  it('say by their digest whether two states are the same', () => {
    save(10, { a: 1, b: [1, 2] })
    save(20, { a: 1, b: [1, 2] })
    save(30, { a: 1, b: [2, 1] })
    const digest = (at: number): number | undefined => snapshots.newest(ACTOR, at)?.digest
    expect(digest(20)).toBe(digest(10))
    expect(digest(30)).not.toBe(digest(10))
  })

  it('are taken of twenty thousand actors at once without trouble', async () => {
    for (let actor = 1; actor <= 20_000; actor++) snapshots.save(actor, 10, 1, 1, 0, actor)
    await commit(11)
    expect(snapshots.newest(19_999, Infinity)?.state).toBe(19_999)
  })
})
