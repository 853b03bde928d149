// Steps
// =====
// The turns of several actors as the log has them, one after the other in its order, each with all that belongs to it:
// the message, the results that it waited for, what it was refused, and what it did.
//
// Invariants
//   E1  A step is given once, when its end is read; what it needs of the records before is at hand then.
//   E2  What is kept while reading is bounded: some runs of records, and the turns that are waiting.

import {
  noteOfTurn,
  noteResult,
  notesOf,
  type DataRecord,
  type LogRecord,
  type MessageRecord,
  type Noted,
  type RecordHead,
  type Rerun,
  type TurnRecord,
} from '@holdfast/kernel'
import { bareTurn } from './bare-turn.js'
import type { Evidence } from './evidence.js'
import { isInFocus, type Focus } from './focus.js'
import { RecentRuns } from './recent-runs.js'
import type { SliceActor } from './slice.js'

/** One turn that ended, well or not. */
export interface Step {
  readonly position: number
  readonly actor: number
  readonly attempt: number
  readonly message: MessageRecord
  readonly end: TurnRecord | DataRecord<'failed'>
  /** What a rerun is told of its turn: the end, or what stands for it when the turn failed. */
  readonly turn: TurnRecord
  readonly rerun: Rerun | undefined
  /** What it was told that does not follow from it. */
  readonly noted: Noted | undefined
  readonly isContext: boolean
  /** The records of what it did, in their order: nothing when it failed. */
  readonly told: readonly LogRecord[]
}

const NOTHING: readonly LogRecord[] = []

/** The steps of these actors, in the order of the log. */
export function* stepsOf(
  evidence: Evidence,
  focus: Focus,
  actors: readonly SliceActor[],
): Generator<Step, void, undefined> {
  if (actors.length === 0) return
  const from = Math.min(...actors.map((actor) => actor.from))
  const reader = new StepReader(evidence, focus, actors, from)
  const until = Math.max(...actors.map((actor) => actor.until))
  const ids = actors.map((actor) => actor.id)
  for (const run of evidence.readTogether(ids, from + 1, until)) {
    reader.begin(run)
    for (let i = 0; i < run.length; i++) {
      const step = reader.read(run[i]!, i)
      if (step !== undefined) yield step
    }
  }
}

class StepReader {
  readonly #evidence: Evidence
  readonly #focus: Focus
  readonly #actors: ReadonlyMap<number, SliceActor>
  readonly #runs = new RecentRuns()
  #run: readonly LogRecord[] = NOTHING
  /** Records that were left out between two runs: nothing of these actors, but what they asked others may be there. */
  readonly #gaps: { readonly from: number; readonly below: number }[] = []
  readonly #reruns = new Map<number, Rerun>()
  /** How many gaps there had been when a turn began to wait. */
  readonly #gapsBefore = new Map<number, number>()
  readonly #noted = new Map<number, Noted>()

  /** Nothing up to here is read. */
  readonly #from: number
  /** Actors of which is known what they had in hand there. */
  readonly #known = new Set<number>()

  constructor(evidence: Evidence, focus: Focus, actors: readonly SliceActor[], from: number) {
    this.#evidence = evidence
    this.#focus = focus
    this.#from = from
    this.#actors = new Map(actors.map((actor) => [actor.id, actor]))
  }

