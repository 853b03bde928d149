// Subjects
// ========
// Whose data a running system has in hand. A subject is a person, a tenant, an order: a name to which data belong. An
// actor may belong to one for its life; a message belongs to the subject of its receiver, else to the one that its caller
// said, else to that of the turn that told it. What is known here of messages is who still waits for its outcome.
//
// Invariants
//   J1  A message of a subject is known from its record until its turn, its parking or its burial, and never after.
//   J2  A subject that is closed takes nothing from outside, and nobody is born for it.

import type { Cell } from '../cell.js'
import type { TellOptions } from '../context.js'
import { HoldfastError, refuse } from '../errors.js'
import type { SystemImage } from '../image.js'
import { SUBJECT_LENGTH_MAX } from '../limits.js'
import type { MessageExtras } from '../log.js'
import { storedError, type MessageRecord } from '../records.js'
import type { SubjectSeal } from './subject-seal.js'

/** A message of a subject that has no outcome yet. */
interface Pending {
  readonly subject: string
  readonly actor: number
}

/** The subjects of one system. */
export class Subjects {
  readonly seal: SubjectSeal
  /** Those that are being shredded, or were. */
  readonly #closed = new Set<string>()
  readonly #done = new Set<string>()
  /** Actors that belong to one. */
  readonly #owned = new Map<number, string>()
  /** Why their definitions could not say whom these belong to. */
  readonly #unknown = new Map<number, HoldfastError>()
  /** Messages to actors that belong to none. */
  readonly #pending = new Map<number, Pending>()
  /** The hook that runs last or waits, by actor: it may end without a record of its own. */
  readonly #hooks = new Map<number, number>()
  /** Whose questions wait for answers, by the asking message and the index. */
  readonly #asks = new Map<string, string>()
  readonly #isDurable: (actor: number) => boolean
  /** Which question a message is, by its position. */
  readonly #questions = new Map<number, string>()
  /** What was noted since the last mark. */
  #sinceMark: number[] = []

  /** @param isDurable whether an actor writes records: of what another one is told, no outcome is ever known */
  constructor(seal: SubjectSeal, isDurable: (actor: number) => boolean) {
    this.seal = seal
    this.#isDurable = isDurable
  }

  /** The id of a subject by its name. @throws {HoldfastError} `HF_INVALID` */
  named(name: unknown): string {
    const isText = typeof name === 'string' && name.length > 0 && name.length <= SUBJECT_LENGTH_MAX
    // Half of a surrogate pair has no bytes of its own: two names would become one.
    if (!isText || /\p{Surrogate}/u.test(name))
      refuse('subject', name, `a well-formed text of 1 to ${SUBJECT_LENGTH_MAX} characters`)
    return this.seal.idOf(name)
  }

  /** Whom an actor belongs to. */
  ownerOf(actor: number): string | undefined {
    return this.#owned.get(actor)
  }

  /** Whose a turn is, by its actor and its message. */
  of(actor: number, message: number): string | undefined {
    return this.#owned.get(actor) ?? this.#pending.get(message)?.subject
  }

