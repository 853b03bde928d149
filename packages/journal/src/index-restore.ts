import type { BatchIndex } from './batch-index.js'
import { BatchReader } from './batch-reader.js'
import type { Codec } from './codec.js'
import type { IndexedBatch } from './index-group.js'
import type { BatchStore } from './store.js'

/** Takes the batches that no group covers into the index again, from the notes that they carry. */
export function restoreIndex(store: BatchStore, index: BatchIndex, codec: Codec): void {
  for (const { first, next, keys } of notedFrom(store.indexedUpTo(), store, codec))
    index.add(first, next - first, { actors: keys.actor, correlations: keys.correlation })
}

/** Makes the whole index again from the notes that the stored batches carry. */
export async function rebuildIndex(store: BatchStore, index: BatchIndex, codec: Codec): Promise<void> {
  await index.rebuild([...notedFrom(1, store, codec)])
}

/** What the batches from a position on note of themselves. */
function* notedFrom(from: number, store: BatchStore, codec: Codec): Generator<IndexedBatch> {
  for (const first of store.firsts(from)) {
    const batch = first < from ? undefined : store.look(first, (bytes) => notesOf(first, bytes, codec))
    if (batch !== undefined) yield batch
  }
}

function notesOf(first: number, bytes: Uint8Array, codec: Codec): IndexedBatch {
  const reader = new BatchReader(bytes, codec)
  const { actors, correlations } = reader.notes()
  return { first, next: first + reader.header.count, keys: { actor: actors, correlation: correlations } }
}
