// The keys of a store, sealed, in its own table about itself: one for each opening, and the root key. Another key of the
// owner seals them anew, in one transaction, and leaves the data as they are.

import { randomBytes } from 'node:crypto'
import type { Database } from 'lmdb'
import { HoldfastError } from '@holdfast/kernel'
import { NO_SEAL, type Seal } from '../../seal.js'
import { KEY_BYTES, type KeyRing } from './key-ring.js'
import { placeOfKey, ROOT, Vault, type FindKey } from './vault.js'
import { unwrap, wrap } from './wrapped-key.js'

type Meta = Database<Buffer, string>

const PREFIX = 'key '

function finderIn(meta: () => Meta): FindKey {
  return (slot) => {
    const wrapped = meta().getBinary(`${PREFIX}${slot}`)
    return wrapped === undefined ? undefined : Uint8Array.from(wrapped)
  }
}

/**
 * The seal of a store that is there, for reading. Nothing is written.
 *
 * @param meta its table about itself, wherever that is just now
 * @param isSealedOnly whether nothing is to be read that is sealed
 * @throws {HoldfastError} `HF_KEY` when keys are missing, wrong, or given for data that are not encrypted
 */
export function sealOf(
  meta: () => Meta,
  storeId: Uint8Array,
  ring: KeyRing | undefined,
  isSealedOnly: boolean,
): Seal {
  const find = finderIn(meta)
  if (find(ROOT) === undefined) {
    // A store that nobody has opened for writing is about to be made.
    if (ring === undefined || meta().getBinary('epoch') === undefined) return NO_SEAL
    throw notEncrypted()
  }
  if (ring !== undefined) return new Vault(storeId, ring, find, 0)
  if (isSealedOnly) return SHUT
  throw shut()
}

/** The keys of a store as they stand in it, in base64, by what they are for. */
export type SealedKeys = Readonly<Record<string, string>>

/** The sealed keys of a store, to be kept where its log is copied to; `undefined` when it is not encrypted. */
export function sealedKeysIn(meta: Meta): SealedKeys | undefined {
  const rows = [...meta.getRange({ start: PREFIX, end: 'key!' })]
  if (rows.length === 0) return undefined
  return Object.fromEntries(
    rows.map(({ key, value }) => [key.slice(PREFIX.length), value.toString('base64')]),
  )
}

/**
 * The seal of a log outside of its store, for reading.
 *
 * @param keys its sealed keys, which came with it
 * @throws {HoldfastError} `HF_KEY` when keys are missing, wrong, or given for data that are not encrypted
 */
export function sealWith(keys: SealedKeys | undefined, storeId: Uint8Array, ring: KeyRing | undefined): Seal {
  if (keys === undefined) {
    if (ring === undefined) return NO_SEAL
    throw notEncrypted()
  }
  if (ring === undefined) throw shut()
  const find: FindKey = (slot) => {
    const sealed = Object.hasOwn(keys, slot) ? keys[slot] : undefined
    return typeof sealed === 'string' ? Buffer.from(sealed, 'base64') : undefined
  }
  return new Vault(storeId, ring, find, 0)
}

/** Gives an opening a key of its own, and a new store its root key. Call it inside a write transaction. */
export function sealForWriting(
  meta: () => Meta,
  storeId: Uint8Array,
  ring: KeyRing | undefined,
  opening: number,
  before: Seal,
): Seal {
  if (ring === undefined) return NO_SEAL
  const find = finderIn(meta)
  for (const slot of [ROOT, String(opening)]) {
    if (slot === ROOT && find(ROOT) !== undefined) continue
    const key = randomBytes(KEY_BYTES)
    meta().putSync(`${PREFIX}${slot}`, wrap(key, ring, placeOfKey(storeId, slot)))
    key.fill(0)
  }
  before.zero()
  return new Vault(storeId, ring, find, opening)
}

/** Seals every key anew with the current one of a ring. Call it inside a write transaction. @returns how many */
export function rewrapAll(meta: Meta, storeId: Uint8Array, ring: KeyRing): number {
  const slots = [...meta.getKeys({ start: PREFIX, end: 'key!' })].map((key) => key.slice(PREFIX.length))
  for (const slot of slots) {
    const place = placeOfKey(storeId, slot)
    const key = unwrap(Uint8Array.from(meta.getBinary(`${PREFIX}${slot}`)!), ring, place)
    if (key === undefined)
      throw new HoldfastError(
        'HF_KEY',
        `The key of ${slot === ROOT ? 'the store' : `opening ${slot}`} is sealed with a key that was not given.`,
        {
          field: 'keys',
          hint: 'Give the new key first and every key that was used before behind it. Nothing was changed.',
        },
      )
    meta.putSync(`${PREFIX}${slot}`, wrap(key, ring, place))
  }
  return slots.length
}

function notEncrypted(): HoldfastError {
  return new HoldfastError('HF_KEY', 'The data are not encrypted, and a key was given.', {
    field: 'keys',
    hint: 'Leave the key out, or copy the data into an encrypted directory: `holdfast fork --to-key`. Nothing was changed.',
  })
}

function shut(): HoldfastError {
  return new HoldfastError('HF_KEY', 'The data are encrypted, and no key was given.', {
    field: 'keys',
    hint: 'Give the key that they were written with. Nothing was changed.',
  })
}

/** Of a store that is only held against its checksums. */
const SHUT: Seal = {
  isOn: true,
  isReadable: false,
  sealBatch: () => {
    throw shut()
  },
  openBatch: () => {
    throw shut()
  },
  openDamaged: () => {
    throw shut()
  },
  sealValue: () => {
    throw shut()
  },
  openValue: () => {
    throw shut()
  },
  sealBeside: () => {
    throw shut()
  },
  openBeside: () => {
    throw shut()
  },
  keyOfName: () => {
    throw shut()
  },
  zero: () => undefined,
}
