// Mending
// =======
// A batch in which one single bit is another can be read as it was: its checksum says which bit that is, and the batch
// behind it, which holds the hash of this one, says whether that is true. What is mended is never written back. The
// record in which the bit stands is hurt: it is given to whoever needs to know what happened around it, and nobody goes on
// from it.
//
// Known limit: the last batch has none behind it. There, more than one changed bit is taken for one in as many cases of
// 2^32 as the batch has bits: 1 of 2,048 for the largest batch, 1 of 260,000 for one of 2 KB.

import { HoldfastError } from '@holdfast/kernel'
import * as format from './batch-format.js'
import { BatchReader } from './batch-reader.js'
import { Chain } from './chain.js'
import type { Codec } from './codec.js'
import { checksumAround, hashOf } from './disk/checksum.js'
import { flippedBit } from './disk/flipped-bit.js'
import type { Seal } from './seal.js'
import type { BatchStore, StoredBatch } from './store.js'

/** A batch as it was written, made from one in which a bit is another. */
export interface Mended {
  /** As it was stored. */
  readonly bytes: Uint8Array
  /** The record that the bit stands in; `undefined` when it stands in what the batch says of itself. */
  readonly hurt: { readonly position: number; readonly actor: number } | undefined
}

/**
 * Mends a batch whose checksum is not right.
 *
 * @param first where it stands in the store
 * @param behind finds the batch that begins at a position
 * @returns `undefined` when more than one bit is another
 */
export function mend(
  { first, bytes }: StoredBatch,
  behind: (position: number) => Uint8Array | undefined,
  codec: Codec,
  seal: Seal,
): Mended | undefined {
  const mended = withoutFlip(bytes)
  if (mended === undefined) return undefined
  try {
    const reader = new BatchReader(seal.openBatch(mended.bytes), codec)
    if (reader.header.first !== first) return undefined
    const next = behind(first + reader.header.count)
    if (next !== undefined && !isBehind(next, mended.bytes)) return undefined
    const hurt = mended.at === undefined ? undefined : reader.recordAround(mended.at)
    return { bytes: mended.bytes, hurt: hurt && { position: hurt.position, actor: hurt.actor } }
  } catch (error) {
    if (error instanceof HoldfastError) return undefined
    throw error
  }
}

/** Where the log of a store ends, by its last batch as it was written when that can be known. */
export function endOfLog(
  store: BatchStore,
  codec: Codec,
): { readonly next: number; readonly timeMs: number; readonly chain: Chain } {
  const last = store.last()
  if (last === undefined)
    return { next: store.floor, timeMs: 0, chain: new Chain(undefined, store.floorHash) }
  const isIntact = format.isIntact(last.bytes)
  const mended = isIntact ? undefined : mend(last, () => undefined, codec, store.seal)
  const bytes = mended?.bytes ?? last.bytes
  const isOpen = isIntact || mended !== undefined
  const { first, count, timeMs } = new BatchReader(isOpen ? store.seal.openBatch(bytes) : bytes, codec).header
  return { next: first + count, timeMs, chain: new Chain(bytes) }
}

function isBehind(next: Uint8Array, batch: Uint8Array): boolean {
  return Buffer.compare(format.previousOf(next), hashOf(batch)) === 0
}

// The checksum counts as zeros itself: a bit of its own shows as that bit, and is found nowhere else.
function withoutFlip(bytes: Uint8Array): { bytes: Uint8Array; at: number | undefined } | undefined {
  if (bytes.byteLength < format.PREVIOUS_AT) return undefined
  const copy = Buffer.from(bytes)
  const checksum = checksumAround(copy, format.CHECKSUM_AT)
  const difference = (copy.readUInt32LE(format.CHECKSUM_AT) ^ checksum) >>> 0
  if (Math.log2(difference) % 1 === 0) {
    copy.writeUInt32LE(checksum, format.CHECKSUM_AT)
    return { bytes: copy, at: undefined }
  }
  const bit = flippedBit(copy.byteLength, difference)
  if (bit === undefined || (bit.at >= format.CHECKSUM_AT && bit.at < format.CHECKSUM_AT + 4)) return undefined
  copy[bit.at] = copy[bit.at]! ^ bit.mask
  return { bytes: copy, at: bit.at }
}
