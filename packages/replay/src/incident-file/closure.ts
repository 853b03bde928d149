// Closure
// =======
// What a replay of one incident reads: its own records, and for every turn of its slice the message, what it learned, what
// it asked and what it did. Whatever else stands in the log between them is left out.
//
// Invariants
//   V1  From the closure, the same slice is cut as from its source, and each of its turns did the same.
//   V2  Nothing is in it but what a replay reads, and what says who and what that was about.

import { refuse, SealedValue, type LogRecord, type Snapshot } from '@holdfast/kernel'
import type { Evidence } from '../evidence.js'
import type { Incident } from '../incident.js'
import { whyUnreadable } from '../shredded.js'
import type { Slice, SliceActor } from '../slice.js'
import { LOST_NAME } from './record-set.js'
import { surroundings } from './surroundings.js'

/** All that a replay of an incident reads. */
export interface Closure {
  /** Position of its first message. */
  readonly correlation: number
  /** In the order of their positions. */
  readonly records: readonly LogRecord[]
  readonly snapshots: readonly Snapshot[]
  /** Names of the correlations that have one. */
  readonly names: ReadonlyMap<number, string>
  readonly slice: Slice
}

/** The closure of an incident. @throws {HoldfastError} `HF_INVALID` for one that is a range of positions */
export function closureOf(incident: Incident): Closure {
  const { evidence, slice, focus } = incident
  if (focus.correlation === 0) refuse('incident', focus.name, 'one with a correlation')
  const read = new Map<number, LogRecord>()
  const add = (record: LogRecord): void => void read.set(record.position, record)
  for (const record of incident.read()) add(record)
  addLives(evidence, slice, add)
  const lost = new Map<number, number>()
  for (const step of slice.steps()) {
    const { actor, position, message, told, rerun } = step
    if (!lost.has(actor) && whyUnreadable(step, '') !== undefined) lost.set(actor, position)
    add(message)
    for (const record of told) add(record)
    for (const position of rerun?.asked.values() ?? []) {
      const asked = evidence.messageAt(position)
      if (asked !== undefined) add(asked)
    }
  }
  for (const record of surroundings(incident, [...read.values()])) add(record)
  const records = [...read.values()].sort((a, b) => a.position - b.position)
  const snapshots = slice.actors.flatMap((actor) => snapshotsOf(evidence, actor, lost.get(actor.id)))
  return { correlation: focus.correlation, records, snapshots, names: namesOf(evidence, records), slice }
}

// The one that it begins with, and when a turn of it cannot be run again, those with which it may go on after that.
function snapshotsOf(
  evidence: Evidence,
  { id, from, until, born }: SliceActor,
  lostAt: number | undefined,
): Snapshot[] {
  const first = from === 0 ? undefined : evidence.snapshot(id, from)
  const found = first === undefined ? [] : [first]
  const isUnknown = (first === undefined ? born.args : first.state) instanceof SealedValue
  const lost = isUnknown ? from : (lostAt ?? Infinity)
  for (let at = until; at > lost;) {
    const snapshot = evidence.snapshot(id, at)
    if (snapshot === undefined || snapshot.position <= lost) break
    found.push(snapshot)
    at = snapshot.position - 1
  }
  return found
}

// What an actor did and learned. A message that was not handled within the incident is none of its business.
function addLives(evidence: Evidence, { actors }: Slice, add: (record: LogRecord) => void): void {
  const spans = new Map(actors.map((actor) => [actor.id, actor]))
  const from = Math.min(...actors.map((actor) => actor.from))
  const until = Math.max(...actors.map((actor) => actor.until))
  for (const run of evidence.readTogether(spans.keys(), from + 1, until)) {
    for (const record of run) {
      const span = record.kind === 'message' ? undefined : spans.get(record.actor)
      if (span !== undefined && record.position > span.from && record.position <= span.until) add(record)
    }
  }
}

function namesOf(evidence: Evidence, records: readonly LogRecord[]): Map<number, string> {
  const names = new Map<number, string>()
  for (const { correlation } of records) {
    if (correlation === 0 || names.has(correlation)) continue
    const name = evidence.correlationName(correlation)
    if (evidence.hasLostName?.(correlation) === true) names.set(correlation, LOST_NAME)
    else if (name !== String(correlation)) names.set(correlation, name)
  }
  return names
}
