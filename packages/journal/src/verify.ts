// Verify
// ======
// Reads a whole store and believes nothing: every batch's checksum, that each names the one before by its hash, that
// positions have no gap, that every record can be read, that the index says what the records say and nothing else, and
// that names and snapshots belong to the log that they stand beside.

import type { LogRecord } from '@holdfast/kernel'
import { isIntact, PREVIOUS_AT } from './batch-format.js'
import { BatchReader } from './batch-reader.js'
import { Codec } from './codec.js'
import { hashOf } from './disk/checksum.js'
import { IndexAudit } from './index-audit.js'
import { IndexNotes } from './index-notes.js'
import { Snapshots } from './snapshots.js'
import type { BatchStore, StoredBatch } from './store.js'

/** One thing that is wrong. */
export interface Finding {
  readonly kind: 'checksum' | 'chain' | 'gap' | 'unreadable' | 'index' | 'name' | 'snapshot'
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
  /** The next position to be written. */
  readonly next: number
  /** SHA-256 of the last batch: the head of the chain, in hex. */
  readonly head: string
  readonly findings: readonly Finding[]
}

/** Notes a finding. */
export type Find = (kind: Finding['kind'], position: number, what: string) => void

/** Findings that are listed; what is this broken needs a backup, not a longer list. */
const FINDINGS_MAX = 1_000

/** Verifies a store. `onBatch` hears of each batch, for a progress bar. */
export function verifyStore(
  store: BatchStore,
  onBatch: (position: number) => void = () => undefined,
): VerifyReport {
  const findings: Finding[] = []
  const find: Find = (kind, position, what) => {
    if (findings.length < FINDINGS_MAX) findings.push({ kind, position, what })
  }
  const verification = new Verification(store, find)
  for (const batch of store.batches(1)) {
    verification.take(batch)
    onBatch(verification.next)
  }
  verification.end()
  const { batches, records, bytes, next, previous } = verification
  const head = Buffer.from(previous).toString('hex')
  return { ok: findings.length === 0, batches, records, bytes, next, head, findings }
}

class Verification {
  batches = 0
  records = 0
  bytes = 0
  next = 1
  previous: Uint8Array = new Uint8Array(32)
  readonly #store: BatchStore
  readonly #find: Find
  readonly #codec = new Codec()
  readonly #index: IndexAudit
  readonly #actors = new Set<number>()
  #names = 0

  constructor(store: BatchStore, find: Find) {
    this.#store = store
    this.#find = find
    this.#index = new IndexAudit(store, find)
  }

  take(batch: StoredBatch): void {
    const { first, bytes } = batch
    this.batches++
    this.bytes += bytes.byteLength
    if (!isIntact(bytes)) this.#find('checksum', first, 'its bytes are not the ones that were written')
    if (Buffer.compare(bytes.subarray(PREVIOUS_AT, PREVIOUS_AT + 32), this.previous) !== 0)
      this.#find('chain', first, 'it does not follow the batch before it')
    if (first !== this.next) this.#find('gap', first, `positions ${this.next} to ${first - 1} are missing`)
    this.previous = hashOf(bytes)
    const count = this.#readAll(batch)
    this.records += count
    this.next = first + count
  }

  /** What can only be said when every batch was seen. */
  end(): void {
    this.#index.end()
    for (const { name, position } of this.#store.names()) {
      if (position < this.next) this.#names--
      else this.#find('name', position, `the correlation "${name}" stands for a position that is not there`)
    }
    if (this.#names !== 0) this.#find('name', 0, 'the names of correlations are not those in the records')
    const snapshots = new Snapshots(this.#codec, this.#store)
    for (const actor of this.#actors) {
      for (const stored of this.#store.snapshots(actor, Infinity)) {
        const { position } = stored
        if (!snapshots.isReadable(stored))
          this.#find('snapshot', position, `that of actor ${actor} cannot be read`)
        if (position >= this.next)
          this.#find('snapshot', position, `that of actor ${actor} is ahead of the log`)
      }
    }
  }

  #readAll({ first, bytes }: StoredBatch): number {
    const seen = new IndexNotes()
    try {
      const reader = new BatchReader(bytes, this.#codec)
      if (reader.header.first !== first)
        this.#find('unreadable', first, `it says that it starts at ${reader.header.first}`)
      for (const record of reader.records()) this.#readRecord(record, first, seen)
      this.#index.take(first, reader.header.count, seen, reader.notes())
      return reader.header.count
    } catch (error) {
      this.#find('unreadable', first, error instanceof Error ? error.message : String(error))
      this.#index.skip()
      return 0
    }
  }

  #readRecord(record: LogRecord, first: number, seen: IndexNotes): void {
    const { actor, correlation, position } = record
    seen.add(actor, correlation, first)
    this.#actors.add(actor)
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
