import type { Encoded, LogRecord, MessageRecord, Snapshot } from '@holdfast/kernel'
import type { Codec, Pins } from '@holdfast/journal'
import type { Redactions } from './incident-file/redactions.js'

/** What an incident is cut out of: a journal, or a file that somebody exported. It is only read. */
export interface Evidence {
  /** How values are stored. */
  readonly codec: Codec
  /** The position after the last record. */
  readonly next: number
  /** The records from one position to before another one, in order. A file has those that the incident needs. */
  read(from: number, below?: number): Iterable<LogRecord>
  /** The records of one actor, in order. */
  readActor(actor: number, from: number): Iterable<LogRecord>
  /**
   * Runs of records in order, between two positions: those with anything of these actors. What a turn did stands in the
   * run of the turn.
   */
  readTogether(actors: Iterable<number>, from: number, to: number): Iterable<readonly LogRecord[]>
  /** The records of one correlation, in order. */
  readCorrelation(correlation: number): Iterable<LogRecord>
  /** The record at a position. */
  at(position: number): LogRecord | undefined
  /** The message at a position. */
  messageAt(position: number): MessageRecord | undefined
  /** The first position that was written at a time or after it. */
  positionAtTime(timeMs: number): number
  /** The newest snapshot of an actor at a position or before it. */
  snapshot(actor: number, at?: number): Snapshot | undefined
  /** The position up to which the records of an actor are gone; 0 when all are there. */
  deletedUpTo(actor: number): number
  /** Position of the root message of a named correlation; 0 when there is none of that name. */
  correlationOf(name: string): number
  /** Name of a correlation: what it was called, or its position. */
  correlationName(id: number): string
  /** Whether the name of a correlation, if it had one, went with the beginning of the log. A whole log has lost none. */
  hasLostName?(correlation: number): boolean
  /** A value as it would be stored. @throws {HoldfastError} `HF_NOT_STORABLE` */
  encode(value: unknown): Encoded
  /** A digest of a state, from its stored form. */
  digest(state: unknown): number
  /** Whether a state has a recorded digest. */
  hasDigest(state: unknown, digest: number): boolean
  /** What was replaced when the incident was exported, and cannot be compared. A journal has all that was recorded. */
  readonly redactions?: Redactions
  /** What must not be deleted. A file has nothing to delete. */
  readonly pins?: Pins
  /** Lets go of what it reads. */
  close(): Promise<void>
}
