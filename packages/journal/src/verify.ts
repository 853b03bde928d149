// Verify
// ======
// Reads a whole store and believes nothing: every batch's checksum, that each names the one before by its hash, that
// positions have no gap, that it was written for this store and stands where it belongs, that every record can be read,
// that the index says what the records say and nothing else, and that names and snapshots belong to the log that they
// stand beside. Signed heads that were kept elsewhere say whether the log is shorter than it was, or another one.
//
//   changed                      checksum      its bytes are others; or chain, behind a batch with a checksum made to fit
//   left out                     gap           positions are missing
//   put in                       inserted      the batch behind it follows the one before it
//   swapped, reordered           moved         it says that it belongs elsewhere, or comes from an earlier opening
//   from another store           foreign       it names another store
//   a file of the older part     segment       changed, cut off, missing, swapped, or from another store
//   cut, rolled back, exchanged  anchor        a signed head says how far the log went, and what stood there

import { HoldfastError, type LogRecord } from '@holdfast/kernel'
import { AnchorCheck, type AnchorReport } from './anchor-check.js'
import type { Anchor } from './disk/anchor.js'
import { headerOf, isBlank, isIntact, NO_STORE_ID, previousOf, storeIdOf } from './batch-format.js'
import { BatchReader } from './batch-reader.js'
import { CheckingCodec } from './checking-codec.js'
import { hashOf } from './disk/checksum.js'
import { HurtActors, type DamagedPart } from './hurt-actors.js'
import { IndexAudit } from './index-audit.js'
import { IndexNotes } from './index-notes.js'
import { Snapshots } from './snapshots.js'
import type { BatchStore, StoredBatch, StoredSegment } from './store.js'

/** One thing that is wrong. */
export interface Finding {
  readonly kind:
    | 'checksum'
    | 'chain'
    | 'gap'
    | 'inserted'
    | 'moved'
    | 'foreign'
    | 'anchor'
    | 'segment'
    | 'unreadable'
    | 'index'
    | 'name'
    | 'snapshot'
  /** Where: the first position of the batch, or the position that a name or a snapshot stands for. */
  readonly position: number
  readonly what: string
}

/** What a verification found. */
export interface VerifyReport {
  readonly ok: boolean
  readonly batches: number
  readonly records: number
  readonly bytes: number
  /** The first position that is there. */
  readonly floor: number
  /** Records before it that were cut away. */
  readonly cut: number
  /** Files that hold the older part of the log. */
  readonly segments: number
  /** The next position to be written. */
  readonly next: number
  /** SHA-256 of the last batch: the head of the chain, in hex. */
  readonly head: string
  /** Whether it was encrypted, and no key was given: then records, index, names and snapshots were not looked at. */
  readonly isShut: boolean
  /** Id of the store, in hex; empty when it has none. */
  readonly store: string
  /** What the anchors say, when some were given. */
  readonly anchors?: AnchorReport
  /** The parts of the log that are not what was written, and whom they concern. */
  readonly damaged: readonly DamagedPart[]
  readonly findings: readonly Finding[]
}

/** Notes a finding. */
export type Find = (kind: Finding['kind'], position: number, what: string) => void

/** Findings that are listed; what is this broken needs a backup, not a longer list. */
const FINDINGS_MAX = 1_000

/** Verifies a store. `onBatch` hears of each batch, for a progress bar; `anchors` are those whose signatures are good. */
export function verifyStore(
  store: BatchStore,
  onBatch: (position: number) => void = () => undefined,
  anchors: readonly Anchor[] = [],
): VerifyReport {
  const steps = verifying(store, anchors)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    onBatch(step.value)
  }
}

/** Verifies a store batch by batch: after each one, the position behind it. */
export function* verifying(
  store: BatchStore,
  anchors: readonly Anchor[] = [],
): Generator<number, VerifyReport> {
  const findings: Finding[] = []
  const find: Find = (kind, position, what) => {
    if (findings.length < FINDINGS_MAX) findings.push({ kind, position, what })
  }
  const id = store.id.every((byte) => byte === 0) ? '' : hex(store.id)
  const verification = new Verification(store, find, new AnchorCheck(anchors, id, find))
  const segments = yield* verification.takeAll()
  const { anchored, damaged } = verification.end()
  const { batches, records, bytes, next, previous, floor } = verification
  const ok = findings.length === 0
  const report = {
    ok,
    batches,
    records,
    bytes,
    floor,
    cut: floor - 1,
    segments,
    next,
    head: hex(previous),
    isShut: !store.seal.isReadable,
    store: id,
    damaged,
    findings,
  }
  return anchored === undefined ? report : { ...report, anchors: anchored }
}

