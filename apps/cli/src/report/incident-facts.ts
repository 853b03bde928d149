// Incident facts
// ==============
// What the records say of an incident, sorted by what somebody wants to know of it: what happened when, what was first,
// whom it reached, who decided what, and where the time went. No code of the user runs for it.

import type { DataRecord, FailureContext, LogRecord, StoredError } from '@holdfast/kernel'
import type { Incident } from 'holdfast/replay'
import { RecordNames } from '../record-names.js'
import { Spans } from '../spans.js'
import { MessageTypes } from '../message-types.js'
import { besides, merged } from './besides.js'
import { phasesOf, type Pause, type Phase } from './phases.js'

/** One failure. */
export interface FailureFact {
  readonly position: number
  readonly atMs: number
  readonly actor: string
  readonly actorId: number
  /** Type of the message; empty when it was none. */
  readonly message: string
  readonly attempt: number
  readonly context: FailureContext
  readonly error: StoredError
}

/** One decision, of a supervisor or of an operator. */
interface DecisionFact {
  readonly position: number
  readonly atMs: number
  readonly by: string
  readonly what: string
  readonly whom: readonly string[]
  readonly why: string
}

/** One thing that is worth a line. */
interface Happening {
  readonly position: number
  readonly atMs: number
  readonly record: LogRecord
}

/** What is known of an incident. */
export interface IncidentFacts {
  readonly correlation: string
  readonly startedMs: number
  readonly endedMs: number
  readonly records: number
  readonly happenings: readonly Happening[]
  /** Things that are worth a line and have none. */
  readonly left: number
  readonly failures: readonly FailureFact[]
  readonly failed: number
  /** Actors that came back, with how often. */
  readonly restarted: ReadonlyMap<string, number>
  /** Actors that were told of a failure: by a notice, or as the answer to a question. */
  readonly told: readonly string[]
  readonly decisions: readonly DecisionFact[]
  readonly phases: readonly Phase[]
  readonly names: RecordNames
  readonly types: MessageTypes
}

/** Reads the facts of an incident. */
export function factsOf(incident: Incident): IncidentFacts {
  const reading = new Reading(incident)
  const beside = besides(incident)
  const others = new Set(beside)
  for (const record of merged(incident.read(), beside)) reading.add(record, others.has(record))
  return reading.facts()
}

class Reading {
  readonly #incident: Incident
  readonly #names: RecordNames
  readonly #types: MessageTypes
  readonly #spans = new Spans()
  readonly #happenings: Happening[] = []
  readonly #failures: FailureFact[] = []
  readonly #restarted = new Map<string, number>()
  readonly #told = new Set<string>()
  readonly #decisions: DecisionFact[] = []
  /** When it was decided to restart an actor, by its path. */
  readonly #decided = new Map<string, number>()
  readonly #pauses: Pause[] = []
  #records = 0
  #left = 0
  #failed = 0
  #first = 0

  constructor(incident: Incident) {
    this.#incident = incident
    this.#names = new RecordNames(incident.evidence)
    this.#types = new MessageTypes(incident.evidence)
  }

  /** Takes in the next record; one `beside` the incident tells nothing of when it was. */
  add(record: LogRecord, isBeside: boolean): void {
    const { kind, position, timeMs: atMs, actor } = record
    if (this.#first === 0) this.#first = position
    this.#names.note(record)
    this.#types.note(record)
    if (!isBeside) {
      this.#records++
      this.#spans.add(record)
    }
    if (kind === 'failed') this.#fail(record)
    else if (kind === 'restarted') this.#restart(record)
    else if (kind === 'message' ? record.notice : kind === 'reply' && !record.data().ok)
      this.#told.add(this.#names.path(actor))
    this.#decide(record)
    if (!isNotable(record) && position !== this.#first) return
    if (this.#happenings.length < HAPPENINGS_MAX) this.#happenings.push({ position, atMs, record })
    else this.#left++
  }

  facts(): IncidentFacts {
    const { correlation } = this.#incident
    const { startMs, endMs } = this.#spans
    return {
      correlation,
      startedMs: startMs === Infinity ? 0 : startMs,
      endedMs: endMs,
      records: this.#records,
      happenings: this.#happenings,
      left: this.#left,
      failures: this.#failures,
      failed: this.#failed,
      restarted: this.#restarted,
      told: [...this.#told],
      decisions: this.#decisions,
      phases: phasesOf(this.#spans, this.#pauses),
      names: this.#names,
      types: this.#types,
    }
  }

  #fail(record: DataRecord<'failed'>): void {
    this.#failed++
    if (this.#failures.length >= FAILURES_MAX) return
    const { position, timeMs: atMs, actor, cause } = record
    const { attempt, context, error } = record.data()
    const message = cause === 0 ? '' : (this.#types.at(cause) ?? '')
    const path = this.#names.path(actor)
    this.#failures.push({ position, atMs, actor: path, actorId: actor, message, attempt, context, error })
  }

  #restart({ actor, position, timeMs }: LogRecord): void {
    const path = this.#names.path(actor)
    this.#restarted.set(path, (this.#restarted.get(path) ?? 0) + 1)
    const decidedMs = this.#decided.get(path)
    if (decidedMs !== undefined) this.#pauses.push({ position, ms: timeMs - decidedMs })
    this.#decided.delete(path)
  }

  #decide(record: LogRecord): void {
    const decision = decisionOf(record, (id) => this.#names.path(id))
    if (decision === undefined) return
    if (this.#decisions.length < DECISIONS_MAX) this.#decisions.push(decision)
    if (record.kind !== 'directive' || decision.what !== 'restart') return
    const { offender, affected } = record.data()
    const above = offender.slice(0, offender.lastIndexOf('/'))
    for (const name of affected) this.#decided.set(`${above}/${name}`, record.timeMs)
  }
}

// What was decided in a record; nothing when it holds no decision.
function decisionOf(record: LogRecord, path: (id: number) => string): DecisionFact | undefined {
  const head = { position: record.position, atMs: record.timeMs }
  if (record.kind === 'directive') {
    const { supervisor, directive, affected, offender, reason } = record.data()
    return {
      ...head,
      by: supervisor,
      what: directive,
      whom: affected,
      why: `${offender} failed with ${reason.name}`,
    }
  }
  if (record.kind === 'quarantined') {
    const { supervisor, offender, reason, context } = record.data()
    const why = context === 'steered' ? reason.message : `${reason.name}: ${reason.message}`
    return { ...head, by: supervisor, what: 'quarantine', whom: [offender], why }
  }
  if (record.kind === 'gave-up') {
    const { supervisor, offender, reason } = record.data()
    return {
      ...head,
      by: supervisor,
      what: 'give up',
      whom: [offender],
      why: `${reason.name}: ${reason.message}`,
    }
  }
  if (record.kind !== 'steered') return undefined
  const { command, by, reason = '', message, to } = record.data()
  const what = message === undefined ? command : `${command} message ${message}`
  return { ...head, by, what, whom: [to ?? path(record.actor)], why: reason }
}

const NOTABLE: ReadonlySet<LogRecord['kind']> = new Set<LogRecord['kind']>([
  'failed',
  'directive',
  'quarantined',
  'restarted',
  'stopped',
  'dead',
  'gave-up',
  'steered',
  'opened',
  'closed',
])

function isNotable(record: LogRecord): boolean {
  if (NOTABLE.has(record.kind)) return true
  return (record.kind === 'effect' || record.kind === 'reply') && !record.data().ok
}

const HAPPENINGS_MAX = 200
const FAILURES_MAX = 1_000
const DECISIONS_MAX = 1_000
