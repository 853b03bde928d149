// Entry
// =====
// What stands in a dump, in this order: one header, then for each batch of the log a mark and its records, then snapshots,
// then an end. A record keeps its position and its fields; values are those that users wrote.
//
// A file may be hostile. Whatever is read is judged here, field by field, before anything is made of it.

import { HoldfastError, type DataKind, type LogRecord } from '@holdfast/kernel'
import { DATA_KINDS } from '../../batch-format.js'
import { SYSTEM } from '../../snapshots.js'
import { DUMP_TEXT_MAX } from '../../limits.js'
import { isWellFormed } from '../../storable.js'

/** Which format it is. */
export const DUMP_SCHEMA = 'holdfast.dump/1'

/** The beginning: what was dumped. */
export interface DumpHeader {
  readonly is: 'header'
  readonly schema: typeof DUMP_SCHEMA
  /** Id of the store, in hex. */
  readonly store: string
  /** The last position. */
  readonly position: number
  /** When it was dumped, as ISO 8601. */
  readonly at: string
}

/** The records behind it are one batch, up to the next mark. */
interface BatchMark {
  readonly is: 'batch'
  readonly timeMs: number
}

interface RecordEntry {
  readonly position: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  /** Payload, answer or data. */
  readonly value: unknown
}

/** A message; its value is the payload. */
export interface MessageEntry extends RecordEntry {
  readonly is: 'message'
  readonly type: string
  readonly version: number
  readonly sender: number
  readonly correlationName?: string
  readonly ask?: { readonly attempt: number; readonly index: number }
  readonly outside?: boolean
  readonly timer?: string
  readonly notice?: boolean
}

interface TurnEntry extends RecordEntry {
  readonly is: 'turn'
  readonly message: number
  readonly attempt: number
  readonly told: number
  readonly answered: boolean
  readonly digest: number
}

interface DataEntry extends RecordEntry {
  readonly is: 'data'
  readonly kind: DataKind
}

/** A snapshot; its value is the state. */
export interface SnapshotEntry {
  readonly is: 'snapshot'
  readonly actor: number
  readonly position: number
  readonly version: number
  readonly turns: number
  readonly timeMs: number
  readonly value: unknown
}

/** The end, which says that there was no more. */
interface DumpEnd {
  readonly is: 'end'
  readonly records: number
  readonly snapshots: number
}

/** One of them. */
export type Entry = DumpHeader | BatchMark | MessageEntry | TurnEntry | DataEntry | SnapshotEntry | DumpEnd

/** A record as an entry. */
export function entryOf(record: LogRecord): Entry {
  const { position, actor, correlation, cause } = record
  const head = { position, actor, correlation, cause }
  if (record.kind === 'message') {
    const { type, version, sender, correlationName, ask, outside, timer, notice } = record
    return {
      is: 'message',
      ...head,
      type,
      version,
      sender,
      ...(correlationName === undefined ? {} : { correlationName }),
      ...(ask === undefined ? {} : { ask: { attempt: ask.attempt, index: ask.index } }),
      ...(outside ? { outside } : {}),
      ...(timer === undefined ? {} : { timer }),
      ...(notice ? { notice } : {}),
      value: record.payload(),
    }
  }
  if (record.kind === 'turn') {
    const { message, attempt, told, answered, digest } = record
    const value = answered ? record.answer() : undefined
    return { is: 'turn', ...head, message, attempt, told, answered, digest, value }
  }
  return { is: 'data', kind: record.kind, ...head, value: record.data() }
}

/** An entry as a record of the log. It was judged before. */
export function recordOf(entry: MessageEntry | TurnEntry | DataEntry, timeMs: number): LogRecord {
  const { position, actor, correlation, cause, value } = entry
  const head = { position, timeMs, actor, correlation, cause, isStoredAs: () => false }
  if (entry.is === 'turn') {
    const { message, attempt, told, answered, digest } = entry
    return { kind: 'turn', ...head, message, attempt, told, answered, digest, answer: () => value }
  }
  if (entry.is === 'data') return { kind: entry.kind, ...head, data: () => value } as LogRecord
  const { type, version, sender, correlationName, ask, outside = false, timer, notice = false } = entry
  const extras = { correlationName, ask, outside, timer, notice }
  return { kind: 'message', ...head, type, version, sender, ...extras, bytes: 0, payload: () => value }
}

