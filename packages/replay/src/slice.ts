// Slice
// =====
// What one incident needs from the log: its own records, the actors that they concern, the snapshot that each of them
// starts from, and every turn of those actors from there to its last part in the incident, because their state comes
// from all of them. The turns are read when somebody follows them, so that a slice of a million takes no room.
//
//                      snapshot                first            last record of the incident
//   actor  ────────────────┼──────────────────────┼────────────────┼──────────►
//                          from   context turns      turns           until
//
// Invariants
//   K1  The slice follows from the log alone; no code of the user runs.
//   K2  Steps stand in the order of the log. One outside the incident is marked as context.
//   K3  What is needed and gone is said, and not passed over.

import type { DataRecord, LogRecord, RecordData } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import type { Focus } from './focus.js'
import { DECISIONS_COMPARED } from './limits.js'
import type { Paths } from './paths.js'
import { stepsOf, type Step } from './steps.js'

/** One actor of a slice. */
export interface SliceActor {
  readonly id: number
  readonly path: string
  readonly parentPath: string
  readonly born: RecordData['spawned']
  /** The turns after this position are run; the state at it is the snapshot's, or the first one when it is 0. */
  readonly from: number
  /** Its last record in the incident: no later turn is run. */
  readonly until: number
}

/** An actor whose early turns the log no longer has. */
export interface Pruned {
  readonly path: string
  /** The turns after this position are needed. */
  readonly from: number
  /** The turns up to this position are gone. */
  readonly upTo: number
}

/** The part of a log that an incident needs. */
export interface Slice {
  readonly focus: Focus
  readonly actors: readonly SliceActor[]
  /** What supervisors decided about failures of the incident. */
  readonly decisions: readonly DataRecord<'directive'>[]
  /** Actors of the incident that record nothing, so that their part cannot be replayed. */
  readonly unrecorded: readonly string[]
  readonly pruned: readonly Pruned[]
  /** All turns of all actors, in the order of the log. */
  steps(): Iterable<Step>
}

/** Cuts the slice of an incident out of the evidence. */
export function sliceOf(evidence: Evidence, paths: Paths, focus: Focus, records: Iterable<LogRecord>): Slice {
  const span = new Map<number, { first: number; last: number }>()
  const decisions: DataRecord<'directive'>[] = []
  for (const record of records) {
    if (record.actor === 0) continue
    if (record.kind === 'directive' && decisions.length < DECISIONS_COMPARED) decisions.push(record)
    const known = span.get(record.actor)
    if (known === undefined) span.set(record.actor, { first: record.position, last: record.position })
    else known.last = record.position
  }
  const actors: SliceActor[] = []
  const unrecorded: string[] = []
  const pruned: Pruned[] = []
  for (const [id, { first, last }] of span) {
    const born = paths.born(id)
    if (born === undefined) continue
    if (born.durable === false) {
      unrecorded.push(paths.of(id))
      continue
    }
    const from = evidence.snapshot(id, first - 1)?.position ?? 0
    const upTo = evidence.deletedUpTo(id)
    if (upTo > from) pruned.push({ path: paths.of(id), from, upTo })
    actors.push({ id, path: paths.of(id), parentPath: paths.parentOf(id), born, from, until: last })
  }
  return { focus, actors, decisions, unrecorded, pruned, steps: () => stepsOf(evidence, focus, actors) }
}
