// What of a log its users want to keep. Everything else may go once nothing needs it any more.

import { refuse } from './errors.js'
import type { LogBeginning } from './log-beginning.js'

/**
 * How much of the log is wanted. What exceeds one of these bounds is cut away from its beginning, in whole segments: but
 * nothing that is pinned, that the definition of an actor keeps, or that somebody still has to handle.
 */
export interface Retention {
  /** Milliseconds. @default no limit */
  readonly maxAgeMs?: number
  /** Records. @default no limit */
  readonly maxRecords?: number
  /** Bytes of the data directory, more or less: a segment is kept or cut away whole. @default no limit */
  readonly maxBytes?: number
}

const BOUNDS = ['maxAgeMs', 'maxRecords', 'maxBytes'] as const

/** Refuses what is no retention. @throws {HoldfastError} `HF_INVALID` */
export function checkRetention(given: unknown): asserts given is Retention {
  if (typeof given !== 'object' || given === null) refuse('retention', given, 'an object')
  const bounds = given as Readonly<Record<string, unknown>>
  for (const field of Object.keys(bounds))
    if (!BOUNDS.includes(field as never))
      refuse(`retention.${field}`, bounds[field], `one of ${BOUNDS.join(', ')}`)
  for (const field of BOUNDS) {
    const value = bounds[field]
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      refuse(`retention.${field}`, value, 'a number from 0')
  }
}

/** What decides which part of a log is wanted. */
export interface Wanted {
  readonly retention: Retention
  /** The longest time for which a definition keeps the log, in milliseconds. */
  readonly keepMs: number
  readonly nowMs: number
  /** The next position to be written. */
  readonly next: number
}

/** The first position that is wanted. */
export function firstWanted(log: LogBeginning, { retention, keepMs, nowMs, next }: Wanted): number {
  const { maxAgeMs = Infinity, maxRecords = Infinity, maxBytes = Infinity } = retention
  const young = maxAgeMs === Infinity ? 1 : log.positionAtTime(nowMs - maxAgeMs)
  const few = maxRecords === Infinity ? 1 : next - maxRecords
  const small = maxBytes === Infinity ? 1 : log.positionOfLast(maxBytes)
  const wanted = Math.max(young, few, small)
  // What a definition keeps wins over every bound.
  return keepMs === 0 ? wanted : Math.min(wanted, log.positionAtTime(nowMs - keepMs))
}
