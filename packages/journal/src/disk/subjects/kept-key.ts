import { HoldfastError } from '@holdfast/kernel'
import type { KeyRing } from '../sealing/key-ring.js'
import { unwrap, wrap, wrappedWith } from '../sealing/wrapped-key.js'

/** A key as a file keeps it: in base64, sealed with a key of the store when there is one. */
export interface KeptKey {
  readonly key: string
  readonly isSealed: boolean
}

/** A key for a file. `what` says whose it is and what for: it is nothing anywhere else. */
export function keptKey(key: Uint8Array, ring: KeyRing | undefined, what: string): KeptKey {
  const bytes = ring === undefined ? Buffer.from(key) : wrap(key, ring, placeOf(what))
  const kept = { key: bytes.toString('base64'), isSealed: ring !== undefined }
  bytes.fill(0)
  return kept
}

/** The key again. @throws {HoldfastError} `HF_KEY` when the key of the store that it was sealed with is not there */
export function openedKey(kept: KeptKey, ring: KeyRing | undefined, what: string, dir: string): Buffer {
  const bytes = Buffer.from(kept.key, 'base64')
  if (!kept.isSealed) return bytes
  const key = ring === undefined ? undefined : unwrap(bytes, ring, placeOf(what))
  if (key !== undefined) return Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  const message = `The keys of subjects in ${dir} are sealed with the key ${wrappedWith(bytes)}, which was not given.`
  throw new HoldfastError('HF_KEY', message, {
    field: 'keys',
    hint: 'Give the key of the store that they were written with. Nothing was changed.',
  })
}

function placeOf(what: string): Buffer {
  return Buffer.from(`holdfast subject key ${what}`)
}
