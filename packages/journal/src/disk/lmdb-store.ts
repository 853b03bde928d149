// LMDB store
// ==========
// Batches, index groups, names and snapshots in one LMDB environment, one transaction a commit.
//
// Boundary: `tables.ts` is the only place that opens LMDB. One thread writes, for good: a thread that ends inside a write
// transaction poisons the environment for the whole process. Other processes may read.
//
// Invariants
//   E1  `overlappingSync` is off: a put that has resolved has been flushed, data first, then the page that names it.
//   E2  One process writes at a time; the owner stands in the store and is checked inside a write transaction.
//   E3  Values are packed by us (`encoding: 'binary'`), so that LMDB's own copy of msgpackr never sees them.

import { existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { FORMAT, headerOf, NO_STORE_ID } from '../batch-format.js'
import { endOf } from '../index-group.js'
import type { Pin } from '../pins.js'
import { NO_SEAL, type Seal } from '../seal.js'
import type { BatchStore, Commit, IndexGroup, IndexKind, StoredBatch, StoredSnapshot } from '../store.js'
import { flushNames, keepToOwner, LOG_FILE, noData, notOpened, prepareDirectory } from './data-directory.js'
import { number, uint32 } from './numbers.js'
import { noteWriter } from './last-use.js'
import { openHere } from './open-here.js'
import { readPins, removePin, writePin } from './pin-files.js'
import { noteClosed, probe } from './probe.js'
import { Room } from './room.js'
import { ringOf, type KeyRing, type KeySource } from './sealing/key-ring.js'
import { rewrapAll, sealForWriting, sealOf } from './sealing/key-table.js'
import { nameIn, nameRow, openedSnapshot, sealedSnapshot } from './sealing/sealed-rows.js'
import { checkMarks, markUnfinished, originIn, putOrigin, type Origin } from './marks.js'
import { giveStoreId, storeIdIn } from './store-id.js'
import { MAP_BYTES, openTables, writeTables, type Tables } from './tables.js'
import { inUse, isAlive, isElsewhere, isSame, self, type Owner } from './owner.js'

const MAX_POSITION = Number.MAX_SAFE_INTEGER

/** How a store is opened. */
export interface LmdbStoreOptions {
  /** The data directory. Made when it is not there, unless it is only to be read. */
  readonly dir: string
  /** Reads what is committed and never writes, beside a running system or without one. @default false */
  readonly readOnly?: boolean
  /** The keys of an encrypted store. Whether it is one is decided when it is made, by whether they are given. */
  readonly keys?: KeySource
  /** Opens an encrypted store without its keys, to look at what needs none. @default false */
  readonly isSealedOnly?: boolean
  /** Opens what a backup or a restore has not finished, or begins it. @default false */
  readonly isUnfinished?: boolean
  /** Address space set aside for the file, in bytes; when the data outgrow it, more is taken. @default 64 GiB */
  readonly mapBytes?: number
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
  #seal: Seal = NO_SEAL

  /**
   * Opens a data directory.
   *
   * @throws {HoldfastError} `HF_STORE_IN_USE`, `HF_STORE_UNWRITABLE`, `HF_STORE_MISSING`, `HF_STORE_NEWER`,
   *   `HF_STORE_FULL`, `HF_STORE_DAMAGED`, `HF_KEY`
   */
  constructor(options: LmdbStoreOptions) {
    this.#dir = options.dir
    this.#room = new Room(options.dir)
    this.#readOnly = options.readOnly ?? false
    this.#mapBytes = options.mapBytes ?? MAP_BYTES
    const ring = options.keys === undefined ? undefined : ringOf(options.keys)
    const { made, isNew } = prepareDirectory(this.#dir, this.#readOnly)
    this.#home = realpathSync(this.#dir)
    const { isFirstWriter, leave } = openHere(this.#dir, this.#readOnly)
    this.#leave = leave
    try {
      probe(this.#dir, join(this.#dir, LOG_FILE), this.#mapBytes)
      this.#opened = this.#open()
      this.#checkFormat()
      checkMarks(this.#opened.meta, this.#dir, options)
      this.#id = storeIdIn(this.#opened.meta)
      this.#seal = sealOf(this.#meta, this.#id, ring, this.#readOnly && options.isSealedOnly === true)
      if (this.#readOnly) return
      if (isNew) keepToOwner(this.#dir)
      flushNames(this.#dir, made)
      this.#claim(isFirstWriter, ring)
      if (options.isUnfinished === true) markUnfinished(this.#opened.meta)
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

  get seal(): Seal {
    return this.#seal
  }

  /** What it was made from, when it was restored or loaded. */
  get origin(): Origin | undefined {
    return originIn(this.#tables.meta)
  }

  /** Takes over what another store says of its origin. */
  async keepOrigin(origin: Origin): Promise<void> {
    await this.#write(0, () => {
      putOrigin(this.#tables.meta, origin)
    })
  }

  /** Its tables, for what copies rows as they are. */
  get rows(): Tables {
    return this.#tables
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
      for (const { name, position } of commit.names)
        void names.put(this.#seal.keyOfName(name), nameRow(this.#seal, name, position))
      for (const each of commit.snapshots)
        void snapshots.put([each.actor, each.position], asBuffer(sealedSnapshot(this.#seal, each)))
      for (const { actor, position } of commit.outdated) void snapshots.remove([actor, position])
    })
  }

  batchAt(position: number): StoredBatch | undefined {
    const first = this.#firstAt(position)
    return first === undefined ? undefined : this.#batch(first)
  }

  // What lmdb-js reads fast, it reads into one buffer again and again, which says that it is as long as what it holds;
  // below, it is longer. Who opens what is sealed may have to read a key meanwhile, and gets bytes that stay.
  look<T>(position: number, see: (bytes: Uint8Array) => T): T | undefined {
    const first = this.#firstAt(position)
    const { log } = this.#tables
    const isFast = !this.#seal.isOn
    const bytes = first === undefined ? undefined : isFast ? log.getBinaryFast(first) : log.getBinary(first)
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
    const bytes = this.#tables.names.getBinary(this.#seal.keyOfName(name))
    return bytes === undefined ? undefined : bytes.readDoubleLE(0)
  }

  *names(): Generator<{ name: string; position: number }> {
    for (const key of [...this.#tables.names.getKeys()]) {
      const row = this.#tables.names.getBinary(key)
      if (row !== undefined) yield { name: nameIn(this.#seal, key, row), position: row.readDoubleLE(0) }
    }
  }

  *snapshots(actor: number, atOrBefore: number): Generator<StoredSnapshot> {
    const { snapshots } = this.#tables
    const start: [number, number] = [actor, Math.min(atOrBefore, MAX_POSITION)]
    for (const key of [...snapshots.getKeys({ start, end: [actor, -1], reverse: true })]) {
      const bytes = snapshots.getBinary(key)
      if (bytes !== undefined) yield openedSnapshot(this.#seal, { actor, position: key[1], bytes })
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
    return readPins(this.#dir, this.#seal)
  }

  pin(pin: Pin): void {
    writePin(this.#dir, pin, this.#seal)
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

  /** Seals its keys with the current one of a ring, whole or not at all. @returns how many */
  rekey(ring: KeyRing): number {
    const { root, meta } = this.#tables
    return root.transactionSync(() => rewrapAll(meta, this.#id, ring))
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

  readonly #meta = (): Tables['meta'] => this.#tables.meta

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

  #write(bytes: number, step: () => void): Promise<void> {
    return writeTables(this.#tables, this.#dir, this.#room, bytes, step)
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
      return openTables(join(this.#home, LOG_FILE), this.#readOnly, this.#mapBytes)
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
  #claim(isFirstWriter: boolean, ring: KeyRing | undefined): void {
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
        this.#seal = sealForWriting(this.#meta, this.#id, ring, this.#epoch)
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
