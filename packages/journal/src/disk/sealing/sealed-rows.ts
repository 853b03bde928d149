// Rows of a store as they are stored: names and snapshots, sealed where the store is.

import type { Seal } from '../../seal.js'
import type { StoredSnapshot } from '../../store.js'

/** What stands under the key of a name: its position, and in a sealed store the name. */
export function nameRow(seal: Seal, name: string, position: number): Buffer {
  const row = Buffer.alloc(8)
  row.writeDoubleLE(position, 0)
  if (!seal.isOn) return row
  return Buffer.concat([row, seal.sealValue(NAME, Buffer.from(name))])
}

/** The name that stands in a row, or as its key. */
export function nameIn(seal: Seal, key: string, row: Buffer): string {
  return seal.isOn ? Buffer.from(seal.openValue(NAME, row.subarray(8))).toString() : key
}

/** A snapshot as it is stored. */
export function sealedSnapshot(seal: Seal, { actor, position, bytes }: StoredSnapshot): Uint8Array {
  return seal.sealValue(placeOf(actor, position), bytes)
}

/**
 * A stored snapshot as it was. One that cannot be opened is given as it is: whoever reads it finds that it is none, and
 * takes an earlier one.
 */
export function openedSnapshot(seal: Seal, { actor, position, bytes }: StoredSnapshot): StoredSnapshot {
  if (!seal.isOn || !seal.isReadable) return { actor, position, bytes }
  try {
    return { actor, position, bytes: seal.openValue(placeOf(actor, position), bytes) }
  } catch {
    return { actor, position, bytes }
  }
}

const NAME = 'name'

function placeOf(actor: number, position: number): string {
  return `snapshot ${actor} ${position}`
}
