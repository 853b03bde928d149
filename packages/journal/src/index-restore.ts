import type { BatchIndex, IndexedBatch } from './batch-index.js'
import { BatchReader } from './batch-reader.js'
import type { Codec } from './codec.js'
import type { BatchStore } from './store.js'

/** Takes the batches that no group covers into the index again, from the notes that they carry. */
export function restoreIndex(store: BatchStore, index: BatchIndex, codec: Codec): void {
  const from = store.indexedUpTo()
  for (const { first, bytes } of store.batches(from)) {
    if (first < from) continue
    const reader = new BatchReader(bytes, codec)
    index.add(first, reader.header.count, reader.notes())
  }
}

/** Makes the whole index again from the notes that the stored batches carry. */
export async function rebuildIndex(store: BatchStore, index: BatchIndex, codec: Codec): Promise<void> {
  const batches: IndexedBatch[] = []
  for (const { first, bytes } of store.batches(1)) {
    const reader = new BatchReader(bytes, codec)
    const { actors, correlations } = reader.notes()
    batches.push({
      first,
      next: first + reader.header.count,
      keys: { actor: actors, correlation: correlations },
    })
  }
  await index.rebuild(batches)
}