  begin(run: readonly LogRecord[]): void {
    const from = (this.#run.at(-1)?.position ?? Infinity) + 1
    const below = run[0]?.position ?? 0
    if (from < below) this.#gaps.push({ from, below })
    this.#run = run
    this.#runs.add(run)
  }

  /** Takes in the next record of the run, which is the `nth`. @returns the step that it ends */
  read(record: LogRecord, nth: number): Step | undefined {
    const { kind } = record
    if (kind === 'message') {
      if (this.#actors.has(record.actor)) this.#runs.waits()
      if (record.ask !== undefined) this.#asked(record, record.ask)
      return undefined
    }
    const actor = this.#actors.get(record.actor)
    if (actor === undefined) return undefined
    // What was buried was in nobody's hand.
    if (kind === 'dead') return undefined
    const message = kind === 'turn' ? record.message : record.cause
    if (message <= this.#from && message !== 0 && record.position > this.#from)
      this.#readInHand(record.actor, message)
    if (kind === 'turn') {
      if (record.position <= actor.from) this.#forget(record.message)
      else if (record.position <= actor.until) return this.#turn(record, nth)
      return undefined
    }
    if (kind !== 'failed') {
      if (kind === 'began') this.#gapsBefore.set(record.cause, this.#gaps.length)
      noteResult(this.#reruns, record)
      noteOfTurn(this.#noted, record)
      return undefined
    }
    const isTurn = record.cause !== 0 && record.position > actor.from && record.position <= actor.until
    return isTurn ? this.#failed(record) : undefined
  }

  // A snapshot may lie within a turn: where a log was cut behind the message of a turn that waited. What the turn had
  // learned before stands before the snapshot. It is the first that the actor goes on with of what is there.
  #readInHand(actor: number, message: number): void {
    if (this.#known.has(actor)) return
    this.#known.add(actor)
    for (const run of this.#evidence.readTogether([actor], message, this.#from))
      for (const record of run) {
        if (record.kind === 'message') {
          if (record.ask !== undefined) this.#asked(record, record.ask)
        } else if (record.kind !== 'turn' && record.cause === message) {
          noteResult(this.#reruns, record)
          noteOfTurn(this.#noted, record)
        }
      }
  }

  #asked({ cause, sender, position }: MessageRecord, ask: { attempt: number; index: number }): void {
    if (this.#reruns.size === 0 || !this.#actors.has(sender)) return
    const rerun = this.#reruns.get(cause)
    // A supervisor of tasks passes a question on: it was asked once.
    if (rerun?.attempt === ask.attempt && !rerun.asked.has(ask.index)) rerun.asked.set(ask.index, position)
  }

  #turn(end: TurnRecord, nth: number): Step | undefined {
    const message = this.#message(end.message)
    if (message?.actor !== end.actor) return undefined
    const told = end.told === 0 ? NOTHING : this.#run.slice(Math.max(0, nth - end.told), nth)
    const noted = this.#noted.size === 0 ? undefined : notesOf(this.#noted.get(end.message), end.attempt)
    const step = this.#step(end, end.attempt, message, noted, told)
    this.#forget(end.message)
    return step
  }

  // A turn that failed took its notes back with it; what it was told last is what it failed with.
  #failed(end: DataRecord<'failed'>): Step | undefined {
    const message = this.#message(end.cause)
    if (message?.actor !== end.actor) return undefined
    const { attempt, patched = [], refused = [] } = end.data()
    // What it had been told before it began to wait stands in the log for itself, and the rest in its failure.
    const isTaken = patched.length + refused.length > 0
    const noted = isTaken ? { attempt, patched, refused } : notesOf(this.#noted.get(end.cause), attempt)
    const step = this.#step(end, attempt, message, noted, NOTHING)
    this.#forget(end.cause)
    return step
  }

  #step(
    end: Step['end'],
    attempt: number,
    message: MessageRecord,
    noted: Noted | undefined,
    told: readonly LogRecord[],
  ): Step {
    const rerun = this.#reruns.size === 0 ? undefined : this.#reruns.get(message.position)
    if (rerun !== undefined) this.#readGaps(message.position)
    return {
      position: end.position,
      actor: end.actor,
      attempt,
      message,
      end,
      turn: end.kind === 'turn' ? end : bareTurn(headOf(end), message.position, attempt),
      rerun: rerun?.attempt === attempt ? rerun : undefined,
      noted,
      isContext: !isInFocus(this.#focus, end),
      told,
    }
  }

  #readGaps(message: number): void {
    for (const { from, below } of this.#gaps.slice(this.#gapsBefore.get(message) ?? 0))
      for (const record of this.#evidence.read(from, below))
        if (record.kind === 'message' && record.ask !== undefined) this.#asked(record, record.ask)
  }

  #forget(message: number): void {
    if (this.#reruns.size > 0) {
      this.#reruns.delete(message)
      this.#gapsBefore.delete(message)
    }
    if (this.#noted.size > 0) this.#noted.delete(message)
  }

  #message(position: number): MessageRecord | undefined {
    return this.#runs.take(position) ?? this.#evidence.messageAt(position)
  }
}

function headOf({ position, timeMs, actor, correlation, cause }: DataRecord): RecordHead {
  return { position, timeMs, actor, correlation, cause }
}
