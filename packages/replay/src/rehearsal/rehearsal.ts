// Rehearsal
// =========
// Plays an incident again on the real kernel: actors as they stood when it began, the same messages from outside at the
// same times, and for what they did outside the results that were recorded. Nothing else is taken from the record: turns,
// failures, decisions, restarts and pauses come about anew, so that code and policies may be others.
//
//   incident's log ──► stage, script ──► kernel on a stage log, virtual time ──► course
//
// Invariants
//   H1  Time is virtual and everything runs in this process: no timer, no disk, no effect of its own. What the code of
//       the user does past `ctx` is caught as in a replay.
//   H2  The same incident, code and rule give the same course.
//   H3  It ends: what goes on without an end under other code or policies is cut off, and the course says so.

import {
  HoldfastError,
  readable,
  revivedError,
  System,
  type Definition,
  type EffectCall,
  type LogRecord,
  type StoredError,
  type Timer,
} from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { isInFocus } from '../focus.js'
import type { Incident } from '../incident.js'
import { REHEARSAL_AFTER_MS, REHEARSAL_RECORDS_EACH, REHEARSAL_RECORDS_MIN } from '../limits.js'
import type { Unrecorded } from '../unrecorded.js'
import { courseOf, type Course } from './course.js'
import { stoodStill } from '../given-up.js'
import { RehearsalGuard } from './rehearsal-guard.js'
import { Script } from './script.js'
import { stageOf } from './stage.js'
import { StageLog } from './stage-log.js'
import type { StateBefore } from './states-before.js'

/** Virtual milliseconds between two looks whether the system has come up. */
const START_STEP_MS = 1

/** Virtual milliseconds that no slice of the dispatcher lasts. */
const LONG_MS = 1_000

/** What is played. */
export interface Play {
  readonly root: Definition
  readonly definitions?: readonly Definition[]
}

/** A course, and the records that it is the sum of. */
export interface Rehearsed {
  readonly course: Course
  readonly records: readonly LogRecord[]
}

/** Plays an incident again. @throws {HoldfastError} `HF_START_FAILED`, `HF_DEFINITION_MISSING`, `HF_DUPLICATE_NAME` */
export async function rehearse(
  incident: Incident,
  play: Play,
  states: ReadonlyMap<number, StateBefore>,
  unrecorded: Unrecorded,
): Promise<Rehearsed> {
  const stage = stageOf(incident)
  const script = new Script(incident, stage)
  const authorities = new StageAuthorities(script, unrecorded)
  const log = new StageLog(incident.evidence, stage.past, stage.before, states, script, () =>
    authorities.now(),
  )
  const { actors, playing } = stage
  const besides = [...actors].filter((actor) => !playing.has(actor)).map((actor) => incident.paths.of(actor))
  const standing = new Set(besides)
  const most = REHEARSAL_RECORDS_MIN + REHEARSAL_RECORDS_EACH * incident.records.length
  const guard = new RehearsalGuard(authorities, (path) => standing.has(path), stalledIn(incident))
  try {
    const args = stage.past.length === 0 ? firstArgs(incident) : undefined
    authorities.isOver = () => log.records.length > most
    const system = await started({ ...play, args }, log, authorities, guard)
    if (system !== undefined) await perform(incident, script, system, log, authorities)
  } finally {
    guard.end()
  }
  return outcomeOf(incident, log, authorities.isOver())
}

// Each is taken for what it was, whatever code is played.
function stalledIn({ records }: Incident): ReadonlyMap<number, StoredError> {
  const stalled = new Map<number, StoredError>()
  for (const record of records) {
    if (record.kind !== 'failed') continue
    const { error } = record.data()
    if (stoodStill(error)) stalled.set(record.cause, error)
  }
  return stalled
}

async function started(
  play: Play & { readonly args: unknown },
  log: StageLog,
  authorities: StageAuthorities,
  guard: RehearsalGuard,
): Promise<System | undefined> {
  const refs = (make: (path: string) => unknown): void => {
    log.codec.ref = make
  }
  const starting = System.start({
    name: 'rehearsal',
    ...play,
    log,
    authorities: guard.authorities,
    refs,
    around: guard,
  })
  let isUp = false
  const ended = (): void => {
    isUp = true
  }
  starting.then(ended, ended)
  await authorities.settle()
  // A start hook may wait for something: its time goes by as that of the incident did.
  for (let ms = 0; !isUp && ms < REHEARSAL_AFTER_MS; ms += START_STEP_MS)
    await authorities.advance(START_STEP_MS)
  return isUp ? starting : undefined
}

