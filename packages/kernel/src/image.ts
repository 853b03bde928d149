// Image
// =====
// What the log says of a whole system, without running any code of its user: who lives where, what waits in each
// mailbox, which timers are set, which turns were waiting. Recovery builds cells from it; the command line shows it.
//
// Invariants
//   G1  The image after a record depends on the records up to it and on nothing else.
//   G2  A message is pending from its record until its turn, its parking or its burial, and never after.

import type { Failure, Rerun } from './cell.js'
import { PendingMail } from './pending-mail.js'
import { noteResult } from './rebuild.js'
import type {
  LogRecord,
  MessageRecord,
  RecordData,
  StopReason,
  StoredError,
  TurnRecord,
  DataRecord,
} from './records.js'

/** A timer as the log holds it. */
export type TimerImage = RecordData['timer']

/** One actor as the log holds it. */
export interface ActorImage {
  readonly id: number
  readonly parent: number
  readonly name: string
  readonly path: string
  readonly definition: string
  readonly version: number
  readonly args: unknown
  readonly restart: string
  readonly fixed: boolean
  readonly durable: boolean
  readonly bornAt: number
  stopped: StopReason | null
  stopError: StoredError | undefined
  incarnation: number
  restarts: number
  turns: number
  /** Messages that wait, by position, in the order in which they came. */
  readonly pending: PendingMail
  readonly timers: Map<string, TimerImage>
  /** Whom it watches, and as which message type it wants to know. */
  readonly watching: Map<number, string>
  readonly children: Set<number>
  readonly failures: Failure[]
  rerun: Rerun | null
  attempt: number
  /** Told to stop, and not yet ended. */
  isHalting: boolean
  /** A failure on which nobody has decided. */
  undecided: DataRecord<'failed'> | null
  /** Whatever the visitor wants to find again with this actor. */
  tag: unknown
  /** A decision that was not carried out. */
  unfinished: DataRecord<'directive'> | null
}

/** Hears of what recovery must act on while the image is built. */
export interface ImageVisitor {
  onSpawned?(actor: ActorImage): void
  onTurn?(actor: ActorImage, message: MessageRecord, turn: TurnRecord, rerun: Rerun | undefined): void
}

/** A whole system as the log holds it. */
export class SystemImage {
  readonly actors = new Map<number, ActorImage>()
  readonly dead: { readonly record: DataRecord<'dead'>; readonly to: string }[] = []
  root: ActorImage | null = null
  opened: DataRecord<'opened'> | null = null
  /** The last run ended in order: stop hooks ran, and start hooks are due. */
  wasClosed = false
  records = 0
  lastPosition = 0
  lastMs = 0
  readonly #visitor: ImageVisitor
  readonly #reruns = new Map<number, Rerun>()

  constructor(visitor: ImageVisitor = {}) {
    this.#visitor = visitor
  }

  /** Takes the next record in. */
  add(record: LogRecord): void {
    this.records++
    this.lastPosition = record.position
    this.lastMs = record.timeMs
    if (record.kind === 'message') this.#message(record)
    else if (record.kind === 'turn') this.#turn(record)
    else this.#data(record)
  }

  /** The actor at a path that has not ended. */
  at(path: string): ActorImage | undefined {
    for (const actor of this.actors.values())
      if (actor.path === path && (actor.stopped === null || actor.fixed)) return actor
    return undefined
  }

