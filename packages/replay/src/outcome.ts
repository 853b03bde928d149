// How a turn ended: as it was recorded, and as it was replayed.

import { isLikeRecorded, storedError, type RerunTurn, type StoredError } from '@holdfast/kernel'
import type { Difference } from './compare.js'
import type { Comparison } from './comparison.js'
import type { Evidence } from './evidence.js'
import type { Outcome } from './report.js'
import type { Step } from './steps.js'

/** A replayed turn threw; `reason` is why it was given up when it was recorded. */
export function failedWith(error: unknown, reason: StoredError | undefined): StoredError {
  const stored = storedError(error)
  // It asks for what was never recorded, as it did then.
  return reason !== undefined && stored.code === 'HF_DIVERGED' ? reason : stored
}

/** The answer of a replayed turn, as it would be stored. */
export function answerOf(evidence: Evidence, turn: RerunTurn): unknown {
  return evidence.encode(turn.answer).copy
}

/** How a step was recorded to end. */
export function recordedOutcome({ end }: Step): Outcome {
  if (end.kind === 'turn') return { ok: true, answer: end.answered ? end.answer() : undefined }
  return { ok: false, error: end.data().error }
}

/** What differs when at least one of the two failed; `error` is what it fails with now, if it does. */
export function compareErrors(
  step: Step,
  error: StoredError | undefined,
  comparison: Comparison,
): readonly Difference[] {
  const recorded = recordedOutcome(step)
  if (error === undefined) {
    if (recorded.ok) return []
    const what = `it is handled and was recorded as failed with ${named(recorded.error)}`
    return [outcome(recorded, { ok: true, answer: undefined }, what)]
  }
  const replayed: Outcome = { ok: false, error }
  if (recorded.ok)
    return [outcome(recorded, replayed, `it fails with ${named(error)} and was recorded as handled`)]
  const { name, message } = comparison.like(step.position, 'error', 'error', { ...error }) as StoredError
  if (isLikeRecorded(recorded.error.name, name) && isLikeRecorded(recorded.error.message, message)) return []
  return [outcome(recorded, replayed, `it fails with ${named(error)} instead of ${named(recorded.error)}`)]
}

function outcome(recorded: Outcome, replayed: Outcome, what: string): Difference {
  return { kind: 'outcome', subject: 'error', recorded, replayed, what }
}

function named({ name, message }: StoredError): string {
  return `${name}: ${message}`
}
