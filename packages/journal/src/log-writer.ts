// Log writer
// ==========
// What is written goes into the open batch, batches into the store in large commits, and what waits for the disk is told when
// it is there. One flush serves every turn that happened while the last one ran.
//
//   record -> open batch --seal--> sealed, sealed --commit--> stored        next     position of the next record
//                                                                           durable  everything below is stored
//
// Boundary: knows where the bytes of a batch are that is on its way, and reads no record. `log-reader.ts` does.
//
// Invariants
//   J1  `durable` advances only after the store has said that a commit is on stable storage.
//   J2  Batches are committed in order, each with the hash of the one before; none is committed twice.
//   J3  A commit that fails poisons the journal: nothing is released until the store was opened anew and what it
//       holds is known; then what was in memory is committed in the same order. `commits.ts` sees to it.
//   J4  What waits for the disk is bounded: `pressed` says so before memory does.

import type {
  Authorities,
  DataKind,
  Durability,
  Encoded,
  HoldfastError,
  MessageExtras,
  MessageName,
} from '@holdfast/kernel'
import { BatchBuffers } from './batch-buffers.js'
import { BatchIndex } from './batch-index.js'
import type { Chain } from './chain.js'
import { Checkpoints } from './checkpoints.js'
import { Codec } from './codec.js'
import { Commits, type Taken } from './commits.js'
import { CorrelationNames } from './correlation-names.js'
import { durabilityOf } from './durability.js'
import { restoreIndex } from './index-restore.js'
import { BATCH_BYTES, COMMIT_BYTES_MAX, PENDING_BYTES_MAX } from './limits.js'
import type { BatchSource } from './log-reader.js'
import { endOfLog } from './mending.js'
import { endOf, OpenBatch } from './open-batch.js'
import { Pace } from './pace.js'
import { Pins } from './pins.js'
import { SealedBatches } from './sealed-batches.js'
import { Snapshots } from './snapshots.js'
import type { BatchStore } from './store.js'
import { StoredEnd } from './stored-end.js'
import type { OnStore } from './subjects/on-store.js'
import { Tidying } from './tidying.js'

/** The writing half of a log on a store. */
export class LogWriter implements BatchSource {
  readonly codec = new Codec()
  readonly isLasting: boolean
  readonly durability: Durability
  readonly pins: Pins
  readonly subjects: OnStore['subjects']
  protected readonly store: BatchStore
  protected readonly index: BatchIndex
  protected readonly snapshots: Snapshots
  protected readonly checkpoints: Checkpoints
  protected readonly names: CorrelationNames
  protected readonly commits: Commits
  protected readonly tidying: Tidying
  readonly #authorities: Authorities
  readonly #buffers = new BatchBuffers()
  #open: OpenBatch | null = null
  readonly #sealed = new SealedBatches()
  #next: number
  #durable: number
  #lastMs = 0
  readonly #chain: Chain
  /** Only a relaxed one has a pace; any other commits whatever waits as soon as it can. */
  readonly #pace: Pace | null
  #storedEnd: StoredEnd
  #isMarked = false
  readonly #progress: (() => void)[] = []

