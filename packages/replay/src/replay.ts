// Replay
// ======
// Runs the turns of an incident again, in the order of the log, on actors rebuilt from their snapshots, with the record
// in place of the world: what time it was, what chance said, what effects returned and others answered. Nothing leaves,
// the original is never written. Each turn is compared with what was recorded, and the replay goes on after a
// difference, so that the report says where it began and how far it spread.
//
// Invariants
//   Z3  The evidence is only read.
//   Z4  A turn that differs does not end the replay; the actor goes on with the state that the new code gave it.
//   Z5  Turns that end in themselves cost no promise.

import {
  Blueprints,
  type Authorities,
  type Definition,
  type RerunTurn,
  type StoredError,
} from '@holdfast/kernel'
import type { Difference } from './compare.js'
import { Comparison } from './comparison.js'
import { Decisions } from './decisions.js'
import { Divergences } from './divergences.js'
import { Ensemble, type Rebuilt } from './ensemble.js'
import { endsBefore, givenUp, mayHaveEnded, stillWaits, stoodStill } from './given-up.js'
import type { Incident } from './incident.js'
import { TURNS_LISTED } from './limits.js'
import { Matching } from './matching.js'
import { answerOf, failedWith, recordedOutcome } from './outcome.js'
import { recordedDeeds } from './recorded.js'
import type { ReplayCounts, ReplayedTurn, ReplayReport, StalledTurn } from './report.js'
import { isOfSubject, ShreddedTurns } from './shredded.js'
import type { Slice } from './slice.js'
import type { Step } from './steps.js'
import { leakText, type Leak } from './traps/leak.js'
import { TurnComparison } from './turn-comparison.js'
import { Unrecorded, type UnrecordedRule } from './unrecorded.js'
import { Volatile } from './volatile.js'

/** What is run, and how it is compared. */
export interface ReplayOptions {
  /** A swarm as the swarm file exports it, or a root and further definitions. */
  readonly swarm: { readonly root: Definition; readonly definitions?: readonly Definition[] }
  /**
   * Fields that are not compared, by message type and path: `paid.at`, `answer.host`, `*.traceId`; with `state.seenAt`
   * digests of states are not compared.
   */
  readonly volatile?: readonly string[]
  /** What a handler is given for an effect or a question that the record does not hold. @default 'fail' */
  readonly unrecorded?: UnrecordedRule
  /** What the pace of a replay is kept by; handlers are given the time of the record. @default the machine's own */
  readonly authorities?: Authorities
}

/** The replay of one incident on one piece of code, turn by turn. */
export class Replay {
  readonly ensemble: Ensemble
  readonly slice: Slice
  readonly #incident: Incident
  readonly #comparing: TurnComparison
  readonly #unrecorded: Unrecorded
  readonly #matching: Matching
  readonly #decisions: Decisions
  /** The first decision that has not been compared. */
  #undecided = 0
  #decided = 0
  readonly #divergences = new Divergences()
  readonly #shredded = new ShreddedTurns()
  readonly #stalled: StalledTurn[] = []
  readonly #turns: ReplayedTurn[] = []
  #lastStep: Step | null = null
  #lastTurn: RerunTurn | null = null
  #lastError: StoredError | undefined = undefined

  /**
   * @param before one that this one goes on from the start of: what it was supplied with is not asked for again
   * @throws {HoldfastError} `HF_DUPLICATE_NAME` when two definitions of the swarm have one name, `HF_INVALID`
   */
  constructor(incident: Incident, options: ReplayOptions, before?: Replay) {
    const { evidence, paths, slice } = incident
    const { swarm, volatile, unrecorded = 'fail', authorities } = options
    this.#incident = incident
    this.slice = slice
    const blueprints = new Blueprints(swarm.root, swarm.definitions)
    this.ensemble = new Ensemble(evidence, paths, slice.focus, blueprints, authorities)
    this.#decisions = new Decisions(evidence, paths, blueprints)
    this.#unrecorded =
      before === undefined ? new Unrecorded(unrecorded, evidence, paths, slice) : before.#unrecorded
    this.#matching = new Matching(evidence, paths, this.#unrecorded)
    const comparison = new Comparison(new Volatile(volatile), evidence.redactions)
    this.#comparing = new TurnComparison(incident, this.#matching, comparison)
    this.ensemble.guard.raise()
    try {
      this.#rebuild()
    } finally {
      this.ensemble.guard.lower()
    }
  }

