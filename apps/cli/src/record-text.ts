// What a record says, as one sentence: who did what to whom.

import type {
  DataKind,
  DataRecord,
  HaltMode,
  LogRecord,
  MessageRecord,
  RecordData,
  ShredStep,
  StoredError,
  TurnRecord,
} from '@holdfast/kernel'
import { PACT } from '@holdfast/kernel'
import { span } from './figures.js'
import { inert } from './inert.js'
import type { Paint } from './paint.js'
import { printable, shorten } from './printable.js'

/** What sentences need to know beside the record. */
export interface Sentences {
  readonly paint: Paint
  /** The path of an actor. */
  path(id: number): string
  /** The type of a message. */
  typeOf(position: number): string | undefined
}

/** A record as one sentence. */
export function sentenceOf(record: LogRecord, known: Sentences): string {
  if (record.kind === 'message') return messageSentence(record, known)
  const who = whoOf(record, known)
  if (record.kind === 'turn') return who + turnSentence(record, known)
  return who + dataSentence(record, known)
}

// A directive stands with the actor that failed, and it is the supervisor who decides.
function whoOf(record: LogRecord, known: Sentences): string {
  if (record.kind === 'directive') return `${known.paint.name(inert(record.data().supervisor))}  `
  return record.actor === 0 ? '' : `${actor(record.actor, known)}  `
}

function messageSentence(record: MessageRecord, known: Sentences): string {
  const verb = record.ask !== undefined || record.outside ? 'asks' : 'tells'
  const sender = record.notice ? 'the runtime' : actor(record.sender, known)
  const from = record.timer === undefined ? sender : `timer ${inert(record.timer)}`
  const payload = record.payload()
  const carries = payload === undefined ? '' : ` ${printable(payload, PAYLOAD_WIDTH)}`
  return `${from} ${verb} ${actor(record.actor, known)}  ${typeText(record.type)}${carries}`
}

function turnSentence(record: TurnRecord, known: Sentences): string {
  const { good, faint } = known.paint
  const answer = record.answered ? `, answered ${printable(record.answer(), PAYLOAD_WIDTH)}` : ''
  const attempt = record.attempt > 1 ? faint(` (attempt ${record.attempt})`) : ''
  return `${good('handled')} ${typeAt(record.message, known)}${answer}${attempt}`
}

type Say = {
  readonly [K in DataKind]: (data: RecordData[K], record: DataRecord<K>, known: Sentences) => string
}

