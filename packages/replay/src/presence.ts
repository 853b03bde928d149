import type { Difference } from './compare.js'
import type { Incident } from './incident.js'
import type { Deed } from './report.js'
import type { Step } from './steps.js'

/** Whether a difference is the stop of a child that was not there: the log says nothing of such a stop. */
export function isStopOfNobody({ evidence, paths }: Incident, step: Step, difference: Difference): boolean {
  if (difference.kind !== 'extra' || difference.subject !== 'stop') return false
  const { target } = difference.replayed as Deed
  const own = paths.of(step.actor)
  if (target === own) return false
  const name = target.slice(own.length + 1)
  const first = step.told[0]?.position ?? step.position
  let isThere = false
  for (const record of evidence.read(1, first)) {
    if (record.kind === 'spawned') {
      const born = record.data()
      if (born.parent === step.actor && born.name === name) isThere = true
    } else if (record.kind === 'stopped' && isThere && paths.of(record.actor) === target) isThere = false
  }
  return !isThere
}
