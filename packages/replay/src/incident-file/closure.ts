// Closure
// =======
// What a replay of one incident reads, found by reading it: the slice is cut and every turn is looked at through evidence
// that notes what it hands out. This is the one place of the incident file that knows how that is done.
//
// Much of what is handed out is only looked at on the way: what others did while a turn waited, and what an actor did
// before its snapshot. It is left out, and the slice is cut once more from what is left. Should that not be the same
// slice, everything that was read stays.
//
// Invariants
//   V1  From the closure, the same slice is cut as from its source, and each of its turns did the same.
//   V2  Nothing is in it but what was read, and what says who and what that was about.

import type { LogRecord, Snapshot } from '@holdfast/kernel'
import type { Evidence } from '../evidence.js'
import type { Incident } from '../incident.js'
import { isEqual } from '../compare.js'
import { recordedDeeds } from '../recorded.js'
import { Paths, sliceOf, type Slice } from '../slice.js'
import { NotingEvidence } from './noting-evidence.js'
import { RecordSet } from './record-set.js'
import { rangeOf, surroundings } from './surroundings.js'

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

/** The closure of an incident. It is read from its evidence once more, from the beginning. */
export function closureOf(incident: Incident): Closure {
  const { evidence } = incident
  const correlation = incident.records[0]?.correlation ?? 0
  const noting = new NotingEvidence(evidence)
  const slice = cut(noting, correlation)
  const snapshots = [...noting.snapshots.values()]
  const all = sorted(noting.records.values())
  const around = surroundings(evidence, slice, all)
  const seen = view(evidence, slice)
  const isWhole = (records: readonly LogRecord[]): boolean => {
    return isEqual(seen, viewOf(evidence, correlation, records, snapshots))
  }
  const needed = sorted([...all.filter(isNeededBy(slice, setOf(evidence, all, []))), ...around])
  const records = [needed, sorted([...all, ...around])].find(isWhole) ?? all
  return { correlation, records, snapshots, names: namesOf(evidence, records), slice }
}

// What a replay does with its evidence before it runs anything.
function cut(evidence: Evidence, correlation: number): Slice {
  const paths = new Paths(evidence)
  const slice = sliceOf(evidence, paths, correlation, [...evidence.readCorrelation(correlation)])
  for (const step of slice.steps) recordedDeeds(evidence, paths, step)
  return slice
}

/** Whether a record that was read had a part in what was found. */
function isNeededBy(slice: Slice, read: RecordSet): (record: LogRecord) => boolean {
  const from = new Map(slice.actors.map(({ id, from: after }) => [id, after]))
  const { to } = rangeOf(slice)
  const messages = new Set(slice.steps.map(({ message }) => message.position))
  const told = new Set<number>()
  for (const { end } of slice.steps) {
    // The records right before a turn belong to it.
    const first = end.kind === 'turn' ? end.position - end.told : end.position
    for (const { position } of read.read(first, end.position)) told.add(position)
  }
  return ({ position, actor, cause, correlation, kind }) => {
    if (correlation === slice.correlation || kind === 'spawned') return true
    if (messages.has(position) || messages.has(cause) || told.has(position)) return true
    // A message that was not handled within the incident is none of its business.
    const after = kind === 'message' ? undefined : from.get(actor)
    return after !== undefined && position > after && position <= to
  }
}

function setOf(
  { codec }: Evidence,
  records: readonly LogRecord[],
  snapshots: readonly Snapshot[],
): RecordSet {
  const parts = snapshots.map((snapshot) => ({ ...snapshot, read: () => snapshot }))
  return new RecordSet({ codec, records, snapshots: parts, names: new Map() })
}

function viewOf(
  evidence: Evidence,
  correlation: number,
  records: readonly LogRecord[],
  snapshots: readonly Snapshot[],
): unknown {
  const set = setOf(evidence, records, snapshots)
  return view(set, cut(set, correlation))
}

// A slice as plain data, with a record as its position: two of them can be compared.
function view(evidence: Evidence, slice: Slice): unknown {
  const paths = new Paths(evidence)
  const deeds = slice.steps.map((step) => recordedDeeds(evidence, paths, step))
  const parents = slice.actors.map(({ id }) => paths.parentOf(id))
  return plain({ slice, deeds, parents })
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  if (Object.getPrototypeOf(value) !== Object.prototype && 'position' in value) return value.position
  if ('kind' in value && 'timeMs' in value && 'position' in value) return value.position
  const entries = Object.entries(value as Record<string, unknown>)
  return entries.length === 0 ? value : Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]))
}

function sorted(records: Iterable<LogRecord>): LogRecord[] {
  const byPosition = new Map<number, LogRecord>()
  for (const record of records) byPosition.set(record.position, record)
  return [...byPosition.values()].sort((a, b) => a.position - b.position)
}

function namesOf(evidence: Evidence, records: readonly LogRecord[]): Map<number, string> {
  const names = new Map<number, string>()
  for (const { correlation } of records) {
    if (correlation === 0 || names.has(correlation)) continue
    const name = evidence.correlationName(correlation)
    if (name !== String(correlation)) names.set(correlation, name)
  }
  return names
}
