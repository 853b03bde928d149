// Subject log
// ===========
// Stands before the log of a system that has keys of subjects, and seals what belongs to one: payloads, answers, results,
// arguments, timers, texts of errors, states of its own actors. A system without such keys has none of this in its way.
//
// Invariants
//   K1  What a subject's turn carries of users' values never reaches the log but sealed with the key of that subject.
//   K2  A sealed value is bound to the place at which it stands: the position of its record, the actor and position of a
//       snapshot, or a checkpoint.

import { NO_ANSWER, type Encoded, type Log, type MessageExtras, type MessageName } from '../log.js'
import type { LogRecord, StoredError } from '../records.js'
import { holdsSecret, isOpen } from '../redaction/redaction.js'
import { LogBehind } from './log-behind.js'
import { sealFields, type SealField } from './seal-fields.js'
import { SealedValue } from './sealed-value.js'
import type { Subjects } from './subjects.js'

/** Where what is sealed for a checkpoint stands. */
const CHECKPOINT = 0

type Fields = Readonly<Record<string, unknown>>

/** A log that knows whom data belong to. */
export class SubjectLog extends LogBehind {
  readonly #subjects: Subjects
  /** The receiver's copy of what was sealed last, when that was an answer. */
  #answer: { readonly copy: unknown } | null = null
  /** A turn that is about to end has put its message aside. */
  #aside = 0
  /** The end that was recorded last, and whom the news of it belong to. */
  #end: { readonly position: number; readonly subject: string | undefined } = NO_END

  constructor(inner: Log, subjects: Subjects) {
    super(inner)
    this.#subjects = subjects
  }

  override get copy(): unknown {
    return this.#answer === null ? this.inner.copy : this.#answer.copy
  }

  override mark(): void {
    this.inner.mark()
    this.#subjects.mark()
  }

  override rewind(): void {
    this.inner.rewind()
    this.#subjects.rewind()
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
    const subject = this.#ofMessage(to, cause, sender, extras, payload)
    if (subject !== undefined)
      return this.#sealed(to, name, this.inner.encode(payload), correlation, cause, sender, extras, subject)
    this.#answer = null
    const position = this.inner.message(to, name, payload, correlation, cause, sender, extras)
    this.#open(position, to, name, cause, extras)
    return position
  }

  override messageEncoded(
    to: number,
    name: MessageName,
    payload: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number {
    const subject = this.#ofMessage(to, cause, sender, extras, payload.copy)
    if (subject !== undefined)
      return this.#sealed(to, name, payload, correlation, cause, sender, extras, subject)
    this.#answer = null
    const position = this.inner.messageEncoded(to, name, payload, correlation, cause, sender, extras)
    this.#open(position, to, name, cause, extras)
    return position
  }

  override turn(
    actor: number,
    message: number,
    correlation: number,
    attempt: number,
    answer: unknown,
    digest: number,
  ): number {
    const subjects = this.#subjects
    const subject = subjects.of(actor, message)
    this.#answer = null
    let given = answer
    let copy: unknown
    if (subject !== undefined && answer !== NO_ANSWER) {
      const encoded = this.inner.encode(answer)
      given = this.#seal(subject, this.inner.next, encoded.bytes, false)
      copy = encoded.copy
    }
    // A digest of little data gives them away to whoever tries what they may be.
    const kept = subjects.ownerOf(actor) === undefined ? digest : -1
    const position = this.inner.turn(actor, message, correlation, attempt, given, kept)
    if (given !== answer) this.#answer = { copy }
    if (this.#aside !== message) subjects.ended(message)
    this.#aside = 0
    return position
  }

  override record(
    kind: LogRecord['kind'],
    actor: number,
    correlation: number,
    cause: number,
    data: unknown,
  ): number {
    const tagged = this.#tagged(kind, actor, cause, data as Fields)
    const sealed = sealFields(tagged, this.#sealField(this.inner.next))
    const position = this.inner.record(kind, actor, correlation, cause, sealed)
    this.#note(kind, actor, cause, position, data as Fields)
    return position
  }

  override pack(value: unknown): Uint8Array {
    return this.inner.pack(sealFields(value, this.#sealField(CHECKPOINT)))
  }

  override saveSnapshot(actor: number, version: number, turns: number, state: unknown): number {
    const subject = this.#subjects.ownerOf(actor)
    if (subject === undefined) return this.inner.saveSnapshot(actor, version, turns, state)
    return this.inner.saveSnapshot(actor, version, turns, this.sealedState(actor, this.inner.next - 1, state))
  }

  /** The state of an actor as it is kept at a position. @throws {HoldfastError} `HF_HOLDS_SECRET` */
  sealedState(actor: number, position: number, state: unknown): unknown {
    const subject = this.#subjects.ownerOf(actor)
    if (subject === undefined) return state
    if (!isOpen(this.inner, state)) throw holdsSecret('state', 'It is not written down')
    return this.#seal(subject, -position, this.inner.pack(state), false)
  }

  #ofMessage(
    to: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
    payload: unknown,
  ): string | undefined {
    const subjects = this.#subjects
    const own = subjects.ownerOf(to)
    if (own !== undefined) return own
    if (extras?.subject !== undefined) return extras.subject
    if (extras?.notice === true) return reasonOf(payload, 'error') ?? this.#ofNotice(cause)
    return subjects.of(sender, cause) ?? reasonOf(payload, 'reason')
  }

  // It belongs to nobody, and the turn that handles it may yet.
  #open(position: number, to: number, name: MessageName, cause: number, extras: MessageExtras | null): void {
    this.#subjects.told(position, to, undefined, name.type)
    if (extras?.ask !== undefined) this.#subjects.asked(position, cause, extras.ask.index, undefined)
  }

  #ofNotice(cause: number): string | undefined {
    const { position, subject } = this.#end
    return position === cause ? subject : undefined
  }

  #sealed(
    to: number,
    name: MessageName,
    payload: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
    subject: string,
  ): number {
    const subjects = this.#subjects
    subjects.seal.open(subject)
    const sealed = this.#seal(subject, this.inner.next, payload.bytes, false)
    const encoded = { bytes: this.inner.pack(sealed), copy: payload.copy }
    const more = withoutSubject(extras)
    this.#answer = null
    const position = this.inner.messageEncoded(to, name, encoded, correlation, cause, sender, more)
    subjects.told(position, to, subject, name.type)
    if (extras?.ask !== undefined) subjects.asked(position, cause, extras.ask.index, subject)
    return position
  }

  #seal(subject: string, place: number, packed: Uint8Array, isText: boolean): SealedValue {
    return this.#subjects.seal.seal(subject, place, packed, isText)
  }

