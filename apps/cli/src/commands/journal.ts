// The records of a log. Without `--from` the newest are shown, because that is where the trouble is; always in the
// order of the log.

import type { LogRecord } from '@holdfast/kernel'
import type { Journal } from '@holdfast/journal'
import { evidenceOf } from '@holdfast/replay'
import { correlationNamed } from '../correlation.js'
import { dataToRead } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { timeText } from '../figures.js'
import { inert } from '../inert.js'
import { MessageTypes } from '../message-types.js'
import { didYouMean } from '../nearest.js'
import { noSuchActor } from '../no-such-actor.js'
import { withData, type OpenData } from '../open-data.js'
import { schemaOf, type Output } from '../output.js'
import { recordJson } from '../record-json.js'
import { RecordNames } from '../record-names.js'
import { KINDS, sentenceOf } from '../record-text.js'
import { UsageError } from '../usage-error.js'
import type { Command, DataOption } from './command.js'

/** Options of `journal`. */
export interface JournalCommandOptions extends DataOption {
  readonly actor?: string
  readonly correlation?: string
  readonly kind?: readonly string[]
  /** The first position to show. */
  readonly from?: number
  readonly limit: number
  /** One JSON document a line. */
  readonly ndjson?: boolean
}

/** `holdfast journal`: the records of a log. */
export async function journal(
  options: JournalCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  return withData(dir, terminal, async (data) => {
    const names = new RecordNames(evidenceOf(data.journal))
    const records = chosen(data, names, options)
    if (options.ndjson === true) {
      for (const record of records)
        await output.line(JSON.stringify({ schema: schemaOf('record'), ...recordJson(record, names) }))
    } else if (output.json) {
      await output.document('journal', {
        data: dir,
        next: data.journal.next,
        records: [...records].map((record) => recordJson(record, names)),
      })
    } else await lines(records, data.journal, names, output)
    return EXIT.ok
  })
}

async function lines(
  records: Iterable<LogRecord>,
  log: Journal,
  names: RecordNames,
  output: Output,
): Promise<void> {
  const { paint } = output
  const types = new MessageTypes(log)
  const known = {
    paint,
    path: (id: number) => names.path(id),
    typeOf: (position: number) => types.at(position),
  }
  const width = String(log.next).length
  for (const record of records) {
    names.note(record)
    types.note(record)
    const { position, timeMs, kind, correlation } = record
    const isRoot = correlation === 0 || names.correlation(correlation) === String(position)
    const of = isRoot ? '' : paint.faint(`  [${inert(names.correlation(correlation))}]`)
    const head = `${String(position).padStart(width)}  ${timeText(timeMs)}  ${kind.padEnd(KIND_WIDTH)}`
    await output.line(`${paint.faint(head)}  ${sentenceOf(record, known)}${of}`)
  }
}

/** The records that the options ask for. */
export function chosen(
  data: OpenData,
  names: RecordNames,
  options: JournalCommandOptions,
): Iterable<LogRecord> {
  const { from, limit } = options
  const fits = filterOf(names, options)
  const id = options.correlation === undefined ? 0 : correlationNamed(data, options.correlation)
  if (id !== 0) {
    const found = filtered(
      data.journal.readCorrelation(id),
      (record) => record.position >= (from ?? 0) && fits(record),
    )
    return from === undefined ? last(found, limit) : first(found, limit)
  }
  if (from !== undefined) return first(filtered(data.journal.read(from), fits), limit)
  return limit === Infinity ? filtered(data.journal.read(1), fits) : newest(data.journal, fits, limit)
}

type Fits = (record: LogRecord) => boolean

function filterOf(names: RecordNames, { actor, kind }: JournalCommandOptions): Fits {
  checkKinds(kind ?? [])
  const ids = actor === undefined ? undefined : new Set(names.idsAt(actor))
  if (actor !== undefined && ids?.size === 0) throw noSuchActor(actor, names.paths())
  const kinds = kind === undefined ? undefined : new Set(kind)
  return (record) => {
    if (kinds !== undefined && !kinds.has(record.kind)) return false
    return ids === undefined || ids.has(record.actor) || (record.kind === 'message' && ids.has(record.sender))
  }
}

function checkKinds(kinds: readonly string[]): void {
  const odd = kinds.find((each) => !KINDS.includes(each))
  if (odd === undefined) return
  throw new UsageError(`There are no records of the kind "${odd}".`, {
    field: 'kind',
    hint: didYouMean(odd, KINDS, `There are ${KINDS.join(', ')}.`),
  })
}

// Looks through the end of the log first, and farther back only until enough is found.
function newest(log: Journal, fits: Fits, limit: number): readonly LogRecord[] {
  let found: LogRecord[] = []
  let below = log.next
  for (let width = Math.max(limit, WINDOW_MIN); below > 1 && found.length < limit; width *= 4) {
    const from = Math.max(1, below - width)
    found = [...last(filtered(log.read(from, below), fits), limit - found.length), ...found]
    below = from
  }
  return found
}

function* filtered(records: Iterable<LogRecord>, fits: Fits): Generator<LogRecord> {
  for (const record of records) if (fits(record)) yield record
}

function* first(records: Iterable<LogRecord>, limit: number): Generator<LogRecord> {
  let taken = 0
  for (const record of records) {
    if (taken++ === limit) return
    yield record
  }
}

function last(records: Iterable<LogRecord>, limit: number): LogRecord[] {
  let kept: LogRecord[] = []
  for (const record of records) {
    kept.push(record)
    // Cut now and then, so that a long log is not kept to show its end.
    if (kept.length > 2 * limit + WINDOW_MIN) kept = kept.slice(-limit)
  }
  return limit === Infinity ? kept : kept.slice(-limit)
}

const WINDOW_MIN = 1_024
const KIND_WIDTH = 9
