// Records
// =======
// The closed union of what stands in the log. Each record has a position, the actor it concerns, the correlation it
// belongs to and the position that caused it; a message's id is its position.

import { HoldfastError } from './errors.js'
import { UNREDACTED_ERROR } from './redaction/placeholder.js'
import type { Redaction } from './redaction/redaction.js'
import type { ChildTerms } from './supervision/child-terms.js'
import type { Directive } from './supervision/directive.js'

/** What every record has. */
export interface RecordHead {
  readonly position: number
  /** Wall time of its batch, milliseconds since 1970. */
  readonly timeMs: number
  /** The actor it concerns; 0 is the outside. */
  readonly actor: number
  /** Position of the root message of its incident; 0 when it belongs to none. */
  readonly correlation: number
  /** Position of what caused it; 0 when that was the outside. */
  readonly cause: number
}

/** A message was accepted for an actor. */
export interface MessageRecord extends RecordHead {
  readonly kind: 'message'
  /** The actor that sent it; 0 is the outside. */
  readonly sender: number
  readonly type: string
  /** Version of the target's definition when it was sent. */
  readonly version: number
  readonly correlationName: string | undefined
  readonly ask: { readonly attempt: number; readonly index: number } | undefined
  readonly outside: boolean
  readonly timer: string | undefined
  /** The runtime sent it, to tell of the end of another actor. */
  readonly notice: boolean
  readonly bytes: number
  /** Id of the subject with whose key the payload is sealed. */
  readonly subject?: string | undefined
  /** Decodes the payload; each call gives a copy of its own. What cannot be read is a `SealedValue`. */
  payload(): unknown
  /** Whether the payload is stored as these bytes are, from `start` to `end`; `undefined` is stored as none. */
  isStoredAs(bytes: Uint8Array, start: number, end: number): boolean
}

/** A message was handled: the turn that ended well. */
export interface TurnRecord extends RecordHead {
  readonly kind: 'turn'
  /** The message that was handled: the same as `cause`. */
  readonly message: number
  readonly attempt: number
  /** How many of the records right before this one belong to the turn. */
  readonly told: number
  readonly answered: boolean
  /** Digest of the state after the turn, or -1. */
  readonly digest: number
  /** Decodes the answer. */
  answer(): unknown
  /** Whether the answer is stored as these bytes are, from `start` to `end`; `undefined` is stored as none. */
  isStoredAs(bytes: Uint8Array, start: number, end: number): boolean
}

/** An error as the log keeps it. */
export interface StoredError {
  readonly name: string
  readonly message: string
  readonly code?: string
  /** One word more than the code says. */
  readonly detail?: string
  readonly stack?: string | undefined
  /** Names of the classes between its own and `Error`, nearest first. */
  readonly bases?: readonly string[]
  /** What is underneath: the error of the turn that an ask failed for. */
  readonly cause?: StoredError
  /** Id of the subject whose data its texts may repeat: they are sealed. */
  readonly subject?: string
}

/** Where a log and the code that is to follow it part. */
export interface DivergedAt {
  /** Of the turn, the snapshot or the waiting message that shows it; 0 when not even the first state can be made. */
  readonly position: number
  /** The message of that turn, or 0. */
  readonly message: number
  /** What differs. */
  readonly what: string
  /** Its life was over already: it comes back as after a restart. @default false */
  readonly isOut?: boolean
}

/** Result of an effect or an ask, by the turn that waits for it and its index in that turn. */
export interface ResultData {
  readonly attempt: number
  readonly index: number
  /** Name of the effect; `undefined` for an ask. */
  readonly name?: string
  readonly ok: boolean
  readonly value?: unknown
  readonly error?: StoredError
  /** Id of the subject with whose key the value is sealed. */
  readonly subject?: string
}

/** A call of `ctx` that was refused: the `nth` of its turn with the same method, target and type, counted from 0. */
export interface RefusedCall {
  readonly nth: number
  /** Name of the method. */
  readonly call: string
  /** Path of the actor or name of what it was for; `''` where there is none. */
  readonly target: string
  /** Type of the message, or name of the definition; `''` where there is none. */
  readonly type: string
  readonly error: StoredError
}

