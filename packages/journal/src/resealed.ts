// A batch of another store is not one of this store, even when its records are: who it belongs to and what it follows
// stand in its header. Records, names and notes stay as they are, to the byte.

import * as format from './batch-format.js'
import { checksumAround } from './disk/checksum.js'

/** The same batch for another store, behind another batch. One that names no store follows what it followed before. */
export function resealed(bytes: Uint8Array, previous: Uint8Array, storeId: Uint8Array): Uint8Array {
  const header = format.headerOf(bytes)
  if (header === undefined || format.storeIdOf(bytes) === undefined) return bytes
  const batch = Buffer.from(bytes)
  batch.set(previous, format.PREVIOUS_AT)
  batch.set(storeId, format.STORE_ID_AT)
  const tail = format.tailChecksum(batch, header.headerBytes + header.recordBytes)
  batch.writeUInt32LE(tail, format.TAIL_CHECKSUM_AT)
  batch.writeUInt32LE(checksumAround(batch, format.CHECKSUM_AT), format.CHECKSUM_AT)
  return batch
}
