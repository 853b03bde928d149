// Verify
// ======
// Reads a whole store and believes nothing: every batch's checksum, that each names the one before by its hash, that
// positions have no gap, that every record can be read, and that the index finds what is there and nothing else.

import { BatchReader } from './batch-reader.js'
import { CHECKSUM_AT, PREVIOUS_AT } from './batch-format.js'
import { Codec } from './codec.js'
import { checksum, hashOf } from './disk/checksum.js'
import { BatchIndex } from './batch-index.js'
import { restoreIndex } from './index-restore.js'
import type { BatchStore, StoredBatch } from './store.js'

/** One thing that is wrong. */
export interface Finding {
  readonly kind: 'checksum' | 'chain' | 'gap' | 'unreadable' | 'index'
  /** Where: the first position of the batch. */
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

/** Findings that are listed; what is this broken needs a backup, not a longer list. */
const FINDINGS_MAX = 1_000

/** Verifies a store. `onBatch` hears of each batch, for a progress bar. */
export function verifyStore(store: BatchStore, onBatch: (position: number) => void = () => undefined): VerifyReport {
  const findings: Finding[] = []
  const found = (kind: Finding['kind'], position: number, what: string): void => {
    if (findings.length < FINDINGS_MAX) findings.push({ kind, position, what })
  }
  const codec = new Codec()
  const index = new BatchIndex(store)
  restoreIndex(store, index, codec)
  let previous: Uint8Array = new Uint8Array(32)
  let next = 1
  let batches = 0
  let records = 0
  let bytes = 0
  for (const batch of store.batches(1)) {
    batches++
    bytes += batch.bytes.byteLength
    if (!hasChecksum(batch.bytes)) found('checksum', batch.first, 'its bytes are not the ones that were written')
    const named = batch.bytes.subarray(PREVIOUS_AT, PREVIOUS_AT + 32)
    if (Buffer.compare(named, previous) !== 0) found('chain', batch.first, 'it does not follow the batch before it')
    if (batch.first !== next) found('gap', batch.first, `positions ${next} to ${batch.first - 1} are missing`)
    previous = hashOf(batch.bytes)
    const count = readAll(batch, codec, index, found)
    records += count
    next = batch.first + count
    onBatch(next)
  }
  return { ok: findings.length === 0, batches, records, bytes, next, head: Buffer.from(previous).toString('hex'), findings }
}

function hasChecksum(bytes: Uint8Array): boolean {
  const copy = Uint8Array.from(bytes)
  const view = new DataView(copy.buffer)
  const stored = view.getUint32(CHECKSUM_AT, true)
  view.setUint32(CHECKSUM_AT, 0, true)
  return checksum(copy) === stored
}

function readAll(batch: StoredBatch, codec: Codec, index: BatchIndex, found: (kind: Finding['kind'], position: number, what: string) => void): number {
  const actors = new Set<number>()
  const correlations = new Set<number>()
  try {
    const reader = new BatchReader(batch.bytes, codec)
    for (const record of reader.records()) {
      actors.add(record.actor)
      if (record.correlation !== 0 && record.correlation < batch.first) correlations.add(record.correlation)
      if (record.kind === 'message') record.payload()
      else if (record.kind === 'turn') record.answer()
      else record.data()
    }
    for (const actor of actors) if (!index.find('actor', actor, batch.first).includes(batch.first)) found('index', batch.first, `actor ${actor} is not found`)
    for (const id of correlations) if (!index.find('correlation', id, batch.first).includes(batch.first)) found('index', batch.first, `correlation ${id} is not found`)
    return reader.header.count
  } catch (error) {
    found('unreadable', batch.first, error instanceof Error ? error.message : String(error))
    return 0
  }
}
