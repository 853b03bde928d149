// LMDB store
// ==========
// Batches, index groups, names and snapshots in one LMDB environment, one transaction a commit.
//
// Boundary: the only place that opens LMDB. One thread writes, for good: a thread that ends inside a write transaction
// poisons the environment for the whole process. Other processes may read.
//
// Invariants
//   E1  `overlappingSync` is off: a put that has resolved has been flushed, data first, then the page that names it.
//   E2  One process writes at a time; the owner stands in the store and is checked inside a write transaction.
//   E3  Values are packed by us (`encoding: 'binary'`), so that LMDB's own copy of msgpackr never sees them.

import { existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { HoldfastError } from '@holdfast/kernel'
import { FORMAT, headerOf, NO_STORE_ID } from '../batch-format.js'
import { endOf } from '../index-group.js'
import { diskFull } from '../store-failure.js'
import type { Pin } from '../pins.js'
import type { BatchStore, Commit, IndexGroup, IndexKind, StoredBatch, StoredSnapshot } from '../store.js'
import { flushNames, LOG_FILE, noData, notOpened, prepareDirectory } from './data-directory.js'
import { noteWriter } from './last-use.js'
import { openHere } from './open-here.js'
import { readPins, removePin, writePin } from './pin-files.js'
import { noteClosed, probe } from './probe.js'
import { Room } from './room.js'
import { giveStoreId, storeIdIn } from './store-id.js'
import { isAlive, isElsewhere, isSame, self, type Owner } from './owner.js'

/** Address space set aside for the map; it costs nothing until it is used, and avoids remaps. */
const MAP_BYTES = 64 * 2 ** 30

/** Reader slots, shared by all processes that read. */
const READERS_MAX = 512

const MAX_POSITION = Number.MAX_SAFE_INTEGER

/** How a store is opened. */
export interface LmdbStoreOptions {
  /** The data directory. Made when it is not there, unless it is only to be read. */
  readonly dir: string
  /** Reads what is committed and never writes, beside a running system or without one. @default false */
  readonly readOnly?: boolean
  /** Address space set aside for the file, in bytes; when the data outgrow it, more is taken. @default 64 GiB */
  readonly mapBytes?: number
}

interface Tables {
  readonly root: RootDatabase<Buffer, string>
  readonly log: Database<Buffer, number>
  readonly index: Database<Buffer, [string, number]>
  readonly pages: Database<Buffer, [string, number, number]>
  readonly names: Database<Buffer, string>
  readonly snapshots: Database<Buffer, [number, number]>
  readonly meta: Database<Buffer, string>
}

/** A store on LMDB. */
export class LmdbStore implements BatchStore {
  readonly #dir: string
  /** Where the directory really is: a link that is turned elsewhere meanwhile changes nothing. */
  readonly #home: string
  readonly #readOnly: boolean
  readonly #mapBytes: number
  /** Says that it is closed. */
  readonly #leave: () => void
  #opened: Tables | null = null
  readonly isLasting = true
  readonly #room: Room
  #epoch = 0
  #id: Uint8Array = NO_STORE_ID

  /**
   * Opens a data directory.
   *
   * @throws {HoldfastError} `HF_STORE_IN_USE`, `HF_STORE_UNWRITABLE`, `HF_STORE_MISSING`, `HF_STORE_NEWER`,
   *   `HF_STORE_FULL`, `HF_STORE_DAMAGED`
   */
  constructor(options: LmdbStoreOptions) {
    this.#dir = options.dir
    this.#room = new Room(options.dir)
    this.#readOnly = options.readOnly ?? false
    this.#mapBytes = options.mapBytes ?? MAP_BYTES
    const made = prepareDirectory(this.#dir, this.#readOnly)
    this.#home = realpathSync(this.#dir)
    const { isFirstWriter, leave } = openHere(this.#dir, this.#readOnly)
    this.#leave = leave
    try {
      probe(this.#dir, join(this.#dir, LOG_FILE), this.#mapBytes)
      this.#opened = this.#open()
      this.#checkFormat()
      this.#id = storeIdIn(this.#opened.meta)
      if (this.#readOnly) return
      flushNames(this.#dir, made)
      this.#claim(isFirstWriter)
      noteWriter(this.#dir, self())
    } catch (error) {
      void this.#opened?.root.close()
      this.#leave()
      throw error
    }
  }

  get epoch(): number {
    return this.#epoch
  }

  get id(): Uint8Array {
    return this.#id
  }

  async commit(commit: Commit): Promise<void> {
    const { log, names, snapshots } = this.#tables
    const bytes = [...commit.batches, ...commit.snapshots].reduce(
      (sum, each) => sum + each.bytes.byteLength,
      bytesOf(commit.groups),
    )
    await this.#write(bytes, () => {
      for (const { first, bytes } of commit.batches) void log.put(first, asBuffer(bytes))
      this.#putGroups(commit.groups)
      for (const { name, position } of commit.names) void names.put(name, number(position))
      for (const { actor, position, bytes } of commit.snapshots)
        void snapshots.put([actor, position], asBuffer(bytes))
      for (const { actor, position } of commit.outdated) void snapshots.remove([actor, position])
    })
  }

  batchAt(position: number): StoredBatch | undefined {
    const first = this.#firstAt(position)
    return first === undefined ? undefined : this.#batch(first)
  }

  // What lmdb-js reads fast, it reads into one buffer again and again, which says that it is as long as what it holds;
  // below, it is longer.
  look<T>(position: number, see: (bytes: Uint8Array) => T): T | undefined {
    const first = this.#firstAt(position)
    const bytes = first === undefined ? undefined : this.#tables.log.getBinaryFast(first)
    return bytes === undefined ? undefined : see(bytes.subarray(0, bytes.length))
  }

  *batches(from: number): Generator<StoredBatch> {
    for (const first of this.firsts(from)) {
      const batch = this.#batch(first)
      if (batch !== undefined) yield batch
    }
  }

  *firsts(from: number): Generator<number> {
    let next = this.#firstAt(from) ?? 0
    // Keys are fetched in short pages, so that no cursor pins old pages while a caller takes its time.
    for (;;) {
      const keys = [...this.#tables.log.getKeys({ start: next, limit: KEYS_PER_PAGE })]
      yield* keys
      const last = keys.at(-1)
      if (last === undefined || keys.length < KEYS_PER_PAGE) return
      next = last + 1
    }
  }

  last(): StoredBatch | undefined {
    for (const first of this.#tables.log.getKeys({ reverse: true, limit: 1 })) return this.#batch(first)
    return undefined
  }

  *groups(kind: IndexKind): Generator<Pick<IndexGroup, 'first' | 'head'>> {
    const { index } = this.#tables
    for (const key of [...index.getKeys({ start: [kind, 0], end: [kind, MAX_POSITION] })]) {
      const head = index.getBinary(key)
      if (head !== undefined) yield { first: key[1], head }
    }
  }

  page(kind: IndexKind, first: number, page: number): Uint8Array | undefined {
    return this.#tables.pages.getBinary([kind, first, page])
  }

  indexedUpTo(): number {
    const { index } = this.#tables
    for (const key of index.getKeys({
      start: ['actor', MAX_POSITION],
      end: ['actor', 0],
      reverse: true,
      limit: 1,
    })) {
      const head = index.getBinary(key)
      if (head !== undefined) return endOf(head)
    }
    return 1
  }

  nameOf(name: string): number | undefined {
    const bytes = this.#tables.names.getBinary(name)
    return bytes === undefined ? undefined : bytes.readDoubleLE(0)
  }

  *names(): Generator<{ name: string; position: number }> {
    for (const name of [...this.#tables.names.getKeys()]) {
      const position = this.nameOf(name)
      if (position !== undefined) yield { name, position }
    }
  }

  *snapshots(actor: number, atOrBefore: number): Generator<StoredSnapshot> {
    const { snapshots } = this.#tables
    const start: [number, number] = [actor, Math.min(atOrBefore, MAX_POSITION)]
    for (const key of [...snapshots.getKeys({ start, end: [actor, -1], reverse: true })]) {
      const bytes = snapshots.getBinary(key)
      if (bytes !== undefined) yield { actor, position: key[1], bytes }
    }
  }

  async deleteSnapshots(actor: number, from: number, to: number): Promise<number> {
    const { snapshots } = this.#tables
    const end: [number, number] = [actor, Math.min(to, MAX_POSITION - 1) + 1]
    const keys = [...snapshots.getKeys({ start: [actor, from], end })]
    await this.#write(0, () => {
      for (const key of keys) void snapshots.remove(key)
    })
    return keys.length
  }

  deletedUpTo(actor: number): number {
    return this.#tables.meta.getBinary(`deleted ${actor}`)?.readDoubleLE(0) ?? 0
  }

  async markDeleted(actor: number, upTo: number): Promise<void> {
    await this.#write(0, () => void this.#tables.meta.put(`deleted ${actor}`, number(upTo)))
  }

  pins(): (Pin | undefined)[] {
    return readPins(this.#dir)
  }

  pin(pin: Pin): void {
    writePin(this.#dir, pin)
  }

  unpin(id: number): boolean {
    return removePin(this.#dir, id)
  }

  async replaceGroups(groups: Commit['groups']): Promise<void> {
    const { index, pages } = this.#tables
    const heads = [...index.getKeys()]
    const old = [...pages.getKeys()]
    await this.#write(bytesOf(groups), () => {
      for (const key of heads) void index.remove(key)
      for (const key of old) void pages.remove(key)
      this.#putGroups(groups)
    })
  }

  async reopen(): Promise<void> {
    const before = this.#opened
    this.#opened = null
    await before?.root.close().catch(() => undefined)
    // LMDB would make a new file in the place of one that is gone.
    if (!existsSync(join(this.#home, LOG_FILE))) throw noData(this.#dir)
    this.#opened = this.#open()
    this.#checkFormat()
  }

  async close(): Promise<void> {
    const opened = this.#opened
    if (opened === null) return
    if (!this.#readOnly) await this.#write(0, () => void opened.meta.remove('owner')).catch(() => undefined)
    this.#opened = null
    await opened.root.close()
    if (!this.#readOnly) noteClosed(this.#dir, join(this.#dir, LOG_FILE))
    this.#leave()
  }

  size(): number {
    return statSync(join(this.#dir, LOG_FILE)).size
  }

  get #tables(): Tables {
    if (this.#opened !== null) return this.#opened
    throw new HoldfastError(
      'HF_STORE_FAILED',
      `${this.#dir} is closed, or is being opened again after a failure.`,
      {
        field: 'data',
        hint: 'Wait for the event store-recovered, or open the data again.',
      },
    )
  }

  // A commit that LMDB begins and cannot end for want of room costs more than an error, so the room is looked at first.
  // LMDB itself takes a write that came too short for an error of the disk.
  async #write(bytes: number, step: () => void): Promise<void> {
    if (!this.#room.has(2 * bytes)) throw diskFull()
    try {
      await this.#tables.root.batch(step).catch(rootCause)
    } catch (error) {
      throw new Room(this.#dir).has(2 * bytes) ? error : diskFull(error)
    }
  }

  #putGroups(groups: readonly IndexGroup[]): void {
    const { index, pages } = this.#tables
    for (const { kind, first, head, pages: bytes } of groups) {
      void index.put([kind, first], asBuffer(head))
      for (const [i, page] of bytes.entries()) void pages.put([kind, first, i], asBuffer(page))
    }
  }

  #firstAt(position: number): number | undefined {
    for (const first of this.#tables.log.getKeys({ start: position, reverse: true, limit: 1 })) return first
    return undefined
  }

  #batch(first: number): StoredBatch | undefined {
    const bytes = this.#tables.log.getBinary(first)
    return bytes === undefined ? undefined : { first, bytes }
  }

  #open(): Tables {
    try {
      const root = open<Buffer, string>({
        path: join(this.#home, LOG_FILE),
        encoding: 'binary',
        overlappingSync: false,
        // What lmdb-js gathers by itself has a promise that nobody gets: a failed commit would end the process.
        eventTurnBatching: false,
        readOnly: this.#readOnly,
        mapSize: this.#mapBytes,
        maxReaders: READERS_MAX,
        maxDbs: 8,
      })
      const table = <K extends string | number | (string | number)[]>(name: string): Database<Buffer, K> => {
        return root.openDB<Buffer, K>({ name, encoding: 'binary' })
      }
      return {
        root,
        log: table<number>('log'),
        index: table<[string, number]>('index'),
        pages: table<[string, number, number]>('index pages'),
        names: table<string>('names'),
        snapshots: table<[number, number]>('snapshots'),
        meta: table<string>('meta'),
      }
    } catch (error) {
      throw notOpened(this.#dir, this.#readOnly, error)
    }
  }

  #checkFormat(): void {
    const stored = this.#tables.meta.getBinary('format')?.readUInt32LE(0) ?? FORMAT
    const found = Math.max(stored, this.look(MAX_POSITION, headerOf)?.format ?? FORMAT)
    if (found <= FORMAT) return
    throw new HoldfastError(
      'HF_STORE_NEWER',
      `${this.#dir} has format ${found}, and this version reads up to ${FORMAT}.`,
      {
        field: 'data',
        hint: 'Use the version of Holdfast that wrote it, or a later one. Nothing was changed.',
      },
    )
  }

  // E2: found stale and taken over in one transaction, which no second process can be in.
  #claim(isFirstWriter: boolean): void {
    const { root, meta } = this.#tables
    const me = self()
    let holder: Owner | undefined
    try {
      root.transactionSync(() => {
        const stored = meta.getBinary('owner')
        const owner = stored === undefined ? undefined : (JSON.parse(stored.toString()) as Owner)
        if (owner !== undefined && this.#isHeld(owner, me, isFirstWriter)) {
          holder = owner
          return
        }
        this.#epoch = (meta.getBinary('epoch')?.readUInt32LE(0) ?? 0) + 1
        this.#id = giveStoreId(meta)
        meta.putSync('owner', Buffer.from(JSON.stringify(me)))
        meta.putSync('epoch', uint32(this.#epoch))
        meta.putSync('format', uint32(FORMAT))
      })
    } catch (error) {
      throw notOpened(this.#dir, false, error)
    }
    if (holder !== undefined) throw inUse(this.#dir, holder)
  }

  // An owner that is this very thread, which has not got it open, is what a close on a full disk could not take away. Of
  // one in another container its pid says nothing; but whoever has the file open has a slot in LMDB's own table of
  // readers, which starts anew when it is opened by nobody else. One slot is this process's own.
  #isHeld(owner: Owner, me: Owner, isFirstWriter: boolean): boolean {
    if (isFirstWriter && isSame(owner, me)) return false
    if (!isAlive(owner, me)) return false
    const { numReaders } = this.#tables.root.getStats() as { readonly numReaders: number }
    return !isElsewhere(owner, me) || numReaders > 1
  }
}

const KEYS_PER_PAGE = 64

function bytesOf(groups: readonly IndexGroup[]): number {
  const sizes = groups.map(({ head, pages }) =>
    pages.reduce((sum, page) => sum + page.byteLength, head.byteLength),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function number(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeDoubleLE(value, 0)
  return buffer
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value, 0)
  return buffer
}

// lmdb-js rejects with a general error whose cause is a promise of its own, which ends the process when nobody looks.
async function rootCause(error: unknown): Promise<never> {
  const cause = (error as { readonly commitError?: unknown } | null)?.commitError
  if (cause === undefined) throw error
  throw await Promise.resolve(cause).then(
    () => error,
    (real: unknown) => real,
  )
}

function inUse(dir: string, owner: Owner): HoldfastError {
  return new HoldfastError(
    'HF_STORE_IN_USE',
    `${dir} is being written by process ${owner.pid} on ${owner.host}.`,
    {
      field: 'data',
      hint: 'Stop that process first, or give this system a data directory of its own. Reading beside it is fine.',
    },
  )
}
