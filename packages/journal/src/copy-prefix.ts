// Copy of a beginning
// ===================
// Copies a log up to a position into an empty store, so that another history can go on from there. Batches keep their
// records as they are and are sealed again for the store that they are in now; only the last one, when the position lies
// within it, is written again.
//
// Invariants
//   Q1  The source is only read.
//   Q2  Every record that is copied has the position and the time that it had. A turn is copied whole or not at all.
//   Q3  Snapshots and names that stand on later records stay behind.

import { refuse, type LogRecord, type TurnRecord } from '@holdfast/kernel'
import { isIntact } from './batch-format.js'
import { batchOf } from './batch-of.js'
import { BatchReader } from './batch-reader.js'
import { BatchWriter, NOTHING } from './batch-writer.js'
import { SYSTEM } from './snapshots.js'
import { Codec } from './codec.js'
import { intact } from './damage.js'
import { hashOf } from './disk/checksum.js'
import { KeptRef } from './kept-ref.js'
import { COMMIT_BYTES_MAX } from './limits.js'
import { MovedCheckpoints } from './moved-checkpoints.js'
import type { SealedBatch } from './open-batch.js'
import { resealed } from './resealed.js'
import type { BatchStore, StoredBatch, StoredSnapshot } from './store.js'

/** What a beginning is copied from. */
export type PrefixSource = Pick<
  BatchStore,
  'batches' | 'names' | 'snapshots' | 'snapshotActors' | 'seal' | 'floor' | 'floorHash'
>

/** What was copied. */
export interface Copied {
  /** The last position: that of the turn before, when the one that was asked for lies within a turn; the one before the first for nothing. */
  readonly last: number
  /** When its batch was begun, in milliseconds since 1970. */
  readonly timeMs: number
}

/**
 * Copies everything up to a position, and up to a time, into a store that is empty.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_DAMAGED`, `HF_STORE_FAILED`
 */
export async function copyPrefix(
  source: PrefixSource,
  target: BatchStore,
  upTo: number,
  untilMs = Infinity,
): Promise<Copied> {
  if (target.last() !== undefined) refuse('to', 'a store with records', 'an empty store')
  const { floor } = source
  if (!Number.isSafeInteger(upTo) || upTo < floor)
    refuse('at', upTo, floor === 1 ? 'a position' : `a position from ${floor} on, where the log begins`)
  // The copy begins where the original does now, and its chain is its own.
  if (floor > 1) await target.beginAt(floor)
  const codec = copyingCodec()
  const writer = new BatchWriter(target)
  const checkpoints = new MovedCheckpoints(source, upTo, codec)
  checkpoints.take(floor - 1, source.floorHash, target.floorHash)
  for (const batch of source.batches(floor)) {
    const opened = openedOf(source, batch)
    const reader = new BatchReader(opened, codec)
    const { first, count, timeMs } = reader.header
    if (first > upTo || timeMs > untilMs) break
    const isWhole = first + count - 1 <= upTo
    const copied = isWhole
      ? { first, count, timeMs, bytes: resealed(opened, writer.end, target), notes: reader.notes() }
      : beginningOf(reader, upTo, codec, writer.end, target)
    if (copied === undefined) break
    checkpoints.take(first + count - 1, hashOf(batch.bytes), hashOf(copied.bytes))
    await writer.put(copied)
    // What comes behind it may be missing, and is no matter.
    if (!isWhole || writer.last === upTo) break
  }
  const { last, timeMs } = writer
  const moved = checkpoints.moved()
  // Nobody could go on from what is left of a beginning that was given up.
  if (floor > 1 && checkpoints.hadAny && moved.length === 0)
    refuse('at', upTo, 'a position at or behind the one that the log begins with')
  await writer.finish([...source.names()].filter(({ position }) => position <= last))
  while (await target.tidy());
  await copySnapshots(source, target, last)
  for (const snapshot of moved) await target.commit({ ...NOTHING, snapshots: [snapshot] })
  return { last, timeMs }
}

// What is not whole is not copied: sealed again it would be whole.
function openedOf(source: PrefixSource, { first, bytes }: StoredBatch): Uint8Array {
  intact(isIntact(bytes), `the batch at position ${first} is not the one that was written`)
  return source.seal.openBatch(bytes)
}

async function copySnapshots(source: PrefixSource, target: BatchStore, upTo: number): Promise<void> {
  let snapshots: StoredSnapshot[] = []
  let bytes = 0
  for (const actor of source.snapshotActors()) {
    // What the whole system was belongs to a batch with the hash that it had, and is moved apart.
    if (actor === SYSTEM) continue
    for (const snapshot of source.snapshots(actor, upTo)) {
      snapshots.push(snapshot)
      bytes += snapshot.bytes.byteLength
    }
    if (bytes < COMMIT_BYTES_MAX) continue
    await target.commit({ ...NOTHING, snapshots })
    snapshots = []
    bytes = 0
  }
  if (snapshots.length > 0) await target.commit({ ...NOTHING, snapshots })
}

/** The records of a batch up to a position as a batch; nothing when the first turn goes further. */
function beginningOf(
  reader: BatchReader,
  upTo: number,
  codec: Codec,
  previous: Uint8Array,
  target: BatchStore,
): SealedBatch | undefined {
  const { first, timeMs } = reader.header
  const records = wholeTurns(reader, upTo)
  if (records.length === 0) return undefined
  return batchOf(records, first, timeMs, codec, previous, target)
}

/** The records of a batch up to a position, without the turn that goes further. */
export function wholeTurns(reader: BatchReader, upTo: number): LogRecord[] {
  const { first } = reader.header
  const records = [...reader.records()]
  const isSplit = ({ position, told }: TurnRecord): boolean => position - told <= upTo && position > upTo
  const split = records.find((record): record is TurnRecord => record.kind === 'turn' && isSplit(record))
  return records.slice(0, split === undefined ? upTo - first + 1 : split.position - split.told - first)
}

/** A codec whose refs are the paths that they lead to. */
export function copyingCodec(): Codec {
  const codec = new Codec()
  // What belongs to a subject stays sealed in every copy.
  codec.keepsSealed = true
  codec.ref = (path) => new KeptRef(path)
  return codec
}
