// Trace
// =====
// One correlation as it went: who told whom what, what came back from outside, what failed and what was decided. In the
// order of the log, each line as far to the right as it is away from the first message.

import type { LogRecord, MessageRecord } from '@holdfast/kernel'
import { evidenceOf, type Evidence, type Manifest } from '@holdfast/replay'
import { correlationNamed } from '../correlation.js'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count, span, timeText } from '../figures.js'
import { openIncidentFile, type KeyOptions } from '../incident-file.js'
import { fileNamed } from '../incident-source.js'
import { inert } from '../inert.js'
import { MessageTypes } from '../message-types.js'
import { withData } from '../open-data.js'
import type { Output } from '../output.js'
import type { Paint } from '../paint.js'
import { recordJson } from '../record-json.js'
import { RecordNames } from '../record-names.js'
import { sentenceOf } from '../record-text.js'
import { Spans } from '../spans.js'
import { waterfallJson, waterfallLines } from '../waterfall.js'
import type { Command, DataOption } from './command.js'

/** Options of `trace`. */
export interface TraceOptions extends DataOption, KeyOptions {
  /** When each turn, effect and question was, instead of what it was. */
  readonly waterfall?: boolean
}

/** `holdfast trace <correlation>`, `holdfast trace <file.hfi>`: one correlation as a sequence. */
export async function trace(wanted: string, options: TraceOptions, command: Command): Promise<ExitCode> {
  const { terminal } = command
  const file = await fileNamed(wanted, options, terminal)
  if (file !== undefined) return traceFile(file, options, command)
  const dir = dataToRead(options.data, terminal)
  return withData(dir, command.terminal, async (data) => {
    const id = correlationNamed(data, wanted)
    const source = { place: shownPath(dir, terminal.cwd), said: { data: dir }, lines: [] }
    return tell({ ...source, id, log: evidenceOf(data.journal), last: data.journal.next }, options, command)
  })
}

async function traceFile(wanted: string, options: TraceOptions, command: Command): Promise<ExitCode> {
  const { file, incident, manifest } = await openIncidentFile(wanted, options, command.terminal)
  return tell(
    {
      place: shownPath(file, command.terminal.cwd),
      said: { file, manifest },
      lines: manifestLines(manifest),
      id: manifest.correlationId,
      log: incident.evidence,
      last: manifest.range.to,
    },
    options,
    command,
  )
}

/** What a course is told from. */
interface Source {
  readonly place: string
  /** What the document says of it. */
  readonly said: object
  /** What the text says of it beside its name. */
  readonly lines: readonly string[]
  readonly id: number
  readonly log: Pick<Evidence, 'read' | 'readActor' | 'readCorrelation' | 'messageAt' | 'correlationName'>
  /** The last position, for the width of the column. */
  readonly last: number
}

async function tell(
  { place, said, lines, id, log, last }: Source,
  { waterfall: isWaterfall = false }: TraceOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const names = new RecordNames(log)
  const name = names.correlation(id)
  if (!output.json) {
    const { strong, faint } = output.paint
    await output.line(`${strong(inert(name))}  ${faint(`message ${id} in ${inert(place)}`)}`)
    for (const line of lines) await output.line(faint(inert(line)))
    if (isWaterfall) await asWaterfall(log, id, names, terminal.stdout.columns ?? WIDTH, output)
    else await asText(log, id, names, String(last).length, output)
    return EXIT.ok
  }
  const course = new Course(names)
  const records = []
  const spans = new Spans()
  for (const record of log.readCorrelation(id)) {
    course.add(record)
    if (isWaterfall) spans.add(record)
    records.push(recordJson(record, names))
  }
  await output.document('trace', {
    ...said,
    correlation: name,
    correlationId: id,
    ...course.summary(),
    ...(isWaterfall ? { waterfall: waterfallJson(spans, (actor) => names.path(actor)) } : {}),
    records,
  })
  return EXIT.ok
}

function manifestLines(manifest: Manifest): string[] {
  const { system, engine, exportedMs, exportedBy, note, redactions } = manifest
  const exported = `exported ${timeText(exportedMs)} by Holdfast ${exportedBy} from "${system}", engine ${engine}`
  const redacted = redactions.map(({ rule, hits }) => `redacted ${rule}: ${count(hits, 'field')}`)
  return [exported, ...(note === '' ? [] : [`note: ${note}`]), ...redacted]
}