  #sealField(place: number): SealField {
    const { seal } = this.#subjects
    return (subject, value, isText) => {
      // What could not be read is kept as it is, and so is what only looks like something of a subject.
      if (value instanceof SealedValue || !seal.has(subject)) return value
      if (seal.isShredded(subject)) return isText ? value : undefined
      return this.#seal(subject, place, this.inner.encode(value).bytes, isText)
    }
  }

  // Says in the data whose they are.
  #tagged(kind: LogRecord['kind'], actor: number, cause: number, data: Fields): Fields {
    const subjects = this.#subjects
    switch (kind) {
      case 'reply': {
        const subject = subjects.answered(actor, cause, data['index'] as number)
        tagError(data['error'], subject)
        return ofSubject(data, subject)
      }
      case 'effect':
      case 'timer': {
        const subject = subjects.of(actor, cause)
        tagError(data['error'], subject)
        return ofSubject(data, subject)
      }
      case 'spawned': {
        const belongs = subjects.ownerOf(actor)
        const subject = belongs ?? subjects.of(data['parent'] as number, cause)
        const born = belongs === undefined ? data : { ...data, belongs }
        // Nobody knows whose its arguments are.
        if (subjects.whyUnknown(actor) !== undefined) return { ...born, args: undefined }
        return data['args'] === undefined ? born : ofSubject(born, subject)
      }
      default:
        return this.#taggedErrors(data, subjects.of(actor, cause) ?? this.#ofDiverged(kind, cause))
    }
  }

  // The message of a turn that is not followed any more has long had its outcome.
  #ofDiverged(kind: LogRecord['kind'], message: number): string | undefined {
    return kind === 'quarantined' && message !== 0 ? this.inner.messageAt(message)?.subject : undefined
  }

  // They go on from here, into decisions, notices and lists, and take with them whose they are.
  #taggedErrors(data: Fields, subject: string | undefined): Fields {
    if (subject === undefined) return data
    tagError(data['error'], subject)
    tagError(data['reason'], subject)
    const refused = data['refused']
    if (Array.isArray(refused))
      for (const each of refused as readonly Fields[]) tagError(each['error'], subject)
    const { diverged } = data
    return diverged === undefined ? data : { ...data, diverged: ofSubject(diverged as Fields, subject) }
  }

  #note(kind: LogRecord['kind'], actor: number, cause: number, position: number, data: Fields): void {
    const subjects = this.#subjects
    if (kind === 'stashed') this.#aside = cause
    else if (kind === 'failed') {
      if (data['parked'] === true) subjects.ended(cause)
    } else if (kind === 'dead') subjects.ended(data['message'] as number)
    else if (kind === 'unwatched') {
      for (const message of (data['taken'] ?? []) as readonly number[]) subjects.ended(message)
    } else if (kind === 'stopped') {
      subjects.lifeEnded(actor)
      const { subject } = (data['error'] ?? {}) as { readonly subject?: string }
      this.#end = { position, subject: subjects.ownerOf(actor) ?? subject }
    }
  }
}

const NO_END = { position: -1, subject: undefined }

function ofSubject(data: Fields, subject: string | undefined): Fields {
  return subject === undefined ? data : { ...data, subject }
}

// It is one of ours, made for this failure.
function tagError(error: unknown, subject: string | undefined): void {
  if (subject === undefined || typeof error !== 'object' || error === null) return
  const stored = error as { -readonly [Field in keyof StoredError]: StoredError[Field] }
  if (stored.subject === undefined) stored.subject = subject
  if (stored.cause !== undefined) tagError(stored.cause, stored.subject)
}

// The news of an end, and of a restart, repeat what an error said.
function reasonOf(payload: unknown, field: 'error' | 'reason'): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const error = (payload as Fields)[field]
  if (typeof error !== 'object' || error === null) return undefined
  const { subject } = error as { readonly subject?: unknown }
  return typeof subject === 'string' ? subject : undefined
}

function withoutSubject(extras: MessageExtras | null): MessageExtras | null {
  if (extras?.subject === undefined) return extras
  const { subject: _, ...rest } = extras
  return Object.keys(rest).length === 0 ? null : rest
}
