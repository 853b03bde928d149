// LMDB store
// ==========
// Batches, index groups, names and snapshots in one LMDB environment, one transaction a commit; and old batches in
// segments beside it, because the file of LMDB never gets shorter.
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
import { HoldfastError, type StoreHold } from '@holdfast/kernel'
import { headerOf, NO_STORE_ID } from '../batch-format.js'
import { endOf } from '../index-group.js'
import type { Pin } from '../pins.js'
import { NO_SEAL, type Seal } from '../seal.js'
import { intact } from '../damage.js'
import {
  AT_ONCE,
  type BatchStore,
  type Commit,
  type IndexGroup,
  type IndexKind,
  type Steps,
  type StoredBatch,
  type StoredSegment,
  type StoredSnapshot,
} from '../store.js'
import { claim } from './claim.js'
import { Cutting } from './cutting.js'
import {
  keepToOwner,
  LOG_FILE,
  noData,
  notOpened,
  prepareDirectory,
  SEGMENTS_FOLDER,
} from './data-directory.js'
import { DiskLog } from './disk-log.js'
import { flushNames } from './flush-names.js'
import { checkFormat } from './format.js'
import { LeftBatches } from './left-batches.js'
import type { LmdbStoreOptions } from './lmdb-store-options.js'
import { Moving } from './moving.js'
import { asBuffer, bytesOf, putGroups, sizeOf } from './group-rows.js'
import { number } from './numbers.js'
import { noteWriter } from './last-use.js'
import { openHere } from './open-here.js'
import { readPinAt, readPins, removePin, writePin } from './pin-files.js'
import { noteClosed, probe } from './probe.js'
import { namedReadersOf, ReaderWatch, type StoreReader } from './readers.js'
import { Room } from './room.js'
import { ringOf, type KeyRing } from './sealing/key-ring.js'
import { rewrapAll, sealForWriting, sealOf } from './sealing/key-table.js'
import { nameIn, nameRow, openedSnapshot, sealedSnapshot } from './sealing/sealed-rows.js'
import { checkMarks, markUnfinished, originIn, type Origin } from './marks.js'
import { sweepSegmentFolder } from './segment-folder.js'
import { Segments } from './segments.js'
import { storeIdIn } from './store-id.js'
import { MAP_BYTES, openTables, writeTables, type Tables } from './tables.js'
import { self } from './owner.js'