/** What each of the other kinds carries. */
export interface RecordData {
  /** A turn began to wait; `nowMs` is the time that it saw, when that is not the time of this record. */
  began: { readonly attempt: number; readonly nowMs?: number }
  effect: ResultData
  reply: ResultData
  spawned: {
    readonly parent: number
    readonly name: string
    readonly definition: string
    /** @default 1 */
    readonly version?: number
    readonly args?: unknown
    /** @default 'transient' */
    readonly restart?: string
    /** True for a child that its supervisor's spec names. @default false */
    readonly fixed?: boolean
    /** @default true */
    readonly durable?: boolean
    /** It is a virtual actor that wakes, and may have lived before under the same id. */
    readonly virtual?: boolean
    /** Those of a child that was added by hand: no spec names them. */
    readonly terms?: ChildTerms
    /** Id of the subject that it belongs to. */
    readonly belongs?: string
    /** Id of the subject with whose key the arguments are sealed. */
    readonly subject?: string
  }
  /** With the `error` that it ended of, `context` says where that happened. */
  stopped: { readonly reason: StopReason; readonly error?: StoredError; readonly context?: FailureContext }
  failed: {
    readonly attempt: number
    readonly context: FailureContext
    readonly error: StoredError
    readonly parked: boolean
    /** The changes that it was under, as far as the notes of them are taken back with it. */
    readonly patched?: readonly string[]
    /** What it was refused, as far as the notes of it are taken back with it. */
    readonly refused?: readonly RefusedCall[]
  }
  directive: {
    readonly supervisor: string
    readonly context: FailureContext
    readonly reason: StoredError
    readonly offender: string
    readonly directive: Directive
    readonly affected: readonly string[]
  }
  /** An actor is held: between two lives, or where it stands because the code does not follow its log (`diverged`). */
  quarantined: {
    readonly supervisor: string
    readonly context: FailureContext
    readonly reason: StoredError
    readonly offender: string
    readonly diverged?: DivergedAt
    /** Its children go on. @default false */
    readonly keepsChildren?: boolean
  }
  restarted: { readonly incarnation: number; readonly fresh: boolean }
  /** `message` is 0 and `to` and `type` are there when nobody ever lived at the path. */
  dead: {
    readonly message: number
    readonly reason: DeadReason
    readonly to?: string
    readonly type?: string
  }
  timer: {
    readonly key: string
    readonly type: string
    readonly dueMs: number
    readonly everyMs: number
    readonly payload: unknown
    /** Id of the subject with whose key the payload is sealed. */
    readonly subject?: string
  }
  untimed: { readonly key: string }
  /** The message that caused it was put aside. An earlier engine wrote it also when it was not, with what it `refused`. */
  stashed: { readonly refused?: string }
  /** A turn is under a change of its handler: this attempt at the message that caused it. */
  patched: {
    readonly id: string
    /** @default 1 */
    readonly attempt?: number
  }
  /** A call of a turn was refused: in this attempt at the message that caused it. */
  refused: RefusedCall & {
    /** @default 1 */
    readonly attempt?: number
  }
  /** What was put aside is back in front of the mailbox. */
  unstashed: Record<string, never>
  /** `path` is there when the log does not know the target, and `mutual` when the other one is linked as well. */
  watched: {
    readonly target: number
    readonly type: string
    readonly path?: string
    readonly mutual?: boolean
  }
  /** `type` is there for a link, and `taken` when notices waited: they are taken back. */
  unwatched: {
    readonly target: number
    readonly type?: string
    readonly path?: string
    readonly taken?: readonly number[]
  }
  /**
   * `how` is there when it is more than the stop after the message in hand. `child` is 0 and `path` is there when nobody
   * lives there: then it does nothing.
   */
  halting: { readonly child: number; readonly how?: HaltMode; readonly path?: string }
  /** A child that has ended is started again, by hand. */
  reviving: { readonly child: number }
  /** A child that has ended is forgotten, and its place. */
  deleted: { readonly child: number }
  /** The spec of a supervisor was changed while it ran; the next process runs the one of its code. */
  changed: { readonly strategy: string; readonly children: readonly string[]; readonly fingerprint: string }
  opened: {
    readonly epoch: number
    readonly engine: number
    readonly definitions: Readonly<Record<string, string>>
    readonly system: string
    /** Which keys of subjects there are, when there are any. */
    readonly subjects?: string
  }
  closed: Record<string, never>
  /** The root gave up: the system stops, and this is why. */
  'gave-up': {
    readonly supervisor: string
    readonly context: FailureContext
    readonly reason: StoredError
    readonly offender: string
  }
  /**
   * A command of an operator. `message` is the one that it concerns; `to` is there when the log knows no such actor. It
   * is Holdfast that releases an actor whose log `replays` again, and takes back no order of anybody.
   */
  steered: {
    readonly command: SteerCommand
    readonly by: string
    readonly reason?: string
    readonly message?: number
    readonly to?: string
    readonly replays?: boolean
  }
  /** A subject is shredded: it has begun, nobody needs what belongs to it any more, or its key is destroyed. */
  shredded: { readonly subject: string; readonly step: ShredStep }
}

