// Incidents
// =========
// What went wrong in a log, correlation by correlation: found in one pass over all of it, without any code of the user.
//
// Invariant: what is kept is one small object for each correlation in which something went wrong, and nothing of the
// others.

import type { LogRecord, StoredError } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import { INCIDENTS_KEPT } from './limits.js'
import type { Paths } from './paths.js'

/** One correlation in which something went wrong. */
export interface FoundIncident {
  readonly correlation: string
  /** Position of its first message. */
  readonly root: number
  /** Positions of the first and the last thing that went wrong. */
  readonly first: number
  readonly last: number
  /** When these were, in milliseconds since 1970. */
  readonly firstMs: number
  readonly lastMs: number
  readonly failures: number
  /** Failures that were handed on by a supervisor. */
  readonly escalations: number
  readonly quarantines: number
  readonly deadLetters: number
  /** Whether the root gave up over it. */
  readonly gaveUp: boolean
  /** Who failed first, and with what. */
  readonly actor: string
  readonly error: Pick<StoredError, 'name' | 'message' | 'code'> | undefined
  /** Actors in which something went wrong. */
  readonly actors: number
  /** The file that it was imported in; nothing for one of the log itself. */
  readonly file?: string
}

interface Growing {
  readonly first: LogRecord
  last: LogRecord
  failures: number
  escalations: number
  quarantines: number
  deadLetters: number
  gaveUp: boolean
  error: FoundIncident['error']
  failedActor: number
  readonly actors: Set<number>
}

/** All incidents of a log, in the order in which they began; the last ones when there are too many. */
export function incidentsOf(evidence: Evidence, paths: Paths): readonly FoundIncident[] {
  const found = new Map<number, Growing>()
  for (const record of evidence.read(1)) {
    if (!isTrouble(record) || record.correlation === 0) continue
    let incident = found.get(record.correlation)
    if (incident === undefined) {
      found.set(record.correlation, (incident = begun(record)))
      if (found.size > INCIDENTS_KEPT) found.delete(found.keys().next().value!)
    }
    grow(incident, record)
  }
  return [...found].map(([correlation, growing]) => ended(evidence, paths, correlation, growing))
}

function isTrouble({ kind }: LogRecord): boolean {
  return kind === 'failed' || kind === 'quarantined' || kind === 'dead' || kind === 'gave-up'
}

function begun(first: LogRecord): Growing {
  return {
    first,
    last: first,
    failures: 0,
    escalations: 0,
    quarantines: 0,
    deadLetters: 0,
    gaveUp: false,
    error: undefined,
    failedActor: 0,
    actors: new Set(),
  }
}

function grow(incident: Growing, record: LogRecord): void {
  incident.last = record
  if (record.actor !== 0) incident.actors.add(record.actor)
  if (record.kind === 'failed') {
    const { context, error } = record.data()
    incident.failures++
    if (context === 'child') incident.escalations++
    if (incident.error !== undefined) return
    const { name, message, code } = error
    incident.error = code === undefined ? { name, message } : { name, message, code }
    incident.failedActor = record.actor
  } else if (record.kind === 'quarantined') incident.quarantines++
  else if (record.kind === 'dead') incident.deadLetters++
  else incident.gaveUp = true
}

function ended(evidence: Evidence, paths: Paths, root: number, growing: Growing): FoundIncident {
  const { first, last, actors, failedActor, ...counts } = growing
  const actor = failedActor === 0 ? first.actor : failedActor
  return {
    correlation: evidence.correlationName(root),
    root,
    first: first.position,
    last: last.position,
    firstMs: first.timeMs,
    lastMs: last.timeMs,
    ...counts,
    actor: actor === 0 ? '' : paths.of(actor),
    actors: actors.size,
  }
}