function wrongWith(segment: StoredSegment): string | undefined {
  try {
    segment.check()
    return undefined
  } catch (error) {
    if (error instanceof HoldfastError) return error.message
    throw error
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

class Verification {
  batches = 0
  records = 0
  bytes = 0
  floor = 1
  next = 1
  previous: Uint8Array = new Uint8Array(32)
  readonly #store: BatchStore
  readonly #find: Find
  readonly #codec = new CheckingCodec()
  readonly #index: IndexAudit
  readonly #hurt: HurtActors
  readonly #anchors: AnchorCheck
  /** The hash of the batch before the last one, and where the last one stands. */
  #before: Uint8Array | undefined
  #last = 0
  #epoch = 0
  #names = 0
  #hasLeapt = false
  /** Where the last batch begins that was there when this began. */
  readonly #end: number

  constructor(store: BatchStore, find: Find, anchors: AnchorCheck) {
    this.#store = store
    this.#find = find
    this.#anchors = anchors
    this.#hurt = new HurtActors(store, this.#codec)
    this.#index = new IndexAudit(store, find)
    this.#end = store.last()?.first ?? 0
    this.#beginAtFloor()
  }

  /** Takes the whole log. A file that cannot be believed is leapt over. @returns how many files there are */
  *takeAll(): Generator<number, number> {
    for (;;) {
      try {
        for (const batch of this.#store.batches(this.next)) {
          // Whoever writes beside this may write faster than anybody verifies.
          if (batch.first > this.#end) break
          this.take(batch)
          yield this.next
        }
        return this.#checkLeft()
      } catch (error) {
        const ahead = [...this.#store.segments()].filter(({ next }) => next > this.next)
        const segment = ahead.find((each) => wrongWith(each) !== undefined) ?? ahead[0]
        if (!(error instanceof HoldfastError) || segment === undefined) throw error
        const where = `Positions ${segment.first} to ${segment.next - 1} are not believed.`
        this.#find('segment', segment.first, `${wrongWith(segment) ?? error.message} ${where}`)
        this.#leap(segment)
      }
    }
  }

  // What a segment lacks is read from where it was: reading the log has said nothing of it. @returns how many files there are
  #checkLeft(): number {
    let count = 0
    for (const segment of this.#store.segments()) {
      count++
      for (const { first, why } of segment.lacks()) this.#find('segment', first, why.message)
    }
    return count
  }

  #leap({ first, next, after }: StoredSegment): void {
    this.#hurt.lost(first, next - 1)
    this.#index.skip()
    this.#hasLeapt = true
    this.next = next
    this.previous = after
    this.#before = undefined
  }

  #beginAtFloor(): void {
    this.floor = this.next = this.#store.floor
    this.previous = this.#store.floorHash
    this.#before = undefined
    this.#anchors.begin(this.floor, () => hex(this.previous))
  }

  take(batch: StoredBatch): void {
    const { first, bytes } = batch
    // Whoever writes beside this has cut the log meanwhile.
    if (first > this.next && this.#store.floor > this.next) {
      this.#hasLeapt = true
      this.#beginAtFloor()
    }
    this.batches++
    this.bytes += bytes.byteLength
    const isWhole = isIntact(bytes)
    if (!isWhole) {
      this.#find('checksum', first, 'its bytes are not the ones that were written')
      this.#hurt.hurt(first)
    }
    this.#checkChain(batch)
    this.#checkOrigin(batch)
    if (first > this.next) this.#find('gap', first, `positions ${this.next} to ${first - 1} are missing`)
    this.#before = this.previous
    this.#last = first
    this.previous = hashOf(bytes)
    const count = this.#readAll(batch, isWhole)
    this.next = first + count
    this.#anchors.take(this.next - 1, () => hex(this.previous))
  }

  #checkChain({ first, bytes }: StoredBatch): void {
    const named = previousOf(bytes)
    if (Buffer.compare(named, this.previous) === 0) return
    if (this.#before !== undefined && Buffer.compare(named, this.#before) === 0)
      this.#find('inserted', this.#last, 'the batch behind it follows the one before it: it was put in')
    else this.#find('chain', first, 'it does not follow the batch before it')
  }

  #checkOrigin({ first, bytes }: StoredBatch): void {
    const header = headerOf(bytes)
    if (header === undefined) return
    const id = storeIdOf(bytes)
    if (id !== undefined && Buffer.compare(id, this.#store.id) !== 0 && this.#store.id !== NO_STORE_ID)
      this.#find('foreign', first, `it was written for another store, ${hex(id)}`)
    if (header.first !== first)
      this.#find('moved', first, `it says that it belongs at position ${header.first}`)
    else if (header.epoch < this.#epoch)
      this.#find(
        'moved',
        first,
        `it was written in opening ${header.epoch}, behind one of opening ${this.#epoch}`,
      )
    this.#epoch = Math.max(this.#epoch, header.epoch)
  }

  /** What can only be said when every batch was seen. */
  end(): { readonly anchored: AnchorReport | undefined; readonly damaged: readonly DamagedPart[] } {
    const damaged = this.#store.seal.isReadable ? this.#hurt.parts(this.next) : []
    if (!this.#store.seal.isReadable) return { anchored: this.#anchors.end(this.next), damaged }
    this.#index.end()
    const names = [...this.#store.names()]
    const snapshots = new Snapshots(this.#codec, this.#store)
    // They were taken before this: whoever writes beside it has written what they stand for.
    const next = Math.max(this.next, this.#endNow())
    for (const { name, position } of names) {
      if (position < this.next) this.#names--
      else if (position >= next)
        this.#find('name', position, `the correlation "${name}" stands for a position that is not there`)
    }
    // What was cut away meanwhile has taken its names along.
    if (this.#names !== 0 && !this.#hasLeapt && this.#store.floor === this.floor)
      this.#find('name', 0, 'the names of correlations are not those in the records')
    for (const actor of this.#store.snapshotActors()) {
      for (const stored of this.#store.snapshots(actor, Infinity)) {
        const { position } = stored
        if (!snapshots.isReadable(stored))
          this.#find('snapshot', position, `that of actor ${actor} cannot be read`)
        if (position >= next && position >= this.#endNow())
          this.#find('snapshot', position, `that of actor ${actor} is ahead of the log`)
      }
    }
    return { anchored: this.#anchors.end(this.next), damaged }
  }

  // Whoever writes beside this has gone on meanwhile.
  #endNow(): number {
    const header = headerOf(this.#store.last()?.bytes ?? new Uint8Array())
    return header === undefined ? 1 : header.first + header.count
  }

  #readAll({ first, bytes }: StoredBatch, isWhole: boolean): number {
    const seen = new IndexNotes()
    if (!this.#store.seal.isReadable) return this.#countSealed(bytes)
    try {
      const opened = isWhole ? this.#store.seal.openBatch(bytes) : this.#store.seal.openDamaged(bytes)
      const reader = new BatchReader(opened, this.#codec)
      for (const record of reader.records()) this.#readRecord(record, first, seen)
      if (!isBlank(reader.header)) this.records += reader.header.count
      this.#index.take(first, reader.header.count, seen, reader.notes())
      return reader.header.count
    } catch (error) {
      this.#find('unreadable', first, error instanceof Error ? error.message : String(error))
      this.#index.skip()
      return 0
    }
  }

  // Without the key the chain and the checksums are all that there is.
  #countSealed(bytes: Uint8Array): number {
    this.#index.skip()
    const header = headerOf(bytes)
    if (header !== undefined && !isBlank(header)) this.records += header.count
    return header?.count ?? 0
  }

  // Who lives where is wanted as it is.
  #readBirth(record: LogRecord): void {
    this.#codec.isMaking = true
    try {
      this.#hurt.read(record)
    } finally {
      this.#codec.isMaking = false
    }
  }

  #readRecord(record: LogRecord, first: number, seen: IndexNotes): void {
    const { actor, correlation, position } = record
    seen.add(actor, correlation, first)
    if (record.kind === 'spawned') this.#readBirth(record)
    if (record.kind === 'turn') record.answer()
    else if (record.kind !== 'message') record.data()
    else {
      record.payload()
      const { correlationName } = record
      if (correlationName === undefined) return
      this.#names++
      if (this.#store.nameOf(correlationName) !== position)
        this.#find('name', position, `the correlation "${correlationName}" is not found by its name`)
    }
  }
}
