// Which store it is: chance, drawn when the store is made and kept in it for good. Every batch says it, so that one out of
// another store is known for that; so do anchors.

import { randomBytes } from 'node:crypto'
import type { Database } from 'lmdb'
import { NO_STORE_ID, STORE_ID_BYTES } from '../batch-format.js'

type Meta = Database<Buffer, string>

/** The id that a store has; all zeros for one that no version has opened for writing since there are ids. */
export function storeIdIn(meta: Meta): Uint8Array {
  const stored = meta.getBinary('id')
  return stored?.byteLength === STORE_ID_BYTES ? Uint8Array.from(stored) : NO_STORE_ID
}

/** The id of a store, which gets one when it has none. Call it inside a write transaction. */
export function giveStoreId(meta: Meta): Uint8Array {
  const known = storeIdIn(meta)
  if (known !== NO_STORE_ID) return known
  const id = randomBytes(STORE_ID_BYTES)
  meta.putSync('id', id)
  return id
}
