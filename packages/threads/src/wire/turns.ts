// What handlers did, on its way back. Each call is written when it is made, so what happens to its payload afterwards
// changes nothing, and what cannot be stored is refused where it is sent.

import { aimOf, storedError, type Call, type FarTurn, type StoredError, type Work } from '@holdfast/kernel'
import { ParcelReader, type Parcel, type ParcelWriter } from './bytes.js'
import type { Values } from './values.js'

const OUTCOMES = ['done', 'failed', 'waits', 'ignored'] as const
const CALLS = [
  'tell',
  'ask',
  'lives',
  'effect',
  'spawn',
  'stop',
  'watch',
  'unwatch',
  'link',
  'dependOn',
  'unlink',
  'schedule',
  'unschedule',
  'patched',
  'reply',
  'log',
  'stash',
  'unstash',
  'well',
  'id',
  'refused',
] as const satisfies readonly Call['call'][]
const END_OF_CALLS = 255

const CODES = Object.fromEntries(CALLS.map((call, code) => [call, code])) as Record<Call['call'], number>

/** Writes one call of a handler. @throws {HoldfastError} `HF_NOT_STORABLE`; then only that it was refused is written */
export function writeCall(writer: ParcelWriter, call: Call): void {
  const start = writer.size
  try {
    writer.byte(CODES[call.call])
    writeFields(writer, call)
  } catch (error) {
    writer.backTo(start)
    writeCall(writer, refusalOf(call, error))
    throw error
  }
}

// The handler may put up with it, and must be refused the same when it is run again.
function refusalOf(call: Call, error: unknown): Call {
  const [to, type] = aimOf(call)
  return { call: 'refused', of: call.call, to, type, error: { ...storedError(error) } }
}

function writeFields(writer: ParcelWriter, call: Call): void {
  switch (call.call) {
    case 'tell':
      writer.text(call.to)
      writer.text(call.type)
      writer.value(call.payload)
      writer.value(call.options)
      break
    case 'ask':
      writer.number(call.index)
      writer.text(call.to)
      writer.text(call.type)
      writer.value(call.payload)
      writer.value(call.options)
      break
    case 'lives':
      writer.number(call.index)
      writer.text(call.to)
      break
    case 'effect':
      writer.number(call.index)
      writer.text(call.name)
      writer.value(call.options)
      break
    case 'spawn':
      writer.text(call.definition)
      writer.value(call.options)
      break
    case 'stop':
      writer.text(call.to)
      writer.text(call.how)
      break
    case 'watch':
      writer.text(call.to)
      writer.text(call.type)
      break
    case 'unwatch':
    case 'link':
    case 'dependOn':
    case 'unlink':
      writer.text(call.to)
      break
    case 'schedule':
      writer.text(call.type)
      writer.value(call.payload)
      writer.value(call.options)
      writer.number(call.nowMs)
      break
    case 'unschedule':
      writer.text(call.key)
      break
    case 'patched':
      writer.text(call.id)
      break
    case 'reply':
      writer.value(call.answer)
      break
    case 'log':
      writer.text(call.level)
      writer.text(call.line)
      writeData(writer, call.data)
      break
    case 'refused':
      writer.text(call.of)
      writer.text(call.to)
      writer.text(call.type)
      writer.value(call.error)
      break
    default:
  }
}

// A line is for people, and on the main thread its data may be anything: what cannot travel does so as a text.
function writeData(writer: ParcelWriter, data: Record<string, unknown> | undefined): void {
  const start = writer.size
  try {
    writer.value(data)
  } catch {
    writer.backTo(start)
    const fields = Object.entries(data as object).map(([name, value]) => [name, travelling(writer, value)])
    writer.value(Object.fromEntries(fields))
  }
}

function travelling(writer: ParcelWriter, value: unknown): unknown {
  const start = writer.size
  try {
    writer.value(value)
    return value
  } catch {
    return textOf(value)
  } finally {
    writer.backTo(start)
  }
}

function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return typeof value
  }
}

