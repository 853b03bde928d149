import type { BatchIndex } from './batch-index.js'
import { BatchReader } from './batch-reader.js'
import type { Codec } from './codec.js'
import { IndexNotes } from './index-notes.js'
import type { BatchStore } from './store.js'

/** Takes the batches that no group covers into the index again, from their records. */
export function restoreIndex(store: BatchStore, index: BatchIndex, codec: Codec): void {
  const from = store.indexedUpTo()
  for (const { first, bytes } of store.batches(from)) {
    if (first < from) continue
    const reader = new BatchReader(bytes, codec)
    const notes = new IndexNotes()
    for (const record of reader.records()) notes.add(record.actor, record.correlation, first)
    index.add(first, reader.header.count, notes)
  }
}
