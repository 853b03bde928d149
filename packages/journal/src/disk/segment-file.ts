// Segment file
// ============
// One file that holds a run of batches, byte for byte as they were stored, and a table by which they are found.
//
//   header | batches, one after the other | table | checksum of header and table (u32) | where the table is (f64) | "HFSG"
//
//   header:  "HFSG" | format (u32) | id of the store (16) | first position (f64) | position after the last (f64)
//            | batches (u32) | hash of the batch before the first (32)
//   table:   for each batch its first position (f64), where it is (f64), its bytes (u32)
//
// Boundary: knows nothing of the store around it. Whoever opens a file holds its header against what it expects.
//
// Invariants
//   S1  A file stands under its name whole and flushed, or not at all: it is written under another one.
//   S2  A file that has its name never changes.
//   S3  Header and table are believed when their checksum is right and they fit the file to the byte. What a batch holds is
//       not looked at here: each has a checksum of its own.

import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { STORE_ID_BYTES } from '../batch-format.js'
import { storeFailure } from '../store-failure.js'
import type { StoredBatch } from '../store.js'
import { checksumOf } from './checksum.js'

/** Raised whenever a reader of the format before would take a file for damaged, or for something else. */
const SEGMENT_FORMAT = 1

const MAGIC = 0x47534648
const FORMAT_AT = 4
const HEADER_BYTES = 76
const ROW_BYTES = 20
const TAIL_BYTES = 16
const OWN_FILE = 0o600
const DIGITS = 16

/** Pieces of memory that one call may write: what Linux takes. */
const PARTS_PER_CALL = 1_024

const NO_ROOM = Buffer.alloc(0)

/** Where `look` shows batches of whichever file. It grows with the largest, so there is one and not one a file. */
let room = NO_ROOM

/** Ends the name of a file that is not finished. */
export const DRAFT = '.new'

/** What a segment says of itself. */
export interface SegmentHeader {
  /** Id of the store that it was written for. */
  readonly storeId: Uint8Array
  readonly first: number
  /** The position after its last one. */
  readonly next: number
  /** Number of batches. */
  readonly count: number
  /** Hash of the batch before the first. */
  readonly before: Uint8Array
}

/** What its writer says of a finished one. */
export interface WrittenSegment extends SegmentHeader {
  /** Size of the file. */
  readonly bytes: number
  /** Checksum of header and table, by which one file is told from another. */
  readonly checksum: number
}

/** The name of the file that begins at a position. */
export function segmentName(first: number): string {
  return `${String(first).padStart(DIGITS, '0')}.hfs`
}

