// What a file is sealed with: compression, hashes, keys and ciphers of the machine.

import { promisify } from 'node:util'
import {
  createCipheriv,
  createDecipheriv,
  hash,
  hkdfSync,
  randomBytes,
  scrypt,
  timingSafeEqual,
  type ScryptOptions,
} from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

/** Of those of brotli: it leaves half of what deflate leaves of records, in about its time; more costs far more. */
const QUALITY = 5

const CIPHER = 'aes-256-gcm'

/** Bytes that the cipher adds: what shows that nothing was changed. */
export const TAG_BYTES = 16

/** Bytes of a key. */
export const KEY_BYTES = 32

/** Bytes of a hash. */
export const HASH_BYTES = 32

/** Bytes that no two files share. */
export const SALT_BYTES = 32

const NONCE_BYTES = 12

const FILE_KEY = 'holdfast incident file 1'

/** How a passphrase becomes a key: the cost and the block size of scrypt, and how many of it at once. */
export interface Scrypt {
  readonly cost: number
  readonly blockSize: number
  readonly parallel: number
}

/** SHA-256. */
export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}

/** Whether two hashes are the same. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** Bytes that nobody can guess. */
export function salt(): Buffer {
  return randomBytes(SALT_BYTES)
}

/** Makes bytes fewer. */
export function compress(bytes: Uint8Array): Buffer {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
    },
  })
}

/** Makes them as many as they were. @returns `undefined` when they are not what was compressed, or would be more */
export function decompress(bytes: Uint8Array, length: number): Buffer | undefined {
  try {
    const plain = brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) })
    return plain.byteLength === length ? plain : undefined
  } catch {
    return undefined
  }
}

/** A key from a passphrase. */
export async function keyOfPassphrase(
  passphrase: string,
  salted: Uint8Array,
  { cost, blockSize, parallel }: Scrypt,
): Promise<Buffer> {
  const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt)
  // Two people who type the same may have typed it in two forms of Unicode.
  return derive(passphrase.normalize('NFC'), salted, KEY_BYTES, {
    N: cost,
    r: blockSize,
    p: parallel,
    maxmem: 2 * 128 * blockSize * (cost + parallel),
  })
}

/** The key of one file: no two files share one, so that a section's number is nonce enough. */
export function fileKey(key: Uint8Array, salted: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salted, FILE_KEY, KEY_BYTES))
}

/** Encrypts a section. `beside` is not in it and cannot be changed either. */
export function encrypt(key: Uint8Array, section: number, beside: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonceOf(section), { authTagLength: TAG_BYTES })
  cipher.setAAD(beside)
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Decrypts a section. @returns `undefined` when the key is another one, or something was changed */
export function decrypt(
  key: Uint8Array,
  section: number,
  beside: Uint8Array,
  bytes: Uint8Array,
): Buffer | undefined {
  if (bytes.byteLength < TAG_BYTES) return undefined
  const end = bytes.byteLength - TAG_BYTES
  try {
    const cipher = createDecipheriv(CIPHER, key, nonceOf(section), { authTagLength: TAG_BYTES })
    cipher.setAAD(beside)
    cipher.setAuthTag(bytes.subarray(end))
    return Buffer.concat([cipher.update(bytes.subarray(0, end)), cipher.final()])
  } catch {
    return undefined
  }
}

function nonceOf(section: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt32LE(section, 0)
  return nonce
}
