// Open batch
// ==========
// The batch that is being written: records go straight into its bytes, in the form in which they will be stored, so
// that what happens to an object afterwards changes nothing.
//
// Invariants
//   O1  `mark` and `rewind` leave the bytes, names and index notes as they were: a turn that fails was never there.
//   O2  Nothing but `seal` moves records out, and nobody seals between `mark` and the end of a turn.

import {
  HoldfastError,
  NO_ANSWER,
  SealedValue,
  type DataKind,
  type Encoded,
  type MessageExtras,
  type MessageName,
} from '@holdfast/kernel'
import { BatchBuffers } from './batch-buffers.js'
import * as format from './batch-format.js'
import type { Codec } from './codec.js'
import { checksumAround } from './disk/checksum.js'
import { FLAT_BYTES_MAX, writeFlat } from './flat.js'
import { IndexNotes } from './index-notes.js'
import { OFFSET_EVERY, PAYLOAD_BYTES_MAX } from './limits.js'
import { NO_SEAL } from './seal.js'
import { putVarint } from './varint.js'

const text = new TextEncoder()

/** Bytes that a record needs at the most beside its texts and a payload that is not flat. */
const RECORD_HEAD_MAX = 128 + FLAT_BYTES_MAX

let batches = 0

/** A batch as it was sealed. */
export interface SealedBatch {
  readonly first: number
  readonly count: number
  readonly timeMs: number
  readonly bytes: Uint8Array
  readonly notes: IndexNotes
}

/** Where sealed batches end: the position after the last record, if there is any. */
export function endOf(batches: readonly SealedBatch[]): number | undefined {
  const last = batches.at(-1)
  return last === undefined ? undefined : last.first + last.count
}

/** Records on their way to the disk. */
export class OpenBatch {
  readonly first: number
  readonly timeMs: number
  readonly notes = new IndexNotes()
  /** Tells message names whether they already stand in this batch. */
  readonly #serial = ++batches
  readonly #codec: Codec
  readonly #buffers: BatchBuffers
  #bytes: Uint8Array
  /** Length of `#bytes`: V8 calls a getter for theirs. */
  #capacity: number
  #at = format.HEADER_BYTES
  #names: MessageName[] = []
  #offsets: number[] = []
  #recordAt = 0
  #markAt = format.HEADER_BYTES
  #markCount = 0
  #markNames = 0
  count = 0
  copy: unknown = undefined
  weight = 0

  constructor(codec: Codec, first: number, timeMs: number, buffers = new BatchBuffers()) {
    this.#codec = codec
    this.first = first
    this.timeMs = timeMs
    this.#buffers = buffers
    this.#bytes = buffers.lend()
    this.#capacity = this.#bytes.byteLength
  }

  get next(): number {
    return this.first + this.count
  }

  get byteLength(): number {
    return this.#at
  }

  mark(): void {
    this.#markAt = this.#at
    this.#markCount = this.count
    this.#markNames = this.#names.length
    this.notes.mark()
  }

