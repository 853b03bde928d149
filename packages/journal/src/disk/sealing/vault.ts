// Vault
// =====
// AES-256-GCM over everything that users wrote, with keys that the owner's keys seal (`key-ring.ts`).
//
//   owner's key --seals--> root key                names of correlations, pins
//               --seals--> key of one opening      batches, snapshots, names
//
//   sealed value:  magic "HFE1" | opening (u32) | counter (f64) | tag (16) | checksum (u32) | the value, sealed
//
// Invariants
//   K1  No nonce is used twice with a key. Each opening for writing draws a key of its own by chance, which nothing else
//       seals with, and counts from 1: what was sealed before, or in another copy of the store, was sealed with another key.
//   K2  Something sealed opens only where it was put: its place, its store, its opening and its counter are bound to it.
//   K3  In a sealed store nothing is believed that is not sealed.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { HoldfastError } from '@holdfast/kernel'
import * as format from '../../batch-format.js'
import { intact } from '../../damage.js'
import type { Seal } from '../../seal.js'
import { checksumAround } from '../checksum.js'
import { KEY_BYTES, type KeyRing } from './key-ring.js'
import { unwrap, wrappedWith } from './wrapped-key.js'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16
const NONCE_BYTES = 12

const MAGIC = 0x31454648
const VALUE_CHECKSUM_AT = 32
const VALUE_HEAD_BYTES = 36
const SALT_BYTES = 32

/** Finds a sealed key of the store, by what it is for. */
export type FindKey = (slot: string) => Uint8Array | undefined

/** Slot of the root key. */
export const ROOT = 'root'

/** What a sealed key is bound to: its store, and what it is for. */
export function placeOfKey(storeId: Uint8Array, slot: string): Buffer {
  return Buffer.concat([storeId, Buffer.from(`key ${slot}`)])
}

/** The seal of one store, with the keys to it. */
export class Vault implements Seal {
  readonly isOn = true
  readonly isReadable = true
  readonly #storeId: Uint8Array
  readonly #ring: KeyRing
  readonly #find: FindKey
  readonly #root: Uint8Array
  readonly #names: Uint8Array
  readonly #keys = new Map<number, Uint8Array>()
  /** The opening that is written in; 0 for a reader. */
  readonly #opening: number
  #counter = 0

  /** @throws {HoldfastError} `HF_KEY` when none of the keys is the one */
  constructor(storeId: Uint8Array, ring: KeyRing, find: FindKey, opening: number) {
    this.#storeId = storeId
    this.#ring = ring
    this.#find = find
    this.#opening = opening
    this.#root = this.#keyIn(ROOT)
    this.#names = Buffer.from(hkdfSync('sha256', this.#root, storeId, 'holdfast names 1', KEY_BYTES))
  }