async function asText(
  log: Source['log'],
  id: number,
  names: RecordNames,
  width: number,
  output: Output,
): Promise<void> {
  const { paint } = output
  const types = new MessageTypes(log)
  const known = {
    paint,
    path: (actor: number) => names.path(actor),
    typeOf: (position: number) => types.at(position),
  }
  const course = new Course(names)
  for (const record of log.readCorrelation(id)) {
    names.note(record)
    types.note(record)
    const depth = course.add(record)
    const head = `${String(record.position).padStart(width)}  ${`+${span(record.timeMs - course.startedMs)}`.padStart(TIME_WIDTH)}`
    await output.line(
      `${paint.faint(head)}  ${'  '.repeat(Math.min(depth, DEPTH_SHOWN))}${sentenceOf(record, known)}`,
    )
  }
  await output.line(courseLine(course.summary(), paint))
}

async function asWaterfall(
  log: Source['log'],
  id: number,
  names: RecordNames,
  width: number,
  output: Output,
): Promise<void> {
  const { paint } = output
  const spans = new Spans()
  const course = new Course(names)
  for (const record of log.readCorrelation(id)) {
    names.note(record)
    spans.add(record)
    course.add(record)
  }
  const path = (actor: number): string => names.path(actor)
  for (const line of waterfallLines(spans, { width, paint, path })) await output.line(line)
  await output.line(courseLine(course.summary(), paint))
}

/** What a correlation came to. */
export interface CourseSummary {
  readonly started: string
  readonly durationMs: number
  /** Paths, in the order in which they came in. */
  readonly actors: readonly string[]
  readonly messages: number
  readonly turns: number
  readonly failures: number
  readonly decisions: number
  readonly deadLetters: number
  /** Positions of messages that are not handled yet. */
  readonly waiting: readonly number[]
}

type Naming = Pick<RecordNames, 'path' | 'isDurable'>

/** Follows a correlation record by record. */
export class Course {
  startedMs = 0
  readonly #names: Naming
  #lastMs = 0
  readonly #actors = new Set<number>()
  /** How far a message is away from the first one. */
  readonly #depths = new Map<number, number>()
  readonly #waiting = new Set<number>()
  /** The message of the turn that follows, when that turn puts it aside. */
  #aside = 0
  readonly #counts = { messages: 0, turns: 0, failures: 0, decisions: 0, deadLetters: 0 }

  constructor(names: Naming) {
    this.#names = names
  }

  /** Takes the next record in. @returns how far it is away from the first message */
  add(record: LogRecord): number {
    if (this.#depths.size === 0) this.startedMs = record.timeMs
    this.#lastMs = record.timeMs
    if (record.actor !== 0) this.#actors.add(record.actor)
    if (record.kind === 'message') return this.#message(record)
    if (record.kind === 'turn') {
      this.#counts.turns++
      if (this.#aside === record.message) this.#aside = 0
      else this.#waiting.delete(record.message)
    } else if (record.kind === 'failed') {
      this.#counts.failures++
      if (record.data().parked) this.#waiting.delete(record.cause)
    } else if (record.kind === 'stashed') {
      if (record.data().refused === undefined) this.#aside = record.cause
    } else if (record.kind === 'dead') {
      this.#counts.deadLetters++
      this.#waiting.delete(record.data().message)
    } else if (record.kind === 'directive') this.#counts.decisions++
    return (this.#depths.get(record.cause) ?? 0) + 1
  }

  #message(record: MessageRecord): number {
    this.#counts.messages++
    const above = this.#depths.get(record.cause)
    const depth = above === undefined ? 0 : above + 1
    this.#depths.set(record.position, depth)
    // What a volatile actor does is not recorded, so that nothing can be said of its messages.
    if (this.#names.isDurable(record.actor)) this.#waiting.add(record.position)
    return depth
  }

  summary(): CourseSummary {
    return {
      started: new Date(this.startedMs).toISOString(),
      durationMs: this.#lastMs - this.startedMs,
      actors: [...this.#actors].map((id) => this.#names.path(id)),
      ...this.#counts,
      waiting: [...this.#waiting],
    }
  }
}

/** What a correlation came to, on one line. */
export function courseLine(summary: CourseSummary, paint: Paint): string {
  const { actors, messages, turns, failures, decisions, deadLetters, waiting, durationMs, started } = summary
  const parts = [count(actors.length, 'actor'), count(messages, 'message'), count(turns, 'turn')]
  if (failures > 0) parts.push(paint.bad(count(failures, 'failure')), count(decisions, 'decision'))
  if (deadLetters > 0) parts.push(paint.warn(count(deadLetters, 'dead letter')))
  if (waiting.length > 0) parts.push(paint.warn(`${count(waiting.length, 'message')} not handled yet`))
  return `${parts.join(', ')} in ${span(durationMs)} ${paint.faint(`from ${timeText(Date.parse(started))}`)}`
}

const WIDTH = 100
const TIME_WIDTH = 9
const DEPTH_SHOWN = 12
