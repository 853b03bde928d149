// Batch reader
// ============
// Records out of the bytes of a batch. Reading is lazy: heads are parsed on the way, payloads when somebody asks. What
// is read may be damaged or hostile, so every length is checked against what is there.

import { HoldfastError, type LogRecord, type MessageRecord, type TurnRecord } from '@holdfast/kernel'
import * as format from './batch-format.js'
import type { Codec } from './codec.js'
import { OFFSET_EVERY } from './limits.js'
import { sealedIn, subjectOf } from './subjects/sealed-form.js'
import { NO_EXTRAS, StoredData, StoredMessage, StoredTurn, type Extras, type Name } from './stored-records.js'

const text = new TextDecoder('utf-8', { fatal: true })

/** One batch, for reading. */
export class BatchReader {
  readonly header: format.BatchHeader
  /** Position of the record that nobody should go on from, because the stored one is another; 0 when all are whole. */
  hurt = 0
  /** A view of its own: what comes from elsewhere has properties of others on it, and is read more slowly. */
  readonly #bytes: Uint8Array
  readonly #codec: Codec
  readonly #names: Name[] = []
  readonly #recordsEnd: number
  /** The position behind its last record: one that is blank has none. */
  readonly #end: number
  #at: number

  /** @throws {HoldfastError} `HF_STORE_DAMAGED`, `HF_STORE_NEWER` */
  constructor(bytes: Uint8Array, codec: Codec) {
    const header = format.headerOf(bytes)
    if (header === undefined) throw damaged(0, 'it has no header')
    if (header.format > format.FORMAT) throw newer(header.format)
    if (!isPosition(header.first) || !isPosition(header.first + header.count))
      throw damaged(0, 'it begins at no position')
    this.header = header
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#codec = codec
    this.#at = header.headerBytes
    this.#recordsEnd = header.headerBytes + header.recordBytes
    this.#end = header.first + (format.isBlank(header) ? 0 : header.count)
    if (this.#recordsEnd + header.nameBytes + header.noteBytes > bytes.byteLength)
      throw damaged(header.first, 'it is cut off')
    this.#readNames()
  }

  /** The records from a position on, in order. */
  *records(from = this.header.first): Generator<LogRecord> {
    const { first } = this.header
    const end = this.#end
    let position = this.#seek(from)
    for (; position < end; position++) {
      const record = this.#record(position)
      if (position >= from) yield record
    }
    if (this.#at !== this.#recordsEnd) throw damaged(first, 'its records do not fill it')
  }

  /** Gives every record to `visit`, in order: the quickest way through a whole batch. */
  forEach(visit: (record: LogRecord) => void): void {
    const { first } = this.header
    const end = this.#end
    this.#at = this.header.headerBytes
    for (let position = first; position < end; position++) visit(this.#record(position))
    if (this.#at !== this.#recordsEnd) throw damaged(first, 'its records do not fill it')
  }

  /** One record by its position. */
  at(position: number): LogRecord | undefined {
    if (position < this.header.first || position >= this.#end) return undefined
    for (let each = this.#seek(position); each < position; each++) this.#record(each)
    return this.#record(position)
  }

  /** The record that a byte of the batch belongs to; `undefined` when it stands before the records or behind them. */
  recordAround(offset: number): LogRecord | undefined {
    const { headerBytes, first } = this.header
    if (offset < headerBytes || offset >= this.#recordsEnd) return undefined
    this.#at = headerBytes
    for (let position = first; position < this.#end; position++) {
      const record = this.#record(position)
      if (offset < this.#at) return record
    }
    return undefined
  }

  /** The actors and the earlier correlations that the batch concerns, as they were noted when it was sealed. */
  notes(): { readonly actors: readonly number[]; readonly correlations: readonly number[] } {
    const { nameBytes, noteBytes } = this.header
    if (noteBytes === 0) return { actors: [], correlations: [] }
    this.#at = this.#recordsEnd + nameBytes
    const actors = this.#keys()
    return { actors, correlations: this.#keys() }
  }

  #keys(): number[] {
    const count = this.#varint()
    if (count > this.header.noteBytes) throw damaged(this.header.first, 'it notes more than it holds')
    const keys: number[] = []
    let last = 0
    for (let i = 0; i < count; i++) {
      const step = this.#varint()
      last += step % 2 === 0 ? step / 2 : -(step + 1) / 2
      keys.push(last)
    }
    return keys
  }

  #seek(position: number): number {
    const { first, nameBytes, noteBytes } = this.header
    const nth = Math.max(0, Math.floor((position - first) / OFFSET_EVERY))
    const tableAt = this.#recordsEnd + nameBytes + noteBytes + nth * 4
    this.#at = this.header.headerBytes
    if (nth === 0 || tableAt + 4 > this.#bytes.byteLength) return first
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
    this.#at = view.getUint32(tableAt, true)
    if (this.#at < this.header.headerBytes || this.#at >= this.#recordsEnd)
      throw damaged(first, 'its table of offsets points outside')
    return first + nth * OFFSET_EVERY
  }

  #readNames(): void {
    this.#at = this.#recordsEnd
    const end = this.#recordsEnd + this.header.nameBytes
    while (this.#at < end) {
      const version = this.#varint()
      this.#names.push({ version, type: interned(this.#text()) })
    }
    if (this.#at !== end) throw damaged(this.header.first, 'its names do not fill their place')
    this.#at = this.header.headerBytes
  }

  #record(position: number): LogRecord {
    if (this.#at >= this.#recordsEnd) throw damaged(position, 'it ends too early')
    const flags = this.#bytes[this.#at++]!
    switch (flags & 3) {
      case format.MESSAGE:
        return this.#message(position, flags)
      case format.TURN:
        return this.#turn(position, flags)
      case format.DATA:
        return this.#data(position)
      default:
        throw damaged(position, 'it holds a record of no kind')
    }
  }

  #message(position: number, flags: number): MessageRecord {
    const actor = this.#varint()
    const name = this.#names[this.#varint()]
    if (name === undefined) throw damaged(position, 'a message has no name')
    const correlation = (flags & format.HAS_CORRELATION) === 0 ? position : position - this.#varint()
    const cause = (flags & format.HAS_CAUSE) === 0 ? 0 : position - this.#varint()
    const sender = (flags & format.HAS_SENDER) === 0 ? 0 : this.#varint()
    const extras = (flags & format.HAS_EXTRAS) === 0 ? 0 : this.#bytes[this.#at++]!
    const more = extras === 0 ? NO_EXTRAS : this.#extras(extras)
    const start = this.#skipValue(position)
    return new StoredMessage(this, position, actor, name, correlation, cause, sender, more, start, this.#at)
  }

  #extras(flags: number): Extras {
    return {
      correlationName: (flags & format.EXTRA_NAME) === 0 ? undefined : this.#text(),
      ask: (flags & format.EXTRA_ASK) === 0 ? undefined : { attempt: this.#varint(), index: this.#varint() },
      outside: (flags & format.EXTRA_OUTSIDE) !== 0,
      timer: (flags & format.EXTRA_TIMER) === 0 ? undefined : this.#text(),
      notice: (flags & format.EXTRA_NOTICE) !== 0,
    }
  }

  #turn(position: number, flags: number): TurnRecord {
    const actor = this.#varint()
    const message = position - this.#varint()
    const told = this.#varint()
    const correlation = (flags & format.HAS_OTHER_CORRELATION) === 0 ? message : position - this.#varint()
    const attempt = (flags & format.HAS_ATTEMPT) === 0 ? 1 : this.#varint()
    const digestAt = (flags & format.HAS_DIGEST) === 0 ? 0 : this.#at
    if (digestAt !== 0) this.#varint()
    const answered = (flags & format.HAS_ANSWER) !== 0
    const start = answered ? this.#skipValue(position) : this.#at
    return new StoredTurn(
      this,
      position,
      actor,
      correlation,
      message,
      attempt,
      told,
      answered,
      digestAt,
      start,
      this.#at,
    )
  }

  #data(position: number): LogRecord {
    const kind = format.DATA_KINDS[this.#bytes[this.#at++]!]
    if (kind === undefined) throw damaged(position, 'it holds a record of a kind that is not known')
    const actor = this.#varint()
    const correlated = this.#varint()
    const caused = this.#varint()
    const start = this.#skipValue(position)
    const correlation = correlated === 0 ? 0 : position - correlated + 1
    const cause = caused === 0 ? 0 : position - caused + 1
    const { timeMs } = this.header
    return new StoredData(
      this.#codec,
      this.#bytes,
      start,
      this.#at,
      kind,
      position,
      timeMs,
      actor,
      correlation,
      cause,
    ) as LogRecord
  }

  /** Decodes the value that stands between two offsets; one of no length is `undefined`. */
  value(start: number, end: number, position: number): unknown {
    this.#codec.place = position
    return start === end ? undefined : this.#codec.unpack(this.#bytes, start, end)
  }

  /** Whether the same bytes stand between two offsets as between two of other bytes, sealed or not. */
  holds(start: number, end: number, other: Uint8Array, from: number, to: number, position: number): boolean {
    const sealed = sealedIn(this.#bytes, start, end)
    if (sealed !== undefined) return this.#holdsSealed(sealed, other.subarray(from, to), position)
    if (end - start !== to - from) return false
    for (let i = start, j = from; i < end; i++, j++) if (this.#bytes[i] !== other[j]) return false
    return true
  }

  // Of what cannot be read nobody can say that it is another.
  #holdsSealed(sealed: Uint8Array, other: Uint8Array, position: number): boolean {
    const packed = this.#codec.subjects?.unseal(sealed, position, false) ?? 'no-key'
    return typeof packed === 'string' || Buffer.compare(packed, other) === 0
  }

  /** The packed form of a value: where it lies, or out of its sealed form when that can be read. */
  packed(start: number, end: number, position: number): Uint8Array {
    const sealed = sealedIn(this.#bytes, start, end)
    const packed = sealed && this.#codec.subjects?.unseal(sealed, position, false)
    if (typeof packed === 'object') return packed
    // Of what is gone, no more is copied than whose it was.
    return packed === 'shredded'
      ? this.#codec.bytes(this.value(start, end, position))
      : this.#bytes.subarray(start, end)
  }

  /** Id of the subject with whose key the value between two offsets is sealed. */
  subjectIn(start: number, end: number): string | undefined {
    const sealed = sealedIn(this.#bytes, start, end)
    return sealed && subjectOf(sealed)
  }

  /** The number that stands at an offset. */
  numberAt(offset: number): number {
    const at = this.#at
    this.#at = offset
    const number = this.#varint()
    this.#at = at
    return number
  }

  /** Steps over a value. @returns where it starts; the reader stands at its end */
  #skipValue(position: number): number {
    const length = this.#varint()
    const start = this.#at
    this.#at += length
    if (this.#at > this.#recordsEnd) throw damaged(position, 'a value runs past the end')
    return start
  }

  #text(): string {
    const length = this.#varint()
    const from = this.#at
    this.#at += length
    if (this.#at > this.#bytes.byteLength) throw damaged(this.header.first, 'a text runs past the end')
    try {
      return text.decode(this.#bytes.subarray(from, this.#at))
    } catch {
      throw damaged(this.header.first, 'a text is none')
    }
  }

  // Nearly all numbers are small integers; the others are read elsewhere, so that these stay so for the compiler.
  #varint(): number {
    const bytes = this.#bytes
    const start = this.#at
    let value = 0
    for (let i = 0; i < 4; i++) {
      const byte = bytes[start + i]!
      value |= (byte & 0x7f) << (7 * i)
      if (byte < 0x80) {
        this.#at = start + i + 1
        return value
      }
    }
    return this.#longVarint()
  }

  #longVarint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined || scale > 2 ** 49) throw damaged(this.header.first, 'a number does not end')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
}

// The form of a text that is compared with others like it by its address.
function interned(text: string): string {
  return Object.keys({ [text]: 0 })[0]!
}

function isPosition(value: number): boolean {
  return value >= 1 && Number.isSafeInteger(value)
}

function damaged(position: number, what: string): HoldfastError {
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `The batch around position ${position} cannot be read: ${what}.`,
    {
      hint: 'Run `holdfast verify` on the data directory; restore the batch from a backup.',
    },
  )
}

function newer(found: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_NEWER',
    `The data have format ${found}, and this version reads up to ${format.FORMAT}.`,
    {
      hint: 'Use the version of Holdfast that wrote them, or a later one.',
    },
  )
}
