// Codec
// =====
// Values to bytes and back, with msgpackr. Each value stands for itself: no structures are shared between values, so
// that any one of them can be read, copied or moved alone.

// The plain JavaScript half of msgpackr: its native string reader costs more than it saves on values of this size, and
// reads ahead of where it should on damaged ones.
import type * as Msgpackr from 'msgpackr'
import * as pack from 'msgpackr/pack'
import * as unpack from 'msgpackr/unpack'
import { HoldfastError, SealedValue, type Encoded } from '@holdfast/kernel'
import { digestOf } from './disk/checksum.js'
import { FLAT_BYTES_MAX, writeFlat } from './flat.js'
import { QUICK_BYTES_MAX, QUICK_DIGEST, quickDigest } from './quick-digest.js'
import { NOT_PLAIN, PlainReader } from './plain-value.js'
import { revive, RICH, Rich, storable } from './storable.js'
import { subjectOf } from './subjects/sealed-form.js'
import type { SubjectVault } from './disk/subjects/subject-vault.js'

// The two halves export what the whole does; their own declarations do not resolve.
const { addExtension, Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } = pack as unknown as typeof Msgpackr
const { Unpackr } = unpack as unknown as typeof Msgpackr

/** Extension number of rich values in msgpack data; it stands in stored data and never changes. */
const RICH_EXTENSION = 0x48

const OPTIONS = {
  useRecords: false,
  mapsAsObjects: true,
  moreTypes: false,
  structuredClone: false,
  useToJSON: false,
  copyBuffers: true,
} as const

// What msgpackr gives in this mode is its own buffer with the bounds of the last value on it: nothing is allocated.
const MODE = REUSE_BUFFER_MODE | RESET_BUFFER_MODE
type Packed = Uint8Array & { start: number; end: number }

/** Where the bytes of a value are. */
export interface StoredBytes {
  bytes: Uint8Array
  start: number
  end: number
}

const NO_BYTES = new Uint8Array(0)

// msgpackr keeps extensions for the whole process, so refs and what is sealed are made by whoever decodes right now.
let refOf: (path: string) => unknown = (path) => path
let decoding: Codec | null = null

addExtension({
  Class: Rich,
  type: RICH_EXTENSION,
  write: (rich: Rich) => [rich.kind, rich.data],
  read: ([kind, data]: [number, unknown]) =>
    kind === RICH.sealed || kind === RICH.sealedText
      ? decoding!.opened(data as Uint8Array, kind === RICH.sealedText)
      : revive(kind, data, refOf),
})

/** Packs and unpacks the values of one journal. */
export class Codec {
  readonly #packr = new Packr(OPTIONS)
  readonly #unpackr = new Unpackr(OPTIONS)
  readonly #plain = new PlainReader()
  readonly #flat = new Uint8Array(FLAT_BYTES_MAX + 1)
  readonly #stored: StoredBytes = { bytes: NO_BYTES, start: 0, end: 0 }
  #last: Buffer = Buffer.alloc(0)
  readonly #range = { start: 0, end: 0 }
  /** Makes a ref from its path; set by whoever runs a system on this log. */
  ref: (path: string) => unknown = (path) => ({ path })
  /** The keys of subjects. Without them, what belongs to one is given as a `SealedValue`. */
  subjects: SubjectVault | null = null
  /** Gives what belongs to a subject as it is sealed, for whoever copies it. */
  keepsSealed = false
  /** Where the value stands that is unpacked next: what is sealed opens nowhere else. */
  place = 0

  /**
   * Packs into a buffer that is valid until the next call: read it from `start` to `end`.
   *
   * @throws {HoldfastError} `HF_NOT_STORABLE` with the path of the culprit as its field
   */
  pack(value: unknown): Packed {
    const plain = storable(value)
    try {
      return this.#packr.pack(plain, MODE) as unknown as Packed
    } catch (error) {
      throw new HoldfastError('HF_NOT_STORABLE', 'The value is too large to be packed.', {
        field: 'payload',
        cause: error,
        hint: 'Put large things into a file or a table, and send the name of it.',
      })
    }
  }