  sealBatch(batch: Uint8Array): void {
    const view = viewOf(batch)
    const counter = ++this.#counter
    view.setUint16(format.FLAGS_AT, format.SEALED, true)
    view.setFloat64(format.COUNTER_AT, counter, true)
    const cipher = createCipheriv(CIPHER, this.#keyOf(this.#opening), nonceOf(counter))
    cipher.setAAD(boundTo(batch))
    batch.set(cipher.update(batch.subarray(format.HEADER_BYTES)), format.HEADER_BYTES)
    cipher.final()
    batch.set(cipher.getAuthTag(), format.TAG_AT)
  }

  openBatch(batch: Uint8Array): Uint8Array {
    return this.#openBatch(batch, true)
  }

  openDamaged(batch: Uint8Array): Uint8Array {
    return this.#openBatch(batch, false)
  }

  sealValue(place: string, value: Uint8Array): Uint8Array {
    const counter = ++this.#counter
    const sealed = Buffer.allocUnsafeSlow(VALUE_HEAD_BYTES + value.byteLength)
    sealed.writeUInt32LE(MAGIC, 0)
    sealed.writeUInt32LE(this.#opening, 4)
    sealed.writeDoubleLE(counter, 8)
    const cipher = createCipheriv(CIPHER, this.#keyOf(this.#opening), nonceOf(counter))
    cipher.setAAD(this.#boundTo(place, sealed))
    sealed.set(cipher.update(value), VALUE_HEAD_BYTES)
    cipher.final()
    sealed.set(cipher.getAuthTag(), 16)
    sealed.writeUInt32LE(checksumAround(sealed, VALUE_CHECKSUM_AT), VALUE_CHECKSUM_AT)
    return sealed
  }

  openValue(place: string, value: Uint8Array): Uint8Array {
    intact(
      value.byteLength >= VALUE_HEAD_BYTES && viewOf(value).getUint32(0, true) === MAGIC,
      `${place} is not sealed`,
    )
    const view = viewOf(value)
    const decipher = createDecipheriv(
      CIPHER,
      this.#keyOf(view.getUint32(4, true)),
      nonceOf(view.getFloat64(8, true)),
    )
    decipher.setAAD(this.#boundTo(place, value)).setAuthTag(value.subarray(16, 16 + TAG_BYTES))
    return opened(decipher, value.subarray(VALUE_HEAD_BYTES), place)
  }

  keyOfName(name: string): string {
    return createHmac('sha256', this.#names).update(name).digest('base64url')
  }

  derive(use: string): Uint8Array {
    return Buffer.from(hkdfSync('sha256', this.#root, this.#storeId, use, KEY_BYTES))
  }

  zero(): void {
    for (const key of [this.#root, this.#names, ...this.#keys.values()]) key.fill(0)
    this.#keys.clear()
  }

  /** Seals what stands beside the log, which a reader may write: with a key of its own, from the root key and chance. */
  sealBeside(place: string, value: Uint8Array): Buffer {
    const salt = randomBytes(SALT_BYTES)
    const { key, nonce } = this.#beside(salt)
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(
      Buffer.concat([this.#storeId, Buffer.from(place)]),
    )
    const sealed = Buffer.concat([cipher.update(value), cipher.final()])
    return Buffer.concat([salt, cipher.getAuthTag(), sealed])
  }

  /** @throws {HoldfastError} `HF_STORE_DAMAGED` */
  openBeside(place: string, sealed: Uint8Array): Uint8Array {
    intact(sealed.byteLength >= SALT_BYTES + TAG_BYTES, `${place} is not sealed`)
    const { key, nonce } = this.#beside(sealed.subarray(0, SALT_BYTES))
    const decipher = createDecipheriv(CIPHER, key, nonce)
    decipher.setAAD(Buffer.concat([this.#storeId, Buffer.from(place)]))
    decipher.setAuthTag(sealed.subarray(SALT_BYTES, SALT_BYTES + TAG_BYTES))
    return opened(decipher, sealed.subarray(SALT_BYTES + TAG_BYTES), place)
  }

  #openBatch(batch: Uint8Array, isWhole: boolean): Uint8Array {
    const header = format.headerOf(batch)
    if (header === undefined) return batch
    const view = viewOf(batch)
    const what = `the batch at position ${header.first}`
    // K3
    intact(
      view.getUint16(format.FLAGS_AT, true) === format.SEALED && header.headerBytes === format.HEADER_BYTES,
      `${what} is not sealed`,
    )
    const nonce = nonceOf(view.getFloat64(format.COUNTER_AT, true))
    const decipher = createDecipheriv(CIPHER, this.#keyOf(header.epoch), nonce)
    decipher.setAAD(boundTo(batch)).setAuthTag(batch.subarray(format.TAG_AT, format.TAG_AT + TAG_BYTES))
    const body = batch.subarray(format.HEADER_BYTES)
    const plain = isWhole ? opened(decipher, body, what) : decipher.update(body)
    const open = Buffer.allocUnsafeSlow(batch.byteLength)
    open.set(batch.subarray(0, format.HEADER_BYTES))
    open.set(plain, format.HEADER_BYTES)
    return open
  }

  #boundTo(place: string, head: Uint8Array): Buffer {
    return Buffer.concat([this.#storeId, head.subarray(0, 16), Buffer.from(place)])
  }

  #beside(salt: Uint8Array): { key: Buffer; nonce: Buffer } {
    const bytes = Buffer.from(
      hkdfSync('sha256', this.#root, salt, 'holdfast beside 1', KEY_BYTES + NONCE_BYTES),
    )
    return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) }
  }

  #keyOf(opening: number): Uint8Array {
    const known = this.#keys.get(opening)
    if (known !== undefined) return known
    const key = this.#keyIn(String(opening))
    this.#keys.set(opening, key)
    return key
  }

  #keyIn(slot: string): Uint8Array {
    const wrapped = this.#find(slot)
    intact(wrapped !== undefined, slot === ROOT ? 'it has no key' : `what opening ${slot} wrote has no key`)
    const key = unwrap(wrapped, this.#ring, placeOfKey(this.#storeId, slot))
    if (key !== undefined) return key
    throw new HoldfastError(
      'HF_KEY',
      `The data are encrypted with the key ${wrappedWith(wrapped)}, which none of the given keys is.`,
      {
        field: 'keys',
        hint: 'Give the key that they were written with. Nothing was changed.',
      },
    )
  }
}

function nonceOf(counter: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeBigUInt64BE(BigInt(Number.isSafeInteger(counter) && counter > 0 ? counter : 0), 4)
  return nonce
}

// The header without its checksums and the tag.
function boundTo(batch: Uint8Array): Buffer {
  const rest = batch.subarray(format.CHECKSUM_AT + 4, format.TAG_AT)
  const counter = batch.subarray(format.COUNTER_AT, format.COUNTER_AT + 8)
  return Buffer.concat([batch.subarray(0, format.CHECKSUM_AT), rest, counter])
}

function opened(decipher: ReturnType<typeof createDecipheriv>, sealed: Uint8Array, what: string): Buffer {
  const value = decipher.update(sealed)
  try {
    decipher.final()
  } catch {
    intact(false, `${what} is not what this store has sealed there`)
  }
  return value
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