  rewind(): void {
    if (this.count === this.#markCount && this.#names.length === this.#markNames) return
    this.#at = this.#markAt
    this.count = this.#markCount
    for (let i = this.#markNames; i < this.#names.length; i++) this.#names[i]!.batch = -1
    this.#names.length = this.#markNames
    this.#offsets.length = Math.ceil(this.count / OFFSET_EVERY)
    this.notes.rewind()
  }

  message(
    to: number,
    name: MessageName,
    payload: unknown,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const position = this.#messageHead(to, name, correlation, cause, sender, extras)
    try {
      this.#value(payload)
    } catch (error) {
      this.#undo()
      throw error
    }
    this.notes.add(to, correlation, this.first)
    return position
  }

  messageEncoded(
    to: number,
    name: MessageName,
    payload: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const position = this.#messageHead(to, name, correlation, cause, sender, extras)
    this.#room(payload.bytes.byteLength)
    this.#varint(payload.bytes.byteLength)
    this.#bytes.set(payload.bytes, this.#at)
    this.#at += payload.bytes.byteLength
    this.copy = payload.copy
    this.weight = payload.bytes.byteLength + 16
    this.notes.add(to, correlation, this.first)
    return position
  }

  turn(
    actor: number,
    message: number,
    correlation: number,
    attempt: number,
    answer: unknown,
    digest: number,
  ): number {
    const told = this.count - this.#markCount
    const position = this.#begin()
    const bytes = this.#bytes
    let flags = answer === NO_ANSWER ? format.TURN : format.TURN | format.HAS_ANSWER
    let at = putVarint(bytes, this.#at + 1, actor)
    at = putVarint(bytes, at, position - message)
    at = putVarint(bytes, at, told)
    if (correlation !== message) {
      flags |= format.HAS_OTHER_CORRELATION
      at = putVarint(bytes, at, position - correlation)
    }
    if (attempt !== 1) {
      flags |= format.HAS_ATTEMPT
      at = putVarint(bytes, at, attempt)
    }
    if (digest !== -1) {
      flags |= format.HAS_DIGEST
      at = putVarint(bytes, at, digest)
    }
    bytes[this.#at] = flags
    this.#at = at
    this.weight = 8
    try {
      if (answer !== NO_ANSWER) this.#value(answer)
    } catch (error) {
      this.#undo()
      throw error
    }
    this.notes.add(actor, correlation, this.first)
    return position
  }

  record(kind: DataKind, actor: number, correlation: number, cause: number, data: unknown): number {
    const position = this.#begin()
    this.#bytes[this.#at++] = format.DATA
    this.#bytes[this.#at++] = format.DATA_KINDS.indexOf(kind)
    this.#varint(actor)
    this.#varint(correlation === 0 ? 0 : position - correlation + 1)
    this.#varint(cause === 0 ? 0 : position - cause + 1)
    try {
      this.#pack(data)
    } catch (error) {
      this.#undo()
      throw error
    }
    this.notes.add(actor, correlation, this.first)
    return position
  }

  /** Ends a batch that holds nothing. */
  drop(): void {
    this.#buffers.giveBack(this.#bytes)
  }

  /** Closes the batch. `previous` is the hash of the one before, `storeId` and `seal` are those of its store. */
  seal(previous: Uint8Array, epoch: number, storeId = format.NO_STORE_ID, seal = NO_SEAL): SealedBatch {
    const recordBytes = this.#at - format.HEADER_BYTES
    const nameBytes = this.#writeNames()
    const noteBytes = this.#writeNotes()
    this.#room(this.#offsets.length * 4)
    const bytes = this.#bytes
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (const offset of this.#offsets) {
      view.setUint32(this.#at, offset, true)
      this.#at += 4
    }
    view.setUint32(0, format.MAGIC, true)
    view.setUint16(4, format.FORMAT, true)
    view.setUint16(6, 0, true)
    view.setFloat64(8, this.first, true)
    view.setFloat64(16, this.timeMs, true)
    view.setUint32(24, this.count, true)
    view.setUint32(28, recordBytes, true)
    view.setUint32(32, nameBytes, true)
    view.setUint32(36, epoch, true)
    view.setUint32(44, noteBytes, true)
    bytes.set(previous, format.PREVIOUS_AT)
    bytes.set(storeId, format.STORE_ID_AT)
    bytes.fill(0, format.STORE_ID_AT + format.STORE_ID_BYTES, format.HEADER_BYTES)
    const written = bytes.subarray(0, this.#at)
    seal.sealBatch(written)
    const tail = format.tailChecksum(written, format.HEADER_BYTES + recordBytes)
    view.setUint32(format.TAIL_CHECKSUM_AT, tail, true)
    view.setUint32(format.CHECKSUM_AT, checksumAround(written, format.CHECKSUM_AT), true)
    const sealed = this.#buffers.seal(bytes, this.#at)
    return { first: this.first, count: this.count, timeMs: this.timeMs, bytes: sealed, notes: this.notes }
  }

  /** The batch as it is now, for reading; it does not end the batch. */
  peek(): Uint8Array {
    const at = this.#at
    const recordBytes = at - format.HEADER_BYTES
    const nameBytes = this.#writeNames()
    const copy = Buffer.from(this.#bytes.subarray(0, this.#at))
    this.#at = at
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength)
    view.setUint32(0, format.MAGIC, true)
    view.setUint16(4, format.FORMAT, true)
    view.setFloat64(8, this.first, true)
    view.setFloat64(16, this.timeMs, true)
    view.setUint32(24, this.count, true)
    view.setUint32(28, recordBytes, true)
    view.setUint32(32, nameBytes, true)
    view.setUint32(44, 0, true)
    return copy
  }

  #messageHead(
    to: number,
    name: MessageName,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const position = this.#begin()
    const slot = name.batch === this.#serial ? name.slot : this.#name(name)
    const bytes = this.#bytes
    let flags = extras === null ? format.MESSAGE : format.MESSAGE | format.HAS_EXTRAS
    let at = putVarint(bytes, this.#at + 1, to)
    at = putVarint(bytes, at, slot)
    if (correlation !== 0) {
      flags |= format.HAS_CORRELATION
      at = putVarint(bytes, at, position - correlation)
    }
    if (cause !== 0) {
      flags |= format.HAS_CAUSE
      at = putVarint(bytes, at, position - cause)
    }
    if (sender !== 0) {
      flags |= format.HAS_SENDER
      at = putVarint(bytes, at, sender)
    }
    bytes[this.#at] = flags
    this.#at = at
    if (extras !== null) this.#extras(extras)
    return position
  }

  #extras(extras: MessageExtras): void {
    const { correlationName, ask, outside, timer, notice } = extras
    let flags = 0
    if (correlationName !== undefined) flags |= format.EXTRA_NAME
    if (ask !== undefined) flags |= format.EXTRA_ASK
    if (outside === true) flags |= format.EXTRA_OUTSIDE
    if (timer !== undefined) flags |= format.EXTRA_TIMER
    if (notice === true) flags |= format.EXTRA_NOTICE
    this.#bytes[this.#at++] = flags
    if (correlationName !== undefined) this.#text(correlationName)
    if (ask !== undefined) {
      this.#varint(ask.attempt)
      this.#varint(ask.index)
    }
    if (timer !== undefined) this.#text(timer)
  }

  #begin(): number {
    if (this.#capacity - this.#at < RECORD_HEAD_MAX) this.#grow(RECORD_HEAD_MAX)
    if (this.count % OFFSET_EVERY === 0) this.#offsets.push(this.#at)
    this.#recordAt = this.#at
    return this.first + this.count++
  }

  // A record whose value is refused must not leave half of itself behind (O1).
  #undo(): void {
    this.count--
    this.#at = this.#recordAt
    this.#offsets.length = Math.ceil(this.count / OFFSET_EVERY)
  }

  #name(name: MessageName): number {
    name.batch = this.#serial
    name.slot = this.#names.length
    this.#names.push(name)
    return name.slot
  }

  // Writes a payload or an answer, and what its receiver gets of it: a copy, as if it came from the log.
  #value(value: unknown): void {
    if (value === undefined) {
      this.#bytes[this.#at++] = 0
      this.copy = undefined
      this.weight = 16
      return
    }
    const start = this.#at + 1
    const end = writeFlat(this.#bytes, start, value)
    if (end !== -1) {
      this.#bytes[this.#at] = end - start
      this.#at = end
      this.weight = end - start + 16
      this.copy = typeof value === 'object' && value !== null ? { ...value } : value
      return
    }
    const length = this.#pack(value)
    this.weight = length + 16
    this.copy =
      typeof value === 'object' && !(value instanceof SealedValue)
        ? this.#codec.unpack(this.#bytes, this.#at - length, this.#at)
        : value
  }

  #pack(value: unknown): number {
    const packed = this.#codec.pack(value)
    const length = packed.end - packed.start
    if (length > PAYLOAD_BYTES_MAX) throw tooLarge(length)
    this.#room(length)
    this.#varint(length)
    this.#bytes.set(packed.subarray(packed.start, packed.end), this.#at)
    this.#at += length
    return length
  }

  #text(value: string): void {
    const bytes = text.encode(value)
    this.#room(bytes.byteLength)
    this.#varint(bytes.byteLength)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.byteLength
  }

  #writeNames(): number {
    const from = this.#at
    for (const { type, version } of this.#names) {
      this.#room(RECORD_HEAD_MAX)
      this.#varint(version)
      this.#text(type)
    }
    return this.#at - from
  }

  #writeNotes(): number {
    const from = this.#at
    for (const keys of [this.notes.actors, this.notes.correlations]) {
      this.#room(keys.length * 9)
      this.#varint(keys.length)
      let last = 0
      for (const key of keys) {
        this.#varint(key >= last ? (key - last) * 2 : (last - key) * 2 - 1)
        last = key
      }
    }
    return this.#at - from
  }

  #room(bytes: number): void {
    if (this.#capacity - this.#at < bytes + RECORD_HEAD_MAX) this.#grow(bytes + RECORD_HEAD_MAX)
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#capacity * 2, this.#at + bytes))
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = grown
    this.#capacity = grown.byteLength
  }

  #varint(value: number): void {
    this.#at = putVarint(this.#bytes, this.#at, value)
  }
}

function tooLarge(length: number): HoldfastError {
  return new HoldfastError(
    'HF_NOT_STORABLE',
    `The payload takes ${length} bytes, and ${PAYLOAD_BYTES_MAX} are the most.`,
    {
      field: 'payload',
      hint: 'Put large things into a file or a table, and send the name of it.',
    },
  )
}
