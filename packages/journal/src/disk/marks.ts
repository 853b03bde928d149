// What a store says of itself beside its data: that it is not finished yet, that it is a backup, or what it was made from.

import type { Database } from 'lmdb'
import { HoldfastError } from '@holdfast/kernel'
import type { Tables } from './tables.js'

type Meta = Database<Buffer, string>

const UNFINISHED = 'unfinished'
const BACKUP = 'backup'
const ORIGIN = 'origin'

/** What a store was made from: another one, up to a position. */
export interface Origin {
  /** How it was made. */
  readonly how: 'restored' | 'loaded'
  /** Id of the store that it was made from, in hex. */
  readonly store: string
  /** The last position that it took over. */
  readonly position: number
  /** When that was done, as ISO 8601. */
  readonly at: string
  /** What stands up to here came out of a file, and what it says of a machine says nothing of this one. */
  readonly loadedUpTo?: number
}

/** How a store is about to be opened. */
interface Opening {
  readonly readOnly?: boolean
  readonly isUnfinished?: boolean
}

/**
 * Refuses a store that is not finished, and a backup that is to be written.
 *
 * @throws {HoldfastError} `HF_STORE_DAMAGED`, `HF_STORE_UNWRITABLE`
 */
export function checkMarks(meta: Meta, dir: string, { readOnly, isUnfinished }: Opening): void {
  if (isUnfinished !== true && meta.getBinary(UNFINISHED) !== undefined)
    throw new HoldfastError('HF_STORE_DAMAGED', `${dir} is a copy that was never finished.`, {
      field: 'data',
      hint: 'Whatever made it was interrupted. Remove it, and make it again.',
    })
  if (readOnly !== true && meta.getBinary(BACKUP) !== undefined)
    throw new HoldfastError('HF_STORE_UNWRITABLE', `${dir} is a backup, and stays as it is.`, {
      field: 'data',
      hint: 'Restore it into a directory of its own: holdfast restore BACKUP --to DIR.',
    })
}

/** Says that a store is not finished. */
export function markUnfinished(meta: Meta): void {
  meta.putSync(UNFINISHED, Buffer.from([1]))
}

/** Says that it is finished, and what it is. Call it inside a write. */
export function markFinished(meta: Meta, what: Origin | 'backup'): void {
  void meta.remove(UNFINISHED)
  if (what === 'backup') void meta.put(BACKUP, Buffer.from([1]))
  else putOrigin(meta, what)
}

/** What a store says of its origin. */
export function originIn(meta: Meta): Origin | undefined {
  const stored = meta.getBinary(ORIGIN)
  if (stored === undefined) return undefined
  try {
    return JSON.parse(stored.toString()) as Origin
  } catch {
    return undefined
  }
}

/** Has a store say the same of its origin as the one that it is a copy of. */
export async function keepOrigin(
  { root, meta }: Pick<Tables, 'root' | 'meta'>,
  origin: Origin,
): Promise<void> {
  await root.batch(() => {
    putOrigin(meta, origin)
  })
}

function putOrigin(meta: Meta, origin: Origin): void {
  void meta.put(ORIGIN, Buffer.from(JSON.stringify(origin)))
}
