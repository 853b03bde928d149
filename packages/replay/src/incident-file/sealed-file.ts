// Sealed file
// ===========
// Sections in one file that is whole or refused, locked with a key or open.
//
//   0   magic "HFI1"          12  bytes of the file (f64)     ...  sections, one after the other
//   4   format (u16)          20  header, as JSON             ...  SHA-256 of each section as it stands here
//   6   flags (u16), 0                                        end  SHA-256 of all before it
//   8   bytes of the header
//
// Invariants
//   S1  A file of which a byte is missing, changed or put in is refused before anything of it is believed.
//   S2  Of a locked file, nothing but the header can be read without its key, and the header says nothing of what is
//       inside but how large it is. A section of another file, or one in another's place, does not open.

import { HoldfastError } from '@holdfast/kernel'
import { FORMAT } from '@holdfast/journal'
import {
  compress,
  decompress,
  decrypt,
  encrypt,
  fileKey,
  HASH_BYTES,
  isSameHash,
  KEY_BYTES,
  keyOfPassphrase,
  salt,
  sha256,
  TAG_BYTES,
} from '../disk/sealing.js'
import {
  FILE_BYTES_MAX,
  FILE_CONTENT_BYTES_MAX,
  FILE_HEADER_BYTES_MAX,
  FILE_MANIFEST_BYTES_MAX,
  SCRYPT_COST,
} from '../limits.js'
import { damaged, sound } from './damaged.js'
import { newer, readHeader, SECTIONS, writeHeader, type FileHeader, type Lock } from './file-header.js'

const MAGIC = 0x31494648

/** Raised when a reader of the format before would take what is there for damage, or for something else. */
const FILE_FORMAT = 1

const PRELUDE_BYTES = 20

/** What a file is locked with: a passphrase, or 32 bytes that nobody can guess. */
export type FileKey = string | Uint8Array

/** What goes into a file. */
export interface Contents {
  readonly correlation: string
  readonly records: number
  readonly snapshots: number
  readonly actors: number
  readonly sections: readonly Uint8Array[]
}

/** Makes a file. */
export async function seal(contents: Contents, key: FileKey | undefined): Promise<Buffer> {
  const { sections, correlation, records, snapshots, actors } = contents
  const lock = key === undefined ? undefined : newLock(key)
  const compressed = sections.map(compress)
  const tag = lock === undefined ? 0 : TAG_BYTES
  const head = writeHeader({
    log: FORMAT,
    compression: 'brotli',
    lock,
    correlation: lock === undefined ? correlation : undefined,
    records,
    snapshots,
    actors,
    sections: SECTIONS.map((name, i) => {
      return { name, stored: compressed[i]!.byteLength + tag, plain: sections[i]!.byteLength }
    }),
  })
  checkRoom(sections, head, compressed)
  const stored = compressed.reduce((sum, { byteLength }) => sum + byteLength + tag, 0)
  const total = PRELUDE_BYTES + head.byteLength + stored + HASH_BYTES * (SECTIONS.length + 1)
  const opening = Buffer.concat([preludeOf(head.byteLength, total), head])
  const secret = lock === undefined ? undefined : await keyOf(lock, key)
  const written = compressed.map((bytes, i) => {
    return secret === undefined ? bytes : encrypt(secret, i, besideOf(opening, i), bytes)
  })
  const body = Buffer.concat([opening, ...written, ...written.map(sha256)])
  return Buffer.concat([body, sha256(body)])
}

function preludeOf(headBytes: number, total: number): Buffer {
  const prelude = Buffer.alloc(PRELUDE_BYTES)
  prelude.writeUInt32LE(MAGIC, 0)
  prelude.writeUInt16LE(FILE_FORMAT, 4)
  prelude.writeUInt32LE(headBytes, 8)
  prelude.writeDoubleLE(total, 12)
  return prelude
}

// What cannot be opened must not be written.
function checkRoom(
  sections: readonly Uint8Array[],
  head: Uint8Array,
  compressed: readonly Uint8Array[],
): void {
  const sum = (parts: readonly Uint8Array[]): number =>
    parts.reduce((bytes, part) => bytes + part.byteLength, 0)
  const isFit =
    sum(sections) <= FILE_CONTENT_BYTES_MAX &&
    sum(compressed) <= FILE_BYTES_MAX - 2 * FILE_HEADER_BYTES_MAX &&
    sections[0]!.byteLength <= FILE_MANIFEST_BYTES_MAX &&
    head.byteLength <= FILE_HEADER_BYTES_MAX
  if (isFit) return
  throw new HoldfastError('HF_NOT_STORABLE', 'The incident is too large for a file.', {
    field: 'file',
    hint: 'Copy the data directory instead, or export an incident that concerns fewer actors.',
  })
}

