// Course
// ======
// What an incident came to, in numbers that can be held against each other: as it was recorded, and as it went when it
// was played again.

import type { Directive, LogRecord, StoredError } from '@holdfast/kernel'

/** One failure of a course. */
export interface CourseFailure {
  readonly actor: string
  /** Type of the message that was in hand; empty when it was none. */
  readonly message: string
  readonly error: Pick<StoredError, 'name' | 'message' | 'code'>
}

/** What an incident came to. */
export interface Course {
  /** Turns that ended well. */
  readonly turns: number
  /** Up to 1,000; `failed` knows of all. */
  readonly failures: readonly CourseFailure[]
  readonly failed: number
  readonly directives: Readonly<Record<Directive, number>>
  /** Everyone whom a restart concerned, by name within its supervisor. */
  readonly restarted: readonly string[]
  /** Failures that a supervisor handed on to the one above it. */
  readonly escalations: number
  readonly quarantined: readonly string[]
  /** Whether the root gave up. */
  readonly gaveUp: boolean
  readonly deadLetters: number
  /** Whether all of it stayed below the supervisors of those that failed, and nobody was given up. */
  readonly contained: boolean
  /** It went on without an end and was cut off: what is counted is what came before. */
  readonly isEndless: boolean
}

/** Failures of a course that are listed. */
const FAILURES_LISTED = 1_000

/** Adds records up to a course. */
export function courseOf(
  records: Iterable<LogRecord>,
  pathOf: (actor: number) => string,
  typeAt: (position: number) => string,
): Course {
  const failures: CourseFailure[] = []
  const directives: Record<Directive, number> = { resume: 0, restart: 0, stop: 0, escalate: 0 }
  const restarted = new Set<string>()
  const quarantined = new Set<string>()
  const counts = { turns: 0, failed: 0, escalations: 0, gaveUps: 0, deadLetters: 0 }
  for (const record of records) {
    if (record.kind === 'turn') counts.turns++
    else if (record.kind === 'dead') counts.deadLetters++
    else if (record.kind === 'gave-up') counts.gaveUps++
    else if (record.kind === 'quarantined') quarantined.add(pathOf(record.actor))
    else if (record.kind === 'directive') {
      const { directive, affected, offender, supervisor } = record.data()
      directives[directive]++
      const above = offender.slice(0, offender.lastIndexOf('/')) || supervisor
      if (directive === 'restart') for (const name of affected) restarted.add(`${above}/${name}`)
    } else if (record.kind === 'failed') {
      const { context, error } = record.data()
      counts.failed++
      if (context === 'child') counts.escalations++
      const { name, message, code } = error
      const actor = pathOf(record.actor)
      if (failures.length < FAILURES_LISTED)
        failures.push({ actor, message: typeAt(record.cause), error: { name, message, code } })
    }
  }
  const { turns, failed, escalations, gaveUps, deadLetters } = counts
  return {
    turns,
    failures,
    failed,
    directives,
    restarted: [...restarted].sort(),
    escalations,
    quarantined: [...quarantined].sort(),
    gaveUp: gaveUps > 0,
    deadLetters,
    contained: escalations === 0 && gaveUps === 0 && directives.stop === 0 && quarantined.size === 0,
    isEndless: false,
  }
}
