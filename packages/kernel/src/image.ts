// Image
// =====
// What the log says of a whole system, without running any code of its user: who lives where, what waits in each
// mailbox, which timers are set, which turns were waiting. Recovery builds cells from it; the command line shows it.
//
// Invariants
//   G1  The image after a record depends on the records up to it and on nothing else.
//   G2  A message is pending from its record until its turn, its parking or its burial, and never after.

import { ActorImage, type Grant } from './actor-image.js'
import { START, STOP } from './blueprint.js'
import type { Rerun } from './cell.js'
import { IDLE } from './idle.js'
import { noteResult } from './rebuild.js'
import {
  wasAskedFor,
  type DataRecord,
  type LogRecord,
  type MessageRecord,
  type TurnRecord,
} from './records.js'
import { StashImage } from './stash-image.js'

/** Hears of what recovery must act on while the image is built. */
export interface ImageVisitor {
  onSpawned?(actor: ActorImage): void
  /** It has ended and will not come back. */
  onEnded?(actor: ActorImage): void
  onTurn?(
    actor: ActorImage,
    message: MessageRecord,
    turn: TurnRecord,
    rerun: Rerun | undefined,
    refusals: readonly string[] | undefined,
  ): void
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
  /** Restarts of the root. */
  grants: Grant[] = []
  lastPosition = 0
  lastMs = 0
  readonly #visitor: ImageVisitor
  readonly #reruns = new Map<number, Rerun>()
  readonly #restarting = new Set<ActorImage>()
  /** Some of the actors, each at the place that its id says: most records concern one that is here. */
  readonly #near: (ActorImage | undefined)[] = Array.from({ length: NEAR }, () => undefined)

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