/**
 * What was read as an entry, when it is one.
 *
 * @throws {HoldfastError} `HF_FILE_DAMAGED`
 */
export function judged(read: unknown): Entry {
  if (typeof read !== 'object' || read === null) throw damagedDump('something in it is no entry')
  const fields = read as Readonly<Record<string, unknown>>
  const judge = typeof fields['is'] === 'string' && Object.hasOwn(JUDGES, fields['is']) ? fields['is'] : ''
  const isRight = judge !== '' && JUDGES[judge as Entry['is']](fields)
  if (!isRight) throw damagedDump(`an entry is none that this version knows (${judge})`)
  return { value: undefined, ...fields } as unknown as Entry
}

/** What was read, before it is known to be anything. */
export type Fields = Readonly<Record<string, unknown>>

const JUDGES: Record<Entry['is'], (fields: Fields) => boolean> = {
  header: ({ schema, store, position, at }) =>
    schema === DUMP_SCHEMA && isStoreId(store) && isCount(position) && isText(at),
  batch: ({ timeMs }) => isTime(timeMs),
  message: (fields) => isHead(fields) && isMessage(fields),
  turn: (fields) => isHead(fields) && isTurn(fields),
  data: (fields) => isHead(fields) && DATA_KINDS.includes(fields['kind'] as DataKind),
  snapshot: ({ actor, position, version, turns, timeMs }) =>
    [actor, position, turns].every(isCount) && actor !== SYSTEM && isSmall(version) && isTime(timeMs),
  end: ({ records, snapshots }) => isCount(records) && isCount(snapshots),
}

/** Distances between positions are what is stored, and none of them may be less than nothing. */
export function isHead({ position, actor, correlation, cause }: Fields): boolean {
  const isBefore = (other: unknown): boolean => isCount(other) && other <= (position as number)
  return isCount(position) && position >= 1 && isCount(actor) && isBefore(correlation) && isBefore(cause)
}

/** Whether a message says what it has to, its head aside. */
export function isMessage({
  type,
  version,
  sender,
  correlationName,
  ask,
  outside,
  timer,
  notice,
}: Fields): boolean {
  const isFlag = (value: unknown): boolean => value === undefined || typeof value === 'boolean'
  const isMaybeText = (value: unknown): boolean => value === undefined || isText(value)
  return (
    isText(type) &&
    isSmall(version) &&
    isCount(sender) &&
    (correlationName === undefined || isName(correlationName)) &&
    isMaybeText(timer) &&
    isFlag(outside) &&
    isFlag(notice) &&
    (ask === undefined || isAsk(ask))
  )
}

function isAsk(ask: unknown): boolean {
  if (typeof ask !== 'object' || ask === null) return false
  const { attempt, index } = ask as Fields
  return isSmall(attempt) && isSmall(index)
}

function isTurn({ position, message, attempt, told, answered, digest }: Fields): boolean {
  const isMessage = isCount(message) && message >= 1 && message < (position as number)
  const isDigest = digest === -1 || isCount(digest)
  return isMessage && isSmall(attempt) && isCount(told) && typeof answered === 'boolean' && isDigest
}

/** Whether something is the id of a store, in hex. */
export function isStoreId(value: unknown): boolean {
  return isText(value) && /^[0-9a-f]{32}$/.test(value)
}

/** Whether something is a whole number from 0. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** The same, in four bytes. */
export function isSmall(value: unknown): boolean {
  return isCount(value) && value < 2 ** 32
}

/** Whether something is a time. */
export function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

/** Whether something is a text of a bounded length. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= DUMP_TEXT_MAX
}

// Another one is refused where it is given, and may find no room in the table of names.
function isName(value: unknown): boolean {
  return isText(value) && value.length > 0 && value.length <= NAME_LENGTH_MAX && isWellFormed(value)
}

/** Characters of the name of a correlation. */
const NAME_LENGTH_MAX = 400

/** A dump is not what was written, or was never one. */
export function damagedDump(what: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_FILE_DAMAGED', `The file cannot be loaded: ${what}.`, {
    field: 'file',
    cause,
    hint: 'Have it dumped again. Nothing was loaded.',
  })
}
