// Cell
// ====
// The runtime record of one actor. Plain fields of one shape; an idle actor is this object, its name and its place
// among its siblings, and everything that few actors need hangs on `rare`.

import type { Address } from './address.js'
import type { Pressure } from './backpressure.js'
import type { Blueprint } from './blueprint.js'
import type { Remote } from './executor/remote.js'
import { UNBORN } from './gate.js'
import type { Idle } from './idle.js'
import type { LifecycleState } from './lifecycle.js'
import { Mailbox } from './mailbox.js'
import type {
  FailureContext,
  MessageRecord,
  ResultData,
  StoredError,
  StopReason,
  TurnRecord,
} from './records.js'
import type { Timer } from './authorities/authorities.js'
import type { Notice } from './notices.js'
import type { Stashed } from './stash.js'
import type { Quarantine } from './steering/quarantine.js'
import type { Trace } from './steering/trace.js'
import type { Tick } from './timers.js'
import type { LiveTurn } from './turn.js'
import type { Caution } from './watchdog/caution.js'
import type { Supervision } from './supervision/supervision.js'
import type { ChildTerms } from './supervision/child-terms.js'
import type { Noted } from './turn-notes.js'

/** A result that the log holds for a turn that is run again. */
export interface RecordedResult extends ResultData {
  readonly kind: 'effect' | 'reply'
  readonly position: number
  readonly timeMs: number
}

/** What the log knows of a turn that had begun to wait. */
export interface Rerun {
  readonly message: number
  readonly attempt: number
  readonly timeMs: number
  /** In recorded order. */
  readonly results: RecordedResult[]
  /** Indexes of asks that went out, with the position of their message. */
  readonly asked: Map<number, number>
  /** What it was told that does not follow from it. */
  noted: Noted | null
}

/** A turn of this actor as the log holds it, for rebuilding. */
export interface RecordedTurn {
  readonly message: MessageRecord
  readonly turn: TurnRecord
  readonly rerun: Rerun | undefined
  /** What it was told that does not follow from it. */
  readonly noted?: Noted | undefined
}

/** A set timer. */
export interface SetTimer {
  readonly type: string
  readonly payload: unknown
  dueMs: number
  readonly everyMs: number
  /** Id of the subject in whose turn it was set. */
  readonly subject?: string | undefined
  handle: Timer | null
}

/** A failure, for inspection. */
export interface Failure {
  readonly position: number
  readonly atMs: number
  readonly correlation: number
  readonly context: FailureContext
  readonly error: StoredError
}

/** What only some actors have. */
export class Rare {
  /** Who wants to know of the end of this one, and as which message type. */
  watchers: Map<Cell, string> | null = null
  /** Whom this one watches. */
  watching: Set<Cell> | null = null
  /** Who fails when this one ends other than normally. */
  dependents: Set<Cell> | null = null
  /** Whose end fails this one. */
  dependsOn: Set<Cell> | null = null
  /** The notices that wait in the mailbox, by the path of the one that has ended. */
  notices: Map<string, Notice[]> | null = null
  /** The notice that was taken last: its message may be put back. */
  notice: Notice | null = null
  timers: Map<string, SetTimer> | null = null
  /** The marks of ticks that may wait in the mailbox, by the key of their timer. */
  ticks: Map<string, Tick> | null = null
  /** Counts the time in which it handles nothing. */
  idle: Idle | null = null
  /** Who waits for room here, and whose room it waits for. */
  pressure: Pressure | null = null
  /** Messages that it has put aside, in that order. */
  stash: Stashed[] | null = null
  /** What the log holds of a turn that must be run again. */
  rerun: Rerun | null = null
  failures: Failure[] = []
  restarts = 0
  /** Rebuilds that have begun: the last one counts. */
  rebuilds = 0
  onStopped: (() => void)[] | null = null
  /** Who waits until it is out of service; `null` while it does not leave for its next life. */
  onOut: (() => void)[] | null = null
  shutdownTimer: Timer | null = null
  /** Its stop hook has had its chance in this incarnation. */
  hasLeft = false
  /** Its children are being stopped, or its stop hook runs. */
  isLeaving = false
  /** It stopped because the whole system did: what is sent to it stays in the log. */
  isHalted = false
  /** What is known of it in the thread that runs its handlers; `null` when it runs here. */
  remote: Remote | null = null
  /** Who hears of its turns. */
  trace: Trace | null = null
  /** It is handled with care, because the last process was ended in it. */
  caution: Caution | null = null
  /** An operator holds it: it takes no message while it runs, also in its next life. */
  isPaused = false
  /** It is held between two lives. */
  quarantine: Quarantine | null = null
  /** Why the code that runs does not follow its log: it is held until other code does. */
  diverged: StoredError | null = null
  stopReason: StopReason = 'normal'
  stopError: StoredError | undefined
}

/** One actor at run time. */
export class Cell {
  readonly id: number
  readonly name: string
  readonly parent: Cell | null
  /** What its definition says. A live change of a supervisor's spec changes it. */
  blueprint: Blueprint
  readonly durable: boolean
  readonly args: unknown
  /** True when its supervisor's spec names it: it keeps its place when it ends. */
  readonly fixed: boolean
  /** On which terms its parent has it. A live change of its supervisor's spec changes them. */
  terms: ChildTerms
  gate = UNBORN
  lifecycle: LifecycleState = 'starting'
  incarnation = 1
  queued = false
  /** Its state is not what the last completed turn left: rebuild before the next one. */
  isDirty = false
  state: unknown = undefined
  mailbox: Mailbox | null = null
  turn: LiveTurn | null = null
  address: Address | null = null
  supervision: Supervision | null = null
  rare: Rare | null = null
  /** Completed turns. */
  turns = 0
  /** Attempt that the next message in front is on. */
  attempt = 1
  /** Bytes of log since the last snapshot. */
  weight = 0
  snapshotBytes = 0

  constructor(
    id: number,
    name: string,
    parent: Cell | null,
    blueprint: Blueprint,
    args: unknown,
    terms: ChildTerms,
    fixed: boolean,
  ) {
    this.id = id
    this.name = name
    this.parent = parent
    this.blueprint = blueprint
    // A supervisor below a volatile actor ends with it.
    this.durable = blueprint.durable && parent?.durable !== false
    this.args = args
    this.fixed = fixed
    this.terms = terms
  }

  /** Where it lives. Made on demand: a million paths would weigh more than a million actors. */
  get path(): string {
    const names: string[] = []
    for (let at: Cell | null = this; at !== null; at = at.parent) names.push(at.name)
    names.push('')
    return names.reverse().join('/')
  }

  /** Where its parent lives; the root is its own parent. */
  get parentPath(): string {
    return (this.parent ?? this).path
  }

  /** The mailbox, made on the first message. */
  box(): Mailbox {
    return (this.mailbox ??= new Mailbox(this.blueprint.capacity, this.blueprint.urgent.length > 0))
  }

  /** Its state is not what the last completed turn left, neither here nor in a thread. */
  spoil(): void {
    this.isDirty = true
    if (this.rare !== null && this.rare.remote !== null) this.rare.remote.isCurrent = false
  }

  /** The rare part, made when first needed. */
  extra(): Rare {
    return (this.rare ??= new Rare())
  }
}