/** The position that a file of this name begins at; `undefined` when it is none of a segment. */
export function firstInName(name: string): number | undefined {
  const digits = /^(\d{16})\.hfs$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Writes one segment, slice by slice. */
export class SegmentWriter {
  readonly #file: string
  readonly #draft: string
  readonly #handle: FileHandle
  readonly #rows: StoredRow[] = []
  #at = HEADER_BYTES

  private constructor(file: string, draft: string, handle: FileHandle) {
    this.#file = file
    this.#draft = draft
    this.#handle = handle
  }

  /**
   * Begins a segment in a folder that is there.
   *
   * @param first its first position, which names the file
   * @throws {HoldfastError} `HF_STORE_FULL`, `HF_STORE_FAILED`
   */
  static async create(folder: string, first: number): Promise<SegmentWriter> {
    const file = join(folder, segmentName(first))
    const draft = `${file}.${randomBytes(4).toString('hex')}${DRAFT}`
    return new SegmentWriter(file, draft, await done(open(draft, 'wx', OWN_FILE)))
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#at
  }

  /** Adds batches behind the others. When it resolves they are written and flushed; until then they must not change. */
  async add(batches: readonly StoredBatch[]): Promise<void> {
    const slice = batches.map(({ bytes }) => bytes)
    await done(this.#write(slice, this.#at).then(() => this.#handle.datasync()))
    for (const { first, bytes } of batches) {
      this.#rows.push({ first, at: this.#at, length: bytes.byteLength })
      this.#at += bytes.byteLength
    }
  }

  /** Completes the file and gives it its name, for good. There is at least one batch in it. */
  async finish({
    storeId,
    next,
    before,
  }: Pick<SegmentHeader, 'storeId' | 'next' | 'before'>): Promise<WrittenSegment> {
    const count = this.#rows.length
    const header = { storeId, first: this.#rows[0]!.first, next, count, before }
    const head = headerBytes(header)
    const table = tableBytes(this.#rows)
    const tail = Buffer.alloc(TAIL_BYTES)
    const checksum = checksumOf([head, table])
    tail.writeUInt32LE(checksum, 0)
    tail.writeDoubleLE(this.#at, 4)
    tail.writeUInt32LE(MAGIC, 12)
    await done(this.#end(head, [table, tail]))
    return { ...header, bytes: this.#at + table.byteLength + TAIL_BYTES, checksum }
  }

  /** Takes away what was written. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await rm(this.#draft, { force: true }).catch(() => undefined)
  }

  async #end(head: Buffer, rest: Buffer[]): Promise<void> {
    await this.#write(rest, this.#at)
    await this.#write([head], 0)
    await this.#handle.sync()
    await this.#handle.close()
    await rename(this.#draft, this.#file)
    await flushFolder(dirname(this.#file))
  }

  // A disk that is almost full takes a part.
  async #write(parts: readonly Uint8Array[], at: number): Promise<void> {
    let left = parts.filter(({ byteLength }) => byteLength > 0)
    for (let end = at; left.length > 0;) {
      const { bytesWritten } = await this.#handle.writev(left.slice(0, PARTS_PER_CALL), end)
      end += bytesWritten
      left = behind(left, bytesWritten)
    }
  }
}

interface StoredRow {
  readonly first: number
  readonly at: number
  readonly length: number
}

/** One segment, for reading. */
export class SegmentFile {
  readonly header: SegmentHeader
  /** Checksum of header and table. */
  readonly checksum: number
  /** Size of the file. */
  readonly bytes: number
  readonly #file: string
  readonly #handle: number
  readonly #table: Buffer

  /**
   * Opens a file, which stays open.
   *
   * @throws {HoldfastError} `HF_STORE_DAMAGED`, whose cause says so when there is no file; `HF_STORE_NEWER`
   */
  constructor(file: string) {
    this.#file = file
    this.#handle = this.#open()
    try {
      const stat = fstatSync(this.#handle)
      if (!stat.isFile()) throw this.#damaged('it is no file')
      this.bytes = stat.size
      if (this.bytes < HEADER_BYTES + ROW_BYTES + TAIL_BYTES) throw this.#damaged('it is cut off')
      const head = this.#read(0, HEADER_BYTES)
      this.header = this.#headerIn(head)
      const { table, checksum } = this.#tableBehind()
      this.#table = table
      this.checksum = checksum
      if (checksumOf([head, table]) !== checksum)
        throw this.#damaged('its header or its table is not the one that was written')
      const format = head.readUInt32LE(FORMAT_AT)
      if (format > SEGMENT_FORMAT) throw newer(file, format)
      this.#checkTable()
    } catch (error) {
      closeSync(this.#handle)
      throw error
    }
  }

  /** The first position of one of its batches, by their order. */
  firstOf(index: number): number {
    return this.#table.readDoubleLE(index * ROW_BYTES)
  }

  /** Which of its batches holds a position: the last one that begins at or before it; -1 when none does. */
  indexOf(position: number): number {
    let low = 0
    let high = this.header.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.firstOf(middle) <= position) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** One of its batches, by their order. @throws {HoldfastError} `HF_STORE_DAMAGED` when the file was cut off meanwhile */
  batch(index: number): StoredBatch {
    const { at, length } = this.#row(index)
    return { first: this.firstOf(index), bytes: this.#read(at, length) }
  }

  /** Shows one of its batches, in bytes that are others when `see` has returned. */
  look<T>(index: number, see: (bytes: Uint8Array) => T): T {
    const { at, length } = this.#row(index)
    const mine = room.byteLength < length ? Buffer.allocUnsafeSlow(length) : room
    // Whoever looks from within `see` takes another one.
    room = NO_ROOM
    try {
      const bytes = mine.subarray(0, length)
      this.#fill(bytes, at)
      return see(bytes)
    } finally {
      room = mine
    }
  }

  close(): void {
    closeSync(this.#handle)
  }

  // A link leads elsewhere, and a pipe never ends: neither is opened.
  #open(): number {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    try {
      // Windows has neither of the two, and what is not there counts as no flag.
      return openSync(this.#file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      const why: Record<string, string> = {
        ENOENT: 'it is missing',
        ELOOP: 'it is a link, and leads elsewhere',
      }
      throw this.#damaged(why[code] ?? `it cannot be opened (${code})`, error)
    }
  }

  #headerIn(head: Buffer): SegmentHeader {
    if (head.readUInt32LE(0) !== MAGIC) throw this.#damaged('it is no segment')
    const first = head.readDoubleLE(24)
    const next = head.readDoubleLE(32)
    const count = head.readUInt32LE(40)
    if (!isPosition(first) || !isPosition(next) || next - first < count || count === 0)
      throw this.#damaged('it begins or ends at no position')
    const storeId = Uint8Array.from(head.subarray(8, 8 + STORE_ID_BYTES))
    return { storeId, first, next, count, before: Uint8Array.from(head.subarray(44, HEADER_BYTES)) }
  }

  #tableBehind(): { table: Buffer; checksum: number } {
    const tail = this.#read(this.bytes - TAIL_BYTES, TAIL_BYTES)
    const at = tail.readDoubleLE(4)
    const length = this.header.count * ROW_BYTES
    if (tail.readUInt32LE(12) !== MAGIC || at !== this.bytes - TAIL_BYTES - length || at < HEADER_BYTES)
      throw this.#damaged('it does not end as a segment does')
    return { table: this.#read(at, length), checksum: tail.readUInt32LE(0) }
  }

  // S3: batches stand without a gap, in order, and fill the file.
  #checkTable(): void {
    const { first, next, count } = this.header
    let end = HEADER_BYTES
    let last = first - 1
    for (let index = 0; index < count; index++) {
      const { at, length } = this.#row(index)
      const position = this.firstOf(index)
      if (!isPosition(position) || position <= last || at !== end) throw this.#damaged(WRONG_TABLE)
      last = position
      end += length
    }
    if (this.firstOf(0) !== first || last >= next || end + count * ROW_BYTES + TAIL_BYTES !== this.bytes)
      throw this.#damaged(WRONG_TABLE)
  }

  #row(index: number): { at: number; length: number } {
    const row = index * ROW_BYTES
    return { at: this.#table.readDoubleLE(row + 8), length: this.#table.readUInt32LE(row + 16) }
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length)
    this.#fill(bytes, at)
    return bytes
  }

  #fill(bytes: Buffer, at: number): void {
    for (let done = 0; done < bytes.byteLength;) {
      const read = this.#readInto(bytes, done, at + done)
      if (read === 0) throw this.#damaged('it is cut off')
      done += read
    }
  }

  #readInto(bytes: Buffer, done: number, at: number): number {
    try {
      return readSync(this.#handle, bytes, done, bytes.byteLength - done, at)
    } catch (error) {
      throw this.#damaged(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? ''})`, error)
    }
  }

  #damaged(what: string, cause?: unknown): HoldfastError {
    return damagedSegment(this.#file, what, cause)
  }
}

const WRONG_TABLE = 'its table does not say where its batches are'

/** A segment is not what was written there. */
export function damagedSegment(file: string, what: string, cause?: unknown): HoldfastError {
  const from = firstInName(basename(file))
  const where = from === undefined ? '' : `, from position ${from} on,`
  return new HoldfastError('HF_STORE_DAMAGED', `The segment ${basename(file)}${where} is damaged: ${what}.`, {
    field: 'data',
    cause,
    hint: 'Run `holdfast verify` on the data directory; restore the file from a backup. Nothing was changed.',
  })
}

/** Whether an error says that there is no file. */
export function isMissing(error: unknown): boolean {
  const cause =
    error instanceof HoldfastError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
  return cause?.code === 'ENOENT'
}

/** Flushes the names in a folder, beside everything else. Windows has no such flush, and needs none. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function headerBytes({ storeId, first, next, count, before }: SegmentHeader): Buffer {
  const head = Buffer.alloc(HEADER_BYTES)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(SEGMENT_FORMAT, FORMAT_AT)
  head.set(storeId, 8)
  head.writeDoubleLE(first, 24)
  head.writeDoubleLE(next, 32)
  head.writeUInt32LE(count, 40)
  head.set(before, 44)
  return head
}

function tableBytes(rows: readonly StoredRow[]): Buffer {
  const table = Buffer.alloc(rows.length * ROW_BYTES)
  for (const [index, { first, at, length }] of rows.entries()) {
    table.writeDoubleLE(first, index * ROW_BYTES)
    table.writeDoubleLE(at, index * ROW_BYTES + 8)
    table.writeUInt32LE(length, index * ROW_BYTES + 16)
  }
  return table
}

function isPosition(value: number): boolean {
  return value >= 1 && Number.isSafeInteger(value)
}

/** What is left of parts behind so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let done = bytes
  let nth = 0
  while (nth < parts.length && parts[nth]!.byteLength <= done) done -= parts[nth++]!.byteLength
  const left = parts.slice(nth)
  if (done > 0) left[0] = left[0]!.subarray(done)
  return left
}

async function done<T>(step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    throw storeFailure(error)
  }
}

function newer(file: string, found: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_NEWER',
    `The segment ${basename(file)} has format ${found}, and this version reads up to ${SEGMENT_FORMAT}.`,
    {
      field: 'data',
      hint: 'Use the version of Holdfast that wrote it, or a later one. Nothing was changed.',
    },
  )
}
