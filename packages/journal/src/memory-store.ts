import { NO_STORE_ID } from './batch-format.js'
import { hashOf } from './disk/checksum.js'
import { endOf } from './index-group.js'
import type { Pin } from './pins.js'
import { NO_SEAL, type Seal } from './seal.js'
import type {
  BatchStore,
  Commit,
  IndexGroup,
  IndexKind,
  StoredBatch,
  StoredSegment,
  StoredSnapshot,
} from './store.js'
import { HoldfastError, type StoreHold } from '@holdfast/kernel'

/** Bytes that a store in memory holds before it takes no more: it never drops anything, so it must end somewhere. */
const MEMORY_BYTES_MAX = 1_073_741_824

/** What a store in memory may be told. */
export interface MemoryStoreOptions {
  /** @default 1 GiB */
  readonly bytesMax?: number
  /** False when no other journal will be opened on it. @default true */
  readonly isLasting?: boolean
  /** Which store it is. @default all zeros: it ends with its process, and nobody takes another for it */
  readonly id?: Uint8Array
  /** @default none */
  readonly seal?: Seal
}

/** A store in memory: for tests, trials and systems without a data directory. It ends with its process. */
export class MemoryStore implements BatchStore {
  readonly epoch = 1
  readonly id: Uint8Array
  readonly seal: Seal
  readonly isLasting: boolean
  readonly held: StoreHold | null = null
  readonly #batches: StoredBatch[] = []
  readonly #snapshots = new Map<number, StoredSnapshot[]>()
  readonly #groups: Record<IndexKind, IndexGroup[]> = { actor: [], correlation: [] }
  readonly #names = new Map<string, number>()
  readonly #deleted = new Map<number, number>()
  readonly #pins = new Map<number, Pin>()
  readonly #bytesMax: number
  #size = 0
  #indexedUpTo = 1
  #floor = 1
  #floorHash: Uint8Array = new Uint8Array(32)
  /** Batches that were cut away. */
  #cut = 0

  constructor({
    bytesMax = MEMORY_BYTES_MAX,
    isLasting = true,
    id = NO_STORE_ID,
    seal = NO_SEAL,
  }: MemoryStoreOptions = {}) {
    this.id = id
    this.seal = seal
    this.#bytesMax = bytesMax
    this.isLasting = isLasting
  }

  get floor(): number {
    return this.#floor
  }

  get floorHash(): Uint8Array {
    return this.#floorHash
  }