function readCall(reader: ParcelReader, code: number): Call {
  const call = CALLS[code]!
  switch (call) {
    case 'tell':
      return {
        call,
        to: reader.text(),
        type: reader.text(),
        payload: reader.value(),
        options: reader.value() as never,
      }
    case 'ask':
      return {
        call,
        index: reader.number(),
        to: reader.text(),
        type: reader.text(),
        payload: reader.value(),
        options: reader.value() as never,
      }
    case 'lives':
      return { call, index: reader.number(), to: reader.text() }
    case 'effect':
      return { call, index: reader.number(), name: reader.text(), options: reader.value() as never }
    case 'spawn':
      return { call, definition: reader.text(), options: reader.value() as never }
    case 'stop':
      return { call, to: reader.text(), how: reader.text() as never }
    case 'watch':
      return { call, to: reader.text(), type: reader.text() }
    case 'unwatch':
    case 'link':
    case 'dependOn':
    case 'unlink':
      return { call, to: reader.text() }
    case 'schedule':
      return {
        call,
        type: reader.text(),
        payload: reader.value(),
        options: reader.value() as never,
        nowMs: reader.number(),
      }
    case 'unschedule':
      return { call, key: reader.text() }
    case 'patched':
      return { call, id: reader.text() }
    case 'reply':
      return { call, answer: reader.value() }
    case 'log':
      return { call, level: reader.text() as never, line: reader.text(), data: reader.value() as never }
    case 'refused':
      return {
        call,
        of: reader.text(),
        to: reader.text(),
        type: reader.text(),
        error: reader.value() as never,
      }
    case 'stash':
    case 'unstash':
    case 'well':
    case 'id':
      return { call }
  }
}

/**
 * Writes what comes behind the calls of a turn: how it ended, with its answer or its error, or that it waits.
 *
 * @throws {HoldfastError} `HF_NOT_STORABLE` when the answer is not; then nothing of it is written
 */
export function writeTurnEnd(
  writer: ParcelWriter,
  outcome: FarTurn['outcome'],
  value: unknown,
  timeMs: number,
  digest: number,
): void {
  const start = writer.size
  try {
    writer.byte(END_OF_CALLS)
    writer.byte(OUTCOMES.indexOf(outcome))
    writer.number(timeMs)
    writer.number(digest)
    writer.value(value)
  } catch (error) {
    writer.backTo(start)
    throw error
  }
}

/** What came back of an errand, or of a turn that waits. */
export interface WorkDone {
  readonly parcel: Parcel
  /** Turns in it. */
  readonly size: number
  /** The state stands behind them. */
  readonly hasState: boolean
}

/** Reads work turn by turn, when it is wanted. */
export class ReadWork implements Work {
  readonly size: number
  readonly #reader: ParcelReader
  readonly #hasState: boolean
  readonly #turn = new ReadTurn()
  #taken = 0
  #state: { readonly value: unknown } | undefined = undefined

  constructor(values: Values, { parcel, size, hasState }: WorkDone) {
    this.size = size
    this.#reader = new ParcelReader(values, parcel)
    this.#hasState = hasState
  }

  /** It stands behind the last turn, and is read with that. */
  get state(): { readonly value: unknown } | undefined {
    return this.#state
  }

  next(): FarTurn {
    const reader = this.#reader
    const turn = this.#turn
    const { calls } = turn
    calls.length = 0
    for (let code = reader.byte(); code !== END_OF_CALLS; code = reader.byte())
      calls.push(readCall(reader, code))
    turn.outcome = OUTCOMES[reader.byte()]!
    turn.timeMs = reader.number()
    turn.digest = reader.number()
    const value = reader.value()
    const hasFailed = turn.outcome === 'failed'
    turn.answer = hasFailed ? undefined : value
    turn.error = hasFailed ? (value as StoredError) : undefined
    if (++this.#taken === this.size && this.#hasState) this.#state = { value: reader.value() }
    return turn
  }
}

// One for all turns of an errand: the kernel is through with one before it wants the next.
class ReadTurn implements FarTurn {
  outcome: FarTurn['outcome'] = 'done'
  readonly calls: Call[] = []
  answer: unknown = undefined
  error: StoredError | undefined = undefined
  timeMs = 0
  digest = -1
}
