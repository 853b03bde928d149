// A log that stands before another one, and does what that does. Whoever wants something done otherwise extends it.

import type { HoldfastError } from '../errors.js'
import type {
  Checkpoint,
  Durability,
  Encoded,
  Log,
  LogDamage,
  MessageExtras,
  MessageName,
  Snapshot,
  StoreHold,
} from '../log.js'
import type { LogRecord, MessageRecord } from '../records.js'
import type { Redaction } from '../redaction/redaction.js'

/** Hands everything on. */
export class LogBehind implements Log {
  protected readonly inner: Log

  constructor(inner: Log) {
    this.inner = inner
  }

  get next(): number {
    return this.inner.next
  }

  get floor(): number {
    return this.inner.floor
  }

  get durable(): number {
    return this.inner.durable
  }

  get durability(): Durability {
    return this.inner.durability
  }

  get released(): number {
    return this.inner.released
  }

  get isLasting(): boolean {
    return this.inner.isLasting
  }

  get timeMs(): number {
    return this.inner.timeMs
  }

  get pressed(): boolean {
    return this.inner.pressed
  }

  get failure(): HoldfastError | null {
    return this.inner.failure
  }

  get redaction(): Redaction | null {
    return this.inner.redaction
  }

  get held(): StoreHold | null {
    return this.inner.held
  }

  get copy(): unknown {
    return this.inner.copy
  }

  get weight(): number {
    return this.inner.weight
  }

  mark(): void {
    this.inner.mark()
  }

  rewind(): void {
    this.inner.rewind()
  }

  keep(): void {
    this.inner.keep()
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
    return this.inner.message(to, name, payload, correlation, cause, sender, extras)
  }

  messageEncoded(
    to: number,
    name: MessageName,
    payload: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    return this.inner.messageEncoded(to, name, payload, correlation, cause, sender, extras)
  }

  turn(
    actor: number,
    message: number,
    correlation: number,
    attempt: number,
    answer: unknown,
    digest: number,
  ): number {
    return this.inner.turn(actor, message, correlation, attempt, answer, digest)
  }

  record(kind: LogRecord['kind'], actor: number, correlation: number, cause: number, data: unknown): number {
    return this.inner.record(kind, actor, correlation, cause, data)
  }

  encode(value: unknown): Encoded {
    return this.inner.encode(value)
  }

  copyOf(value: unknown): unknown {
    return this.inner.copyOf(value)
  }

  pack(value: unknown): Uint8Array {
    return this.inner.pack(value)
  }

  digest(state: unknown): number {
    return this.inner.digest(state)
  }

  hasDigest(state: unknown, digest: number): boolean {
    return this.inner.hasDigest(state, digest)
  }

  flush(): void {
    this.inner.flush()
  }

  hasten(): void {
    this.inner.hasten()
  }

  onProgress(step: () => void): void {
    this.inner.onProgress(step)
  }

  correlationOf(name: string): number {
    return this.inner.correlationOf(name)
  }

  correlationName(id: number): string {
    return this.inner.correlationName(id)
  }

  read(from: number, below?: number): Iterable<LogRecord> {
    return this.inner.read(from, below)
  }

  readBatches(
    onDamage?: (damage: LogDamage) => void,
    from?: number,
  ): Iterable<{ forEach(visit: (record: LogRecord) => void): void }> {
    return this.inner.readBatches(onDamage, from)
  }

  readActor(actor: number, from: number): Iterable<LogRecord> {
    return this.inner.readActor(actor, from)
  }

  messageAt(position: number): MessageRecord | undefined {
    return this.inner.messageAt(position)
  }

  saveSnapshot(actor: number, version: number, turns: number, state: unknown): number {
    return this.inner.saveSnapshot(actor, version, turns, state)
  }

  snapshot(actor: number, at?: number): Snapshot | undefined {
    return this.inner.snapshot(actor, at)
  }

  saveCheckpoint(position: number, version: number, parts: readonly Uint8Array[]): number {
    return this.inner.saveCheckpoint(position, version, parts)
  }

  checkpoint(at?: number): Checkpoint | undefined {
    return this.inner.checkpoint(at)
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}