  commit(commit: Commit): Promise<void> {
    const bytes = commit.batches.reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
    if (this.#size + bytes > this.#bytesMax) return Promise.reject(full(this.#bytesMax))
    this.#size += bytes
    // A batch on its way stands in a buffer of the size of the largest; the copy is as large as the batch.
    for (const { first, bytes: batch } of commit.batches)
      this.#batches.push({ first, bytes: Buffer.from(batch) })
    for (const snapshot of commit.snapshots) this.#keep(snapshot)
    for (const { actor, position } of commit.outdated) this.#forget(actor, position, position)
    this.#keepGroups(commit.groups)
    for (const { name, position } of commit.names) this.#names.set(name, position)
    return Promise.resolve()
  }

  isUntidy(_isBusy: boolean): boolean {
    return false
  }

  batchAt(position: number): StoredBatch | undefined {
    const i = this.#indexAt(position)
    return i === -1 ? undefined : this.#batches[i]
  }

  look<T>(position: number, see: (bytes: Uint8Array) => T): T | undefined {
    const batch = this.batchAt(position)
    return batch === undefined ? undefined : see(batch.bytes)
  }

  *firsts(from: number): Generator<number> {
    for (const { first } of this.batches(from)) yield first
  }

  *batches(from: number): Generator<StoredBatch> {
    // The beginning may be cut away between two steps.
    for (let nth = this.#cut + Math.max(0, this.#indexAt(from)); ; nth++) {
      nth = Math.max(nth, this.#cut)
      const batch = this.#batches[nth - this.#cut]
      if (batch === undefined) return
      yield batch
    }
  }

  last(): StoredBatch | undefined {
    return this.#batches.at(-1)
  }

  *groups(kind: IndexKind): Generator<IndexGroup> {
    yield* this.#groups[kind]
  }

  page(kind: IndexKind, first: number, page: number): Uint8Array | undefined {
    return this.#groups[kind].find((group) => group.first === first)?.pages[page]
  }

  indexedUpTo(): number {
    return Math.max(this.#indexedUpTo, this.#floor)
  }

  nameOf(name: string): number | undefined {
    return this.#names.get(name)
  }

  *names(): Generator<{ name: string; position: number }> {
    for (const [name, position] of this.#names) yield { name, position }
  }

  *snapshots(actor: number, atOrBefore: number): Generator<StoredSnapshot> {
    for (const snapshot of [...(this.#snapshots.get(actor) ?? [])].reverse())
      if (snapshot.position <= atOrBefore) yield snapshot
  }

  snapshotActors(): Iterable<number> {
    return this.#snapshots.keys()
  }

  deleteSnapshots(actor: number, from: number, to: number): Promise<number> {
    return Promise.resolve(this.#forget(actor, from, to))
  }

  deletedUpTo(actor: number): number {
    return this.#deleted.get(actor) ?? 0
  }

  markDeleted(actor: number, upTo: number): Promise<void> {
    this.#deleted.set(actor, upTo)
    return Promise.resolve()
  }

  pins(): readonly Pin[] {
    return [...this.#pins.values()]
  }

  pinAt(id: number): Pin | undefined {
    return this.#pins.get(id)
  }

  pin(pin: Pin): void {
    this.#pins.set(pin.id, pin)
  }

  unpin(id: number): boolean {
    return this.#pins.delete(id)
  }

  replaceGroups(groups: Commit['groups']): Promise<void> {
    this.#groups.actor = []
    this.#groups.correlation = []
    this.#indexedUpTo = 1
    this.#keepGroups(groups)
    return Promise.resolve()
  }

  *segments(): Generator<StoredSegment> {
    // What it holds is in no file.
  }

  tidy(): Promise<boolean> {
    return Promise.resolve(false)
  }

  boundary(position: number): number {
    return this.#batches[this.#indexAt(position)]?.first ?? this.#floor
  }

  dropBelow(position: number): Promise<number> {
    const count = this.#indexAt(position)
    if (count <= 0) return Promise.resolve(this.#floor)
    const cut = this.#batches.splice(0, count)
    this.#cut += count
    this.#size -= cut.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    this.#floor = this.#batches[0]!.first
    this.#floorHash = hashOf(cut.at(-1)!.bytes)
    for (const kind of ['actor', 'correlation'] as const)
      this.#groups[kind] = this.#groups[kind].filter(({ head }) => endOf(head) > this.#floor)
    for (const [name, at] of this.#names) if (at < this.#floor) this.#names.delete(name)
    return Promise.resolve(this.#floor)
  }

  beginAt(position: number): Promise<void> {
    this.#floor = position
    return Promise.resolve()
  }

  reopen(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  size(): number {
    return this.#size
  }

  #keepGroups(groups: Commit['groups']): void {
    for (const group of groups) {
      const kept = this.#groups[group.kind]
      if (kept.at(-1)?.first === group.first) kept.pop()
      kept.push(group)
      this.#indexedUpTo = Math.max(this.#indexedUpTo, endOf(group.head))
    }
  }

  #keep(snapshot: StoredSnapshot): void {
    const kept = this.#snapshots.get(snapshot.actor) ?? []
    const others = kept.filter(({ position }) => position !== snapshot.position)
    this.#snapshots.set(
      snapshot.actor,
      [...others, snapshot].sort((a, b) => a.position - b.position),
    )
  }

  #forget(actor: number, from: number, to: number): number {
    const kept = this.#snapshots.get(actor) ?? []
    const left = kept.filter(({ position }) => position < from || position > to)
    this.#snapshots.set(actor, left)
    return kept.length - left.length
  }

  #indexAt(position: number): number {
    let low = 0
    let high = this.#batches.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#batches[middle]!.first <= position) low = middle
      else high = middle - 1
    }
    return (this.#batches[low]?.first ?? Infinity) <= position ? low : -1
  }
}

function full(bytes: number): HoldfastError {
  return new HoldfastError('HF_STORE_FULL', `The store in memory holds ${bytes} bytes and takes no more.`, {
    hint: 'Give the system a data directory, or make hot actors durable: false.',
  })
}
