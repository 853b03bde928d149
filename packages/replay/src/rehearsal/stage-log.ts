// Stage log
// =========
// The log that a rehearsal runs on. It begins with what the incident's log says of the actors on the stage, and takes in
// memory what they do from there. A message that was told in the incident as well gets the position that it had there,
// so that chance, ids and names come out the same; everything else is numbered behind the end of the incident's log.
//
// Invariants
//   G1  The incident's own log is read and never written.
//   G2  What a failed turn wrote is gone, and its positions are free again.

import type {
  DataKind,
  Encoded,
  Log,
  LogRecord,
  MessageExtras,
  MessageName,
  MessageRecord,
  RecordHead,
  Snapshot,
} from '@holdfast/kernel'
import { NO_ANSWER } from '@holdfast/kernel'
import type { Codec } from '@holdfast/journal'
import type { Evidence } from '../evidence.js'
import { packedData, packedMessage, packedTurn, PackedValue } from '../packed-records.js'
import type { Script } from './script.js'
import type { StateBefore } from './states-before.js'

interface Taken {
  readonly cause: number
  readonly to: string
  readonly type: string
  readonly ask: MessageRecord['ask']
  readonly position: number
}

/** A log in memory, on top of an incident. */
export class StageLog implements Log {
  readonly codec: Codec
  readonly redaction = null
  readonly isLasting = true
  readonly floor = 1
  readonly pressed = false
  readonly failure = null
  readonly held = null
  /** All is durable at once: nothing here outlives the rehearsal. */
  readonly durable = Number.MAX_SAFE_INTEGER
  readonly released = Number.MAX_SAFE_INTEGER
  readonly durability = 'memory'
  copy: unknown = undefined
  weight = 0
  readonly #evidence: Evidence
  readonly #before: number
  readonly #states: ReadonlyMap<number, StateBefore>
  readonly #script: Script
  readonly #now: () => number
  readonly #base: readonly LogRecord[]
  /** What was done here. */
  readonly #done: LogRecord[] = []
  readonly #at = new Map<number, LogRecord>()
  readonly #names = new Map<string, number>()
  readonly #paths = new Map<number, string>()
  #next: number
  #input = 0
  #mark: { readonly done: number; readonly taken: Taken[]; readonly next: number } | null = null

  /** @param before the position that the incident begins at: snapshots from there on are not used */
  constructor(
    evidence: Evidence,
    base: readonly LogRecord[],
    before: number,
    states: ReadonlyMap<number, StateBefore>,
    script: Script,
    now: () => number,
  ) {
    this.#evidence = evidence
    this.codec = evidence.codec
    this.#base = base
    this.#before = before
    this.#states = states
    this.#script = script
    this.#now = now
    this.#next = evidence.next
    for (const record of base) this.#note(record)
  }

  get next(): number {
    return this.#next
  }

  get timeMs(): number {
    return this.#now()
  }

  /** What was done here, in order. */
  get records(): readonly LogRecord[] {
    return this.#done
  }

  /** The next message from outside is the one that was recorded at a position. */
  expect(position: number): void {
    this.#input = position
  }

  mark(): void {
    this.#mark = { done: this.#done.length, taken: [], next: this.#next }
  }

  rewind(): void {
    const mark = this.#mark
    if (mark === null) return
    for (const record of this.#done.splice(mark.done)) {
      this.#at.delete(record.position)
      if (record.kind === 'message' && record.correlationName !== undefined)
        this.#names.delete(record.correlationName)
    }
    for (const { cause, to, type, ask, position } of mark.taken.reverse())
      this.#script.giveBack(cause, to, type, ask, position)
    this.#next = mark.next
    this.#mark = null
  }

  keep(): void {
    this.#mark = null
  }

  message(
    to: number,
    name: MessageName,
    payload: unknown,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    return this.messageEncoded(to, name, this.encode(payload), correlation, cause, sender, extras)
  }

  messageEncoded(
    to: number,
    name: MessageName,
    { bytes, copy }: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const position = this.#positionOf(to, name.type, cause, sender, extras)
    const head = this.#head(position, to, correlation === 0 ? position : correlation, cause)
    this.#add(packedMessage({ ...head, ...saidOf(name, sender, extras) }, this.#packed(bytes)))
    this.copy = copy
    this.weight = bytes.byteLength
    return position
  }