  #message(record: MessageRecord): void {
    const actor = this.actors.get(record.actor)
    if (actor?.durable === true) actor.pending.add(record)
    const { ask, timer } = record
    if (ask !== undefined) this.#reruns.get(record.cause)?.asked.set(ask.index, record.position)
    if (timer !== undefined && actor !== undefined) this.#fired(actor, timer, record.timeMs)
  }

  #fired(actor: ActorImage, key: string, atMs: number): void {
    const timer = actor.timers.get(key)
    if (timer === undefined) return
    if (timer.everyMs > 0)
      actor.timers.set(key, { ...timer, dueMs: Math.max(timer.dueMs, atMs - timer.everyMs) + timer.everyMs })
    else actor.timers.delete(key)
  }

  #turn(record: TurnRecord): void {
    const actor = this.actors.get(record.actor)
    if (actor === undefined) return
    const message = actor.pending.take(record.message)
    actor.turns++
    actor.attempt = 1
    let rerun: Rerun | undefined
    if (this.#reruns.size > 0) {
      rerun = this.#reruns.get(record.message)
      this.#reruns.delete(record.message)
      if (actor.rerun?.message === record.message) actor.rerun = null
    }
    if (message !== undefined) this.#visitor.onTurn?.(actor, message, record, rerun)
  }

  #data(record: Exclude<LogRecord, MessageRecord | TurnRecord>): void {
    if (record.kind === 'spawned') {
      this.#spawned(record)
      return
    }
    if (record.kind === 'opened') this.opened = record
    if (record.kind === 'opened' || record.kind === 'closed') this.wasClosed = record.kind === 'closed'
    const actor = this.actors.get(record.actor)
    if (actor !== undefined) this.#ofActor(actor, record)
  }

  #spawned(record: DataRecord<'spawned'>): void {
    const data = record.data()
    const above = this.actors.get(data.parent)
    const actor: ActorImage = {
      ...data,
      id: record.actor,
      path: `${above?.path ?? ''}/${data.name}`,
      bornAt: record.position,
      stopped: null,
      stopError: undefined,
      incarnation: 1,
      restarts: 0,
      turns: 0,
      pending: new PendingMail(),
      timers: new Map(),
      watching: new Map(),
      children: new Set(),
      failures: [],
      rerun: null,
      attempt: 1,
      isHalting: false,
      undecided: null,
      unfinished: null,
      tag: undefined,
    }
    this.actors.set(record.actor, actor)
    if (above === undefined) this.root = actor
    else above.children.add(record.actor)
    this.#visitor.onSpawned?.(actor)
  }

  #ofActor(actor: ActorImage, record: Exclude<LogRecord, MessageRecord | TurnRecord>): void {
    switch (record.kind) {
      case 'began':
        noteResult(this.#reruns, record)
        actor.rerun = this.#reruns.get(record.cause) ?? null
        actor.attempt = record.data().attempt
        break
      case 'effect':
      case 'reply':
        noteResult(this.#reruns, record)
        break
      case 'failed':
        this.#failed(actor, record)
        break
      case 'directive':
        actor.undecided = null
        actor.unfinished = record.data().directive === 'resume' ? null : record
        break
      case 'restarted':
        this.#restarted(actor, record.data().incarnation)
        break
      case 'stopped':
        this.#stopped(actor, record)
        break
      case 'dead':
        actor.pending.take(record.data().message)
        this.dead.push({ record, to: actor.path })
        if (this.dead.length > DEAD_KEPT) this.dead.shift()
        break
      case 'timer':
        actor.timers.set(record.data().key, record.data())
        break
      case 'untimed':
        actor.timers.delete(record.data().key)
        break
      case 'watched':
        actor.watching.set(record.data().target, record.data().type)
        break
      case 'unwatched':
        actor.watching.delete(record.data().target)
        break
      case 'halting': {
        const child = this.actors.get(record.data().child)
        if (child !== undefined) child.isHalting = true
        break
      }
      default:
        break
    }
  }

  #failed(actor: ActorImage, record: DataRecord<'failed'>): void {
    const { attempt, context, error, parked } = record.data()
    if (parked) actor.pending.take(record.cause)
    actor.attempt = parked ? 1 : attempt + 1
    this.#reruns.delete(record.cause)
    if (actor.rerun?.message === record.cause) actor.rerun = null
    actor.failures.push({
      position: record.cause,
      atMs: record.timeMs,
      correlation: record.correlation,
      error,
    })
    if (actor.failures.length > FAILURES_SHOWN) actor.failures.shift()
    actor.undecided = context === 'stop' ? null : record
    // A supervisor that fails has taken the decision about its child over.
    if (context === 'child') {
      for (const id of actor.children) {
        const child = this.actors.get(id)
        if (child?.unfinished?.data().directive === 'escalate') child.unfinished = null
      }
    }
  }

  #restarted(actor: ActorImage, incarnation: number): void {
    actor.incarnation = incarnation
    actor.restarts++
    actor.timers.clear()
    actor.unfinished = null
    actor.undecided = null
    actor.stopped = null
    if (actor.rerun === null) return
    this.#reruns.delete(actor.rerun.message)
    actor.attempt = actor.rerun.attempt + 1
    actor.rerun = null
  }

  #stopped(actor: ActorImage, record: DataRecord<'stopped'>): void {
    const { reason, error } = record.data()
    actor.stopped = reason
    actor.stopError = error
    actor.isHalting = false
    actor.unfinished = null
    actor.undecided = null
    actor.timers.clear()
    actor.watching.clear()
    actor.rerun = null
    if (actor.fixed) return
    this.actors.get(actor.parent)?.children.delete(actor.id)
    this.actors.delete(actor.id)
  }
}

const DEAD_KEPT = 1_000
const FAILURES_SHOWN = 10