  // Twice for every message there is.
  #actor(id: number): ActorImage | undefined {
    const near = this.#near[id % NEAR]
    if (near?.id === id) return near
    const actor = this.actors.get(id)
    if (actor !== undefined) this.#near[id % NEAR] = actor
    return actor
  }

  #message(record: MessageRecord): void {
    const actor = this.#actor(record.actor)
    if (actor?.durable === true) {
      actor.pending.add(record)
      if (record.type === START) {
        forgetStart(actor)
        actor.start = record.position
        actor.hasLeft = false
      }
    }
    const { ask, timer } = record
    if (ask !== undefined) this.#reruns.get(record.cause)?.asked.set(ask.index, record.position)
    if (timer !== undefined && actor !== undefined) this.#fired(actor, record, timer)
  }

  #fired(actor: ActorImage, { position, timeMs: atMs }: MessageRecord, key: string): void {
    if (actor.durable) actor.ticks.set(position, key)
    if (key === IDLE) actor.idleTurns = actor.turns
    const timer = actor.timers.get(key)
    if (timer === undefined) return
    if (timer.everyMs > 0)
      actor.timers.set(key, { ...timer, dueMs: Math.max(timer.dueMs, atMs - timer.everyMs) + timer.everyMs })
    else actor.timers.delete(key)
  }

  #turn(record: TurnRecord): void {
    const actor = this.#actor(record.actor)
    if (actor === undefined) return
    const stash = actor.stash?.end(record)
    const message = stash?.aside ?? settled(actor, record.message)
    if (stash?.aside !== undefined) firstAttempt(actor, record.message)
    actor.turns++
    if (message?.type === STOP) actor.hasLeft = true
    let rerun: Rerun | undefined
    if (this.#reruns.size > 0) {
      rerun = this.#reruns.get(record.message)
      this.#reruns.delete(record.message)
      if (actor.rerun?.message === record.message) actor.rerun = null
    }
    if (message !== undefined) this.#visitor.onTurn?.(actor, message, record, rerun, stash?.refusals)
  }

  #data(record: Exclude<LogRecord, MessageRecord | TurnRecord>): void {
    if (record.kind === 'spawned') {
      this.#spawned(record)
      return
    }
    if (record.kind === 'opened') this.opened = record
    if (record.kind === 'opened' || record.kind === 'closed') this.wasClosed = record.kind === 'closed'
    if (record.kind === 'closed') for (const actor of this.actors.values()) actor.hasLeft = true
    const actor = this.actors.get(record.actor)
    if (actor !== undefined) this.#ofActor(actor, record)
  }

  #spawned(record: DataRecord<'spawned'>): void {
    const data = record.data()
    const above = this.actors.get(data.parent)
    const actor = new ActorImage(record, data, above)
    this.actors.set(record.actor, actor)
    this.#near[record.actor % NEAR] = actor
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
        actor.attemptOf = record.cause
        actor.ticks.delete(record.cause)
        break
      case 'effect':
      case 'reply':
        noteResult(this.#reruns, record)
        break
      case 'failed':
        this.#failed(actor, record)
        break
      case 'directive':
        this.#decided(actor, record)
        break
      case 'restarted':
        this.#restarted(actor, record)
        break
      case 'stopped':
        this.#stopped(actor, record)
        break
      case 'dead':
        settled(actor, record.data().message)
        this.dead.push({ record, to: actor.path })
        if (this.dead.length > DEAD_KEPT) this.dead.shift()
        break
      case 'timer':
        forgetTicks(actor, record.data().key)
        actor.timers.set(record.data().key, record.data())
        break
      case 'untimed':
        forgetTicks(actor, record.data().key)
        actor.timers.delete(record.data().key)
        break
      case 'stashed':
        actor.stash ??= new StashImage()
        actor.stash.add(record, (position) => actor.pending.take(position))
        break
      case 'unstashed':
        unstashed(actor)
        break
      case 'watched':
        this.#watched(actor, record.data().target, record.data().type)
        break
      case 'unwatched':
        actor.watching.delete(record.data().target)
        this.actors.get(record.data().target)?.watchers.delete(actor.id)
        break
      case 'halting': {
        const child = this.actors.get(record.data().child)
        if (child !== undefined) child.halting = record.data().how ?? 'stop'
        break
      }
      default:
        break
    }
  }

  #failed(actor: ActorImage, record: DataRecord<'failed'>): void {
    const { attempt, context, error, parked } = record.data()
    if (parked) settled(actor, record.cause)
    else {
      actor.attempt = attempt + 1
      actor.attemptOf = record.cause
      actor.ticks.delete(record.cause)
    }
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
    if (context === 'stop') actor.hasLeft = true
    // A supervisor that fails has taken the decisions about its children over.
    if (context !== 'child') return
    for (const id of actor.children) {
      const child = this.actors.get(id)
      if (child?.unfinished?.data().directive !== 'stop') this.#finished(child)
    }
  }

  #decided(actor: ActorImage, record: DataRecord<'directive'>): void {
    const { directive, affected } = record.data()
    actor.undecided = null
    this.#finished(actor)
    if (directive === 'resume') return
    actor.unfinished = record
    if (directive !== 'restart') return
    actor.awaited = new Set(affected)
    this.#restarting.add(actor)
    this.#granted(actor, record)
  }

  #finished(actor: ActorImage | undefined): void {
    if (actor === undefined) return
    actor.unfinished = null
    actor.awaited = null
    this.#restarting.delete(actor)
  }

  // A decision about a group is carried out when all of the group are.
  #hasFollowed(actor: ActorImage): void {
    for (const offender of this.#restarting) {
      if (offender.parent !== actor.parent) continue
      offender.awaited?.delete(actor.name)
      if (offender.awaited?.size === 0) this.#finished(offender)
    }
  }

  #granted(actor: ActorImage, { position, timeMs }: LogRecord): void {
    for (const grants of [(this.actors.get(actor.parent) ?? this).grants, actor.ownGrants]) {
      grants.push({ position, atMs: timeMs })
      if (grants.length > GRANTS_KEPT) grants.shift()
    }
  }

  // What its own budget refused was not charged to its supervisor.
  #refused(actor: ActorImage): void {
    const above = this.actors.get(actor.parent) ?? this
    above.grants = above.grants.filter(({ position }) => position !== actor.unfinished?.position)
  }

  #watched(actor: ActorImage, target: number, type: string): void {
    const watched = this.actors.get(target)
    // The notice of an end that lay behind it went out at once.
    if (watched === undefined || watched.stopped !== null) return
    actor.watching.set(target, type)
    watched.watchers.add(actor.id)
  }

  #restarted(actor: ActorImage, record: DataRecord<'restarted'>): void {
    actor.incarnation = record.data().incarnation
    actor.restarts++
    actor.undecided = null
    this.#hasFollowed(actor)
    if (wasAskedFor(actor.stopped)) this.#granted(actor, record)
    actor.stopped = null
    actor.hasLeft = false
    actor.grants = []
    for (const id of actor.children) this.actors.get(id)!.ownGrants = []
    // What belongs to an incarnation ends with it.
    forgetStart(actor)
    for (const key of new Set(actor.ticks.values())) forgetTicks(actor, key)
    actor.timers.clear()
    unstashed(actor)
    if (actor.rerun === null) return
    const { message, attempt } = actor.rerun
    this.#reruns.delete(message)
    actor.rerun = null
    if (!actor.pending.has(message)) return
    actor.attempt = attempt + 1
    actor.attemptOf = message
  }

  #stopped(actor: ActorImage, record: DataRecord<'stopped'>): void {
    const { reason, error } = record.data()
    if (reason === 'gave-up') this.#refused(actor)
    actor.stopped = reason
    actor.stopError = error
    actor.halting = null
    actor.undecided = null
    this.#finished(actor)
    this.#hasFollowed(actor)
    actor.timers.clear()
    for (const id of actor.watchers) this.actors.get(id)?.watching.delete(actor.id)
    for (const id of actor.watching.keys()) this.actors.get(id)?.watchers.delete(actor.id)
    actor.watchers.clear()
    actor.watching.clear()
    if (actor.rerun !== null) this.#reruns.delete(actor.rerun.message)
    actor.rerun = null
    if (actor.fixed) return
    this.actors.get(actor.parent)?.children.delete(actor.id)
    this.actors.delete(actor.id)
    this.#near[actor.id % NEAR] = undefined
    this.#visitor.onEnded?.(actor)
  }
}

// A message has its outcome.
function settled(actor: ActorImage, position: number): MessageRecord | undefined {
  firstAttempt(actor, position)
  if (actor.start === position) actor.start = 0
  const aside = actor.stash === null ? undefined : actor.stash.settle(position)
  return aside ?? actor.pending.take(position)
}

// The next message is on its first attempt. A tick that was in hand is a message like any other.
function firstAttempt(actor: ActorImage, position: number): void {
  if (actor.attemptOf === position) {
    actor.attempt = 1
    actor.attemptOf = 0
  }
  if (actor.ticks.size > 0) actor.ticks.delete(position)
}

function unstashed(actor: ActorImage): void {
  for (const message of actor.stash?.empty() ?? []) actor.pending.putBack(message)
}

function forgetStart(actor: ActorImage): void {
  if (actor.start !== 0) actor.pending.take(actor.start)
  actor.start = 0
}

function forgetTicks(actor: ActorImage, key: string): void {
  for (const [position, of] of actor.ticks) if (of === key) settled(actor, position)
}

/** Actors that are found without a look into the map. */
const NEAR = 4_096
/** Known limit: a budget of more restarts than this is granted anew by a new process. */
const GRANTS_KEPT = 1_024
const DEAD_KEPT = 1_000
const FAILURES_SHOWN = 10
