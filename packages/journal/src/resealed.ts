// A batch of another store is not one of this store, even when its records are: who it belongs to, what it follows and what
// seals it stand in its header. Records, names and notes stay as they are, to the byte.

import * as format from './batch-format.js'
import { checksumAround } from './disk/checksum.js'
import type { BatchStore } from './store.js'

/** An opened batch, for another store and behind another batch. */
export function resealed(
  opened: Uint8Array,
  previous: Uint8Array,
  { id, epoch, seal }: Pick<BatchStore, 'id' | 'epoch' | 'seal'>,
): Uint8Array {
  const batch = inThisFormat(opened)
  const { recordBytes } = format.headerOf(batch)!
  batch.writeUInt16LE(0, format.FLAGS_AT)
  batch.writeUInt32LE(epoch, format.EPOCH_AT)
  batch.set(previous, format.PREVIOUS_AT)
  batch.set(id, format.STORE_ID_AT)
  batch.fill(0, format.TAG_AT, format.HEADER_BYTES)
  seal.sealBatch(batch)
  batch.writeUInt32LE(format.tailChecksum(batch, format.HEADER_BYTES + recordBytes), format.TAIL_CHECKSUM_AT)
  batch.writeUInt32LE(checksumAround(batch, format.CHECKSUM_AT), format.CHECKSUM_AT)
  return batch
}

// The table of offsets counts from the beginning of the batch, header and all.
function inThisFormat(bytes: Uint8Array): Buffer {
  const { headerBytes, recordBytes, nameBytes, noteBytes } = format.headerOf(bytes)!
  const grown = format.HEADER_BYTES - headerBytes
  if (grown === 0) return Buffer.from(bytes)
  const batch = Buffer.alloc(bytes.byteLength + grown)
  batch.set(bytes.subarray(0, headerBytes))
  batch.set(bytes.subarray(headerBytes), format.HEADER_BYTES)
  batch.writeUInt16LE(format.FORMAT, 4)
  const table = format.HEADER_BYTES + recordBytes + nameBytes + noteBytes
  for (let at = table; at < batch.byteLength; at += 4) batch.writeUInt32LE(batch.readUInt32LE(at) + grown, at)
  return batch
}
