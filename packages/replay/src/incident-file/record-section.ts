// Record section
// ==============
// The records of a file as bytes: the names of message types, then the records in the order of their positions, each
// with the place that it had in the log.
//
//   names:    count, then for each: version, text
//   records:  count, then for each: step | kind | flags | time? | actor | correlation | cause | own part | value
//
// The step is how far the position is from the one before; correlation and cause are distances back, plus one, and 0 for
// none. Numbers that this page fixes stand in stored data and never change.

import type { LogRecord, MessageRecord, RecordHead, TurnRecord } from '@holdfast/kernel'
import { DATA_KINDS, type Codec } from '@holdfast/journal'
import { FILE_RECORDS_MAX } from '../limits.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { damaged, sound } from './damaged.js'
import { packedData, packedMessage, packedTurn, PackedValue } from '../packed-records.js'

/** Kinds of records; a record of another kind has the number of its kind in a log plus `DATA`. */
const MESSAGE = 0
const TURN = 1
const DATA = 2

/** The time of the record is another one than that of the record before. */
const HAS_TIME = 1

/** Flags of a message. */
const HAS_NAME = 2
const HAS_ASK = 4
const IS_OUTSIDE = 8
const HAS_TIMER = 16
const IS_NOTICE = 32

/** Flags of a turn. */
const HAS_ANSWER = 2
const HAS_DIGEST = 4

/** A record on its way into a file. */
export interface RecordToWrite {
  readonly record: LogRecord
  /** What it carries, packed: no bytes for `undefined`. */
  readonly packed: Uint8Array
  /** The digest of a turn; -1 for none. It need not be the recorded one. */
  readonly digest: number
}

/** Writes records, which come in the order of their positions. */
export function writeRecords(writer: ByteWriter, records: readonly RecordToWrite[]): void {
  const names = namesOf(records)
  writer.varint(names.size)
  for (const { type, version } of names.values()) {
    writer.varint(version)
    writer.text(type)
  }
  writer.varint(records.length)
  let position = 0
  let timeMs = NaN
  const keys = new Map([...names.keys()].map((key, place) => [key, place]))
  for (const { record, packed, digest } of records) {
    writer.varint(record.position - position)
    const timed = Object.is(record.timeMs, timeMs) ? 0 : HAS_TIME
    ;({ position, timeMs } = record)
    if (record.kind === 'message') writeMessage(writer, record, timed, keys.get(nameKey(record))!)
    else if (record.kind === 'turn') writeTurn(writer, record, timed, digest)
    else writeHead(writer, record, DATA + DATA_KINDS.indexOf(record.kind), timed)
    writer.block(packed)
  }
}

function namesOf(records: readonly RecordToWrite[]): Map<string, { type: string; version: number }> {
  const names = new Map<string, { type: string; version: number }>()
  for (const { record } of records) {
    if (record.kind !== 'message') continue
    const { type, version } = record
    names.set(nameKey(record), { type, version })
  }
  return names
}

function nameKey({ type, version }: Pick<MessageRecord, 'type' | 'version'>): string {
  return `${version} ${type}`
}

function writeHead(writer: ByteWriter, head: RecordHead, kind: number, flags: number): void {
  const { position, timeMs, actor, correlation, cause } = head
  writer.byte(kind)
  writer.byte(flags)
  if ((flags & HAS_TIME) !== 0) writer.float(timeMs)
  writer.varint(actor)
  writer.varint(correlation === 0 ? 0 : position - correlation + 1)
  writer.varint(cause === 0 ? 0 : position - cause + 1)
}

function writeMessage(writer: ByteWriter, record: MessageRecord, timed: number, name: number): void {
  const { sender, correlationName, ask, outside, timer, notice } = record
  let flags = timed
  if (correlationName !== undefined) flags |= HAS_NAME
  if (ask !== undefined) flags |= HAS_ASK
  if (outside) flags |= IS_OUTSIDE
  if (timer !== undefined) flags |= HAS_TIMER
  if (notice) flags |= IS_NOTICE
  writeHead(writer, record, MESSAGE, flags)
  writer.varint(name)
  writer.varint(sender)
  if (correlationName !== undefined) writer.text(correlationName)
  if (ask !== undefined) {
    writer.varint(ask.attempt)
    writer.varint(ask.index)
  }
  if (timer !== undefined) writer.text(timer)
}

