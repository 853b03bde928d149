// Records and snapshots that are all in memory, as evidence: what an incident needs and nothing else.

import type { Encoded, LogRecord, MessageRecord, Snapshot } from '@holdfast/kernel'
import type { Codec } from '@holdfast/journal'
import type { Evidence } from '../evidence.js'

/** A snapshot that is made when somebody asks, because its receiver may change it. */
export interface SnapshotInSet {
  readonly actor: number
  readonly position: number
  read(): Snapshot
}

/** What a record set is made of. */
export interface RecordSetParts {
  readonly codec: Codec
  /** In the order of their positions. */
  readonly records: readonly LogRecord[]
  readonly snapshots: readonly SnapshotInSet[]
  /** Names of correlations that have one. */
  readonly names: ReadonlyMap<number, string>
}

/** Stands for the name of a correlation that nobody knows any more. */
export const LOST_NAME = ''

/** Evidence in memory. */
export class RecordSet implements Evidence {
  readonly codec: Codec
  readonly records: readonly LogRecord[]
  readonly #byActor: ReadonlyMap<number, readonly LogRecord[]>
  readonly #byCorrelation: ReadonlyMap<number, readonly LogRecord[]>
  readonly #snapshots: ReadonlyMap<number, readonly SnapshotInSet[]>
  readonly #names: ReadonlyMap<number, string>
  readonly #positions = new Map<string, number>()

  constructor({ codec, records, snapshots, names }: RecordSetParts) {
    this.codec = codec
    this.records = records
    this.#byActor = grouped(records, ({ actor }) => actor)
    this.#byCorrelation = grouped(records, ({ correlation }) => correlation)
    const newestFirst = [...snapshots].sort((a, b) => b.position - a.position)
    this.#snapshots = grouped(newestFirst, ({ actor }) => actor)
    this.#names = names
    for (const [id, name] of names) if (name !== LOST_NAME) this.#positions.set(name, id)
  }

  get next(): number {
    return (this.records.at(-1)?.position ?? 0) + 1
  }

  /** What it was made of, for another one. */
  get names(): ReadonlyMap<number, string> {
    return this.#names
  }

  read(from: number, below = Infinity): Iterable<LogRecord> {
    return between(this.records, from, below)
  }

  readActor(actor: number, from: number): Iterable<LogRecord> {
    return between(this.#byActor.get(actor) ?? [], from, Infinity)
  }

  readCorrelation(correlation: number): Iterable<LogRecord> {
    return correlation === 0 ? [] : (this.#byCorrelation.get(correlation) ?? [])
  }

  readTogether(_actors: Iterable<number>, from: number, to: number): Iterable<readonly LogRecord[]> {
    return [[...between(this.records, from, to + 1)]]
  }

  at(position: number): LogRecord | undefined {
    const record = this.records[placeOf(this.records, position)]
    return record?.position === position ? record : undefined
  }

  messageAt(position: number): MessageRecord | undefined {
    const record = this.at(position)
    return record?.kind === 'message' ? record : undefined
  }

  positionAtTime(timeMs: number): number {
    return this.records.find((record) => record.timeMs >= timeMs)?.position ?? this.next
  }

  // What was deleted before the export could not be exported.
  deletedUpTo(): number {
    return 0
  }

  snapshot(actor: number, at = Infinity): Snapshot | undefined {
    return this.#snapshots
      .get(actor)
      ?.find(({ position }) => position <= at)
      ?.read()
  }

  correlationOf(name: string): number {
    return this.#positions.get(name) ?? 0
  }

  correlationName(id: number): string {
    const name = this.#names.get(id)
    if (id === 0) return ''
    return name === undefined || name === LOST_NAME ? String(id) : name
  }

  hasLostName(correlation: number): boolean {
    return this.#names.get(correlation) === LOST_NAME
  }

  encode(value: unknown): Encoded {
    return this.codec.encode(value)
  }

  digest(state: unknown): number {
    return this.codec.digest(state)
  }

  hasDigest(state: unknown, digest: number): boolean {
    return this.codec.hasDigest(state, digest)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

function* between(records: readonly LogRecord[], from: number, below: number): Generator<LogRecord> {
  for (let i = placeOf(records, from); i < records.length; i++) {
    const record = records[i]!
    if (record.position >= below) return
    yield record
  }
}

/** Where the first record at a position or after it stands. */
function placeOf(records: readonly LogRecord[], position: number): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (records[middle]!.position < position) low = middle + 1
    else high = middle
  }
  return low
}
