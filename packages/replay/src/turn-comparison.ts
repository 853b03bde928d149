// Turn comparison
// ===============
// One replayed turn against its record: how it ended, what it answered, what it did, and the state that it left. What is
// the same is found out without making anything.

import type { RerunTurn, StoredError, TurnRecord } from '@holdfast/kernel'
import { compareDeeds, compareOrder, extraCalls, shown, type Difference } from './compare.js'
import type { Comparison } from './comparison.js'
import type { Rebuilt } from './ensemble.js'
import type { Evidence } from './evidence.js'
import type { Incident } from './incident.js'
import { isRecorded } from './is-equal.js'
import type { Matching } from './matching.js'
import { compareErrors } from './outcome.js'
import type { Paths } from './paths.js'
import { recordedDeeds } from './recorded.js'
import type { Step } from './steps.js'

const NONE: readonly Difference[] = []

/** Compares the turns of one replay. */
export class TurnComparison {
  readonly counts = { turns: 0, contextTurns: 0, digests: 0, recordedCalls: 0, replayedCalls: 0 }
  readonly #evidence: Evidence
  readonly #paths: Paths
  readonly #matching: Matching
  readonly #comparison: Comparison

  constructor(incident: Incident, matching: Matching, comparison: Comparison) {
    this.#evidence = incident.evidence
    this.#paths = incident.paths
    this.#matching = matching
    this.#comparison = comparison
  }

  /** How a turn differs; `turn` is `null` and `error` there when it failed. */
  differences(
    step: Step,
    actor: Rebuilt,
    turn: RerunTurn | null,
    error: StoredError | undefined,
  ): readonly Difference[] {
    this.#count(step)
    const { end } = step
    if (end.kind === 'failed' || turn === null) return this.#compareFailed(step, error)
    let all = end.answered ? this.#compareAnswers(end, turn) : NONE
    // What a supervisor does for those who ask it follows from who was there, and no code of the user has a part in it.
    if (actor.blueprint!.isSupervisor) return all
    if (!this.#matching.isSame) all = [...all, ...this.#compareDeeds(step)]
    if (end.digest !== -1 && !this.#comparison.volatile.hasState)
      all = [...all, ...this.#compareStates(end.digest, actor)]
    return all
  }

  /** A turn is not run again: it is one of them, and nothing of it is compared. */
  passedOver({ isContext }: Step): void {
    this.counts.turns++
    if (isContext) this.counts.contextTurns++
  }

  #count(step: Step): void {
    const { counts } = this
    const { rerun } = step
    this.passedOver(step)
    counts.replayedCalls += this.#matching.reached
    if (rerun !== undefined) counts.recordedCalls += callsOf(rerun)
  }

  #compareFailed(step: Step, error: StoredError | undefined): readonly Difference[] {
    const errors = compareErrors(step, error, this.#comparison)
    const recorded = recordedDeeds(this.#evidence, this.#paths, step)
    // What it told was taken back with it, but what it asked while it waited stands in the log.
    if (step.end.kind === 'failed') {
      if (step.rerun === undefined) return errors
      const calls = this.#matching.deeds.filter(({ subject }) => subject === 'ask' || subject === 'effect')
      return [...compareDeeds(recorded, calls, this.#comparison), ...this.#lacking(), ...errors]
    }
    // Why it fails is often that it reached for something else. What comes behind the failure was never reached, so that
    // only what was not recorded counts.
    return [...extraCalls(recorded, this.#matching.calls), ...errors]
  }

  #compareAnswers(end: TurnRecord, { answer }: RerunTurn): readonly Difference[] {
    const evidence = this.#evidence
    const { bytes, start, end: till } = evidence.codec.stored(answer)
    if (end.isStoredAs(bytes, start, till)) return NONE
    const { volatile } = this.#comparison
    const recorded = volatile.without('answer', end.answer())
    const replayed = this.#comparison.like(end.position, 'answer', 'answer', evidence.encode(answer).copy)
    if (isRecorded(recorded, replayed)) return NONE
    const what = `it answers ${shown(replayed)} instead of ${shown(recorded)}`
    return [{ kind: 'payload', subject: 'answer', recorded, replayed, what }]
  }

  #compareDeeds(step: Step): readonly Difference[] {
    const recorded = recordedDeeds(this.#evidence, this.#paths, step)
    const others = compareDeeds(recorded, this.#matching.deeds, this.#comparison)
    const isOrder = others.length === 0
    const differences = isOrder ? compareOrder(recorded, this.#matching.deeds, this.#comparison) : others
    const before = step.rerun === undefined ? 0 : callsOf(step.rerun)
    const after = this.#matching.outside
    if (before === after) return [...differences, ...this.#lacking()]
    const what = `it reaches outside ${times(after)} instead of ${times(before)}`
    return [...differences, { kind: 'cost', subject: 'call', recorded: before, replayed: after, what }]
  }

  #lacking(): readonly Difference[] {
    if (!this.#matching.isLacking) return NONE
    const what = 'it does not ask all that it was answered or refused'
    return [{ kind: 'missing', subject: 'ask', recorded: undefined, replayed: undefined, what }]
  }

  #compareStates(recorded: number, actor: Rebuilt): readonly Difference[] {
    this.counts.digests++
    if (this.#evidence.hasDigest(actor.state, recorded)) return NONE
    const replayed = this.#evidence.digest(actor.state)
    const what = `its state is ${shown(actor.state)}, which is not what was recorded`
    return [{ kind: 'state', subject: 'state', recorded, replayed, what }]
  }
}

function callsOf({ results, asked }: NonNullable<Step['rerun']>): number {
  let count = asked.size
  for (const result of results) if (result.kind === 'effect') count++
  return count
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