const MAX_POSITION = Number.MAX_SAFE_INTEGER

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
  readonly #segments: Segments
  readonly #left: LeftBatches
  readonly #log: DiskLog
  readonly #moving: Moving
  readonly #watch: ReaderWatch
  readonly #cutting: Cutting
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
    this.#leave = () => {
      this.#seal.zero()
      ring?.zero()
      leave()
    }
    const tables = (): Tables => this.#tables
    const storeId = (): Uint8Array => this.#id
    const folder = join(this.#home, SEGMENTS_FOLDER)
    const segments = (this.#segments = new Segments(folder, this.#meta, storeId, this.#readOnly))
    const left = (this.#left = new LeftBatches(tables, segments))
    this.#log = new DiskLog(tables, segments, left, () => this.#seal.isOn, this.#readOnly)
    this.#watch = new ReaderWatch(join(this.#home, LOG_FILE), options.growthBytes)
    const written = { home: this.#home, room: this.#room, write: this.#write }
    const place = { ...written, segments, left, tables, storeId }
    this.#moving = new Moving(place, options.segments)
    this.#cutting = new Cutting(place)
    try {
      probe(this.#dir, join(this.#dir, LOG_FILE), this.#mapBytes)
      this.#opened = this.#open()
      checkMarks(this.#opened.meta, this.#dir, options)
      this.#id = storeIdIn(this.#opened.meta)
      this.#checkFormat()
      this.#seal = sealOf(this.#meta, this.#id, ring, this.#readOnly && options.isSealedOnly === true)
      if (!this.#readOnly) {
        if (isNew) keepToOwner(this.#dir)
        flushNames(this.#dir, made)
        this.#claim(isFirstWriter, ring)
        if (options.isUnfinished === true) markUnfinished(this.#opened.meta)
        noteWriter(this.#dir, self())
      }
      this.#loadSegments()
      if (!this.#readOnly) sweepSegmentFolder(this.#home, this.#segments)
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

  /** Its tables, for what copies rows as they are. */
  get rows(): Tables {
    return this.#tables
  }

  get floor(): number {
    return this.#segments.floor.position
  }

  get floorHash(): Uint8Array {
    return this.#segments.floor.before
  }

  isUntidy(isBusy: boolean): boolean {
    return this.#moving.isCrowded(isBusy) || (!isBusy && (this.#moving.hasLeft || this.#cutting.isDue))
  }

  async commit(commit: Commit): Promise<void> {
    const { log, names, snapshots } = this.#tables
    const bytes = sizeOf(commit.batches) + sizeOf(commit.snapshots) + bytesOf(commit.groups)
    await this.#write(bytes, () => {
      for (const { first, bytes } of commit.batches) void log.put(first, asBuffer(bytes))
      putGroups(this.#tables, commit.groups)
      for (const { name, position } of commit.names)
        void names.put(this.#seal.keyOfName(name), nameRow(this.#seal, name, position))
      for (const each of commit.snapshots)
        void snapshots.put([each.actor, each.position], asBuffer(sealedSnapshot(this.#seal, each)))
      for (const { actor, position } of commit.outdated) void snapshots.remove([actor, position])
    })
    this.#moving.added(sizeOf(commit.batches))
    this.#watch.committed(this.#tables)
  }

  get held(): StoreHold | null {
    return this.#watch.held
  }

  /** Who is in a transaction of it just now, the oldest one first; with this process. */
  readers(): readonly StoreReader[] {
    return namedReadersOf(this.#tables)
  }

  batchAt(position: number): StoredBatch | undefined {
    return this.#log.batchAt(position)
  }

  look<T>(position: number, see: (bytes: Uint8Array) => T): T | undefined {
    return this.#log.look(position, see)
  }

  batches(from: number): Generator<StoredBatch> {
    return this.#log.batches(from)
  }

  firsts(from: number): Generator<number> {
    return this.#log.firsts(from)
  }

  last(): StoredBatch | undefined {
    return this.#log.last()
  }

  segments(): Generator<StoredSegment> {
    return this.#log.segments()
  }

  async tidy(steps: Steps = AT_ONCE): Promise<boolean> {
    if (this.#moving.hasLeft) await this.#moving.removeLeft(steps)
    else if (this.#cutting.isDue) await this.#cutting.clean(steps)
    else return this.#moving.isCrowded(false) && (await this.#moving.move(steps))
    return true
  }

  boundary(position: number): number {
    return this.#segments.boundary(position)
  }

  async dropBelow(position: number, steps: Steps = AT_ONCE): Promise<number> {
    // What could have been moved by now, and lies below, goes too; and nothing below may be left in LMDB.
    const isAbove = (): boolean => this.#segments.border >= position && !this.#moving.hasLeft
    try {
      while (!isAbove() && (await this.tidy(steps)));
    } catch (error) {
      // What lies in segments can go, also when they are not what was moved into them.
      const isDamaged = error instanceof HoldfastError && error.code === 'HF_STORE_DAMAGED'
      if (!isDamaged || this.#segments.border < position) throw error
    }
    await this.#cutting.cut(position, steps)
    return this.floor
  }

  beginAt(position: number): Promise<void> {
    return this.#cutting.beginAt(position)
  }

  *groups(kind: IndexKind): Generator<Pick<IndexGroup, 'first' | 'head'>> {
    const { index } = this.#tables
    const { floor } = this
    for (const key of [...index.getKeys({ start: [kind, 0], end: [kind, MAX_POSITION] })]) {
      const head = index.getBinary(key)
      if (head !== undefined && endOf(head) > floor) yield { first: key[1], head }
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
      if (head !== undefined) return Math.max(endOf(head), this.floor)
    }
    return this.floor
  }

  nameOf(name: string): number | undefined {
    const position = this.#tables.names.getBinary(this.#seal.keyOfName(name))?.readDoubleLE(0)
    return position !== undefined && position >= this.floor ? position : undefined
  }

  *names(): Generator<{ name: string; position: number }> {
    const { floor } = this
    for (const key of [...this.#tables.names.getKeys()]) {
      this.#log.renew()
      const row = this.#tables.names.getBinary(key)
      const position = row?.readDoubleLE(0) ?? 0
      if (row !== undefined && position >= floor) yield { name: nameIn(this.#seal, key, row), position }
    }
  }

  *snapshots(actor: number, atOrBefore: number): Generator<StoredSnapshot> {
    const { snapshots } = this.#tables
    const start: [number, number] = [actor, Math.min(atOrBefore, MAX_POSITION)]
    for (const key of [...snapshots.getKeys({ start, end: [actor, -1], reverse: true })]) {
      this.#log.renew()
      const bytes = snapshots.getBinary(key)
      if (bytes !== undefined) yield openedSnapshot(this.#seal, { actor, position: key[1], bytes })
    }
  }

  *snapshotActors(): Generator<number> {
    const from = (actor: number): [number, number][] => [
      ...this.#tables.snapshots.getKeys({ start: [actor, 0], limit: 1 }),
    ]
    let next = 0
    for (let [key] = from(0); key !== undefined; [key] = from(next)) {
      intact(key[0] >= next, `it has snapshots of actor ${key[0]} behind those of actor ${next - 1}`)
      yield key[0]
      next = key[0] + 1
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

  pinAt(id: number): Pin | undefined {
    return readPinAt(this.#dir, id, this.#seal)
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
      putGroups(this.#tables, groups)
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
    this.#segments.close()
    await before?.root.close().catch(() => undefined)
    // LMDB would make a new file in the place of one that is gone.
    if (!existsSync(join(this.#home, LOG_FILE))) throw noData(this.#dir)
    this.#opened = this.#open()
    this.#checkFormat()
    this.#loadSegments()
  }

  async close(): Promise<void> {
    const opened = this.#opened
    if (opened === null) return
    if (!this.#readOnly) await this.#write(0, () => void opened.meta.remove('owner')).catch(() => undefined)
    this.#opened = null
    this.#segments.close()
    await opened.root.close()
    if (!this.#readOnly) noteClosed(this.#dir, join(this.#dir, LOG_FILE))
    this.#leave()
  }

  size(): number {
    return statSync(join(this.#dir, LOG_FILE)).size + this.#segments.bytes
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

  readonly #write = (bytes: number, step: () => void): Promise<void> =>
    writeTables(this.#tables, this.#dir, this.#room, bytes, step)

  #open(): Tables {
    try {
      return openTables(join(this.#home, LOG_FILE), this.#readOnly, this.#mapBytes)
    } catch (error) {
      throw notOpened(this.#dir, this.#readOnly, error)
    }
  }

  // As they are in this moment: whoever wrote before has noted segments until this one had the store.
  #loadSegments(): void {
    this.#tables.meta.resetReadTxn()
    this.#segments.load()
    this.#left.load()
    this.#moving.load()
    this.#cutting.load()
  }

  #checkFormat(): void {
    checkFormat(this.#dir, this.#tables.meta, this.look(MAX_POSITION, headerOf)?.format)
  }

  // E2
  #claim(isFirstWriter: boolean, ring: KeyRing | undefined): void {
    const sealed = (id: Uint8Array, epoch: number): Seal =>
      sealForWriting(this.#meta, id, ring, epoch, this.#seal)
    const claimed = claim(this.#tables, this.#dir, isFirstWriter, sealed)
    ;({ id: this.#id, epoch: this.#epoch, seal: this.#seal } = claimed)
  }
}