function writeTurn(writer: ByteWriter, record: TurnRecord, timed: number, digest: number): void {
  const flags = timed | (record.answered ? HAS_ANSWER : 0) | (digest === -1 ? 0 : HAS_DIGEST)
  writeHead(writer, record, TURN, flags)
  writer.varint(record.attempt)
  writer.varint(record.told)
  if (digest !== -1) writer.varint(digest)
}

/** Reads records. @throws {HoldfastError} `HF_FILE_DAMAGED` */
export function readRecords(reader: ByteReader, codec: Codec): LogRecord[] {
  const names = readNames(reader)
  const count = reader.count(FILE_RECORDS_MAX, 'records')
  const records: LogRecord[] = []
  let position = 0
  let timeMs = 0
  for (let i = 0; i < count; i++) {
    const step = reader.varint()
    sound(step > 0, 'its records do not stand in order')
    position += step
    sound(Number.isSafeInteger(position), 'a position is too large')
    const kind = reader.byte()
    const flags = reader.byte()
    if ((flags & HAS_TIME) !== 0) timeMs = reader.float()
    sound(Number.isFinite(timeMs) && Math.abs(timeMs) <= TIME_MAX, 'a time is none')
    const head = readHead(reader, position, timeMs)
    records.push(readRecord(reader, codec, names, kind, flags, head))
  }
  return records
}

/** Milliseconds from 1970 that a date can show. */
const TIME_MAX = 8.64e15

function readNames(reader: ByteReader): { type: string; version: number }[] {
  const count = reader.count(FILE_RECORDS_MAX, 'names')
  return Array.from({ length: count }, () => {
    const version = reader.varint()
    return { version, type: reader.text() }
  })
}

function readHead(reader: ByteReader, position: number, timeMs: number): RecordHead {
  const actor = reader.varint()
  const correlation = placeBack(reader, position)
  return { position, timeMs, actor, correlation, cause: placeBack(reader, position) }
}

function placeBack(reader: ByteReader, position: number): number {
  const distance = reader.varint()
  sound(distance <= position, 'a record points before the first one')
  return distance === 0 ? 0 : position - distance + 1
}

function readRecord(
  reader: ByteReader,
  codec: Codec,
  names: readonly { type: string; version: number }[],
  kind: number,
  flags: number,
  head: RecordHead,
): LogRecord {
  if (kind === MESSAGE) return readMessage(reader, codec, names, flags, head)
  if (kind === TURN) return readTurn(reader, codec, flags, head)
  const name = DATA_KINDS[kind - DATA]
  if (name === undefined) throw damaged('it holds a record of a kind that is not known')
  return packedData(name, head, new PackedValue(codec, reader.block()))
}

function readMessage(
  reader: ByteReader,
  codec: Codec,
  names: readonly { type: string; version: number }[],
  flags: number,
  head: RecordHead,
): MessageRecord {
  const name = names[reader.varint()]
  sound(name !== undefined, 'a message has no name')
  const sender = reader.varint()
  const correlationName = (flags & HAS_NAME) === 0 ? undefined : reader.text()
  const ask = (flags & HAS_ASK) === 0 ? undefined : { attempt: reader.varint(), index: reader.varint() }
  const timer = (flags & HAS_TIMER) === 0 ? undefined : reader.text()
  const more = { outside: (flags & IS_OUTSIDE) !== 0, notice: (flags & IS_NOTICE) !== 0, timer }
  const value = new PackedValue(codec, reader.block())
  return packedMessage({ ...head, ...name, sender, correlationName, ask, ...more }, value)
}

function readTurn(reader: ByteReader, codec: Codec, flags: number, head: RecordHead): TurnRecord {
  const attempt = reader.varint()
  const told = reader.varint()
  const digest = (flags & HAS_DIGEST) === 0 ? -1 : reader.varint()
  const answered = (flags & HAS_ANSWER) !== 0
  sound(told < head.position, 'a turn begins before the first position')
  return packedTurn({ ...head, attempt, told, answered, digest }, new PackedValue(codec, reader.block()))
}
