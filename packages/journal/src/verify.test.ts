import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { headerOf } from './batch-format.js'
import { Codec } from './codec.js'
import type { Journal } from './journal.js'
import {
  fill,
  groupsOf,
  journalOn,
  named,
  sketches,
  STORES,
  stored,
  tell,
  type StorePlace,
} from './log.fixture.js'
import { MemoryStore } from './memory-store.js'
import { OpenBatch } from './open-batch.js'
import type { BatchStore, Commit } from './store.js'
import { verifyStore, type Finding } from './verify.js'

const NOTHING: Commit = { batches: [], snapshots: [], outdated: [], groups: [], names: [] }
const ACTOR = 5

describe.each(STORES)('a store on $store that is verified', ({ make }) => {
  let place: StorePlace
  let store: BatchStore
  let journal: Journal

  beforeEach(async () => {
    place = make()
    store = place.open()
    await fill(store, sketches(300))
    journal = journalOn(store)
    tell(journal, { to: ACTOR, extras: { correlationName: 'incident-1' } })
    journal.saveSnapshot(ACTOR, 1, 1, { n: 1 })
    await stored(journal)
    tell(journal, { to: ACTOR })
    await stored(journal)
  })

  afterEach(async () => {
    await journal.close()
    place.remove()
  })

  function findings(): Pick<Finding, 'kind' | 'position'>[] {
    return verifyStore(store).findings.map(({ kind, position }) => ({ kind, position }))
  }

  /** Writes a batch over the one that stands at the same place. */
  async function tamper(position: number, change: (bytes: Buffer) => void): Promise<number> {
    const batch = store.batchAt(position)!
    const bytes = Buffer.from(batch.bytes)
    change(bytes)
    await overwrite(batch.first, bytes)
    return batch.first
  }

  // The memory store only appends, and gives out its own bytes.
  async function overwrite(first: number, bytes: Buffer): Promise<void> {
    const own = store.batchAt(first)!.bytes
    own.set(bytes)
    if (!store.batchAt(first)!.bytes.every((byte, i) => byte === bytes[i]))
      await store.commit({ ...NOTHING, batches: [{ first, bytes }] })
  }

  it('is in order: every batch was seen, and the head of the chain is named', () => {
    const seen: number[] = []
    const report = verifyStore(store, (position) => seen.push(position))
    expect(report).toMatchObject({
      ok: true,
      batches: 302,
      records: journal.next - 1,
      next: journal.next,
      findings: [],
    })
    expect(report.head).toMatch(/^[0-9a-f]{64}$/)
    expect(seen).toHaveLength(302)
    expect(seen.at(-1)).toBe(journal.next)
  })

  it.each([
    ['J-30 a byte of a record', (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(81) ^ 1, 81)],
    [
      'J-30 a byte of the epoch in the header',
      (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(36) ^ 1, 36),
    ],
    ['J-30 the wall time in the header', (bytes: Buffer) => bytes.writeDoubleLE(1, 16)],
    ['J-30 a byte of the table of offsets', (bytes: Buffer) => bytes.writeUInt8(1, bytes.byteLength - 1)],
    ['J-30 a page of zeros', (bytes: Buffer) => bytes.fill(0, 80)],
    ['a batch without a header', (bytes: Buffer) => bytes.fill(0)],
  ])('%s: the report names the position, and goes on to the end', async (_, change) => {
    for (const position of [200, journal.next - 1]) {
      const first = await tamper(position, change)
      const report = verifyStore(store)
      expect(report.ok).toBe(false)
      expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'checksum', position: first }))
      expect(report.batches).toBe(302)
    }
  })

  it('a batch that is damaged is never read as if it were not: reading ends where it stands', async () => {
    const first = await tamper(200, (bytes) =>
      bytes.writeUInt8(bytes.readUInt8(bytes.byteLength - 6) ^ 1, bytes.byteLength - 6),
    )
    const read: number[] = []
    const readOn = (): void => {
      for (const { position } of journalOn(store).read(1)) read.push(position)
    }
    expect(readOn).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
    expect(read.at(-1)).toBe(first - 1)
  })

  it('a batch that was swapped for another good one breaks the chain behind it', async () => {
    const { first, bytes } = store.batchAt(200)!
    const { timeMs } = headerOf(bytes)!
    // Made again a millisecond later, with a good checksum.
    const other = new OpenBatch(new Codec(), first, timeMs + 1)
    for (const record of journal.read(first, first + headerOf(bytes)!.count)) {
      const { actor, correlation, position } = record
      other.message(actor, named('note'), 99, correlation === position ? 0 : correlation, 0, 0, null)
    }
    const swapped = Buffer.from(other.seal(bytes.subarray(48, 80), 1, store.id).bytes)
    expect(swapped.byteLength).toBe(bytes.byteLength)
    await overwrite(first, swapped)
    const next = first + headerOf(bytes)!.count
    expect(findings()).toEqual([{ kind: 'chain', position: next }])
  })

  it('an index group that says something else is named, and mended by making it again', async () => {
    const [group, ...others] = groupsOf(store)
    const page = Buffer.from(group!.pages[0]!)
    page[page.byteLength >> 1]! ^= 1
    await store.replaceGroups([{ ...group!, pages: [page, ...group!.pages.slice(1)] }, ...others])
    expect(findings()).toEqual([{ kind: 'index', position: 1 }])
    await journal.rebuildIndex()
    expect(findings()).toEqual([])
  })

  it('an index group of one kind without the other is named', async () => {
    await store.replaceGroups(groupsOf(store).filter(({ kind }) => kind === 'actor'))
    expect(findings()).toEqual([{ kind: 'index', position: 1 }])
  })

  it('an index group without one of its pages is named', async () => {
    await store.replaceGroups(groupsOf(store).map((group) => ({ ...group, pages: [] })))
    expect(findings()).toEqual([{ kind: 'index', position: 1 }])
  })

  it('an index group of batches that are not there is named', async () => {
    const groups = groupsOf(store).map((group) => {
      const head = Buffer.from(group.head)
      head.writeDoubleLE(1_000_000, 0)
      return { ...group, head }
    })
    await store.replaceGroups(groups)
    expect(findings()).toEqual([{ kind: 'index', position: 1 }])
  })

  it('a name that leads elsewhere, and one that leads nowhere, are named', async () => {
    const right = store.nameOf('incident-1')!
    await store.commit({ ...NOTHING, names: [{ name: 'incident-1', position: 7 }] })
    expect(findings()).toEqual([{ kind: 'name', position: right }])
    await store.commit({
      ...NOTHING,
      names: [
        { name: 'incident-1', position: right },
        { name: 'other', position: 1e9 },
      ],
    })
    expect(findings()).toEqual([{ kind: 'name', position: 1e9 }])
    await store.commit({ ...NOTHING, names: [{ name: 'other', position: 3 }] })
    expect(findings()).toEqual([{ kind: 'name', position: 0 }])
  })

  it('J-18 a snapshot that is damaged, and one that is ahead of the log, are named', async () => {
    const [{ position, bytes } = { position: 0, bytes: Buffer.alloc(0) }] = store.snapshots(ACTOR, Infinity)
    const broken = Buffer.from(bytes)
    broken[4]! ^= 1
    await store.commit({ ...NOTHING, snapshots: [{ actor: ACTOR, position, bytes: broken }] })
    expect(findings()).toEqual([{ kind: 'snapshot', position }])
    await store.commit({
      ...NOTHING,
      snapshots: [
        { actor: ACTOR, position, bytes },
        { actor: ACTOR, position: 1e9, bytes },
      ],
    })
    expect(findings()).toEqual([{ kind: 'snapshot', position: 1e9 }])
    expect(journal.snapshot(ACTOR)).toMatchObject({ position, state: { n: 1 } })
  })
})

describe.each(STORES)('a store on $store with a hole', ({ make }) => {
  let place: StorePlace
  let store: BatchStore

  beforeEach(() => {
    place = make()
    store = place.open()
  })

  afterEach(async () => {
    await store.close()
    place.remove()
  })

  it('has the hole named when it is verified, and is not read over it', async () => {
    const source = new MemoryStore({ id: store.id })
    await fill(source, sketches(20))
    const batches = [...source.batches(1)]
    const missing = batches.splice(8, 1)[0]!
    await store.commit({ ...NOTHING, batches })
    const next = batches[8]!.first
    expect(verifyStore(store).findings.map(({ kind, position }) => [kind, position])).toEqual([
      ['chain', next],
      ['gap', next],
    ])
    const journal = journalOn(store)
    const damaged = {
      code: 'HF_STORE_DAMAGED',
      message: expect.stringContaining(`${missing.first}`) as string,
    }
    expect(() => [...journal.read(1)]).toThrow(expect.objectContaining(damaged))
    expect(() => [...journal.read(missing.first)]).toThrow(
      expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
    )
    expect([...journal.read(next)]).toHaveLength(journal.next - next)
  })
})