async function perform(
  incident: Incident,
  script: Script,
  system: System,
  log: StageLog,
  authorities: StageAuthorities,
): Promise<void> {
  for (const input of script.inputs) {
    await authorities.advance(Math.max(0, input.timeMs - authorities.now()))
    log.expect(input.position)
    send(system, incident, input)
    log.expect(0)
  }
  await authorities.advance(Math.max(0, script.endMs - authorities.now()) + REHEARSAL_AFTER_MS)
}

function outcomeOf({ focus, paths }: Incident, log: StageLog, isEndless: boolean): Rehearsed {
  const known = new Map<number, string>()
  const pathOf = (actor: number): string => known.get(actor) ?? paths.of(actor)
  const above = (actor: number): string => (actor === 0 ? '' : pathOf(actor))
  for (const record of log.records)
    if (record.kind === 'spawned')
      known.set(record.actor, `${above(record.data().parent)}/${record.data().name}`)
  // What timers and others brought about afterwards is no part of the incident, as it is none in the record.
  const records = log.records.filter((record) => focus.correlation === 0 || isInFocus(focus, record))
  const course = courseOf(records, pathOf, (position) => log.messageAt(position)?.type ?? '')
  return { course: { ...course, isEndless }, records }
}

/** The course of an incident as it was recorded. */
export function recordedCourse(incident: Incident): Course {
  const { evidence, paths } = incident
  return courseOf(
    incident.read(),
    (actor) => paths.of(actor),
    (position) => evidence.messageAt(position)?.type ?? '',
  )
}

function send(system: System, incident: Incident, input: Script['inputs'][number]): void {
  const { paths, evidence } = incident
  const { actor, type, outside, correlation, position } = input
  const name = evidence.correlationName(correlation)
  const isNamed = correlation !== position || input.correlationName !== undefined
  const options = isNamed ? { correlation: name } : undefined
  const ref = system.ref(paths.of(actor))
  try {
    // What an asker outside was told stands in the records as well.
    if (outside)
      ref.ask(type, readable(input.payload(), ref.path, `message "${type}"`), options).catch(() => undefined)
    else ref.tell(type, readable(input.payload(), ref.path, `message "${type}"`), options)
  } catch {
    // Refused at the edge, by other code: it is missing from the course.
  }
}

function firstArgs({ paths, evidence }: Incident): unknown {
  for (const record of evidence.read(1)) if (record.kind === 'spawned') return paths.born(record.actor)?.args
  return undefined
}

/** Virtual time, and effects out of the script. When it is over, nothing that waits begins any more. */
class StageAuthorities extends VirtualAuthorities {
  isOver: () => boolean = () => false
  readonly #script: Script
  readonly #unrecorded: Unrecorded

  constructor(script: Script, unrecorded: Unrecorded) {
    super({ startMs: script.startMs })
    this.#script = script
    this.#unrecorded = unrecorded
  }

  // Time stands still while messages are handled, so nothing else would end a slice of them that goes on and on.
  override monotonic(): number {
    return super.monotonic() + (this.isOver() ? LONG_MS : 0)
  }

  override defer(step: () => void): void {
    super.defer(() => {
      if (!this.isOver()) step()
    })
  }

  override timer(afterMs: number, step: () => void): Timer {
    return super.timer(afterMs, () => {
      if (!this.isOver()) step()
    })
  }

  effect(call: EffectCall, run: (signal: AbortSignal) => unknown): unknown {
    const { actor, message, attempt, index, name } = call
    const scripted = this.#script.effect(message, attempt, index, name)
    if (scripted === undefined) {
      this.#unrecorded.begin(message)
      const supplied = this.#unrecorded.supply({ kind: 'effect', actor, what: name, payload: undefined }, run)
      return supplied ?? Promise.reject(notRecorded(actor, name))
    }
    const { result, afterMs } = scripted
    return new Promise((resolve, reject) => {
      this.timer(afterMs, () => {
        if (result.ok) resolve(result.value)
        else reject(revivedError(result.error!))
      })
    })
  }
}

function notRecorded(actor: string, name: string): HoldfastError {
  return new HoldfastError('HF_NOT_RECORDED', `The record has no result of effect "${name}" of ${actor}.`, {
    actor,
    hint: 'Choose what stands in for it: the nearest result, one that you give, or the real effect.',
  })
}
