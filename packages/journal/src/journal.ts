// Journal
// =======
// The log that everything rests on, as one: what is written is read again, by whatever it is asked for; what nobody needs any
// more is let go. How records come to the disk is in `log-writer.ts`, how they are found in `log-reader.ts`.

import type {
  Authorities,
  Checkpoint,
  HoldfastError,
  Log,
  LogDamage,
  LogRecord,
  MessageRecord,
  Snapshot,
  StoreHold,
} from '@holdfast/kernel'
import type { BatchReader } from './batch-reader.js'
import { Beginning } from './beginning.js'
import { rebuildIndex } from './index-restore.js'
import { LogReader, type LogAnswer, type LogQuery } from './log-reader.js'
import { LogWriter } from './log-writer.js'
import type { BatchStore } from './store.js'
import type { OnStore } from './subjects/on-store.js'

/** A log on a store. */
export class Journal extends LogWriter implements Log {
  /** Where it begins, and how its beginning is given up. */
  readonly beginning: Beginning
  readonly redaction: Log['redaction'] = null
  readonly #reader: LogReader

  /** Puts a journal on a store that was just opened. */
  constructor(store: BatchStore, authorities: Authorities, options: OnStore = {}) {
    super(store, authorities, options)
    this.#reader = new LogReader(this, store, this.index, this.codec)
    this.beginning = new Beginning(this, store, this.snapshots, this.checkpoints)
  }

  get held(): StoreHold | null {
    return this.store.held
  }

  /** How often the store was opened for writing. */
  get epoch(): number {
    return this.store.epoch
  }

  /** The first position that is still there; 1 as long as nothing was cut away. */
  get floor(): number {
    return this.store.floor
  }

  /** Why old batches are not moved where they belong, when that was tried and failed. Nothing is lost by it. */
  get tidyFailure(): HoldfastError | null {
    return this.tidying.failure
  }

  /** Bytes that the store takes. */
  get size(): number {
    return this.store.size()
  }

  // Reading ----------------------------------------------------------------------------------------------------------

  correlationOf(name: string): number {
    return this.names.positionOf(name)
  }

  correlationName(id: number): string {
    return id === 0 ? '' : (this.names.nameAt(id) ?? this.messageAt(id)?.correlationName ?? String(id))
  }

  read(from: number, below = Infinity): Generator<LogRecord> {
    return this.#reader.read(from, below)
  }

  readBatches(onDamage?: (damage: LogDamage) => void, from = 1): Generator<BatchReader> {
    return this.#reader.readBatches(from, onDamage)
  }

  readActor(actor: number, from: number): Generator<LogRecord> {
    return this.#reader.readActor(actor, from)
  }

  /** Whole batches in order, each as its records: those with anything of these actors, between two positions. */
  readTogether(actors: Iterable<number>, from: number, to: number): Generator<readonly LogRecord[]> {
    return this.#reader.readTogether(actors, from, to)
  }

  readonly deletedUpTo = (actor: number): number => this.store.deletedUpTo(actor)

  readCorrelation(correlation: number): Generator<LogRecord> {
    return this.#reader.readCorrelation(correlation)
  }

  /**
   * The records of an actor, of a correlation or of all, between two positions and up to a number.
   *
   * @throws {HoldfastError} `HF_INVALID` with the field's name
   * @example const { records, highest } = journal.query({ actor: 7, from: 1_000, limit: 50 })
   */
  query(query: LogQuery): LogAnswer {
    return this.#reader.query(query)
  }

  readonly at = (position: number): LogRecord | undefined => this.#reader.at(position)

  messageAt(position: number): MessageRecord | undefined {
    return this.#reader.messageAt(position)
  }

  /** The first position that was written at a time or after it: the next one to be written when there is none. */
  positionAtTime(timeMs: number): number {
    return this.#reader.positionAtTime(timeMs)
  }

  snapshot(actor: number, at = Infinity, beforeMs = Infinity): Snapshot | undefined {
    return this.snapshots.newest(actor, Math.min(at, this.next - 1), beforeMs)
  }

  checkpoint(at = Infinity): Checkpoint | undefined {
    return this.checkpoints.newest(Math.min(at, this.durable - 1))
  }

  // Letting go -------------------------------------------------------------------------------------------------------

  /** Deletes snapshots of an actor in a range of positions, but none that is pinned. @returns how many */
  deleteSnapshots(actor: number, from: number, to: number): Promise<number> {
    return this.snapshots.delete(actor, from, to)
  }

  /**
   * Lets an actor's records up to a position count as deleted: reading it starts after that. Positions are never reused.
   * For actors that have ended: one that lives is rebuilt from its records, and must keep those after its snapshot.
   *
   * @returns the position that it now stands at: neither a pinned one nor one that may yet be given to another record
   */
  async deleteUpTo(actor: number, position: number): Promise<number> {
    const last = Math.min(this.durable - 1, this.pins.deletableUpTo(actor))
    const upTo = Math.max(this.store.deletedUpTo(actor), Math.min(position, last))
    await this.store.markDeleted(actor, upTo)
    return upTo
  }

  /**
   * Cuts the beginning of the log away, for everybody and for good, up to a position at the most: as much as lies in whole
   * segments, is on stable storage, and is not pinned. What still lies in the store's own file stays.
   *
   * @returns the floor that the log has now: its first position
   * @throws {HoldfastError} `HF_STORE_FAILED`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`; `HF_STORE_DAMAGED` when a segment that
   *   was hurt keeps what is behind it from being moved
   */
  cut(position: number): Promise<number> {
    return this.tidying.cut(Math.min(position, this.durable, this.pins.firstKept()))
  }

  /** Throws the index away and makes it again from the stored batches. What is found stays the same meanwhile. */
  rebuildIndex(): Promise<void> {
    return this.commits.alone(() => rebuildIndex(this.store, this.index, this.codec))
  }
}