  /** Writes to a store that was just opened. */
  constructor(store: BatchStore, authorities: Authorities, options: OnStore = {}) {
    this.subjects = this.codec.subjects = options.subjects ?? null
    const { durability, flushEveryMs, flushDeadlineMs } = durabilityOf(options, store.isLasting)
    this.store = store
    this.isLasting = store.isLasting
    this.durability = durability
    this.commits = new Commits(store, this.#source(), authorities, flushDeadlineMs)
    this.tidying = new Tidying(store, this.commits, authorities, flushDeadlineMs)
    this.#pace = durability === 'relaxed' ? new Pace(authorities, flushEveryMs, () => this.flush()) : null
    this.pins = new Pins(store)
    this.#authorities = authorities
    this.index = new BatchIndex(store)
    this.snapshots = new Snapshots(this.codec, store, this.pins)
    this.checkpoints = new Checkpoints(this.codec, store, this.snapshots)
    const end = endOfLog(store, this.codec)
    this.names = new CorrelationNames(store, end.next)
    this.#next = this.#durable = end.next
    this.#lastMs = end.timeMs
    this.#chain = end.chain
    this.#storedEnd = new StoredEnd(store.last())
    restoreIndex(store, this.index, this.codec)
  }

  get next(): number {
    return this.#open === null ? this.#next : this.#open.next
  }

  get durable(): number {
    return this.#durable
  }

  get released(): number {
    return this.#pace !== null && this.failure === null ? this.next : this.#durable
  }

  get timeMs(): number {
    return this.#batch().timeMs
  }

  get pressed(): boolean {
    return this.failure !== null || this.#sealed.bytes > PENDING_BYTES_MAX
  }

  get failure(): HoldfastError | null {
    return this.commits.failure
  }

  get copy(): unknown {
    return this.#open?.copy
  }

  get weight(): number {
    return this.#open?.weight ?? 0
  }

  mark(): void {
    this.#batch().mark()
    this.names.mark()
    this.#isMarked = true
  }

  // A turn that waits was taken back when it began to wait. By the time it fails, what stands behind the mark belongs
  // to others: a second rewind must do nothing.
  rewind(): void {
    if (!this.#isMarked) return
    this.#open?.rewind()
    this.names.rewind()
    this.#isMarked = false
  }

  keep(): void {
    this.#isMarked = false
  }

  message(
    to: number,
    name: MessageName,
    payload: unknown,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const position = this.#batch().message(to, name, payload, correlation, cause, sender, extras)
    if (extras?.correlationName !== undefined) this.names.add(extras.correlationName, position)
    return position
  }

  messageEncoded(
    to: number,
    name: MessageName,
    payload: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const position = this.#batch().messageEncoded(to, name, payload, correlation, cause, sender, extras)
    if (extras?.correlationName !== undefined) this.names.add(extras.correlationName, position)
    return position
  }

  turn(
    actor: number,
    message: number,
    correlation: number,
    attempt: number,
    answer: unknown,
    digest: number,
  ): number {
    const position = this.#batch().turn(actor, message, correlation, attempt, answer, digest)
    this.#isMarked = false
    return position
  }

  record(kind: DataKind, actor: number, correlation: number, cause: number, data: unknown): number {
    return this.#batch().record(kind, actor, correlation, cause, data)
  }

  encode(value: unknown): Encoded {
    return this.codec.encode(value)
  }

  readonly pack = (value: unknown): Uint8Array => this.codec.bytes(value)
  readonly copyOf = (value: unknown): unknown => this.codec.encode(value).copy
  readonly digest = (state: unknown): number => this.codec.digest(state)
  readonly hasDigest = (state: unknown, digest: number): boolean => this.codec.hasDigest(state, digest)

  saveSnapshot(actor: number, version: number, turns: number, state: unknown): number {
    return this.snapshots.save(actor, this.next - 1, version, turns, this.#batch().timeMs, state)
  }

  saveCheckpoint(position: number, version: number, parts: readonly Uint8Array[]): number {
    const bytes = this.checkpoints.save(position, version, parts)
    this.flush()
    return bytes
  }

  readonly hasten = (): void => this.#pace?.hasten()

  flush(): void {
    if (!this.commits.isReady) return
    if (this.#pace === null || this.#sealed.bytes > COMMIT_BYTES_MAX || this.#pace.isDue()) {
      this.commits.push()
      this.#chain.catchUp()
    } else this.#pace.putOff()
  }

  onProgress(step: () => void): void {
    this.#progress.push(step)
  }

  async close(): Promise<void> {
    const closing = this.tidying.stop().then(() => this.commits.close())
    await closing.finally(() => this.#pace?.rest()).finally(() => this.subjects?.close())
  }

  /** The bytes of the batch that holds a position: from the store, on their way there, or as they are now. */
  batchAt(position: number): ReturnType<BatchSource['batchAt']> {
    if (position >= this.next) return undefined
    if (this.#open !== null && position >= this.#open.first)
      return { bytes: this.#open.peek(), isStored: false }
    const sealed = this.#sealed.at(position)
    if (sealed !== undefined) return { bytes: this.store.seal.openBatch(sealed.bytes), isStored: false }
    const stored = this.store.batchAt(position)
    return stored === undefined ? undefined : { bytes: stored.bytes, isStored: true }
  }

  #batch(): OpenBatch {
    const open = this.#open
    const isFull =
      open !== null && (open.byteLength >= BATCH_BYTES || this.#pace?.isOld(this.#lastMs) === true)
    if (open !== null && (this.#isMarked || !isFull)) return open
    if (open !== null) this.#seal()
    this.#lastMs = Math.max(this.#lastMs, this.#authorities.now())
    return (this.#open = new OpenBatch(this.codec, this.#next, this.#lastMs, this.#buffers))
  }

  #seal(): void {
    const open = this.#open
    this.#isMarked = false
    // One that is empty goes as well: its wall time grows old.
    this.#open = null
    if (open?.count === 0) open.drop()
    if (open === null || open.count === 0) return
    const sealed = open.seal(this.#chain.end, this.store.epoch, this.store.id, this.store.seal)
    this.#chain.add(sealed.bytes)
    this.#next = open.next
    this.#sealed.add(sealed)
    this.index.add(sealed.first, sealed.count, sealed.notes)
  }

  #source(): ConstructorParameters<typeof Commits>[1] {
    return {
      isWaiting: () => this.next > this.#durable || this.snapshots.isDue(this.#durable),
      seal: () => this.#seal(),
      take: () => this.#take(),
      // Finds out which of the sealed batches a store holds that was opened anew.
      check: () => this.#forget(this.#storedEnd.check(this.store, this.#sealed.all)),
      stored: (taken) => this.#committed(taken),
      failed: () => this.#tell(),
    }
  }

  #take(): Taken {
    const batches = this.#sealed.next()
    if (batches.length === this.#sealed.all.length) this.#pace?.rest()
    const before = endOf(batches) ?? this.#durable
    const groups = before === this.#next ? this.index.due() : []
    const names = this.names.due(before)
    return { batches, commit: { batches, ...this.snapshots.due(before), groups, names } }
  }

  #committed({ batches, commit }: Taken): void {
    this.#forget(batches.length)
    this.index.settle(commit.groups)
    this.snapshots.settle(commit.snapshots)
    this.names.settle(commit.names)
    this.#tell()
    if (this.next > this.#durable) this.flush()
    this.tidying.nudge(this.next > this.#durable)
  }

  #tell(): void {
    for (const step of this.#progress) step()
  }

  /** The store holds so many of the sealed batches. */
  #forget(count: number): void {
    const last = this.#sealed.drop(count)
    if (last === undefined) return
    this.#durable = last.first + last.count
    this.#storedEnd = new StoredEnd(last)
  }
}
