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

import { Blueprints, type Definition } from '@holdfast/kernel'
import { compareDeeds, extraCalls, isEqual, shown, type Difference } from './compare.js'
import { Decisions } from './decisions.js'
import { Divergences } from './divergences.js'
import { Ensemble, type Rebuilt } from './ensemble.js'
import { endsBefore, givenUp, stillWaits } from './given-up.js'
import type { Incident } from './incident.js'
import { TURNS_LISTED } from './limits.js'
import { Matching } from './matching.js'
import { answerOf, compareErrors, failedWith, recordedOutcome, type Ended } from './outcome.js'
import { isStopOfNobody } from './presence.js'
import { recordedDeeds } from './recorded.js'
import type { ReplayCounts, ReplayedTurn, ReplayReport } from './report.js'
import type { Slice } from './slice.js'
import type { Step } from './steps.js'
import { leakText, type Leak } from './traps/leak.js'
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
}

/** The replay of one incident on one piece of code, turn by turn. */
export class Replay {
  readonly ensemble: Ensemble
  readonly slice: Slice
  readonly #incident: Incident
  readonly #volatile: Volatile
  readonly #unrecorded: Unrecorded
  readonly #matching: Matching
  readonly #decisions: Decisions
  /** The first decision that has not been compared. */
  #undecided = 0
  readonly #divergences = new Divergences()
  readonly #turns: ReplayedTurn[] = []
  #last: { readonly step: Step; readonly actor: Rebuilt; readonly ended: Ended } | null = null
  readonly #counts = {
    turns: 0,
    contextTurns: 0,
    digests: 0,
    decisions: 0,
    recordedCalls: 0,
    replayedCalls: 0,
  }

  /**
   * @param before one that this one goes on from the start of: what it was supplied with is not asked for again
   * @throws {HoldfastError} `HF_DUPLICATE_NAME` when two definitions of the swarm have one name, `HF_INVALID`
   */
  constructor(incident: Incident, options: ReplayOptions, before?: Replay) {
    const { evidence, paths, slice } = incident
    const { swarm, volatile, unrecorded = 'fail' } = options
    this.#incident = incident
    this.slice = slice
    const blueprints = new Blueprints(swarm.root, swarm.definitions)
    this.ensemble = new Ensemble(evidence, paths, slice.focus, blueprints)
    this.#decisions = new Decisions(evidence, paths, blueprints)
    this.#volatile = new Volatile(volatile)
    this.#unrecorded =
      before === undefined ? new Unrecorded(unrecorded, evidence, paths, slice) : before.#unrecorded
    this.#matching = new Matching(evidence, paths, this.#unrecorded)
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
    const { blueprint } = actor
    if (blueprint?.entry(step.message.type) === undefined) {
      this.#unknown(step, actor)
      return undefined
    }
    actor.rewind.before(actor.state, step.end.kind === 'failed')
    this.#matching.begin(step)
    const reason = givenUp(step)
    try {
      const { turn, waits } = this.ensemble.run(step, this.#matching)
      if (waits === undefined) return this.#ended(step, actor, { ok: true, turn })
      const waited = reason === undefined ? waits : this.#orGivenUp(step, waits)
      return waited.then(
        (isOver) =>
          this.#ended(step, actor, isOver === false ? { ok: false, error: reason! } : { ok: true, turn }),
        (error: unknown) => this.#ended(step, actor, failedWith(error, reason)),
      )
    } catch (error) {
      return this.#ended(step, actor, failedWith(error, reason))
    }
  }

  /** Compares the decisions that were taken before a position. */
  decide(before: number): void {
    const { decisions } = this.slice
    for (let next = decisions[this.#undecided]; next !== undefined; next = decisions[++this.#undecided]) {
      if (next.position >= before) return
      this.#counts.decisions++
      const difference = this.#decisions.compare(next)
      if (difference === undefined) continue
      const actor = this.#incident.paths.of(next.actor)
      const message = this.#incident.evidence.messageAt(next.cause)?.type ?? ''
      this.#divergences.add({ position: next.position, actor, message, isContext: false }, difference)
    }
  }

  /** The turn that was replayed last. */
  get turn(): ReplayedTurn | undefined {
    return this.#last === null ? undefined : this.#listed(this.#last.step, this.#last.actor, this.#last.ended)
  }

  /** What was found so far. */
  report(): ReplayReport {
    const { slice, correlation } = this.#incident
    const { listed, count, spread } = this.#divergences
    const counts: ReplayCounts = { ...this.#counts, divergences: count }
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
    }
  }

  async #orGivenUp(step: Step, waits: Promise<void>): Promise<boolean> {
    return endsBefore(waits, stillWaits(this.ensemble.guard.authorities, step))
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

  // When the new code ends a turn well that was recorded as failed, its state is what it goes on with (Z4).
  #ended(step: Step, actor: Rebuilt, ended: Ended): Promise<void> | undefined {
    this.#count(step)
    const { leaks } = this.ensemble.guard
    const differences = this.#compare(step, actor, ended)
    const all = leaks.length === 0 ? differences : [...leakDifferences(leaks), ...differences]
    this.#divergences.turn(step, placeOf(step, actor), all)
    this.#last = { step, actor, ended }
    if (this.#turns.length < TURNS_LISTED) this.#turns.push(this.#listed(step, actor, ended))
    if (ended.ok) {
      actor.rewind.passed(step.position)
      return undefined
    }
    return actor.rewind.back(actor, (before) => this.ensemble.run(before).waits)
  }

  #count({ isContext, rerun }: Step): void {
    const counts = this.#counts
    counts.turns++
    if (isContext) counts.contextTurns++
    counts.replayedCalls += this.#matching.outside
    if (rerun !== undefined) counts.recordedCalls += callsOf(rerun)
  }

  #compare(step: Step, actor: Rebuilt, ended: Ended): readonly Difference[] {
    const { end } = step
    const differences: Difference[] = []
    if (end.kind === 'failed' || !ended.ok) {
      // Why it fails is often that it reached for something else.
      if (end.kind === 'turn') this.#compareCalls(step, differences)
      return [...differences, ...compareErrors(step, ended)]
    }
    this.#compareAnswers(step, ended, differences)
    // What a supervisor does for those who ask it follows from who was there, and no code of the user has a part in it.
    if (actor.blueprint!.isSupervisor) return differences
    if (!this.#matching.isSame) this.#compareDeeds(step, differences)
    if (end.digest !== -1 && !this.#volatile.hasState) this.#compareStates(end.digest, actor, differences)
    return differences.length === 0 ? NONE : differences
  }

  #compareAnswers(step: Step, ended: Ended & { ok: true }, differences: Difference[]): void {
    const { end } = step
    if (end.kind !== 'turn' || !end.answered) return
    const { evidence } = this.#incident
    const { answer } = ended.turn
    if (answer === undefined ? end.isStoredAs(NO_BYTES, 0, 0) : isPacked(end, evidence.codec.pack(answer)))
      return
    const recorded = this.#volatile.without('answer', end.answer())
    const replayed = this.#volatile.without('answer', evidence.encode(answer).copy)
    if (isEqual(recorded, replayed)) return
    const what = `it answers ${shown(replayed)} instead of ${shown(recorded)}`
    differences.push({ kind: 'payload', subject: 'answer', recorded, replayed, what })
  }

  #compareDeeds(step: Step, differences: Difference[]): void {
    const { evidence, paths } = this.#incident
    const recorded = recordedDeeds(evidence, paths, step)
    const found = compareDeeds(recorded, this.#matching.deeds, this.#volatile)
    differences.push(...found.filter((each) => !isStopOfNobody(this.#incident, step, each)))
    const before = step.rerun === undefined ? 0 : callsOf(step.rerun)
    const after = this.#matching.outside
    if (before === after) return
    const what = `it reaches outside ${times(after)} instead of ${times(before)}`
    differences.push({ kind: 'cost', subject: 'call', recorded: before, replayed: after, what })
  }

  // What comes behind the failure was never reached, so that only what was not recorded counts.
  #compareCalls(step: Step, differences: Difference[]): void {
    const { evidence, paths } = this.#incident
    differences.push(...extraCalls(recordedDeeds(evidence, paths, step), this.#matching.calls))
  }

  #compareStates(recorded: number, actor: Rebuilt, differences: Difference[]): void {
    this.#counts.digests++
    const replayed = this.#incident.evidence.digest(actor.state)
    if (replayed === recorded) return
    const what = `its state is ${shown(actor.state)}, which is not what was recorded`
    differences.push({ kind: 'state', subject: 'state', recorded, replayed, what })
  }

  #listed(step: Step, actor: Rebuilt, ended: Ended): ReplayedTurn {
    const { position, message, isContext, attempt } = step
    const { evidence, paths } = this.#incident
    return {
      position,
      message: message.position,
      actor: actor.path,
      kind: message.type,
      isContext,
      attempt,
      recorded: recordedOutcome(step),
      replayed: ended.ok ? { ok: true, answer: answerOf(evidence, ended.turn) } : ended,
      told: recordedDeeds(evidence, paths, step),
    }
  }
}

const NONE: readonly Difference[] = []
const NO_BYTES = new Uint8Array(0)

function placeOf({ position, message, isContext }: Step, actor: Rebuilt) {
  return { position, actor: actor.path, message: message.type, isContext }
}

function isPacked(
  end: Extract<Step['end'], { kind: 'turn' }>,
  packed: Uint8Array & { start: number; end: number },
): boolean {
  return end.isStoredAs(packed, packed.start, packed.end)
}

// The same call in a loop is one leak.
function leakDifferences(leaks: readonly Leak[]): Difference[] {
  const texts = new Set(leaks.map((leak) => `it ${leakText(leak)}`))
  return [...texts].map((what) => {
    return { kind: 'leak', subject: 'call', recorded: undefined, replayed: what, what }
  })
}

function callsOf({ results, asked }: NonNullable<Step['rerun']>): number {
  let count = asked.size
  for (const result of results) if (result.kind === 'effect') count++
  return count
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
