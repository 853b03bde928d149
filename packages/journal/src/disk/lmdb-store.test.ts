import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FORMAT } from '../batch-format.js'
import {
  everything,
  fill,
  journalOn,
  sketches,
  stored,
  tell,
  temporaryDirectory,
  turnOf,
} from '../log.fixture.js'
import type { Journal } from '../journal.js'
import type { Commit } from '../store.js'
import { verifyStore } from '../verify.js'
import { LAST_USE_FILE, LOG_FILE } from './data-directory.js'
import { LmdbStore } from './lmdb-store.js'
import { self } from './owner.js'

const NOTHING: Commit = { batches: [], snapshots: [], outdated: [], groups: [], names: [] }

describe('a store on LMDB', () => {
  let dir: string

  beforeEach(() => {
    dir = temporaryDirectory()
  })

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  /** Writes into the store's own table about itself, behind its back. @returns what stood there before */
  async function meta(key: string, value: Buffer): Promise<Buffer | undefined> {
    const root = open<Buffer, string>({ path: join(dir, LOG_FILE), encoding: 'binary', maxDbs: 8 })
    const table = root.openDB<Buffer, string>({ name: 'meta', encoding: 'binary' })
    const before = table.getBinary(key)
    await table.put(key, value)
    await root.close()
    return before === undefined ? undefined : Buffer.from(before)
  }

  it('is made with all directories on the way, and counts how often it was opened for writing', async () => {
    const deep = join(dir, 'a', 'b')
    for (const epoch of [1, 2, 3]) {
      const store = new LmdbStore({ dir: deep })
      expect(store.epoch).toBe(epoch)
      await store.close()
    }
    const reader = new LmdbStore({ dir: deep, readOnly: true })
    expect(reader.epoch).toBe(0)
    await reader.close()
    expect(readdirSync(deep).sort()).toEqual([LAST_USE_FILE, LOG_FILE, `${LOG_FILE}-lock`])
  })

  it('stands in the epoch of its batches, so that it shows who wrote what', async () => {
    for (const epoch of [1, 2]) {
      const store = new LmdbStore({ dir })
      const journal = journalOn(store)
      tell(journal, { to: 1 })
      await stored(journal)
      expect(Buffer.from(store.last()!.bytes).readUInt32LE(36)).toBe(epoch)
      await journal.close()
    }
  })

  it('J-34 is refused to a second writer in the same process until the first has closed it', async () => {
    const first = new LmdbStore({ dir })
    const inUse = { code: 'HF_STORE_IN_USE', message: expect.stringContaining(String(process.pid)) as string }
    expect(() => new LmdbStore({ dir })).toThrow(expect.objectContaining(inUse))
    await first.commit({ ...NOTHING, names: [{ name: 'still', position: 1 }] })
    await first.close()
    const second = new LmdbStore({ dir })
    expect(second.nameOf('still')).toBe(1)
    await second.close()
  })

  it('J-34 that this process has open for reading is not opened for writing, and the error says why', async () => {
    await new LmdbStore({ dir }).close()
    const reader = new LmdbStore({ dir, readOnly: true })
    const inUse = { code: 'HF_STORE_IN_USE', message: expect.stringContaining('reading only') as string }
    expect(() => new LmdbStore({ dir })).toThrow(expect.objectContaining(inUse))
    await reader.close()
    const writer = new LmdbStore({ dir })
    const beside = new LmdbStore({ dir, readOnly: true })
    await fill(writer, sketches(3))
    expect([...beside.batches(1)]).toHaveLength(3)
    await beside.close()
    expect([...writer.batches(1)]).toHaveLength(3)
    await writer.close()
  })

  it('is taken over from an owner that cannot live any more', async () => {
    await new LmdbStore({ dir }).close()
    await meta('owner', Buffer.from(JSON.stringify({ ...self(), boot: 'before the power cut' })))
    const store = new LmdbStore({ dir })
    expect(store.epoch).toBe(2)
    await store.close()
  })

  it('is missing for a reader, and nothing is made for it', () => {
    const empty = join(dir, 'empty')
    const missing = expect.objectContaining({ code: 'HF_STORE_MISSING', field: 'data' }) as unknown
    expect(() => new LmdbStore({ dir: empty, readOnly: true })).toThrow(missing)
    expect(existsSync(empty)).toBe(false)
  })

  it('is missing for a reader whose writer was cut off while it made the tables, and is made by the next writer', async () => {
    const root = open<Buffer, string>({ path: join(dir, LOG_FILE), encoding: 'binary', maxDbs: 8 })
    root.openDB({ name: 'log', encoding: 'binary' })
    await root.close()
    const missing = expect.objectContaining({ code: 'HF_STORE_MISSING', field: 'data' }) as unknown
    expect(() => new LmdbStore({ dir, readOnly: true })).toThrow(missing)
    const store = new LmdbStore({ dir })
    expect(store.epoch).toBe(1)
    await store.close()
  })

  it.each([
    ['nothing but zeros', (head: Buffer) => head.fill(0)],
    ['its first page', (head: Buffer) => head.subarray(0, 4_096)],
    ['its second page', (head: Buffer) => head.fill(0, 0, 4_096)],
    ['its first page and room for the others', (head: Buffer) => head.fill(0, 4_096)],
  ])('is new when the power went before its first flush and left %s', async (_, left) => {
    await open({ path: join(dir, 'first.mdb'), encoding: 'binary' }).close()
    const first = readFileSync(join(dir, 'first.mdb')).subarray(0, 8_192)
    for (const page of [0, 4_096]) first.fill(0, page + 152, page + 160)
    writeFileSync(join(dir, LOG_FILE), left(first))
    utimesSync(join(dir, LOG_FILE), 0, 0)
    const missing = expect.objectContaining({ code: 'HF_STORE_MISSING', field: 'data' }) as unknown
    expect(() => new LmdbStore({ dir, readOnly: true })).toThrow(missing)
    const store = new LmdbStore({ dir })
    expect(store.epoch).toBe(1)
    await store.close()
  })

  it('is left alone when such a file is so young that another process may be at its making', () => {
    writeFileSync(join(dir, LOG_FILE), Buffer.alloc(8_192))
    expect(() => new LmdbStore({ dir })).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
    expect(readFileSync(join(dir, LOG_FILE))).toEqual(Buffer.alloc(8_192))
  })

  it('is refused where there is no directory', () => {
    const file = join(dir, 'file')
    writeFileSync(file, 'a file')
    const unwritable = expect.objectContaining({ code: 'HF_STORE_UNWRITABLE', field: 'data' }) as unknown
    expect(() => new LmdbStore({ dir: file })).toThrow(unwritable)
    expect(() => new LmdbStore({ dir: join(file, 'below') })).toThrow(unwritable)
  })

  it.each([
    ['a text', Buffer.from('this is a text'.repeat(1_000))],
    ['a short text', Buffer.from('short')],
    ['zeros', Buffer.alloc(20_000)],
  ])('is refused when its file is %s and not from LMDB, and the file is left alone', (_, bytes) => {
    writeFileSync(join(dir, LOG_FILE), bytes)
    for (const readOnly of [true, false]) {
      const damaged = {
        code: 'HF_STORE_DAMAGED',
        field: 'data',
        hint: expect.stringContaining('backup') as string,
      }
      expect(() => new LmdbStore({ dir, readOnly })).toThrow(expect.objectContaining(damaged))
    }
    expect(readFileSync(join(dir, LOG_FILE)).equals(bytes)).toBe(true)
  })

  it('is missing for a reader, and made for a writer, where there is an empty file', async () => {
    writeFileSync(join(dir, LOG_FILE), '')
    expect(() => new LmdbStore({ dir, readOnly: true })).toThrow(
      expect.objectContaining({ code: 'HF_STORE_MISSING' }),
    )
    await new LmdbStore({ dir }).close()
    await new LmdbStore({ dir, readOnly: true }).close()
  })

  it('F-20 of a later format is refused to writers and readers, and nothing is changed', async () => {
    const store = new LmdbStore({ dir })
    await fill(store, sketches(3))
    await store.close()
    const newer = Buffer.alloc(4)
    newer.writeUInt32LE(FORMAT + 1)
    await meta('format', newer)
    for (const readOnly of [true, false]) {
      const refused = {
        code: 'HF_STORE_NEWER',
        message: expect.stringContaining(`format ${FORMAT + 1}`) as string,
      }
      expect(() => new LmdbStore({ dir, readOnly })).toThrow(expect.objectContaining(refused))
    }
    newer.writeUInt32LE(FORMAT)
    await meta('format', newer)
    const again = new LmdbStore({ dir })
    expect([again.epoch, [...again.batches(1)].length]).toEqual([2, 3])
    await again.close()
  })

  it('of an earlier format is read, and once it is opened for writing refused to those who know no other', async () => {
    const store = new LmdbStore({ dir })
    await fill(store, sketches(3))
    await store.close()
    const format = Buffer.alloc(4)
    format.writeUInt32LE(1)
    await meta('format', format)
    const reader = new LmdbStore({ dir, readOnly: true })
    expect([...reader.batches(1)]).toHaveLength(3)
    await reader.close()
    expect((await meta('format', format))?.readUInt32LE()).toBe(1)
    const writer = new LmdbStore({ dir })
    expect([...writer.batches(1)]).toHaveLength(3)
    await writer.close()
    expect((await meta('format', format))?.readUInt32LE()).toBe(FORMAT)
  })

  it('with a last batch of a later format is refused as well', async () => {
    const store = new LmdbStore({ dir })
    await fill(store, sketches(3))
    const { first, bytes } = store.last()!
    const newer = Buffer.from(bytes)
    newer.writeUInt16LE(FORMAT + 1, 4)
    await store.commit({ ...NOTHING, batches: [{ first, bytes: newer }] })
    await store.close()
    expect(() => new LmdbStore({ dir })).toThrow(expect.objectContaining({ code: 'HF_STORE_NEWER' }))
  })

  it('D3 gives bytes that do not change under the hands of who reads them', async () => {
    const store = new LmdbStore({ dir })
    const snapshot = (fill: number): Commit => ({
      ...NOTHING,
      snapshots: [{ actor: 1, position: 1, bytes: Buffer.alloc(100_000, fill) }],
    })
    await store.commit(snapshot(1))
    const [held] = [...store.snapshots(1, Infinity)]
    for (let i = 2; i < 30; i++) await store.commit(snapshot(i))
    expect(Buffer.compare(held!.bytes, Buffer.alloc(100_000, 1))).toBe(0)
    await store.close()
  })

  it('J-32 does not grow for readings that nobody ends: they hold no old pages', async () => {
    const grown = async (name: string, begin: (journal: Journal) => void): Promise<number> => {
      const store = new LmdbStore({ dir: join(dir, name) })
      await fill(store, sketches(200))
      const journal = journalOn(store)
      begin(journal)
      for (let i = 0; i < 150; i++) {
        // The same snapshots again and again: their old pages are free for the next ones, if nobody looks at them.
        journal.saveSnapshot(1, 1, 1, { bytes: Buffer.alloc(100_000, i) })
        tell(journal, { to: 1 })
        await stored(journal)
      }
      const size = store.size()
      await journal.close()
      return size
    }
    const alone = await grown('alone', () => undefined)
    const held: Generator[] = []
    const beside = await grown('beside', (journal) => {
      for (let i = 0; i < 20; i++) {
        held.push(journal.read(1), journal.readActor(1, 0))
        for (const reading of held.slice(-2)) reading.next()
      }
    })
    expect(held.length).toBe(40)
    expect(beside).toBeLessThan(alone * 1.5)
    expect(alone).toBeLessThan(5_000_000)
  })

  it('reads what it held after it was opened again, and refuses by name while it is closed', async () => {
    const store = new LmdbStore({ dir })
    await fill(store, sketches(10))
    const before = [...store.batches(1)].map(({ first }) => first)
    const reopened = store.reopen()
    await reopened
    expect([...store.batches(1)].map(({ first }) => first)).toEqual(before)
    await store.commit({ ...NOTHING, names: [{ name: 'after', position: 1 }] })
    expect(store.nameOf('after')).toBe(1)
    await store.close()
    await store.close()
    expect(() => store.last()).toThrow(expect.objectContaining({ code: 'HF_STORE_FAILED' }))
    await expect(store.commit(NOTHING)).rejects.toMatchObject({ code: 'HF_STORE_FAILED' })
  })

  it('grows past the address space that was set aside for it', async () => {
    const store = new LmdbStore({ dir, mapBytes: 1_048_576 })
    const journal = journalOn(store)
    for (let i = 0; i < 24; i++) {
      turnOf(journal, 1, i + 1, [{ to: 2, payload: Buffer.alloc(200_000, i) }])
      await stored(journal)
    }
    expect(journal.size).toBeGreaterThan(4 * 1_048_576)
    const { head } = verifyStore(store)
    await journal.close()
    const again = new LmdbStore({ dir, mapBytes: 1_048_576 })
    expect(verifyStore(again).head).toBe(head)
    expect(verifyStore(again)).toMatchObject({ ok: true, records: 48 })
    await again.close()
  })
})
