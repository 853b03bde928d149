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

import { NO_ANSWER, refuse, REF, type LogRecord, type MessageName } from '@holdfast/kernel'
import { headerOf, isIntact } from './batch-format.js'
import { BatchReader } from './batch-reader.js'
import { Chain } from './chain.js'
import { Codec } from './codec.js'
import { intact } from './damage.js'
import { COMMIT_BYTES_MAX } from './limits.js'
import { OpenBatch } from './open-batch.js'
import { resealed } from './resealed.js'
import type { BatchStore, StoredBatch, StoredSnapshot } from './store.js'

/**
 * Copies everything up to a position into a store that is empty.
 *
 * @returns the last position that was copied: that of the turn before, when the position lies within a turn
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_DAMAGED`, `HF_STORE_FAILED`
 */
export async function copyPrefix(source: BatchStore, target: BatchStore, upTo: number): Promise<number> {
  if (target.last() !== undefined) refuse('to', 'a store with records', 'an empty store')
  const { floor } = source
  if (!Number.isSafeInteger(upTo) || upTo < floor)
    refuse('at', upTo, floor === 1 ? 'a position' : `a position from ${floor} on, where the log begins`)
  // The copy begins where the original does now, and its chain is its own.
  if (floor > 1) await target.beginAt(floor)
  const codec = copyingCodec()
  const actors = new Set<number>()
  const chain = new Chain(undefined)
  let waiting: StoredBatch[] = []
  let bytes = 0
  let last = floor - 1
  for (const batch of source.batches(floor)) {
    const opened = openedOf(source, batch)
    const reader = new BatchReader(opened, codec)
    const { first, count } = reader.header
    if (first > upTo) break
    const isWhole = first + count - 1 <= upTo
    const copied = isWhole
      ? { first, bytes: resealed(opened, chain.end, target) }
      : beginningOf(reader, upTo, codec, chain.end, target)
    if (copied === undefined) break
    for (const actor of reader.notes().actors) actors.add(actor)
    chain.add(copied.bytes)
    waiting.push(copied)
    bytes += copied.bytes.byteLength
    last = first + headerOf(copied.bytes)!.count - 1
    if (!isWhole) break
    if (bytes < COMMIT_BYTES_MAX) continue
    await target.commit({ ...NOTHING, batches: waiting })
    await target.tidy()
    waiting = []
    bytes = 0
  }
  const names = [...source.names()].filter(({ position }) => position <= last)
  await target.commit({ ...NOTHING, batches: waiting, names })
  while (await target.tidy());
  await copySnapshots(source, target, actors, last)
  return last
}

// What is not whole is not copied: sealed again it would be whole.
function openedOf(source: BatchStore, { first, bytes }: StoredBatch): Uint8Array {
  intact(isIntact(bytes), `the batch at position ${first} is not the one that was written`)
  return source.seal.openBatch(bytes)
}

const NOTHING = { batches: [], snapshots: [], groups: [], names: [], outdated: [] }

async function copySnapshots(
  source: BatchStore,
  target: BatchStore,
  actors: ReadonlySet<number>,
  upTo: number,
): Promise<void> {
  let snapshots: StoredSnapshot[] = []
  let bytes = 0
  for (const actor of actors) {
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
): StoredBatch | undefined {
  const { first, timeMs } = reader.header
  const records = [...reader.records()]
  const turns = records.flatMap((record, i) =>
    record.kind === 'turn' ? [[i - record.told, i] as const] : [],
  )
  const split = turns.find(([from, end]) => records[from]!.position <= upTo && records[end]!.position > upTo)
  const count = split === undefined ? upTo - first + 1 : split[0]
  if (count === 0) return undefined
  const open = new OpenBatch(codec, first, timeMs)
  const begins = new Set(turns.map(([from]) => from))
  const names = new Map<string, MessageName>()
  for (const [i, record] of records.slice(0, count).entries()) {
    if (begins.has(i)) open.mark()
    write(open, record, names)
  }
  return open.seal(previous, target.epoch, target.id, target.seal)
}

function write(open: OpenBatch, record: LogRecord, names: Map<string, MessageName>): void {
  const { actor, correlation, cause, position } = record
  if (record.kind === 'turn') {
    const { message, attempt, answered, digest } = record
    open.turn(actor, message, correlation, attempt, answered ? record.answer() : NO_ANSWER, digest)
  } else if (record.kind === 'message') {
    const { type, version, sender, correlationName, ask, outside, timer, notice } = record
    const key = `${version} ${type}`
    const name = names.get(key) ?? { type, version, batch: -1, slot: 0 }
    names.set(key, name)
    const extras = { correlationName, ask, outside, timer, notice }
    const isPlain = correlationName === undefined && ask === undefined && timer === undefined
    const own = correlation === position ? 0 : correlation
    open.message(
      actor,
      name,
      record.payload(),
      own,
      cause,
      sender,
      isPlain && !outside && !notice ? null : extras,
    )
  } else open.record(record.kind, actor, correlation, cause, record.data())
}

function copyingCodec(): Codec {
  const codec = new Codec()
  codec.ref = (path) => ({ path, [REF]: path })
  return codec
}