/** How far the shredding of a subject is. */
export type ShredStep = 'begun' | 'ready' | 'done'

/** Kinds of records that carry a plain object. */
export type DataKind = keyof RecordData

/** A record other than message and turn. */
export interface DataRecord<K extends DataKind = DataKind> extends RecordHead {
  readonly kind: K
  /** Decodes what it carries. */
  data(): RecordData[K]
}

/** Any record. */
export type LogRecord = MessageRecord | TurnRecord | { [K in DataKind]: DataRecord<K> }[DataKind]

/**
 * Why an actor ended: `normal`, it was told to by itself or its parent; `shutdown`, with those above it or by an operator;
 * `failed`, its failure was answered by a stop; `killed`, at once; `gave-up`, its budget is exhausted; `ignored`, its start
 * hook said that there is nothing to do; `passivated`, it sleeps; `shredded`, what belongs to its subject was. `gave-up` is
 * never mistaken for a stop that somebody wanted.
 */
export type StopReason =
  | 'normal'
  | 'shutdown'
  | 'failed'
  | 'killed'
  | 'collateral'
  | 'gave-up'
  | 'ignored'
  | 'passivated'
  | 'shredded'

/**
 * How an actor is told to stop: after the message in hand, after all that waits in its mailbox, or at once and without
 * its stop hook.
 */
export type StopMode = 'stop' | 'drain' | 'kill'

/** How the log says that an actor was told to stop: the ways there are, and those that only Holdfast has. */
export type HaltMode = StopMode | 'terminate' | 'ignore'

/** What an operator can tell a running system to do with one actor, or with one message. */
export type SteerCommand = 'pause' | 'resume' | 'quarantine' | 'release' | 'redrive' | 'drop'

/** Whether an actor that ended so had asked for it, or its parent had: a permanent one is then started again. */
export function wasAskedFor(reason: StopReason | null): boolean {
  return reason === 'normal' || reason === 'killed'
}

/** Whether an end was the actor's own, and neither an order from above nor a start that never was. */
export function endedByItself(reason: StopReason | null): boolean {
  return reason !== 'shutdown' && reason !== 'ignored' && reason !== 'shredded'
}

/** Where a failure happened; `steered` is what an operator says, and nothing that the actor did. */
export type FailureContext = 'start' | 'message' | 'stop' | 'recovery' | 'child' | 'steered'

/** Why a message became a dead letter. */
export type DeadReason =
  | 'no-actor'
  | 'stopped'
  | 'mailbox-full'
  | 'dropped-oldest'
  | 'dropped-newest'
  | 'unknown-type'
  | 'stale-tick'
  | 'stale-notice'
  | 'ask-cycle'

