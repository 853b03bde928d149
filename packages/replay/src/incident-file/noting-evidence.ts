import type { Encoded, LogRecord, MessageRecord, Snapshot } from '@holdfast/kernel'
import type { Codec } from '@holdfast/journal'
import type { Evidence } from '../evidence.js'

/** Evidence that notes all that it hands out: what was read through it is what a file has to hold. */
export class NotingEvidence implements Evidence {
  readonly codec: Codec
  /** By position. */
  readonly records = new Map<number, LogRecord>()
  /** By actor and position. */
  readonly snapshots = new Map<string, Snapshot>()
  readonly #source: Evidence

  constructor(source: Evidence) {
    this.#source = source
    this.codec = source.codec
  }

  read(from: number, below?: number): Iterable<LogRecord> {
    return this.#noted(this.#source.read(from, below))
  }

  readActor(actor: number, from: number): Iterable<LogRecord> {
    return this.#noted(this.#source.readActor(actor, from))
  }

  readCorrelation(correlation: number): Iterable<LogRecord> {
    return this.#noted(this.#source.readCorrelation(correlation))
  }

  messageAt(position: number): MessageRecord | undefined {
    const message = this.#source.messageAt(position)
    if (message !== undefined) this.records.set(position, message)
    return message
  }

  snapshot(actor: number, at?: number): Snapshot | undefined {
    const snapshot = this.#source.snapshot(actor, at)
    if (snapshot !== undefined) this.snapshots.set(`${actor} ${snapshot.position}`, snapshot)
    return snapshot
  }

  correlationOf(name: string): number {
    return this.#source.correlationOf(name)
  }

  correlationName(id: number): string {
    return this.#source.correlationName(id)
  }

  encode(value: unknown): Encoded {
    return this.#source.encode(value)
  }

  digest(state: unknown): number {
    return this.#source.digest(state)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  *#noted(records: Iterable<LogRecord>): Generator<LogRecord> {
    for (const record of records) {
      this.records.set(record.position, record)
      yield record
    }
  }
}