  turn(
    actor: number,
    message: number,
    correlation: number,
    attempt: number,
    answer: unknown,
    digest: number,
  ): number {
    const answered = answer !== NO_ANSWER
    const { bytes, copy } = this.encode(answered ? answer : undefined)
    const told = this.#mark === null ? 0 : this.#done.length - this.#mark.done
    const head = this.#head(this.#next++, actor, correlation, message)
    this.#add(packedTurn({ ...head, attempt, told, answered, digest }, this.#packed(bytes)))
    this.copy = copy
    this.weight = bytes.byteLength
    this.#mark = null
    return head.position
  }

  record(kind: DataKind, actor: number, correlation: number, cause: number, data: unknown): number {
    const head = this.#head(this.#next++, actor, correlation, cause)
    this.#add(packedData(kind, head, this.#packed(this.encode(data).bytes)))
    return head.position
  }

  copyOf(value: unknown): unknown {
    return this.encode(value).copy
  }

  encode(value: unknown): Encoded {
    return this.codec.encode(value)
  }

  pack(value: unknown): Uint8Array {
    return this.codec.bytes(value)
  }

  digest(state: unknown): number {
    return this.codec.digest(state)
  }

  hasDigest(state: unknown, digest: number): boolean {
    return this.codec.hasDigest(state, digest)
  }

  hasten(): void {
    // Nothing waits here.
  }

  flush(): void {
    // There is no disk.
  }

  onProgress(): void {
    // There is no disk that anybody would wait for.
  }

  correlationOf(name: string): number {
    return this.#names.get(name) ?? 0
  }

  correlationName(id: number): string {
    const message = this.messageAt(id)
    return message?.correlationName ?? (id === 0 ? '' : String(id))
  }

  *read(from: number, below = Infinity): Generator<LogRecord> {
    for (const record of [...this.#base, ...this.#done])
      if (record.position >= from && record.position < below) yield record
  }

  readBatches(): Iterable<readonly LogRecord[]> {
    return [this.#base]
  }

  *readActor(actor: number, from: number): Generator<LogRecord> {
    for (const record of this.read(from)) if (record.actor === actor) yield record
  }

  messageAt(position: number): MessageRecord | undefined {
    const record = this.#at.get(position) ?? this.#earlier(position)
    return record?.kind === 'message' ? record : undefined
  }

  // A rebuild folds from the state that the incident found: there are few turns.
  saveSnapshot(): number {
    return 0
  }

  snapshot(actor: number): Snapshot | undefined {
    const known = this.#states.get(actor)
    if (known === undefined) return this.#evidence.snapshot(actor, this.#before - 1)
    const { version, turns, bytes } = known
    const state = bytes === undefined ? undefined : this.#packed(bytes).value()
    return { actor, position: this.#before - 1, version, timeMs: this.#now(), turns, digest: -1, state }
  }

  // It begins with what the incident's log says, and nobody recovers from it again.
  saveCheckpoint(): number {
    return 0
  }

  checkpoint(): undefined {
    return undefined
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #packed(bytes: Uint8Array): PackedValue {
    return new PackedValue(this.codec, bytes)
  }

  #earlier(position: number): LogRecord | undefined {
    return position < this.#before ? this.#evidence.at(position) : undefined
  }

  #positionOf(to: number, type: string, cause: number, sender: number, extras: MessageExtras | null): number {
    if (this.#input !== 0 && cause === 0 && sender === 0) {
      const position = this.#input
      this.#input = 0
      return position
    }
    const path = this.#paths.get(to) ?? ''
    const ask = extras?.ask
    const position = this.#script.take(cause, path, type, ask)
    if (position === undefined) return this.#next++
    this.#mark?.taken.push({ cause, to: path, type, ask, position })
    return position
  }

  #head(position: number, actor: number, correlation: number, cause: number): RecordHead {
    return { position, timeMs: this.#now(), actor, correlation, cause }
  }

  #add(record: LogRecord): void {
    this.#done.push(record)
    this.#note(record)
  }

  #note(record: LogRecord): void {
    this.#at.set(record.position, record)
    if (record.kind === 'spawned') {
      const { parent, name } = record.data()
      this.#paths.set(record.actor, `${this.#paths.get(parent) ?? ''}/${name}`)
    } else if (record.kind === 'message' && record.correlationName !== undefined)
      this.#names.set(record.correlationName, record.position)
  }
}

// What a message says beside where it stands and what it carries.
function saidOf({ type, version }: MessageName, sender: number, extras: MessageExtras | null) {
  const { correlationName, ask, outside = false, timer, notice = false } = extras ?? {}
  return { type, version, sender, correlationName, ask, outside, timer, notice }
}
