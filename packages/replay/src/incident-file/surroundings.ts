// Surroundings
// ============
// What a replay does not read, and what people who look at an incident want to know: who was there, which code ran, and
// what was decided about those who took part.

import type { LogRecord } from '@holdfast/kernel'
import type { Evidence } from '../evidence.js'
import type { Incident } from '../incident.js'
import { Paths } from '../paths.js'

/** Kinds of records that say what was decided about an actor, and what became of it. */
const DECISIONS: ReadonlySet<LogRecord['kind']> = new Set([
  'directive',
  'quarantined',
  'restarted',
  'steered',
  'gave-up',
  'stopped',
  'halting',
  'reviving',
  'deleted',
  'changed',
  'failed',
])

/** Kinds of records that say whether a sibling was up: whom a restart concerns follows from that. */
const LIVES: ReadonlySet<LogRecord['kind']> = new Set(['restarted', 'stopped', 'quarantined'])

/** The records around those that were read: one pass over the log up to the last of them. */
export function surroundings(incident: Incident, read: readonly LogRecord[]): LogRecord[] {
  const { evidence, slice } = incident
  const range = rangeOf(incident)
  const concerned = new Set(slice.actors.map(({ id }) => id))
  for (const { actor } of incident.read()) if (actor !== 0) concerned.add(actor)
  const above = ancestorsOf(evidence, concerned)
  const decided = new Set([...concerned, ...above])
  const named = new Set([...decided, ...read.flatMap(actorsIn)])
  for (const id of ancestorsOf(evidence, named)) named.add(id)
  const found: LogRecord[] = []
  const beside = new Set<number>()
  let opened: LogRecord | undefined
  for (const record of evidence.read(1, range.to + 1)) {
    const { kind, position, actor } = record
    if (kind === 'spawned') {
      const { parent, fixed } = record.data()
      if (fixed === true && above.has(parent)) beside.add(actor)
      if (named.has(actor) || beside.has(actor)) found.push(record)
    } else if (beside.has(actor) && LIVES.has(kind)) {
      found.push(record)
    } else if (kind === 'opened' && position < range.from) opened = record
    else if (position < range.from) continue
    else if (kind === 'opened' || kind === 'closed' || kind === 'shredded') found.push(record)
    else if (DECISIONS.has(kind) && decided.has(actor)) found.push(record)
  }
  return [...(opened === undefined ? [] : [opened]), ...found, ...outcomesOf(incident)]
}

/** What was done about failures after the last record of an incident: a restart belongs to none, and comes later. */
export function outcomesOf(incident: Incident): LogRecord[] {
  const { evidence, records } = incident
  const { to } = rangeOf(incident)
  const decided = records.flatMap((record) => {
    return record.kind === 'directive' && record.data().directive !== 'resume' ? [record.actor] : []
  })
  return [...new Set(decided)].flatMap((actor) => {
    for (const record of evidence.readActor(actor, to + 1)) {
      if (OUTCOMES.has(record.kind)) return [...runsBetween(evidence, to, record.position), record]
      if (record.kind === 'failed') return []
    }
    return []
  })
}

// What comes about in a later run is no answer to a failure of this one.
function runsBetween(evidence: Evidence, to: number, below: number): LogRecord[] {
  return [...evidence.read(to + 1, below)].filter(({ kind }) => kind === 'opened')
}

const OUTCOMES: ReadonlySet<LogRecord['kind']> = new Set(['restarted', 'stopped', 'quarantined'])

/** The positions that an incident reaches over: from the first turn that is run to the last record of it. */
export function rangeOf(incident: Incident): { readonly from: number; readonly to: number } {
  let from = Infinity
  let to = 0
  for (const { position } of incident.read()) {
    from = Math.min(from, position)
    to = Math.max(to, position)
  }
  for (const { position } of incident.slice.steps()) {
    from = Math.min(from, position)
    to = Math.max(to, position)
  }
  return { from, to }
}

function ancestorsOf(evidence: Evidence, actors: Iterable<number>): Set<number> {
  const paths = new Paths(evidence)
  const above = new Set<number>()
  for (const id of actors) {
    for (let at = paths.born(id)?.parent ?? 0; at !== 0 && !above.has(at); at = paths.born(at)?.parent ?? 0)
      above.add(at)
  }
  return above
}

// Whom a record names by number, beside the actor that it stands with.
function actorsIn(record: LogRecord): number[] {
  const { actor, kind } = record
  if (kind === 'message') return [actor, record.sender]
  if (kind === 'halting' || kind === 'reviving' || kind === 'deleted') return [actor, record.data().child]
  if (kind === 'watched' || kind === 'unwatched') return [actor, record.data().target]
  return [actor]
}
