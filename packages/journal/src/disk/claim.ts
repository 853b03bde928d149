// Taking a store for writing. The owner that stands in it is found stale and replaced in one transaction, which no second
// process can be in.

import type { Seal } from '../seal.js'
import { notOpened } from './data-directory.js'
import { noteFormat } from './format.js'
import { uint32 } from './numbers.js'
import { inUse, isHeld, self, type Owner } from './owner.js'
import { giveStoreId } from './store-id.js'
import type { Tables } from './tables.js'

/** A store that is this process's to write. */
export interface Claimed {
  readonly id: Uint8Array
  /** Counts the openings for writing, this one included. */
  readonly epoch: number
  readonly seal: Seal
}

/**
 * Takes a store for writing.
 *
 * @param isFirstWriter whether nobody in this process writes it yet
 * @param sealOf makes what it seals with, within the transaction
 * @throws {HoldfastError} `HF_STORE_IN_USE`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`, `HF_STORE_DAMAGED`, `HF_KEY`
 */
export function claim(
  { root, meta }: Tables,
  dir: string,
  isFirstWriter: boolean,
  sealOf: (id: Uint8Array, epoch: number) => Seal,
): Claimed {
  const me = self()
  const readers = (): number => (root.getStats() as { readonly numReaders: number }).numReaders
  const take = (): Claimed | Owner => {
    const stored = meta.getBinary('owner')
    const owner = stored === undefined ? undefined : (JSON.parse(stored.toString()) as Owner)
    if (owner !== undefined && isHeld(owner, me, isFirstWriter, readers)) return owner
    const epoch = (meta.getBinary('epoch')?.readUInt32LE(0) ?? 0) + 1
    const id = giveStoreId(meta)
    meta.putSync('owner', Buffer.from(JSON.stringify(me)))
    meta.putSync('epoch', uint32(epoch))
    const seal = sealOf(id, epoch)
    noteFormat(meta)
    return { id, epoch, seal }
  }
  let taken: Claimed | Owner
  try {
    taken = root.transactionSync(take)
  } catch (error) {
    throw notOpened(dir, false, error)
  }
  if ('epoch' in taken) return taken
  throw inUse(dir, taken)
}
