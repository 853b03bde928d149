// Focus
// =====
// What of a log is the incident: one correlation, or all that happened between two positions. However somebody names an
// incident, by its correlation, by one of its messages, by an actor and a time, by a failure or by a range, it comes down
// to one of the two.

import { HoldfastError, refuse, type LogRecord } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import type { Paths } from './paths.js'

/** How an incident is named. */
export type IncidentName =
  /** The name of a correlation, or the position of a message in it. */
  | string
  | { readonly correlation: string }
  /** The turn that an actor was in at a time, in milliseconds since 1970, or the last one before it. */
  | { readonly actor: string; readonly atMs: number }
  /** The failure at a position, or that of the message at that position. */
  | { readonly failure: number }
  /** All that happened from one position to another one, both included. */
  | { readonly from: number; readonly to: number }

/** What of a log is the incident. */
export interface Focus {
  /** The correlation; 0 when the incident is a range. */
  readonly correlation: number
  /** First and last position that it can have. */
  readonly from: number
  readonly to: number
  /** How it is called. */
  readonly name: string
}

/** Whether a record belongs to the incident, and is not only its context. */
export function isInFocus(focus: Focus, record: LogRecord): boolean {
  if (focus.correlation !== 0) return record.correlation === focus.correlation
  return record.position >= focus.from && record.position <= focus.to
}

/**
 * Finds what is meant by a name.
 *
 * @throws {HoldfastError} `HF_UNKNOWN_CORRELATION`, `HF_NO_SUCH_ACTOR`, `HF_INVALID`
 */
export function focusOf(evidence: Evidence, paths: Paths, name: IncidentName): Focus {
  if (typeof name === 'string') return byCorrelation(evidence, name)
  if ('correlation' in name) return byCorrelation(evidence, name.correlation)
  if ('actor' in name) return byActor(evidence, paths, name.actor, name.atMs)
  if ('failure' in name) return byFailure(evidence, name.failure)
  return byRange(evidence, name.from, name.to)
}

// A name first: somebody may have named a correlation "42".
function byCorrelation(evidence: Evidence, wanted: string): Focus {
  const named = evidence.correlationOf(wanted)
  if (named !== 0) return correlated(evidence, named)
  const position = /^[1-9]\d*$/.test(wanted) ? Number(wanted) : 0
  const message = position === 0 ? undefined : evidence.messageAt(position)
  if (message !== undefined) return correlated(evidence, message.correlation)
  throw new HoldfastError('HF_UNKNOWN_CORRELATION', `The log knows no correlation "${wanted}".`, {
    field: 'correlation',
    hint: 'Give the name that a message was sent with, or the position of a message; `holdfast journal` shows both.',
  })
}

function correlated(evidence: Evidence, correlation: number): Focus {
  return {
    correlation,
    from: correlation,
    to: evidence.next - 1,
    name: evidence.correlationName(correlation),
  }
}

function byActor(evidence: Evidence, paths: Paths, path: string, atMs: number): Focus {
  if (!Number.isFinite(atMs)) refuse('atMs', atMs, 'milliseconds since 1970')
  const before = evidence.positionAtTime(atMs + 1)
  const id = actorAt(evidence, paths, path, before)
  let last: LogRecord | undefined
  for (const record of evidence.readActor(id, 0)) {
    if (record.position >= before) break
    if (record.kind === 'turn' || record.kind === 'failed') last = record
  }
  if (last !== undefined) return ofRecord(evidence, last)
  throw new HoldfastError('HF_UNKNOWN_CORRELATION', `${path} had handled nothing at that time.`, {
    actor: path,
    field: 'atMs',
    hint: '`holdfast journal --actor` shows what it did, and when.',
  })
}

// Looked for from the end: of several that have lived there, the last one before that time is meant.
function actorAt(evidence: Evidence, paths: Paths, path: string, before: number): number {
  let found = 0
  for (const record of evidence.read(1, before))
    if (
      record.kind === 'spawned' &&
      path.endsWith(`/${record.data().name}`) &&
      paths.of(record.actor) === path
    )
      found = record.actor
  if (found !== 0) return found
  throw new HoldfastError('HF_NO_SUCH_ACTOR', `No actor had lived at ${path} at that time.`, {
    actor: path,
    hint: '`holdfast tree` shows who is there.',
  })
}

function byFailure(evidence: Evidence, position: number): Focus {
  const record = evidence.at(position)
  if (record !== undefined) return ofRecord(evidence, record)
  throw new HoldfastError('HF_UNKNOWN_CORRELATION', `The log has nothing at position ${position}.`, {
    field: 'failure',
    hint: 'Give the position of a failure, or of the message that failed; `holdfast incidents` shows both.',
  })
}

// What no message caused, such as a failure of a start, belongs to no correlation and stands for itself.
function ofRecord(evidence: Evidence, record: LogRecord): Focus {
  if (record.correlation !== 0) return correlated(evidence, record.correlation)
  const from = record.cause === 0 ? record.position : record.cause
  return byRange(evidence, from, record.position)
}

function byRange(evidence: Evidence, from: number, to: number): Focus {
  if (!Number.isSafeInteger(from) || from < 1) refuse('from', from, 'a position')
  if (!Number.isSafeInteger(to) || to < from) refuse('to', to, `a position from ${from}`)
  return { correlation: 0, from, to: Math.min(to, evidence.next - 1), name: `${from}-${to}` }
}
