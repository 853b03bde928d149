// Sparse log
// ==========
// Writes the beginning of a log of which only some records came along: those at their positions, and between them blank
// batches, which take the positions of what stayed behind.
//
//   record 7 | blank 8 to 11 | records 12, 13 | blank 14 to 90        the log goes on at 91
//
// Invariants
//   SL1  Every record has the position and the time that it had, and there is no gap between batches.
//   SL2  The log ends with the position that it is told to end with.

import type { LogRecord } from '@holdfast/kernel'
import { batchOf, blankBatch } from '../../batch-of.js'
import { BatchWriter } from '../../batch-writer.js'
import { copyingCodec } from '../../copy-prefix.js'
import { BATCH_BYTES } from '../../limits.js'
import type { SealedBatch } from '../../open-batch.js'
import type { BatchStore, Commit } from '../../store.js'

/** Positions of one blank batch at the most: their number is kept in four bytes. */
const BLANK_MAX = 2 ** 31

/** A log on its way into an empty store. */
export class SparseLog {
  readonly #store: BatchStore
  readonly #codec = copyingCodec()
  #writer: BatchWriter | undefined
  #records: LogRecord[] = []
  #bytes = 0
  #timeMs = 0

  constructor(store: BatchStore) {
    this.#store = store
  }

  /** The next record; its position and time are not before those of the last one. */
  async add(record: LogRecord, bytes: number): Promise<void> {
    const { position, timeMs } = record
    const isNext = this.#records.length === 0 || this.#records.at(-1)!.position + 1 === position
    if (!isNext || timeMs !== this.#timeMs || this.#bytes + bytes > BATCH_BYTES) {
      await this.#seal()
      await this.#blankTo(position - 1)
    }
    this.#timeMs = timeMs
    this.#records.push(record)
    this.#bytes += bytes
  }

  /** Ends it with a position, and says which names its correlations have. */
  async end(position: number, timeMs: number, names: Commit['names']): Promise<void> {
    await this.#seal()
    // A log has a batch, so that it is known where it goes on.
    if (this.#writer === undefined) await this.#begin(position)
    this.#timeMs = timeMs
    await this.#blankTo(position)
    await this.#writer!.finish(names)
  }

  async #begin(position: number): Promise<BatchWriter> {
    if (position > 1) await this.#store.beginAt(position)
    return (this.#writer = new BatchWriter(this.#store))
  }

  // SL1
  async #blankTo(last: number): Promise<void> {
    const writer = this.#writer
    if (writer === undefined) return
    while (writer.last < last) {
      const first = writer.last + 1
      const count = Math.min(BLANK_MAX, last - writer.last)
      await writer.put(blankBatch(first, count, this.#timeMs, this.#codec, writer.end, this.#store))
    }
  }

  async #seal(): Promise<void> {
    const [first] = this.#records
    if (first === undefined) return
    const writer = this.#writer ?? (await this.#begin(first.position))
    const { position, timeMs } = first
    const batch: SealedBatch = batchOf(this.#records, position, timeMs, this.#codec, writer.end, this.#store)
    await writer.put(batch)
    this.#records = []
    this.#bytes = 0
  }
}
