// Actors entry
// ============
// What stands in a file of a few actors, in this order: one header, the records that their image refers to, the system, the
// keys of virtual actors, the actors, each behind its parent, their states, and an end.
//
// A file may be hostile. Here each entry is held against its fields, of which there may be no others; what they say of
// each other is judged by `ActorsJudge`.

import type { LogRecord, MessageRecord } from '@holdfast/kernel'
import {
  damagedDump,
  entryOf,
  isCount,
  isHead,
  isMessage,
  isSmall,
  isStoreId,
  isText,
  isTime,
  type Fields,
  type MessageEntry,
} from './entry.js'

/** Which format it is. */
export const ACTORS_SCHEMA = 'holdfast.actors/1'

/** The beginning: where the actors were taken from. */
export interface ActorsHeader {
  readonly is: 'header'
  readonly schema: typeof ACTORS_SCHEMA
  /** Id of the store, in hex. */
  readonly store: string
  /** The position at which they are what they are here. */
  readonly position: number
  /** When that was written, in milliseconds since 1970. */
  readonly timeMs: number
  /** The highest id that an actor of the log had there. */
  readonly lastActor: number
  /** When the file was made, as ISO 8601. */
  readonly at: string
}

interface TimedMessage extends MessageEntry {
  readonly timeMs: number
}

/** The last failure of a message that is parked. */
interface FailedEntry {
  readonly is: 'failed'
  readonly position: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  readonly timeMs: number
  readonly value: unknown
}

/** A part of the image: the system, the keys of a home, an actor. */
interface PartEntry {
  readonly is: 'system' | 'keys' | 'actor'
  readonly value: unknown
}

interface StateEntry {
  readonly is: 'state'
  readonly actor: number
  readonly version: number
  readonly turns: number
  readonly value: unknown
}

interface ActorsEnd {
  readonly is: 'end'
  readonly records: number
  readonly states: number
}

/** One of them. */
export type ActorsEntry = ActorsHeader | TimedMessage | FailedEntry | PartEntry | StateEntry | ActorsEnd

/** A message that comes along; of one that only gives a correlation its name, its head. */
export function carriedMessage(record: MessageRecord, isNameGiver: boolean): ActorsEntry {
  const entry = entryOf(record) as MessageEntry
  return { ...entry, timeMs: record.timeMs, value: isNameGiver ? undefined : entry.value }
}

/** The failure of a message that is parked. */
export function carriedFailure(record: LogRecord & { readonly kind: 'failed' }): ActorsEntry {
  const { position, actor, correlation, cause, timeMs } = record
  const { attempt, context, error, parked } = record.data()
  const value = { attempt, context, error, parked }
  return { is: 'failed', position, actor, correlation, cause, timeMs, value }
}

/**
 * What was read as an entry, when it is one.
 *
 * @throws {HoldfastError} `HF_FILE_DAMAGED`
 */
export function judgedActors(read: unknown): ActorsEntry {
  if (typeof read !== 'object' || read === null) throw damagedDump('something in it is no entry')
  const fields = read as Fields
  const { is } = fields
  const form = typeof is === 'string' && Object.hasOwn(FORMS, is) ? FORMS[is as ActorsEntry['is']] : undefined
  const isRight =
    form?.isRight(fields) === true && Object.keys(fields).every((field) => form.fields.includes(field))
  if (!isRight)
    throw damagedDump(`an entry is none that this version knows (${form === undefined ? '' : String(is)})`)
  return { value: undefined, ...fields } as unknown as ActorsEntry
}

interface Form {
  readonly fields: readonly string[]
  readonly isRight: (fields: Fields) => boolean
}

const HEAD = ['is', 'position', 'actor', 'correlation', 'cause', 'timeMs', 'value']
const OF_MESSAGE = ['type', 'version', 'sender', 'correlationName', 'ask', 'outside', 'timer', 'notice']

const part: Form = { fields: ['is', 'value'], isRight: () => true }

const FORMS: Record<ActorsEntry['is'], Form> = {
  header: {
    fields: ['is', 'schema', 'store', 'position', 'timeMs', 'lastActor', 'at'],
    isRight: ({ schema, store, position, timeMs, lastActor, at }) =>
      schema === ACTORS_SCHEMA &&
      isStoreId(store) &&
      isCount(position) &&
      position >= 1 &&
      position < Number.MAX_SAFE_INTEGER / 2 &&
      isTime(timeMs) &&
      isSmall(lastActor) &&
      isText(at),
  },
  message: {
    fields: [...HEAD, ...OF_MESSAGE],
    isRight: (fields) => isHead(fields) && isTime(fields['timeMs']) && isMessage(fields) && isAskOnly(fields),
  },
  failed: { fields: HEAD, isRight: (fields) => isHead(fields) && isTime(fields['timeMs']) },
  system: part,
  keys: part,
  actor: part,
  state: {
    fields: ['is', 'actor', 'version', 'turns', 'value'],
    isRight: ({ actor, version, turns }) => isSmall(actor) && isSmall(version) && isCount(turns),
  },
  end: {
    fields: ['is', 'records', 'states'],
    isRight: ({ records, states }) => isCount(records) && isCount(states),
  },
}

function isAskOnly({ ask }: Fields): boolean {
  return (
    ask === undefined || Object.keys(ask as object).every((field) => field === 'attempt' || field === 'index')
  )
}
