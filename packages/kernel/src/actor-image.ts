// One actor as the log holds it: what its birth said, and what has become of it since. A class, so that every actor has
// its fields in the same order: recovery looks at one of them for every record there is.

import type { Failure, Rerun } from './cell.js'
import type { RestartNotice } from './definition.js'
import { PendingMail } from './pending-mail.js'
import type { KnownActors } from './supervision/known-actors.js'
import type { ChildTerms } from './supervision/child-terms.js'
import type { DataRecord, RecordData, RecordHead, HaltMode, StopReason, StoredError } from './records.js'
import type { StashImage } from './stash-image.js'
import type { DivergedImage } from './steering/diverged-image.js'

/** A timer as the log holds it. */
export type TimerImage = RecordData['timer']

/** A restart that was granted. */
export interface Grant {
  readonly position: number
  readonly atMs: number
}

/** One actor as the log holds it. */
export class ActorImage {
  readonly id: number
  readonly parent: number
  readonly name: string
  readonly path: string
  readonly definition: string
  readonly version: number
  readonly args: unknown
  /** Ids of the subject that it belongs to, and of the one with whose key its arguments are sealed. */
  readonly belongs: string | undefined
  readonly argsOf: string | undefined
  readonly restart: string
  readonly fixed: boolean
  readonly durable: boolean
  readonly terms: ChildTerms | undefined
  readonly bornAt: number
  stopped: StopReason | null = null
  stopError: StoredError | undefined = undefined
  /** Position of the record that says that it stopped or is held, while it has no new life; 0 otherwise. */
  outAt = 0
  /** When it stopped, in milliseconds since 1970: whoever starts it again has decided so then. */
  outMs = 0
  incarnation = 1
  restarts = 0
  turns = 0
  /** Messages that wait, by position, in the order in which they came. */
  readonly pending = new PendingMail()
  /** What it has put aside; made with the first message. */
  stash: StashImage | null = null
  readonly timers = new Map<string, TimerImage>()
  /** Whom it watches, and as which message type it wants to know. */
  readonly watching = new Map<number, string>()
  readonly watchers = new Set<number>()
  /** Whose end fails it, and whom its end fails. */
  dependsOn: Set<number> | null = null
  dependents: Set<number> | null = null
  /** Watches and links to actors that the log does not know. */
  unseen: { readonly path: string; readonly type: string }[] | null = null
  /** The notices that wait, by position, and their types. */
  notices: Map<number, string> | null = null
  readonly children = new Set<number>()
  readonly failures: Failure[] = []
  rerun: Rerun | null = null
  /** Attempt that the message at `attemptOf` is on. */
  attempt = 1
  attemptOf = 0
  /** Where the start of this incarnation waits, or 0. */
  start = 0
  /** Its stop hook had its chance, or it never came up. */
  hasLeft = false
  /** The system was stopped in order, so its start hook is due. */
  wasClosed = false
  /** It has a new life, and neither its start nor anything else of that is in the log. */
  entering: RestartNotice | null = null
  /** Its last failure is not made good: it is neither resumed nor restarted. */
  hasFailed = false
  /** Keys of the timers whose ticks wait, by the position of the tick. */
  readonly ticks = new Map<number, string>()
  /** How many turns it had completed when it was last told that nothing happens. */
  idleTurns = 0
  /** Told to stop, and not yet ended. */
  halting: HaltMode | null = null
  /** It has ended, and is to be started again by hand. */
  isReviving = false
  isVirtual = false
  /** Keys and ids of the virtual actors that live here, asleep or awake. */
  known: KnownActors | null = null
  /** Children of its spec that were deleted by hand in this life. */
  deleted: Set<string> | null = null
  /** An operator holds it. */
  isPaused = false
  /** It is held between two lives; released, it waits for its turn to come back. */
  quarantine: { readonly reason: StoredError; readonly keepsChildren: boolean; isReleased: boolean } | null =
    null
  /** It is held because code that ran on its log did not follow it. */
  diverged: DivergedImage | null = null
  /** A failure on which nobody has decided. */
  undecided: DataRecord<'failed'> | null = null
  /** Whatever the visitor wants to find again with this actor. */
  tag: unknown = undefined
  /** A decision that was not carried out. */
  unfinished: DataRecord<'directive'> | null = null
  /** Who is still to be restarted for it. */
  awaited: Set<string> | null = null
  /** Its supervisor has begun a new life, to which this one belongs: nobody is charged for that. */
  comesAlong = false
  /** Restarts of its children, for its budget. */
  grants: Grant[] = []
  /** Restarts of its own, for the budget that its spec may give it. */
  ownGrants: Grant[] = []

  constructor({ actor, position }: RecordHead, born: RecordData['spawned'], above: ActorImage | undefined) {
    const { parent, name, definition, version = 1, args, terms, belongs, subject } = born
    const { restart = 'transient', fixed = false, durable = true } = born
    this.id = actor
    this.parent = parent
    this.name = name
    this.path = `${above?.path ?? ''}/${name}`
    this.definition = definition
    this.version = version
    this.args = args
    this.belongs = belongs
    this.argsOf = subject
    this.restart = restart
    this.fixed = fixed
    this.durable = durable
    this.terms = terms
    this.bornAt = position
  }

  /** It has a new life, of which nothing is in the log yet. */
  beginLife(): void {
    this.comesAlong = false
    this.stopped = null
    this.outAt = 0
    this.outMs = 0
    this.isReviving = false
    this.deleted = null
    this.hasLeft = false
    this.wasClosed = false
    this.hasFailed = false
    this.grants = []
  }
}
