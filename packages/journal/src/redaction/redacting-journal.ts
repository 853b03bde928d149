// A journal that stores nothing that has not gone through its redaction. Everything that writes is here; what is written
// without any is the same as ever, and pays nothing for it.

import {
  holdsSecret,
  NO_ANSWER,
  type Authorities,
  type DataKind,
  type Encoded,
  type MessageExtras,
  type MessageName,
} from '@holdfast/kernel'
import { Journal } from '../journal.js'
import type { BatchStore } from '../store.js'
import type { OnStore } from '../subjects/on-store.js'
import { redactedRecord } from './record-redaction.js'
import type { SecretRedaction } from './secret-redaction.js'

/** A log on a store, without secrets. */
export class RedactingJournal extends Journal {
  override readonly redaction: SecretRedaction

  constructor(store: BatchStore, authorities: Authorities, options: OnStore, redaction: SecretRedaction) {
    super(store, authorities, options)
    this.redaction = redaction
  }

  override message(
    to: number,
    name: MessageName,
    payload: unknown,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const open = this.redaction.value(payload)
    return super.message(to, name, open, correlation, cause, sender, this.#extras(extras))
  }

  // What was encoded went through when it was.
  override messageEncoded(
    to: number,
    name: MessageName,
    payload: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    return super.messageEncoded(to, name, payload, correlation, cause, sender, this.#extras(extras))
  }

  override turn(
    actor: number,
    message: number,
    correlation: number,
    attempt: number,
    answer: unknown,
    digest: number,
  ): number {
    const open = answer === NO_ANSWER ? answer : this.redaction.value(answer)
    return super.turn(actor, message, correlation, attempt, open, digest)
  }

  override record(kind: DataKind, actor: number, correlation: number, cause: number, data: unknown): number {
    const open = redactedRecord(this.redaction, kind, data)
    return super.record(kind, actor, correlation, cause, open)
  }

  override encode(value: unknown): Encoded {
    return super.encode(this.redaction.value(value))
  }

  override correlationOf(name: string): number {
    return super.correlationOf(this.redaction.name(name))
  }

  // A state is what a handler made of what it was told and of what it keeps elsewhere. It cannot be replaced under its
  // hands, so one that holds a secret is not written down at all.
  override saveSnapshot(actor: number, version: number, turns: number, state: unknown): number {
    const place = this.redaction.place(state)
    if (place !== undefined) throw holdsSecret(place, 'A state is what it is, and is not written down so')
    return super.saveSnapshot(actor, version, turns, state)
  }

  #extras(extras: MessageExtras | null): MessageExtras | null {
    if (extras?.correlationName === undefined) return extras
    return { ...extras, correlationName: this.redaction.name(extras.correlationName) }
  }
}
