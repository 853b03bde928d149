// Dump file
// =========
// The entries of a dump as a file, in one of two forms.
//
//   frames  "HFD1", then for each entry: bytes of the head (u32) | bytes of the value (u32) | CRC-32 of both | head | value
//           Head and value are msgpack, as in the log; of no value there are no bytes. The last frame is the end; behind
//           it stands the SHA-256 of everything before.
//   lines   a JSON object a line, its value in tagged JSON
//
// Numbers are little-endian. Both are written and read piece by piece: what is in memory is one entry.

import { createHash } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { isPath } from '@holdfast/kernel'
import { copyingCodec } from '../../copy-prefix.js'
import { KeptRef } from '../../kept-ref.js'
import { DUMP_ENTRY_BYTES_MAX } from '../../limits.js'
import { checksumOf } from '../checksum.js'
import { ACTORS_SCHEMA, judgedActors, type ActorsEntry } from './actors-entry.js'
import { damagedDump, judged, type Entry } from './entry.js'
import { tagged, untagged } from './tagged.js'

const MAGIC = Buffer.from('HFD1')
const FRAME_HEAD_BYTES = 12
const HASH_BYTES = 32

/** Bytes that are gathered before they are written, and read at once. */
const PIECE_BYTES = 1_048_576

/** Heads are small: texts in them are bounded. */
const HEAD_BYTES_MAX = 1_048_576

/** An entry of a whole system, or of a few actors. */
export type AnyEntry = Entry | ActorsEntry

/** The forms of a dump. */
export type DumpForm = 'frames' | 'lines'

/** Writes entries into a file that is new. */
export class DumpWriter {
  readonly #handle: number
  readonly #form: DumpForm
  readonly #codec = copyingCodec()
  readonly #hash = createHash('sha256')
  #pieces: Buffer[] = []
  #waiting = 0

  constructor(file: string, form: DumpForm) {
    this.#handle = openSync(file, 'wx', 0o600)
    this.#form = form
    if (form === 'frames') this.#write(MAGIC)
  }

  put(entry: AnyEntry): void {
    const { value, ...head } = { value: undefined, ...entry }
    if (this.#form === 'lines') {
      const line = value === undefined ? head : { ...head, value: tagged(value) }
      this.#write(Buffer.from(`${JSON.stringify(line)}\n`))
      return
    }
    const packed = this.#codec.bytes(head)
    const rest = value === undefined ? Buffer.alloc(0) : this.#codec.bytes(value)
    const frame = Buffer.alloc(FRAME_HEAD_BYTES)
    frame.writeUInt32LE(packed.byteLength, 0)
    frame.writeUInt32LE(rest.byteLength, 4)
    frame.writeUInt32LE(checksumOf([packed, rest]), 8)
    for (const piece of [frame, packed, rest]) this.#write(piece)
  }

