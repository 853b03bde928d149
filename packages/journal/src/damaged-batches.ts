// Damaged batches
// ===============
// What can still be said of a stored batch that is not the one that was written: the whole of it, when one bit is another
// (see `mending.ts`); whom it concerned, when the damage is in its records alone; otherwise nothing, and then nobody goes
// on from there.

import type { LogDamage } from '@holdfast/kernel'
import { isTailIntact } from './batch-format.js'
import { BatchReader } from './batch-reader.js'
import type { Codec } from './codec.js'
import { mend, type Mended } from './mending.js'
import type { BatchStore } from './store.js'

/** Batches that are remembered as they were: one is asked for again by every actor that it concerns. */
const REMEMBERED = 8

/** The damaged batches of one store. Whoever asks has found that the one at that position is damaged. */
export class DamagedBatches {
  readonly #store: BatchStore
  readonly #codec: Codec
  readonly #mended = new Map<number, Mended | undefined>()

  constructor(store: BatchStore, codec: Codec) {
    this.#store = store
    this.#codec = codec
  }

  /** The batch as it was written, when that is known. */
  mended(position: number): BatchReader | undefined {
    const mended = this.#mend(position)
    if (mended === undefined) return undefined
    const reader = new BatchReader(this.#store.seal.openBatch(mended.bytes), this.#codec)
    reader.hurt = mended.hurt?.position ?? 0
    return reader
  }

  /** What is damaged, and whom that concerns; `undefined` when nobody knows. */
  at(position: number): LogDamage | undefined {
    const mended = this.#mend(position)
    if (mended?.hurt !== undefined) {
      const { actor, position: hurt } = mended.hurt
      return { from: hurt, to: hurt, actors: [actor], isMended: true }
    }
    if (mended !== undefined) return { from: position, to: position, actors: [], isMended: true }
    return this.#withoutRecords(position)
  }

  // Only one with another behind it: what it is followed by says that it ended where it says.
  #withoutRecords(position: number): LogDamage | undefined {
    const batch = this.#store.batchAt(position)
    if (batch === undefined || batch.first !== position || !isTailIntact(batch.bytes)) return undefined
    const reader = new BatchReader(this.#store.seal.openDamaged(batch.bytes), this.#codec)
    const { first, count } = reader.header
    const [, behind] = this.#store.firsts(position)
    if (first !== position || first + count !== behind) return undefined
    return { from: first, to: first + count - 1, actors: reader.notes().actors, isMended: false }
  }

  #mend(position: number): Mended | undefined {
    const batch = this.#store.batchAt(position)
    if (batch === undefined) return undefined
    if (this.#mended.has(batch.first)) return this.#mended.get(batch.first)
    const mended = mend(batch, (next) => this.#beginsAt(next), this.#codec, this.#store.seal)
    if (this.#mended.size >= REMEMBERED) this.#mended.clear()
    this.#mended.set(batch.first, mended)
    return mended
  }

  #beginsAt(position: number): Uint8Array | undefined {
    const batch = this.#store.batchAt(position)
    return batch?.first === position ? batch.bytes : undefined
  }
}