const SAY: Say = {
  began: ({ attempt }, record, known) => {
    return `waits in ${typeAt(record.cause, known)}${attempt > 1 ? ` (attempt ${attempt})` : ''}`
  },
  effect: (data, _record, known) =>
    `effect ${inert(data.name ?? '')} #${data.index} ${resultText(data, known)}`,
  reply: (data, _record, known) => `reply #${data.index} ${resultText(data, known)}`,
  spawned: ({ definition, version = 1, args, durable = true }, _record, known) => {
    const from = args === undefined ? '' : ` from ${printable(args, PAYLOAD_WIDTH)}`
    const kept = durable ? '' : known.paint.faint(', volatile')
    return `spawned as ${inert(definition)} version ${version}${from}${kept}`
  },
  stopped: ({ reason, error }, _record, known) => {
    const why = error === undefined ? '' : `, ${errorText(error)}`
    return `${reason === 'failed' || reason === 'gave-up' ? known.paint.bad('stopped') : 'stopped'}: ${reason}${why}`
  },
  failed: ({ attempt, context, error, parked }, record, known) => {
    const where = context === 'message' ? typeAt(record.cause, known) : context
    const end = parked && context === 'message' ? known.paint.faint('; the message is given up') : ''
    return `${known.paint.bad('failed')} at ${where}, attempt ${attempt}: ${errorText(error)}${end}`
  },
  directive: ({ directive, affected, reason, offender }, _record, known) => {
    const whom = affected.map(inert).join(', ')
    return `decides: ${known.paint.warn(directive)} ${whom}, because ${inert(offender)} failed with ${inert(reason.name)}`
  },
  quarantined: ({ context, reason, diverged }, _record, known) => {
    const bad = known.paint.bad('quarantined')
    if (diverged !== undefined) return `${bad}: the code does not follow its log: ${errorText(reason)}`
    return `${bad} ${context === 'steered' ? inert(reason.message) : `after ${errorText(reason)}`}`
  },
  restarted: ({ incarnation, fresh }, _record, known) => {
    return `${known.paint.warn('restarted')} as incarnation ${incarnation}${fresh ? ' with a fresh state' : ''}`
  },
  dead: (data, record, known) => {
    // A message to nobody has no record of its own, so its address stands with the dead letter.
    const { to, type } = data as typeof data & { readonly to?: string; readonly type?: string }
    const what = type === undefined ? typeAt(data.message, known) : typeText(type)
    const address = to === undefined ? '' : ` for ${inert(to)}`
    return `${known.paint.warn('dead letter')}${address}: ${what}, ${data.reason}`
  },
  timer: ({ key, type, dueMs, everyMs }, record) => {
    const again = everyMs > 0 ? `, then every ${span(everyMs)}` : ''
    const what = key === type ? '' : ` for ${typeText(type)}`
    return `sets timer ${inert(key)}${what} in ${span(dueMs - record.timeMs)}${again}`
  },
  untimed: ({ key }) => `cancels timer ${inert(key)}`,
  watched: ({ target, type, path }, _record, known) => {
    const whom = path === undefined ? actor(target, known) : known.paint.name(inert(path))
    return type === PACT ? `depends on ${whom}` : `watches ${whom} as ${typeText(type)}`
  },
  unwatched: ({ target, type, path, taken = [] }, _record, known) => {
    const whom = path === undefined ? actor(target, known) : known.paint.name(inert(path))
    const back = taken.length === 0 ? '' : `, and takes back message ${taken.join(', ')}`
    return `no longer ${type === PACT ? 'depends on' : 'watches'} ${whom}${back}`
  },
  halting: ({ child, how = 'stop' }, _record, known) => `${HALTS[how]} ${actor(child, known)}`,
  reviving: ({ child }, _record, known) => `starts ${actor(child, known)} again by hand`,
  deleted: ({ child }, _record, known) => `forgets ${actor(child, known)}`,
  changed: ({ strategy, children }) =>
    `goes on as ${inert(strategy)} with the spec of ${children.map(inert).join(', ')}`,
  opened: ({ epoch, system }) => `the system is opened, run ${epoch}, by ${inert(system)}`,
  refused: ({ call, target, error }) => {
    const what = target === '' ? call : `${call} of ${target}`
    return `is refused ${what}: ${error.message}`
  },
  stashed: ({ refused }, record, known) => {
    const what = typeAt(record.cause, known)
    return refused === undefined ? `puts ${what} aside` : `cannot put ${what} aside`
  },
  patched: ({ id }, record, known) => `runs ${typeAt(record.cause, known)} with the change ${inert(id)}`,
  unstashed: () => 'takes back what it had put aside',
  closed: () => 'the system is closed in order',
  shredded: ({ subject, step }) => `${SHREDS[step]} subject ${inert(subject)}`,
  'gave-up': ({ reason }, _record, known) => `${known.paint.bad('gave up')}: ${errorText(reason)}`,
  steered: ({ command, by, reason, message, to }, _record, known) => {
    const what = message === undefined ? '' : ` message ${message}`
    const whom = to === undefined ? '' : ` ${known.paint.name(inert(to))}`
    const why = reason === undefined ? '' : `: ${shorten(inert(reason), ERROR_WIDTH)}`
    return `${known.paint.warn(command)}${what}${whom}, by ${inert(by)}${why}`
  },
}

/** Kinds of records, for checking what a user asks for. */
export const KINDS: readonly string[] = ['message', 'turn', ...Object.keys(SAY)]

const SHREDS: Record<ShredStep, string> = {
  begun: 'begins to shred',
  ready: 'needs nothing more of',
  done: 'has shredded',
}

const HALTS: Record<HaltMode, string> = {
  stop: 'stops',
  drain: 'drains',
  kill: 'kills',
  terminate: 'terminates',
  ignore: 'has nothing to do for',
}

function dataSentence(record: DataRecord, known: Sentences): string {
  const say = SAY[record.kind] as (data: unknown, record: DataRecord, known: Sentences) => string
  return say(record.data(), record, known)
}

function resultText(data: RecordData['effect'], known: Sentences): string {
  const attempt = data.attempt > 1 ? known.paint.faint(` (attempt ${data.attempt})`) : ''
  if (data.ok) return `gave ${printable(data.value, PAYLOAD_WIDTH)}${attempt}`
  return `${known.paint.bad('failed')}: ${errorText(data.error)}${attempt}`
}

/** An error of the log on one line. */
export function errorText(error: StoredError | undefined): string {
  if (error === undefined) return 'unknown'
  const { name, code, message } = error
  return shorten(inert(`${code ?? name}: ${message}`), ERROR_WIDTH)
}

function actor(id: number, known: Sentences): string {
  return known.paint.name(inert(known.path(id)))
}

function typeAt(position: number, known: Sentences): string {
  const type = known.typeOf(position)
  return type === undefined ? `message ${position}` : typeText(type)
}

// Types that the runtime sends itself start with a dollar sign: "$start" is the start of an actor.
function typeText(type: string): string {
  return inert(type)
}

const PAYLOAD_WIDTH = 100
const ERROR_WIDTH = 200
