// The header of a file: what everybody may read, also without a key. It says how large everything is and how it is
// locked, and the name of the incident only when the rest can be read as well.

import { HoldfastError } from '@holdfast/kernel'
import { FORMAT } from '@holdfast/journal'
import { SALT_BYTES, type Scrypt } from '../disk/sealing.js'
import {
  FILE_CONTENT_BYTES_MAX,
  FILE_MANIFEST_BYTES_MAX,
  FILE_RECORDS_MAX,
  FILE_SNAPSHOTS_MAX,
  SCRYPT_COST_MAX,
} from '../limits.js'
import { damaged, sound } from './damaged.js'
import { listOf, objectOf, parsed, placeOf, textOf } from './manifest.js'

/** The sections, in the order in which they stand. */
export const SECTIONS = ['manifest', 'records', 'snapshots', 'redactions'] as const

/** One of them. */
export type SectionName = (typeof SECTIONS)[number]

/** How large a section is: in the file, and once it is decompressed. */
export interface SectionSize {
  readonly name: SectionName
  readonly stored: number
  readonly plain: number
}

/** How a file is locked. */
export interface Lock {
  readonly cipher: 'aes-256-gcm'
  /** In hexadecimal: what makes the key of this file another one than that of any other. */
  readonly salt: string
  /** How a passphrase becomes a key; none when the key was given as one. */
  readonly scrypt: Scrypt | undefined
}

/** What everybody may read of a file. */
export interface FileHeader {
  /** Format of the values and the kinds of records: that of the log. */
  readonly log: number
  readonly compression: 'brotli'
  readonly lock: Lock | undefined
  /** Name of the correlation; none in a locked file. */
  readonly correlation: string | undefined
  readonly records: number
  readonly snapshots: number
  readonly actors: number
  readonly sections: readonly SectionSize[]
}

/** A header as bytes. */
export function writeHeader(header: FileHeader): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(header))
}

/** Reads a header. @throws {HoldfastError} `HF_FILE_DAMAGED`, `HF_STORE_NEWER` */
export function readHeader(bytes: Uint8Array): FileHeader {
  const value = objectOf(parsed(bytes))
  const log = placeOf(value['log'])
  if (log > FORMAT) throw newer('format of records', log, FORMAT)
  sound(value['compression'] === 'brotli', 'it is compressed in a way that is not known')
  return {
    log,
    compression: 'brotli',
    lock: value['lock'] === undefined ? undefined : lockOf(value['lock']),
    correlation: value['correlation'] === undefined ? undefined : textOf(value['correlation']),
    records: atMost(value['records'], FILE_RECORDS_MAX, 'records'),
    snapshots: atMost(value['snapshots'], FILE_SNAPSHOTS_MAX, 'snapshots'),
    actors: placeOf(value['actors']),
    sections: sectionsOf(value['sections']),
  }
}

function sectionsOf(value: unknown): SectionSize[] {
  const list = listOf(value)
  sound(list.length === SECTIONS.length, 'it has other sections than it should')
  const sections = list.map((each, i) => {
    const { name, stored, plain } = objectOf(each)
    sound(name === SECTIONS[i], 'it has other sections than it should')
    return { name: SECTIONS[i]!, stored: placeOf(stored), plain: placeOf(plain) }
  })
  const total = sections.reduce((sum, { plain }) => sum + plain, 0)
  sound(
    total <= FILE_CONTENT_BYTES_MAX,
    `it holds ${total} bytes, and ${FILE_CONTENT_BYTES_MAX} are the most`,
  )
  sound(sections[0]!.plain <= FILE_MANIFEST_BYTES_MAX, 'its manifest is too large')
  return sections
}

function lockOf(value: unknown): Lock {
  const { cipher, salt, scrypt } = objectOf(value)
  sound(cipher === 'aes-256-gcm', 'it is locked in a way that is not known')
  sound(textOf(salt).length === 2 * SALT_BYTES && /^[\da-f]+$/.test(textOf(salt)), 'its lock has no salt')
  return { cipher, salt: textOf(salt), scrypt: scrypt === undefined ? undefined : scryptOf(scrypt) }
}

// What a file asks for is bounded: it must not take the memory or the time of whoever looks at it.
function scryptOf(value: unknown): Scrypt {
  const asked = objectOf(value)
  const cost = atMost(asked['cost'], SCRYPT_COST_MAX, 'as the cost of scrypt')
  const blockSize = placeOf(asked['blockSize'])
  const parallel = placeOf(asked['parallel'])
  sound(cost >= 2 && Number.isInteger(Math.log2(cost)), 'its cost of scrypt is no power of two')
  sound(blockSize === 8 && parallel === 1, 'it asks for another kind of scrypt')
  return { cost, blockSize, parallel }
}

function atMost(value: unknown, max: number, what: string): number {
  const number = placeOf(value)
  if (number > max) throw damaged(`it has ${number} ${what}, and ${max} are the most`)
  return number
}

/** What is thrown for a file of a later version. */
export function newer(what: string, found: number, known: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_NEWER',
    `The incident file has ${what} ${found}, and this version reads up to ${known}.`,
    {
      field: 'file',
      hint: 'Use the version of Holdfast that wrote it, or a later one.',
    },
  )
}