  /** Packs into bytes of their own. */
  bytes(value: unknown): Buffer {
    const packed = this.pack(value)
    // `slice` of a Buffer is a view, and the next call writes over what it shows.
    return Buffer.from(packed.subarray(packed.start, packed.end))
  }

  /** Packs a value, with a copy of it as it will be read. `undefined` has no bytes. @throws {HoldfastError} `HF_NOT_STORABLE` */
  encode(value: unknown): Encoded {
    if (value === undefined) return { bytes: NO_BYTES, copy: undefined }
    const bytes = this.bytes(value)
    return { bytes, copy: this.unpack(bytes, 0, bytes.byteLength) }
  }

  /**
   * The bytes of a value as a batch has them, valid until the next call. `undefined` has none.
   *
   * @throws {HoldfastError} `HF_NOT_STORABLE` with the path of the culprit as its field
   */
  stored(value: unknown): StoredBytes {
    const stored = this.#stored
    const end = value === undefined ? 0 : writeFlat(this.#flat, 0, value)
    if (end !== -1) {
      stored.bytes = this.#flat
      stored.start = 0
      stored.end = end
    } else {
      const packed = this.pack(value)
      stored.bytes = packed
      stored.start = packed.start
      stored.end = packed.end
    }
    return stored
  }

  /** A digest of a value, from its stored form. */
  digest(value: unknown): number {
    const { bytes, start, end } = this.stored(value)
    return end - start > QUICK_BYTES_MAX
      ? digestOf(bytes.subarray(start, end))
      : quickDigest(bytes, start, end)
  }

  /** Whether a value has a digest, by the way in which that was made. */
  hasDigest(value: unknown, digest: number): boolean {
    if (digest >= QUICK_DIGEST) {
      // Also one of a state that has a SHA-256 today.
      const { bytes, start, end } = this.stored(value)
      return quickDigest(bytes, start, end) === digest
    }
    const packed = this.pack(value)
    return digestOf(packed.subarray(packed.start, packed.end)) === digest
  }

  /** Unpacks the value that stands between two offsets. @throws {HoldfastError} `HF_STORE_DAMAGED` */
  unpack(source: Uint8Array, start: number, end: number): unknown {
    const plain = this.#plain.read(source, start, end)
    if (plain !== NOT_PLAIN) return plain
    this.#range.start = start
    this.#range.end = end
    refOf = this.ref
    decoding = this
    try {
      return this.#unpackr.unpack(this.#asBuffer(source), this.#range)
    } catch (error) {
      if (error instanceof HoldfastError) throw error
      throw new HoldfastError('HF_STORE_DAMAGED', 'A stored value cannot be read.', {
        cause: error,
        hint: 'Run `holdfast verify` on the data directory.',
      })
    }
  }

  /** A value of a subject, out of its sealed form; a `SealedValue` when it cannot be read. */
  opened(sealed: Uint8Array, isText: boolean): unknown {
    const packed = this.keepsSealed
      ? 'no-key'
      : (this.subjects?.unseal(sealed, this.place, isText) ?? 'no-key')
    if (typeof packed !== 'string')
      return packed.byteLength === 0 ? undefined : this.unpack(packed, 0, packed.byteLength)
    const subject = subjectOf(sealed)
    if (subject === undefined) throw notSealed()
    const value = new SealedValue(subject, Uint8Array.from(sealed), isText, packed)
    return isText && !this.keepsSealed ? value.text : value
  }

  // Bytes inside a value come back as what they are read from, so that is always the same kind. One batch after the
  // other is read, value by value, so the last one is kept.
  #asBuffer(bytes: Uint8Array): Buffer {
    if (Buffer.isBuffer(bytes)) return bytes
    if (
      this.#last.buffer !== bytes.buffer ||
      this.#last.byteOffset !== bytes.byteOffset ||
      this.#last.byteLength !== bytes.byteLength
    )
      this.#last = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this.#last
  }
}

function notSealed(): HoldfastError {
  return new HoldfastError('HF_STORE_DAMAGED', 'A stored value says that it is sealed, and is not.', {
    hint: 'Run `holdfast verify` on the data directory.',
  })
}
