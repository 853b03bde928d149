import { forkJournal, type KeySource } from '@holdfast/journal'
import type { IncidentName } from './focus.js'
import { openIncident } from './open-incident.js'

/** What is forked, and where to. */
export interface ForkIncidentOptions {
  /** The data directory. It is only read. */
  readonly data: string
  /** The data directory that is made: empty, or not there. */
  readonly to: string
  /** The last position that the copy has, or the incident that it ends with the first message of. */
  readonly at: number | IncidentName
  /** The keys of an encrypted data directory. */
  readonly keys?: KeySource
  /** The keys of the copy, which is encrypted with them. @default those of the original */
  readonly toKeys?: KeySource
}

/**
 * Copies the log up to a position, so that a system can go on from there. Whoever opens the copy goes on for real: with
 * real effects, and apart from the original, which stays as it is.
 *
 * @returns the last position of the copy: that of the turn before, when `at` lies within a turn
 * @throws {HoldfastError} `HF_INVALID`, `HF_UNKNOWN_CORRELATION`, `HF_STORE_MISSING`, `HF_STORE_UNWRITABLE`,
 *   `HF_STORE_DAMAGED`
 * @example
 * await fork({ data: './data', to: './what-then', at: 'incident-123' })
 * await using system = await createSystem({ name: 'bank', data: './what-then', root: bank })
 */
export async function fork({ data, to, at, keys, toKeys }: ForkIncidentOptions): Promise<number> {
  if (typeof at === 'number') return forkJournal({ data, to, at, keys, toKeys })
  await using incident = await openIncident(
    typeof at === 'string' ? { data, keys, correlation: at } : { data, keys, ...at },
  )
  return await forkJournal({ data, to, at: incident.focus.from, keys, toKeys })
}
