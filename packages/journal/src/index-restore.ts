import { hasTailChecksum, isIntact, isTailIntact } from './batch-format.js'
import type { BatchIndex } from './batch-index.js'
import { BatchReader } from './batch-reader.js'
import type { Codec } from './codec.js'
import { intact } from './damage.js'
import { DamagedBatches } from './damaged-batches.js'
import type { IndexedBatch } from './index-group.js'
import type { BatchStore } from './store.js'

/** Takes the batches that no group covers into the index again, from the notes that they carry. */
export function restoreIndex(store: BatchStore, index: BatchIndex, codec: Codec): void {
  for (const { first, next, keys } of notedFrom(store.indexedUpTo(), store, codec))
    index.add(first, next - first, { actors: keys.actor, correlations: keys.correlation })
}

/** Makes the whole index again from the notes that the stored batches carry. */
export async function rebuildIndex(store: BatchStore, index: BatchIndex, codec: Codec): Promise<void> {
  await index.rebuild([...notedFrom(store.floor, store, codec)])
}

/** What the batches from a position on note of themselves. */
function* notedFrom(from: number, store: BatchStore, codec: Codec): Generator<IndexedBatch> {
  for (const first of store.firsts(from)) {
    if (first < from) continue
    const isSound = (bytes: Uint8Array): boolean => isIntact(bytes) || isTailIntact(bytes)
    const whole = store.look(first, (bytes) =>
      isSound(bytes) ? notesOf(first, store.seal.openDamaged(bytes), codec) : undefined,
    )
    const batch = whole ?? notesOfDamaged(store, first, codec)
    if (batch !== undefined) yield batch
  }
}

// Notes that are not what was written would let a search miss records in silence.
function notesOfDamaged(store: BatchStore, first: number, codec: Codec): IndexedBatch | undefined {
  const batch = store.batchAt(first)
  if (batch === undefined) return undefined
  const mended = new DamagedBatches(store, codec).mended(first)
  if (mended !== undefined) return notesIn(first, mended)
  intact(!hasTailChecksum(batch.bytes), `whom the batch at position ${first} concerns is not known`)
  return notesOf(first, store.seal.openDamaged(batch.bytes), codec)
}

function notesOf(first: number, bytes: Uint8Array, codec: Codec): IndexedBatch {
  return notesIn(first, new BatchReader(bytes, codec))
}

function notesIn(first: number, reader: BatchReader): IndexedBatch {
  const { actors, correlations } = reader.notes()
  return { first, next: first + reader.header.count, keys: { actor: actors, correlation: correlations } }
}
