// Journal
// =======
// The log that everything rests on: records go into the open batch, batches into the store in large commits, and what
// waits for the disk is told when it is there. One flush serves every turn that happened while the last one ran.
//
//   record -> open batch --seal--> sealed, sealed --commit--> stored        next     position of the next record
//                                                                           durable  everything below is stored
//
// Invariants
//   J1  `durable` advances only after the store has said that a commit is on stable storage.
//   J2  Batches are committed in order, each with the hash of the one before; none is committed twice.
//   J3  A commit that fails poisons the journal: nothing is released until the store was opened anew and what it
//       holds is known; then what was in memory is committed in the same order. A failed flush is never believed.
//   J4  What waits for the disk is bounded: `pressed` says so before memory does.

import {
  HoldfastError,
  type Authorities,
  type DataKind,
  type Encoded,
  type Log,
  type LogRecord,
  type MessageExtras,
  type MessageName,
  type MessageRecord,
  type Snapshot,
} from '@holdfast/kernel'
import { BatchIndex } from './batch-index.js'
import { BatchReader } from './batch-reader.js'
import { Codec } from './codec.js'
import { CorrelationNames } from './correlation-names.js'
import { digestOf, hashOf } from './disk/checksum.js'
import { restoreIndex } from './index-restore.js'
import { BATCH_BYTES, COMMIT_BYTES_MAX, PENDING_BYTES_MAX, REOPEN_MAX_MS, REOPEN_MIN_MS } from './limits.js'
import { OpenBatch, type SealedBatch } from './open-batch.js'
import { Snapshots } from './snapshots.js'
import { storeFailure } from './store-failure.js'
import type { BatchStore, Commit } from './store.js'

const NO_HASH = new Uint8Array(32)

/** A log on a store. */
export class Journal implements Log {
  readonly codec = new Codec()
  readonly #authorities: Authorities
  readonly #store: BatchStore
  readonly #index: BatchIndex
  readonly #snapshots: Snapshots
  readonly #names: CorrelationNames
  #open: OpenBatch | null = null
  #sealed: SealedBatch[] = []
  #sealedBytes = 0
  #next: number
  #durable: number
  #lastMs = 0
  #previous: Uint8Array
  #isCommitting = false
  #isMarked = false
  #isClosed = false
  #failure: HoldfastError | null = null
  #pauseMs = REOPEN_MIN_MS
  #progress: (() => void)[] = []
  #idle: (() => void)[] = []

