// What if
// =======
// Would another policy, or other code, have contained the incident? It is played again on the real kernel: once as it
// was, to see whether the rehearsal comes to the same as the record, and once with what is different. An answer is only
// worth something when the first one does.

import { refuse } from '@holdfast/kernel'
import type { Incident } from './incident.js'
import { isEqual } from './is-equal.js'
import { withPolicy, type Definitions, type Policy } from './policy.js'
import type { Course } from './rehearsal/course.js'
import { recordedCourse, rehearse } from './rehearsal/rehearsal.js'
import { statesBefore, type StateBefore } from './rehearsal/states-before.js'
import type { Supplied } from './report.js'
import { Unrecorded, type UnrecordedRule } from './unrecorded.js'

/** What is asked. */
export interface WhatIfOptions {
  /** The code and the policies that were recorded. */
  readonly swarm: Definitions
  /** Other policies. */
  readonly policy?: Policy
  /** Other code. One of the two must be given. */
  readonly changed?: Definitions
  /** What stands in for results that the record does not hold. @default 'nearest' */
  readonly unrecorded?: UnrecordedRule
}

/** What would have happened. */
export interface WhatIfReport {
  readonly correlation: string
  /** As it was recorded. */
  readonly recorded: Course
  /** As it goes in a rehearsal without any change. */
  readonly control: Course
  /** As it goes with the change. */
  readonly changed: Course
  /** Whether the rehearsal without a change comes to the same failures and decisions as the record. */
  readonly isFaithful: boolean
  /** Results that the record did not hold, with the change. */
  readonly supplied: readonly Supplied[]
  /** The answer in one sentence. */
  readonly verdict: string
}

/**
 * Plays an incident again under another policy or with other code.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_DUPLICATE_NAME`, `HF_START_FAILED`
 * @example
 * const { verdict } = await whatIf(incident, { swarm, policy: { bank: { strategy: 'rest-for-one' } } })
 */
export async function whatIf(incident: Incident, options: WhatIfOptions): Promise<WhatIfReport> {
  const { swarm, policy, changed: other, unrecorded = 'nearest' } = options
  if ((policy === undefined) === (other === undefined))
    refuse('policy', policy, 'given, or else `changed`: one of the two')
  const changedSwarm = other ?? withPolicy(swarm, policy!)
  const recorded = recordedCourse(incident)
  const states = await statesBefore(incident, swarm)
  const control = await played(incident, swarm, states, unrecorded)
  const changed = await played(incident, changedSwarm, states, unrecorded)
  const isFaithful = key(recorded) === key(control.course)
  return {
    correlation: incident.correlation,
    recorded,
    control: control.course,
    changed: changed.course,
    isFaithful,
    supplied: changed.supplied,
    verdict: verdictOf(control.course, changed.course, isFaithful),
  }
}

async function played(
  incident: Incident,
  swarm: Definitions,
  states: ReadonlyMap<number, StateBefore>,
  rule: UnrecordedRule,
) {
  const { evidence, paths, slice } = incident
  const unrecorded = new Unrecorded(rule, evidence, paths, slice)
  const { course } = await rehearse(incident, swarm, states, unrecorded)
  return { course, supplied: unrecorded.supplied }
}

// What must come out the same for a rehearsal to be believed.
function key({ failures, directives, escalations, quarantined, gaveUp }: Course): string {
  const failed = failures.map(({ actor, message, error }) =>
    [actor, message, error.name, error.message].join(' '),
  )
  return JSON.stringify([failed.sort(), directives, escalations, quarantined, gaveUp])
}

function verdictOf(control: Course, changed: Course, isFaithful: boolean): string {
  const answer = answerOf(control, changed)
  if (isFaithful) return answer
  return `${answer} The rehearsal without a change does not come to what was recorded, so this is not to be relied on.`
}

function answerOf(control: Course, changed: Course): string {
  const isSame = key(control) === key(changed) && isEqual(control.restarted, changed.restarted)
  if (changed.isEndless) return 'It would go on without an end: it was cut off.'
  if (isSame) return 'It would have gone the same way.'
  if (changed.failed === 0) return 'Nothing would have failed.'
  const less = `${changed.failed} instead of ${control.failed} failures, ${changed.restarted.length} instead of ${control.restarted.length} actors restarted`
  if (changed.contained && !control.contained) return `It would have been contained: ${less}.`
  if (!changed.contained && control.contained) return `It would not have been contained any more: ${less}.`
  return `It would have gone otherwise: ${less}.`
}