  /** Whether nothing is taken for a subject any more. */
  isClosed(subject: string | undefined): boolean {
    return subject !== undefined && (this.#closed.has(subject) || this.seal.isShredded(subject))
  }

  /** From now on nothing is taken for a subject (J2). */
  close(subject: string): void {
    this.#closed.add(subject)
  }

  /** Whether the log says that a subject was shredded. */
  isDone(subject: string): boolean {
    return this.#done.has(subject)
  }

  /** The log says so. */
  done(subject: string): void {
    this.#done.add(subject)
  }

  /** @throws {HoldfastError} `HF_SUBJECT_SHREDDED` */
  refuseClosed(subject: string, actor?: string): void {
    if (this.isClosed(subject)) throw shreddedSubject(subject, actor)
  }

  /** What a message from outside says of its subject. @throws {HoldfastError} `HF_SUBJECT_SHREDDED`, `HF_INVALID` */
  admitted(cell: Cell, options: TellOptions | undefined, extras: MessageExtras | null): MessageExtras | null {
    const own = this.#owned.get(cell.id)
    const said = options?.subject === undefined ? undefined : this.named(options.subject)
    const subject = own ?? said
    if (subject === undefined) return extras
    this.refuseClosed(subject, cell.path)
    return { ...extras, subject }
  }

  /** An actor is about to be born: it belongs to whom its definition says, else to whom its parent does. */
  born(cell: Cell): void {
    if (this.#owned.has(cell.id)) return
    try {
      const subject = this.#ofNewborn(cell)
      if (subject === undefined) return
      if (!this.isClosed(subject)) this.seal.open(subject)
      this.#owned.set(cell.id, subject)
    } catch (error) {
      this.#unknown.set(cell.id, unknownSubject(cell, error))
    }
  }

  /** Why nobody knows whom an actor belongs to: it must not begin to live. */
  whyUnknown(actor: number): HoldfastError | undefined {
    return this.#unknown.size === 0 ? undefined : this.#unknown.get(actor)
  }

  /** Whether a sleeper would wake for a subject for which nothing is done any more. */
  isBornTooLate(cell: Cell): boolean {
    this.born(cell)
    return this.isClosed(this.#owned.get(cell.id))
  }

  /** The same for one that is about to be born in a turn, or woken. @throws {HoldfastError} `HF_SUBJECT_SHREDDED` */
  bornInTurn(cell: Cell): void {
    this.born(cell)
    const unknown = this.whyUnknown(cell.id)
    if (unknown !== undefined) throw unknown
    const subject = this.#owned.get(cell.id)
    if (subject !== undefined) this.refuseClosed(subject, cell.path)
  }

  #ofNewborn({ blueprint, args, name, parent }: Cell): string | undefined {
    const { subjectOf } = blueprint
    if (subjectOf === undefined) return parent === null ? undefined : this.#owned.get(parent.id)
    const said = subjectOf(args, name)
    return said === undefined ? undefined : this.named(said)
  }

  /** An actor out of the log belongs to a subject. */
  belongs(actor: number, subject: string): void {
    this.#owned.set(actor, subject)
  }

  /** An actor has ended, or was never born. */
  forget(actor: number): void {
    this.#owned.delete(actor)
    this.#unknown.delete(actor)
  }

  mark(): void {
    if (this.#sinceMark.length > 0) this.#sinceMark = []
  }

  rewind(): void {
    for (const position of this.#sinceMark) this.#pending.delete(position)
    this.mark()
  }

  /** A message stands in the log. What stood at its position before was taken back. */
  told(position: number, actor: number, subject: string | undefined, type: string): void {
    const isTracked = subject !== undefined && !this.#owned.has(actor) && this.#isDurable(actor)
    if (isTracked) {
      this.#pending.set(position, { subject, actor })
      this.#sinceMark.push(position)
    } else if (this.#pending.size > 0) this.#pending.delete(position)
    if (!type.startsWith('$') || !(isTracked || this.#hooks.has(actor))) return
    this.ended(this.#hooks.get(actor) ?? 0)
    this.#hooks.set(actor, position)
  }

  /** A message is a question of a turn: its answer will belong to whom it does, or to whom its turn will. */
  asked(position: number, message: number, index: number, subject: string | undefined): void {
    const key = `${message}:${index}`
    this.#questions.set(position, key)
    if (subject !== undefined) this.#asks.set(key, subject)
  }

  /** Whose the answer to a question is. A turn that belonged to nobody belongs to them from now on. */
  answered(actor: number, message: number, index: number): string | undefined {
    const key = `${message}:${index}`
    const subject = this.#asks.get(key) ?? this.of(actor, message)
    this.#asks.delete(key)
    if (subject !== undefined && message !== 0) this.#adopt(actor, message, subject)
    return subject
  }

  #adopt(actor: number, message: number, subject: string): void {
    if (this.of(actor, message) !== undefined) return
    this.#pending.set(message, { subject, actor })
    const question = this.#questions.get(message)
    if (question !== undefined) this.#asks.set(question, subject)
  }

  /** A message has its outcome (J1). */
  ended(message: number): void {
    if (message === 0) return
    if (this.#pending.size > 0) this.#pending.delete(message)
    if (this.#questions.size > 0) this.#questions.delete(message)
  }

  /** A life has ended, and with it the hook that may not have run. */
  lifeEnded(actor: number): void {
    const hook = this.#hooks.get(actor)
    if (hook === undefined) return
    this.#hooks.delete(actor)
    this.ended(hook)
  }

  /** The actors at which something of a subject waits, and that do not belong to it. */
  waitingAt(subject: string): ReadonlySet<number> {
    const actors = new Set<number>()
    for (const each of this.#pending.values()) if (each.subject === subject) actors.add(each.actor)
    return actors
  }

  /** Takes in what the log says of a system that is brought back. */
  restore(image: SystemImage): void {
    for (const [subject, isDone] of image.shreds) {
      this.close(subject)
      if (isDone) this.done(subject)
      // A directory of keys that was put back from a copy has it again.
      if (isDone && !this.seal.isShredded(subject)) this.seal.destroy(subject)
    }
    const actors = [...image.actors.values(), ...image.mail.values()]
    for (const actor of actors) {
      for (const message of actor.pending.values()) this.#restoreMessage(message)
      for (const message of actor.stash?.messages ?? []) this.#restoreMessage(message)
    }
    for (const actor of actors) {
      const { rerun } = actor
      const said = rerun?.results.find(({ subject }) => subject !== undefined)?.subject
      if (rerun !== null && said !== undefined) this.#adopt(actor.id, rerun.message, said)
    }
  }

  #restoreMessage({ position, actor, subject, type, ask, cause }: MessageRecord): void {
    if (subject !== undefined) this.told(position, actor, subject, type)
    if (ask !== undefined) this.asked(position, cause, ask.index, subject)
  }
}

/** Nothing is done for a subject any more. */
function shreddedSubject(subject: string, actor?: string): HoldfastError {
  const message = `${actor === undefined ? 'It' : actor} takes nothing for subject ${subject}: what belongs to it was shredded, or is being shredded.`
  return new HoldfastError('HF_SUBJECT_SHREDDED', message, {
    actor,
    detail: subject,
    hint: 'A subject that was shredded does not come back. Use another name for another one.',
  })
}

// What was thrown may repeat the arguments, so that no more of it is said than its name.
function unknownSubject({ path, blueprint }: Cell, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error
  const { name } = storedError(error)
  return new HoldfastError(
    'HF_INVALID',
    `${path} cannot say whose it is: subject of "${blueprint.name}" threw ${name}.`,
    {
      actor: path,
      field: 'subject',
      hint: 'Make it return a text, or undefined for nobody.',
    },
  )
}

/** Somebody named a subject, and there are no keys. */
export function noSubjectKeys(what: string): HoldfastError {
  return new HoldfastError('HF_SUBJECT_KEYS', `${what}, and the system was given no keys of subjects.`, {
    field: 'subjectKeys',
    hint: 'Give createSystem a directory for them: subjectKeys. Nothing was changed.',
  })
}