  #rebuild(): void {
    for (const actor of this.slice.actors) {
      const error = this.ensemble.rebuild(actor)
      if (error === undefined) continue
      if (isOfSubject(error)) {
        this.#shredded.beginsLost(actor, error)
        continue
      }
      const what = `its first state cannot be made: ${error.message}`
      const difference: Difference = {
        kind: 'state',
        subject: 'state',
        recorded: 'a state',
        replayed: error,
        what,
      }
      this.#divergences.add(
        { position: actor.from, actor: actor.path, message: '', isContext: false },
        difference,
      )
    }
  }

  /** Runs the next turn and compares it. @returns a promise when it waits */
  step(step: Step): Promise<void> | undefined {
    if (this.#undecided < this.slice.decisions.length) this.decide(step.position)
    const actor = this.ensemble.at(step.actor)
    if (actor.blueprint?.entry(step.message.type) === undefined) {
      this.#unknown(step, actor)
      return undefined
    }
    const gone = this.#shredded.skips(step, this.ensemble)
    if (gone !== undefined) {
      this.#skipped(step, actor, gone)
      return undefined
    }
    const reason = givenUp(step)
    if (reason !== undefined && stoodStill(reason)) {
      this.#standing(step, actor, reason)
      return undefined
    }
    actor.rewind.before(actor.state, step.end.kind === 'failed')
    this.#matching.begin(step)
    let turn: RerunTurn
    try {
      turn = this.ensemble.run(step, this.#matching)
    } catch (error) {
      return this.#failed(step, actor, failedWith(error, reason))
    }
    const { waits } = this.ensemble
    if (waits !== undefined) return this.#waiting(step, actor, turn, waits, reason)
    if (reason !== undefined && mayHaveEnded(step, reason)) return this.#failed(step, actor, reason)
    this.#ended(step, actor, turn, undefined)
    return undefined
  }

  /** Compares the decisions that were taken before a position. */
  decide(before: number): void {
    const { decisions } = this.slice
    for (let next = decisions[this.#undecided]; next !== undefined; next = decisions[++this.#undecided]) {
      if (next.position >= before) return
      this.#decided++
      const difference = this.#decisions.compare(next)
      if (difference === undefined) continue
      const actor = this.#incident.paths.of(next.actor)
      const message = this.#incident.evidence.messageAt(next.cause)?.type ?? ''
      this.#divergences.add({ position: next.position, actor, message, isContext: false }, difference)
    }
  }

  /** The turn that was replayed last. */
  get turn(): ReplayedTurn | undefined {
    return this.#lastStep === null ? undefined : this.#listed(this.#lastStep, this.#lastTurn, this.#lastError)
  }

  /** What was found so far. */
  report(): ReplayReport {
    const { slice, correlation } = this.#incident
    const { listed, count, spread } = this.#divergences
    const counts: ReplayCounts = { ...this.#comparing.counts, decisions: this.#decided, divergences: count }
    return {
      correlation,
      identical: count === 0,
      divergences: listed,
      firstCause: listed.find(({ because }) => because === 0),
      spread,
      turns: this.#turns,
      counts,
      actors: slice.actors.map((actor) => actor.path),
      unrecorded: slice.unrecorded,
      pruned: slice.pruned.map((actor) => actor.path),
      supplied: this.#unrecorded.supplied,
      shredded: this.#shredded.stretches,
      stalled: this.#stalled,
    }
  }

  async #waiting(
    step: Step,
    actor: Rebuilt,
    turn: RerunTurn,
    waits: Promise<void>,
    reason: StoredError | undefined,
  ): Promise<void> {
    let error: StoredError | undefined
    try {
      if (reason === undefined) await waits
      else if (
        !(await endsBefore(waits, stillWaits(this.ensemble.guard.authorities, step))) ||
        mayHaveEnded(step, reason)
      )
        error = reason
    } catch (thrown) {
      const isUnheard = reason !== undefined && step.rerun !== undefined && mayHaveEnded(step, reason)
      error = isUnheard ? reason : failedWith(thrown, reason)
    }
    if (error === undefined) this.#ended(step, actor, turn, undefined)
    else await this.#failed(step, actor, error)
  }

  // It is believed: what it did was taken back with it, and the state is that of before.
  #standing(step: Step, { path: actor }: Rebuilt, reason: StoredError): void {
    const { position, message } = step
    this.#stalled.push({ position, actor, message: message.type })
    this.#comparing.passedOver(step)
    this.#note(step, null, reason)
  }

  // Nothing can be said of it, and its actor goes on from its next snapshot.
  #skipped(step: Step, actor: Rebuilt, reason: StoredError): void {
    this.#note(step, null, reason)
    actor.rewind.passed(step.position)
  }

  #unknown(step: Step, actor: Rebuilt): void {
    const { type } = step.message
    const what =
      actor.blueprint === undefined ? 'its definition is not in this code' : `it has no handler for "${type}"`
    const difference: Difference = {
      kind: 'definition',
      subject: 'definition',
      recorded: type,
      replayed: undefined,
      what,
    }
    this.#divergences.turn(step, placeOf(step, actor), [difference])
  }

  #failed(step: Step, actor: Rebuilt, error: StoredError): Promise<void> {
    this.#ended(step, actor, null, error)
    return actor.rewind.back(actor, (before) => {
      this.ensemble.run(before)
      return this.ensemble.waits
    })
  }

  // When the new code ends a turn well that was recorded as failed, its state is what it goes on with (Z4).
  #ended(step: Step, actor: Rebuilt, turn: RerunTurn | null, error: StoredError | undefined): void {
    const { leaks } = this.ensemble.guard
    const differences = this.#comparing.differences(step, actor, turn, error)
    const all = leaks.length === 0 ? differences : [...leakDifferences(leaks), ...differences]
    if (all.length > 0 || this.#divergences.count > 0) this.#divergences.turn(step, placeOf(step, actor), all)
    this.#note(step, turn, error)
    if (turn !== null) actor.rewind.passed(step.position)
  }

  #note(step: Step, turn: RerunTurn | null, error: StoredError | undefined): void {
    this.#lastStep = step
    this.#lastTurn = turn
    this.#lastError = error
    if (this.#turns.length < TURNS_LISTED) this.#turns.push(this.turn!)
  }

  #listed(step: Step, turn: RerunTurn | null, error: StoredError | undefined): ReplayedTurn {
    const { position, message, isContext, attempt, actor } = step
    const { evidence, paths } = this.#incident
    return {
      position,
      message: message.position,
      actor: paths.of(actor),
      kind: message.type,
      isContext,
      attempt,
      recorded: recordedOutcome(step),
      replayed: error === undefined ? { ok: true, answer: answerOf(evidence, turn!) } : { ok: false, error },
      told: recordedDeeds(evidence, paths, step),
    }
  }
}

function placeOf({ position, message, isContext }: Step, actor: Rebuilt) {
  return { position, actor: actor.path, message: message.type, isContext }
}

// The same call in a loop is one leak.
function leakDifferences(leaks: readonly Leak[]): Difference[] {
  const texts = new Set(leaks.map((leak) => `it ${leakText(leak)}`))
  return [...texts].map((what) => {
    return { kind: 'leak', subject: 'call', recorded: undefined, replayed: what, what }
  })
}