/** A file that is whole, and not yet unlocked. */
export interface SealedFile {
  readonly header: FileHeader
  /** Decrypts and decompresses the sections. @throws {HoldfastError} `HF_FILE_KEY`, `HF_FILE_DAMAGED` */
  sections(key: FileKey | undefined): Promise<Uint8Array[]>
}

/** Looks at a file and refuses one that is not whole. @throws {HoldfastError} `HF_FILE_DAMAGED`, `HF_STORE_NEWER` */
export function openSealed(bytes: Buffer): SealedFile {
  sound(bytes.byteLength >= PRELUDE_BYTES && bytes.readUInt32LE(0) === MAGIC, 'it is none')
  const format = bytes.readUInt16LE(4)
  if (format > FILE_FORMAT) throw newer('format', format, FILE_FORMAT)
  const end = bytes.byteLength - HASH_BYTES
  const headEnd = PRELUDE_BYTES + bytes.readUInt32LE(8)
  sound(headEnd - PRELUDE_BYTES <= FILE_HEADER_BYTES_MAX && headEnd <= end, 'it is cut off')
  sound(bytes.readDoubleLE(12) === bytes.byteLength, 'it is cut off, or something stands behind it')
  sound(isSameHash(sha256(bytes.subarray(0, end)), bytes.subarray(end)), 'it is not what was written')
  sound(format === FILE_FORMAT && bytes.readUInt16LE(6) === 0, 'its format is none')
  const header = readHeader(bytes.subarray(PRELUDE_BYTES, headEnd))
  const stored = storedSections(bytes, header, headEnd)
  return { header, sections: (key) => unlocked(header, bytes.subarray(0, headEnd), stored, key) }
}

function storedSections(bytes: Buffer, { sections }: FileHeader, headEnd: number): Buffer[] {
  const end = bytes.byteLength - HASH_BYTES * (SECTIONS.length + 1)
  let at = headEnd
  const stored = sections.map((section) => {
    at += section.stored
    sound(at <= end, 'a section ends behind the file')
    return bytes.subarray(at - section.stored, at)
  })
  sound(at === end, 'its sections do not fill it')
  for (const [i, section] of stored.entries()) {
    const hash = bytes.subarray(end + i * HASH_BYTES, end + (i + 1) * HASH_BYTES)
    sound(isSameHash(sha256(section), hash), 'a section is not what was written')
  }
  return stored
}

async function unlocked(
  { lock, sections }: FileHeader,
  opening: Buffer,
  stored: readonly Buffer[],
  key: FileKey | undefined,
): Promise<Uint8Array[]> {
  if (lock === undefined && key !== undefined) {
    throw keyError(
      'The incident file is not encrypted, and a key was given.',
      'Open it without a key, if you trust whoever sent it.',
    )
  }
  const secret = lock === undefined ? undefined : await keyOf(lock, key)
  return stored.map((bytes, i) => {
    const packed = secret === undefined ? bytes : decrypt(secret, i, besideOf(opening, i), bytes)
    if (packed === undefined) throw wrongKey()
    const plain = decompress(packed, sections[i]!.plain)
    if (plain === undefined) throw damaged('a section cannot be decompressed')
    return plain
  })
}

// Everything that stands before the sections, and which one it is.
function besideOf(opening: Uint8Array, section: number): Buffer {
  return Buffer.concat([opening, Buffer.from(SECTIONS[section]!)])
}

function newLock(key: FileKey): Lock {
  const scrypt = typeof key === 'string' ? { cost: SCRYPT_COST, blockSize: 8, parallel: 1 } : undefined
  return { cipher: 'aes-256-gcm', salt: salt().toString('hex'), scrypt }
}

async function keyOf(lock: Lock, key: FileKey | undefined): Promise<Buffer> {
  const salted = Buffer.from(lock.salt, 'hex')
  if (key === undefined)
    throw keyError(
      'The incident file is encrypted, and no key was given.',
      'Give the passphrase or the key that it was exported with.',
    )
  if (typeof key === 'string') {
    if (key === '') throw keyError('The passphrase is empty.', 'Give one that is not.')
    if (lock.scrypt === undefined) throw wrongKey()
    return fileKey(await keyOfPassphrase(key, salted, lock.scrypt), salted)
  }
  if (key.byteLength !== KEY_BYTES)
    throw keyError(
      `The key has ${key.byteLength} bytes, and ${KEY_BYTES} are needed.`,
      'Make one with: openssl rand -out incident.key 32',
    )
  if (lock.scrypt !== undefined) throw wrongKey()
  return fileKey(key, salted)
}

// It says no more: not whether it was nearly right, nor what it would have opened.
function wrongKey(): HoldfastError {
  return keyError(
    'The key does not open the incident file.',
    'Give the passphrase or the key that it was exported with.',
  )
}

function keyError(message: string, hint: string): HoldfastError {
  return new HoldfastError('HF_FILE_KEY', message, { field: 'key', hint })
}