  /** Ends the file and flushes it; it is still to be closed. */
  finish(): void {
    this.#flush()
    if (this.#form === 'frames') writeAll(this.#handle, this.#hash.digest())
    fsyncSync(this.#handle)
  }

  close(): void {
    closeSync(this.#handle)
  }

  #write(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#waiting += bytes.byteLength
    if (this.#waiting >= PIECE_BYTES) this.#flush()
  }

  #flush(): void {
    if (this.#waiting === 0) return
    const bytes = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#waiting = 0
    if (this.#form === 'frames') this.#hash.update(bytes)
    writeAll(this.#handle, bytes)
  }
}

// A disk that is almost full takes a part.
function writeAll(handle: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.byteLength;) at += writeSync(handle, bytes, at)
}

/** Reads the entries of a file, each judged. */
export class DumpReader {
  readonly #handle: number
  readonly #size: number
  readonly #codec = copyingCodec()
  readonly #hash = createHash('sha256')
  #at = 0
  #isOfActors: boolean | undefined
  /** Bytes of the entry that was read last. */
  entryBytes = 0

  /** @throws {HoldfastError} `HF_FILE_DAMAGED` */
  constructor(file: string) {
    try {
      this.#handle = openSync(file, 'r')
    } catch (error) {
      throw damagedDump('it cannot be opened', error)
    }
    this.#codec.ref = (path) => {
      if (!isPath(path)) throw damagedDump('a reference of it leads nowhere')
      return new KeptRef(path)
    }
    const stat = fstatSync(this.#handle)
    this.#size = stat.isFile() ? stat.size : 0
  }

  close(): void {
    closeSync(this.#handle)
  }

  /** @throws {HoldfastError} `HF_FILE_DAMAGED`, `HF_STORE_NEWER` */
  *entries(): Generator<AnyEntry> {
    const start = this.#read(Math.min(MAGIC.byteLength, this.#size))
    if (Buffer.compare(start, MAGIC) === 0) yield* this.#frames(start)
    else if (start[0] === 0x7b) yield* this.#lines(start)
    else throw damagedDump('it is no dump of Holdfast')
  }

  *#frames(start: Buffer): Generator<AnyEntry> {
    this.#hash.update(start)
    for (;;) {
      const frame = this.#read(FRAME_HEAD_BYTES)
      const headBytes = frame.readUInt32LE(0)
      const valueBytes = frame.readUInt32LE(4)
      if (headBytes > HEAD_BYTES_MAX || valueBytes > DUMP_ENTRY_BYTES_MAX)
        throw damagedDump('an entry is larger than any can be')
      const head = this.#read(headBytes)
      const value = this.#read(valueBytes)
      if (checksumOf([head, value]) !== frame.readUInt32LE(8)) throw damagedDump('it was changed')
      for (const piece of [frame, head, value]) this.#hash.update(piece)
      this.entryBytes = headBytes + valueBytes
      const entry = this.#unpacked(head, value)
      yield entry
      if (entry.is === 'end') break
    }
    const digest = this.#hash.digest()
    if (Buffer.compare(this.#read(HASH_BYTES), digest) !== 0) throw damagedDump('it was changed')
    if (this.#at !== this.#size) throw damagedDump('there is something behind its end')
  }

  #unpacked(head: Buffer, value: Buffer): AnyEntry {
    let read: object
    try {
      const fields = this.#codec.unpack(head, 0, head.byteLength)
      if (typeof fields !== 'object' || fields === null) throw damagedDump('something in it is no entry')
      read = value.byteLength === 0 ? fields : { ...fields, value: this.#value(value) }
    } catch (error) {
      throw damagedDump('an entry cannot be read', error)
    }
    return this.#judged(read)
  }

  // What the first entry says of its format holds for all of them.
  #judged(read: object): AnyEntry {
    this.#isOfActors ??= 'schema' in read && read.schema === ACTORS_SCHEMA
    return this.#isOfActors ? judgedActors(read) : judged(read)
  }

  #value(bytes: Buffer): unknown {
    return this.#codec.unpack(bytes, 0, bytes.byteLength)
  }

  *#lines(start: Buffer): Generator<AnyEntry> {
    for (const line of this.#texts(start)) {
      this.entryBytes = line.length
      let read: unknown
      try {
        read = JSON.parse(line)
      } catch (error) {
        throw damagedDump('a line of it is no JSON', error)
      }
      if (typeof read !== 'object' || read === null) throw damagedDump('a line of it is no entry')
      yield this.#judged('value' in read ? { ...read, value: untagged(read.value) } : read)
    }
  }

  *#texts(start: Buffer): Generator<string> {
    let rest: Buffer[] = [start]
    let length = start.byteLength
    while (this.#at < this.#size) {
      const piece = this.#read(Math.min(PIECE_BYTES, this.#size - this.#at))
      let from = 0
      for (let to = piece.indexOf(LINE_BREAK); to !== -1; to = piece.indexOf(LINE_BREAK, from)) {
        yield Buffer.concat([...rest, piece.subarray(from, to)]).toString()
        rest = []
        length = 0
        from = to + 1
      }
      rest.push(piece.subarray(from))
      length += piece.byteLength - from
      if (length > DUMP_ENTRY_BYTES_MAX) throw damagedDump('a line is larger than any can be')
    }
    if (length > 0) throw damagedDump('it is cut off')
  }

  #read(length: number): Buffer {
    if (length > this.#size - this.#at) throw damagedDump('it is cut off')
    const bytes = Buffer.allocUnsafeSlow(length)
    for (let done = 0; done < length;) {
      const read = readSync(this.#handle, bytes, done, length - done, this.#at + done)
      if (read === 0) throw damagedDump('it is cut off')
      done += read
    }
    this.#at += length
    return bytes
  }
}

const LINE_BREAK = 0x0a