/** What the log keeps of an error: redacted before anything of it is cut off, or half a secret might be left. */
export function storedError(error: unknown, redaction: Redaction | null = null): StoredError {
  const open = redaction === null ? asItIs : (text: string) => redaction.text(text)
  try {
    return read(error, open)
  } catch {
    if (redaction !== null) return UNREDACTED_ERROR
    return { name: 'Thrown', message: 'What was thrown cannot be read.' }
  }
}

/** Makes a text one that may be stored. */
type Open = (text: string) => string

function asItIs(text: string): string {
  return text
}

// Anything can be thrown, also what throws when it is looked at.
function read(error: unknown, open: Open, depth = 0): StoredError {
  if (typeof error !== 'object' || error === null) return { name: 'Thrown', message: open(String(error)) }
  const { name, message, code, bases } = error as Partial<
    Record<'name' | 'message' | 'code' | 'bases', unknown>
  >
  const above = Array.isArray(bases) ? (bases as string[]) : classesAbove(error)
  return {
    name: open(className(error, name)),
    message: typeof message === 'string' ? open(message).slice(0, 4_000) : '',
    ...(typeof code === 'string' ? { code: open(code) } : {}),
    // V8 turns the frames into text when somebody looks, which costs more than a restart, and often nobody does.
    get stack() {
      return stackOf(error, open)
    },
    ...(above.length > 0 ? { bases: above } : {}),
    ...causeOf(error, open, depth),
    ...subjectOf(error),
  }
}

// What an error of ours was made for: the failure of a turn that was asked, the end of one that was depended on.
function causeOf(error: object, open: Open, depth: number): { readonly cause?: StoredError } {
  if (depth === CAUSES_KEPT || !(error instanceof HoldfastError) || error.cause === undefined) return {}
  return { cause: withoutStack(read(error.cause, open, depth + 1)) }
}

// Only what is an error of the log already says whose it is.
function subjectOf(error: object): { readonly subject?: string } {
  const { subject } = error as { readonly subject?: unknown }
  const isStored = Object.getPrototypeOf(error) === Object.prototype
  return isStored && typeof subject === 'string' ? { subject } : {}
}

/** Errors underneath an error that are kept with it: the nearest ones say the most. */
const CAUSES_KEPT = 3

function stackOf(error: object, open: Open): string | undefined {
  try {
    const { stack } = error as { readonly stack?: unknown }
    return typeof stack === 'string' ? open(stack).slice(0, 4_000) : undefined
  } catch {
    return undefined
  }
}

/** What is left of an error without the text of its stack. */
export function withoutStack({ name, message, code, bases, cause, subject }: StoredError): StoredError {
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(bases === undefined ? {} : { bases }),
    ...(cause === undefined ? {} : { cause }),
    ...(subject === undefined ? {} : { subject }),
  }
}

function classesAbove(error: object): string[] {
  const names: string[] = []
  let at = Object.getPrototypeOf(Object.getPrototypeOf(error) ?? {}) as object | null
  for (; at !== null && names.length < 10; at = Object.getPrototypeOf(at) as object | null) {
    const { name } = (at.constructor ?? {}) as { readonly name?: string }
    if (name === undefined || name === 'Error' || name === 'Object') break
    names.push(name)
  }
  return names
}

// `class BadManifest extends Error {}` leaves `name` at "Error", and the class name is what a human looks for.
function className(error: object, name: unknown): string {
  const own = error.constructor.name
  if (typeof name === 'string' && name !== 'Error') return name
  return own === '' || own === 'Object' ? 'Error' : own
}

/** An error again, from what the log keeps of it. */
export function revivedError(stored: StoredError): Error {
  const error = new Error(stored.message)
  error.name = stored.name
  if (stored.code !== undefined) (error as Error & { code?: string }).code = stored.code
  if (stored.stack !== undefined) error.stack = stored.stack
  return error
}