  /** Puts a journal on a store that was just opened. */
  constructor(store: BatchStore, authorities: Authorities) {
    this.#store = store
    this.#authorities = authorities
    this.#index = new BatchIndex(store)
    this.#snapshots = new Snapshots(this.codec, store)
    this.#names = new CorrelationNames(store)
    const last = store.last()
    const header = last === undefined ? undefined : new BatchReader(last.bytes, this.codec).header
    this.#next = header === undefined ? 1 : header.first + header.count
    this.#durable = this.#next
    this.#lastMs = header?.timeMs ?? 0
    this.#previous = last === undefined ? NO_HASH : hashOf(last.bytes)
    restoreIndex(store, this.#index, this.codec)
  }

  get next(): number {
    return this.#open === null ? this.#next : this.#open.next
  }

  get durable(): number {
    return this.#durable
  }

  get timeMs(): number {
    return this.#batch().timeMs
  }

  get pressed(): boolean {
    return this.#failure !== null || this.#sealedBytes > PENDING_BYTES_MAX
  }

  get failure(): HoldfastError | null {
    return this.#failure
  }

  get copy(): unknown {
    return this.#open?.copy
  }

  get weight(): number {
    return this.#open?.weight ?? 0
  }

  /** Bytes that the store takes. */
  get size(): number {
    return this.#store.size()
  }

  /** How often the store was opened for writing. */
  get epoch(): number {
    return this.#store.epoch
  }

  // Writing ----------------------------------------------------------------------------------------------------------

  mark(): void {
    this.#batch().mark()
    this.#names.mark()
    this.#isMarked = true
  }

  rewind(): void {
    this.#open?.rewind()
    this.#names.rewind()
    this.#isMarked = false
  }

  message(to: number, name: MessageName, payload: unknown, correlation: number, cause: number, sender: number, extras: MessageExtras | null): number {
    const position = this.#batch().message(to, name, payload, correlation, cause, sender, extras)
    if (extras?.correlationName !== undefined) this.#names.add(extras.correlationName, position)
    return position
  }

  messageEncoded(to: number, name: MessageName, payload: Encoded, correlation: number, cause: number, sender: number, extras: MessageExtras | null): number {
    const position = this.#batch().messageEncoded(to, name, payload, correlation, cause, sender, extras)
    if (extras?.correlationName !== undefined) this.#names.add(extras.correlationName, position)
    return position
  }

  turn(actor: number, message: number, correlation: number, attempt: number, answer: unknown, digest: number): number {
    const position = this.#batch().turn(actor, message, correlation, attempt, answer, digest)
    return position
  }

  record(kind: DataKind, actor: number, correlation: number, cause: number, data: unknown): number {
    return this.#batch().record(kind, actor, correlation, cause, data)
  }

  encode(value: unknown): Encoded {
    if (value === undefined) return { bytes: NO_BYTES, copy: undefined }
    const bytes = this.codec.bytes(value)
    return { bytes, copy: this.codec.unpack(bytes, 0, bytes.byteLength) }
  }

  digest(state: unknown): number {
    return digestOf(this.codec.bytes(state))
  }

  saveSnapshot(actor: number, version: number, turns: number, state: unknown): number {
    return this.#snapshots.save(actor, this.next - 1, version, turns, this.#batch().timeMs, state)
  }

  flush(): void {
    if (this.#isCommitting || this.#failure !== null || this.#isClosed) return
    this.#seal()
    if (this.#sealed.length === 0) return
    this.#isCommitting = true
    const batches = this.#take()
    const commit = this.#commitOf(batches)
    this.#store.commit(commit).then(
      () => { this.#committed(batches, commit) },
      (error: unknown) => { this.#fail(error) },
    )
  }

  onProgress(step: () => void): void {
    this.#progress.push(step)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.flush()
    if (this.#failure === null && this.next > this.#durable) {
      await new Promise<void>((resolve) => { this.#idle.push(resolve) })
    }
    this.#isClosed = true
    await this.#store.close()
    if (this.#failure !== null && this.next > this.#durable) throw this.#failure
  }

  // Reading ----------------------------------------------------------------------------------------------------------

  correlationOf(name: string): number {
    return this.#names.positionOf(name)
  }

  correlationName(id: number): string {
    if (id === 0) return ''
    return this.messageAt(id)?.correlationName ?? String(id)
  }

  *read(from: number, below = Infinity): Generator<LogRecord> {
    for (const bytes of this.#batchesFrom(from)) {
      for (const record of new BatchReader(bytes, this.codec).records(from)) {
        if (record.position >= below) return
        yield record
      }
    }
  }

  *readActor(actor: number, from: number): Generator<LogRecord> {
    const after = Math.max(from, this.#store.deletedUpTo(actor) + 1)
    for (const bytes of this.#batchesOf('actor', actor, after)) {
      for (const record of new BatchReader(bytes, this.codec).records(after)) {
        if (record.actor === actor) yield record
      }
    }
  }

  /** The records of one correlation, in order, over all actors. */
  *readCorrelation(correlation: number): Generator<LogRecord> {
    for (const bytes of this.#batchesOf('correlation', correlation, correlation)) {
      for (const record of new BatchReader(bytes, this.codec).records(correlation)) {
        if (record.correlation === correlation) yield record
      }
    }
  }

  /** The record at a position. */
  at(position: number): LogRecord | undefined {
    const bytes = this.#bytesAt(position)
    return bytes === undefined ? undefined : new BatchReader(bytes, this.codec).at(position)
  }

  messageAt(position: number): MessageRecord | undefined {
    const record = this.at(position)
    return record?.kind === 'message' ? record : undefined
  }

  snapshot(actor: number, at = Infinity, beforeMs = Infinity): Snapshot | undefined {
    return this.#snapshots.newest(actor, at, beforeMs)
  }

  /** Deletes snapshots of an actor in a range of positions. @returns how many */
  deleteSnapshots(actor: number, from: number, to: number): Promise<number> {
    return this.#snapshots.delete(actor, from, to)
  }

  /**
   * Lets an actor's records up to a position count as deleted: reading starts after it. Positions are never reused.
   *
   * @returns the position that it now stands at: at most the last one that exists
   */
  async deleteUpTo(actor: number, position: number): Promise<number> {
    const upTo = Math.max(this.#store.deletedUpTo(actor), Math.min(position, this.next - 1))
    await this.#store.markDeleted(actor, upTo)
    return upTo
  }

  /** Throws the index away and makes it again from the batches. */
  async rebuildIndex(): Promise<void> {
    await this.#store.dropGroups()
    this.#index.clear()
    restoreIndex(this.#store, this.#index, this.codec)
  }

  // How batches move -------------------------------------------------------------------------------------------------

  #batch(): OpenBatch {
    const open = this.#open
    if (open !== null && (open.byteLength < BATCH_BYTES || this.#isMarked)) return open
    if (open !== null) this.#seal()
    this.#lastMs = Math.max(this.#lastMs, this.#authorities.now())
    return (this.#open = new OpenBatch(this.codec, this.#next, this.#lastMs))
  }

  #seal(): void {
    const open = this.#open
    this.#isMarked = false
    if (open === null || open.count === 0) return
    const sealed = open.seal(this.#previous, this.#store.epoch)
    this.#previous = hashOf(sealed.bytes)
    this.#next = open.next
    this.#sealed.push(sealed)
    this.#sealedBytes += sealed.bytes.byteLength
    this.#index.add(sealed.first, sealed.count, sealed.notes)
    this.#open = null
  }

  #take(): SealedBatch[] {
    let bytes = 0
    let count = 0
    while (count < this.#sealed.length && (count === 0 || bytes < COMMIT_BYTES_MAX)) bytes += this.#sealed[count++]!.bytes.byteLength
    return this.#sealed.slice(0, count)
  }

  #commitOf(batches: readonly SealedBatch[]): Commit {
    const last = batches.at(-1)!
    const before = last.first + last.count
    const isWhole = before === this.#next
    const { snapshots, outdated } = isWhole ? this.#snapshots.due() : NO_SNAPSHOTS
    return { batches, snapshots, outdated, groups: isWhole ? this.#index.due() : [], names: this.#names.due(before) }
  }

  #committed(batches: readonly SealedBatch[], commit: Commit): void {
    this.#isCommitting = false
    this.#sealed.splice(0, batches.length)
    this.#sealedBytes -= batches.reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
    this.#index.settle(commit.groups)
    this.#snapshots.settle(commit.snapshots)
    this.#names.settle(commit.names)
    const last = batches.at(-1)!
    this.#durable = last.first + last.count
    this.#tell()
    if (this.next > this.#durable) this.flush()
    else this.#tellIdle()
  }

  #fail(error: unknown): void {
    this.#failure = storeFailure(error)
    this.#tell()
    this.#authorities.timer(this.#pauseMs, () => { void this.#reopen() })
    this.#pauseMs = Math.min(REOPEN_MAX_MS, this.#pauseMs * 2)
    this.#tellIdle()
  }

  // J3: the outcome of a failed commit is unknown, so the store is opened anew and asked what it holds.
  async #reopen(): Promise<void> {
    if (this.#isClosed) return
    try {
      await this.#store.reopen()
      this.#dropStored()
    } catch (error) {
      this.#fail(error)
      return
    }
    const batches = this.#take()
    const commit = this.#commitOf(batches)
    if (batches.length > 0) {
      try {
        await this.#store.commit(commit)
      } catch (error) {
        this.#fail(error)
        return
      }
    }
    this.#failure = null
    this.#pauseMs = REOPEN_MIN_MS
    if (batches.length > 0) this.#committed(batches, commit)
    else {
      this.#isCommitting = false
      this.#tell()
    }
  }

  #dropStored(): void {
    const last = this.#store.last()
    if (last === undefined) return
    const { header } = new BatchReader(last.bytes, this.codec)
    const end = header.first + header.count
    const stored = this.#sealed.filter((batch) => batch.first + batch.count <= end)
    const mine = stored.at(-1)
    if (mine !== undefined && Buffer.compare(mine.bytes, last.bytes) !== 0) {
      throw new HoldfastError('HF_STORE_DAMAGED', `The store holds another batch at position ${mine.first} than was written.`, {
        hint: 'Another process may have written to it. Stop, and run `holdfast verify`.',
      })
    }
    this.#sealed.splice(0, stored.length)
    this.#sealedBytes -= stored.reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
    this.#durable = Math.max(this.#durable, end)
  }

  #tell(): void {
    for (const step of this.#progress) step()
  }

  #tellIdle(): void {
    const idle = this.#idle
    this.#idle = []
    for (const step of idle) step()
  }

  *#batchesFrom(from: number): Generator<Uint8Array> {
    let next = from
    for (const { bytes, first } of this.#store.batches(from)) {
      if (first >= this.#durable) break
      yield bytes
      next = first + 1
    }
    for (const batch of [...this.#sealed]) if (batch.first + batch.count > next && batch.first >= this.#durable) yield batch.bytes
    if (this.#open !== null && this.#open.count > 0) yield this.#open.peek()
  }

  *#batchesOf(kind: 'actor' | 'correlation', key: number, from: number): Generator<Uint8Array> {
    const found = new Set(this.#index.find(kind, key, from))
    const own = kind === 'correlation' ? this.#firstOf(key) : undefined
    if (own !== undefined) found.add(own)
    for (const first of [...found].sort((a, b) => a - b)) {
      const bytes = this.#bytesAt(first)
      if (bytes !== undefined) yield bytes
    }
    if (this.#open !== null && this.#open.count > 0 && !found.has(this.#open.first)) yield this.#open.peek()
  }

  #firstOf(position: number): number | undefined {
    const bytes = this.#bytesAt(position)
    return bytes === undefined ? undefined : new BatchReader(bytes, this.codec).header.first
  }

  #bytesAt(position: number): Uint8Array | undefined {
    if (position >= this.next) return undefined
    if (this.#open !== null && position >= this.#open.first) return this.#open.peek()
    const sealed = this.#sealed.find((batch) => position >= batch.first && position < batch.first + batch.count)
    return sealed?.bytes ?? this.#store.batchAt(position)?.bytes
  }
}

const NO_BYTES = new Uint8Array(0)
const NO_SNAPSHOTS: Pick<Commit, 'snapshots' | 'outdated'> = { snapshots: [], outdated: [] }
