// Image
// =====
// What the log says of a whole system, without running any code of its user: who lives where, what waits in each
// mailbox, which timers are set, which turns were waiting. Recovery builds cells from it; the command line shows it.
//
// Invariants
//   G1  The image after a record depends on the records up to it and on nothing else.
//   G2  A message is pending from its record until its turn, its parking or its burial, and never after.

import { ActorImage, type Grant } from './actor-image.js'
import { RESTART, START, STOP } from './blueprint.js'
import type { Rerun } from './cell.js'
import { IDLE } from './idle.js'
import type { ImageVisitor } from './image-visitor.js'
import { PACT } from './pact.js'
import { beginAnew, firstAttempt, forgetStart, forgetTicks, settled, unstashed } from './image-mail.js'
import { DecisionsImage, granted } from './supervision/decisions-image.js'
import { KnownActors } from './supervision/known-actors.js'
import { noteResult } from './rebuild.js'
import { noticeOf } from './restart-notice.js'
import { noteDiverged, noteReplays } from './steering/diverged-image.js'
import { ParkedList } from './steering/parked-list.js'
import {
  wasAskedFor,
  type DataRecord,
  type LogRecord,
  type MessageRecord,
  type StopReason,
  type StoredError,
  type TurnRecord,
} from './records.js'
import { NotedTurns } from './turn-notes.js'
import { forgetWatches, noteNotice, noteUnwatched, noteWatched, waitingPacts } from './watch-image.js'
import { StashImage } from './stash-image.js'

/** A whole system as the log holds it. */
export class SystemImage {
  readonly actors = new Map<number, ActorImage>()
  readonly dead: { readonly record: DataRecord<'dead'>; readonly to: string }[] = []
  readonly parked = new ParkedList()
  /** Those that are held between two lives. */
  readonly quarantined = new Set<ActorImage>()
  root: ActorImage | null = null
  opened: DataRecord<'opened'> | null = null
  /** Why the root gave up, when the last run ended so. */
  gaveUp: StoredError | null = null
  /** The last run ended in order: stop hooks ran, and start hooks are due. */
  wasClosed = false
  records = 0
  /** Restarts of the root. */
  grants: Grant[] = []
  lastPosition = 0
  lastMs = 0
  /** The highest id of an actor that the log has named, also of one that it does not know. */
  lastActor = 0
  readonly #visitor: ImageVisitor
  /** Turns that wait, by their messages. */
  readonly reruns = new Map<number, Rerun>()
  readonly noted = new NotedTurns()
  /** Ids of the subjects that are being shredded, and whether that is done. */
  readonly shreds = new Map<string, boolean>()
  /** Virtual actors that had mail when they fell asleep: they wake again right behind that. */
  readonly mail = new Map<number, ActorImage>()
  readonly decisions = new DecisionsImage(this.actors)
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
    if (record.actor > this.lastActor) this.lastActor = record.actor
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
    if (record.sender > this.lastActor) this.lastActor = record.sender
    const actor = this.#actor(record.actor)
    if (actor?.durable === true) {
      actor.pending.add(record)
      if (record.type === START || record.type === RESTART) {
        forgetStart(actor)
        actor.start = record.position
        actor.entering = null
        actor.hasLeft = false
        actor.wasClosed = false
      }
    }
    const { ask, notice, timer } = record
    if (notice && actor !== undefined) noteNotice(actor, record)
    if (ask !== undefined) this.reruns.get(record.cause)?.asked.set(ask.index, record.position)
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
    const aside = actor.stash?.end(record)
    const message = aside ?? settled(actor, record.message)
    if (aside !== undefined) firstAttempt(actor, record.message)
    actor.turns++
    actor.entering = null
    if (message?.type === STOP) actor.hasLeft = true
    let rerun: Rerun | undefined
    if (this.reruns.size > 0) {
      rerun = this.reruns.get(record.message)
      this.reruns.delete(record.message)
      if (actor.rerun?.message === record.message) actor.rerun = null
      // Only a hook comes between the halves of a turn that waits.
      else beginAnew(actor, this.reruns)
    }
    const noted = this.noted.take(record)
    if (message !== undefined) this.#visitor.onTurn?.(actor, message, record, rerun, noted)
  }

  #data(record: Exclude<LogRecord, MessageRecord | TurnRecord>): void {
    if (record.kind === 'spawned') {
      this.#spawned(record)
      return
    }
    if (record.kind === 'opened') {
      this.opened = record
      this.gaveUp = null
    } else if (record.kind === 'gave-up') this.gaveUp = record.data().reason
    if (record.kind === 'opened' || record.kind === 'closed') this.#turned(record.kind === 'closed')
    if (record.kind === 'shredded') this.shreds.set(record.data().subject, record.data().step === 'done')
    // The actor that a parked message was for may have ended.
    if (record.kind === 'steered') this.parked.delete(record.data().message ?? 0)
    const actor = this.actors.get(record.actor) ?? this.mail.get(record.actor)
    if (actor !== undefined) this.#ofActor(actor, record)
  }

  // A run has ended in order, or the next one begins.
  #turned(isClosed: boolean): void {
    for (const actor of this.actors.values()) {
      if (isClosed) actor.wasClosed = true
      else if (this.wasClosed) actor.hasLeft = false
    }
    this.wasClosed = isClosed
  }

  #spawned(record: DataRecord<'spawned'>): void {
    const data = record.data()
    const above = this.actors.get(data.parent)
    // An earlier engine wrote of those below a volatile actor, and they have ended with their process.
    if (above === undefined && data.parent !== 0) return
    const actor = new ActorImage(record, data, above)
    if (data.virtual === true && above !== undefined) this.#woken(actor, above)
    this.actors.set(record.actor, actor)
    this.#near[record.actor % NEAR] = actor
    if (above === undefined) this.root = actor
    else above.children.add(record.actor)
    // One that had not come up when its group was to be restarted comes with it.
    this.decisions.hasFollowed(actor)
    this.#visitor.onSpawned?.(actor)
  }

  #woken(actor: ActorImage, home: ActorImage): void {
    actor.isVirtual = true
    const known = (home.known ??= new KnownActors())
    known.add(actor.name, actor.id)
    actor.turns = known.turnsOf(actor.name)
    const before = this.mail.get(actor.id)
    if (before === undefined) return
    actor.stash = before.stash
    actor.attempt = before.attempt
    actor.attemptOf = before.attemptOf
    for (const message of before.pending.values())
      if (!message.type.startsWith('$')) actor.pending.add(message)
    this.mail.delete(actor.id)
  }

  #ofActor(actor: ActorImage, record: Exclude<LogRecord, MessageRecord | TurnRecord>): void {
    switch (record.kind) {
      case 'began':
        noteResult(this.reruns, record)
        actor.rerun = this.reruns.get(record.cause) ?? null
        actor.attempt = record.data().attempt
        actor.attemptOf = record.cause
        actor.ticks.delete(record.cause)
        break
      case 'effect':
      case 'reply':
        noteResult(this.reruns, record)
        break
      case 'patched':
      case 'refused':
        this.noted.add(record, this.reruns.get(record.cause))
        break
      case 'failed':
        this.#failed(actor, record)
        break
      case 'directive':
        this.decisions.decided(actor, this.#above(actor), record)
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
        forgetTicks(actor, record.data().key, record.cause)
        actor.timers.set(record.data().key, record.data())
        break
      case 'untimed':
        forgetTicks(actor, record.data().key, record.cause)
        actor.timers.delete(record.data().key)
        break
      case 'stashed':
        if (record.data().refused !== undefined) {
          this.noted.add(record, this.reruns.get(record.cause))
          break
        }
        actor.stash ??= new StashImage()
        actor.stash.add(actor.pending.take(record.cause))
        break
      case 'unstashed':
        unstashed(actor)
        break
      case 'watched':
        noteWatched(this.actors, actor, record.data())
        break
      case 'unwatched':
        noteUnwatched(this.actors, actor, record.data())
        for (const position of record.data().taken ?? []) settled(actor, position)
        break
      case 'halting': {
        const child = this.actors.get(record.data().child)
        if (child !== undefined) child.halting = record.data().how ?? 'stop'
        break
      }
      case 'reviving': {
        const child = this.actors.get(record.data().child)
        if (child !== undefined) child.isReviving = true
        break
      }
      case 'deleted':
        this.#deleted(actor, record.data().child)
        break
      case 'quarantined':
        this.#quarantined(actor, record)
        break
      case 'steered':
        this.#steered(actor, record)
        break
      default:
        break
    }
  }

  #deleted(actor: ActorImage, id: number): void {
    const child = this.actors.get(id)
    if (child === undefined) return
    ;(actor.deleted ??= new Set()).add(child.name)
    this.#forget(child)
  }

  #steered(actor: ActorImage, record: DataRecord<'steered'>): void {
    const { command, replays } = record.data()
    if (command === 'pause' || command === 'resume') actor.isPaused = command === 'pause'
    if (replays === true) {
      noteReplays(actor, this.quarantined)
      return
    }
    if (command !== 'release' || actor.quarantine === null) return
    actor.quarantine.isReleased = true
    actor.ownGrants = []
  }

  #quarantined(actor: ActorImage, record: DataRecord<'quarantined'>): void {
    const { reason, context, diverged, keepsChildren = false } = record.data()
    actor.outAt = record.position
    if (diverged !== undefined) {
      noteDiverged(actor, record, this.decisions)
      if (actor.diverged!.isOut) this.endLife(actor)
      return
    }
    // What an operator orders takes no restart back.
    if (context === 'steered') this.decisions.settled(actor)
    else this.decisions.refused(actor, this.#above(actor))
    actor.quarantine = { reason, keepsChildren, isReleased: false }
    this.quarantined.add(actor)
    this.endLife(actor)
  }

  /** What belongs to an incarnation ends with it. */
  endLife(actor: ActorImage): void {
    forgetStart(actor)
    for (const key of new Set(actor.ticks.values())) forgetTicks(actor, key)
    actor.timers.clear()
    unstashed(actor)
    beginAnew(actor, this.reruns)
  }

  #release(actor: ActorImage): void {
    actor.diverged = null
    if (actor.quarantine === null) return
    actor.quarantine = null
    this.quarantined.delete(actor)
  }

  #failed(actor: ActorImage, record: DataRecord<'failed'>): void {
    const { attempt, context, error, parked } = record.data()
    if (parked) {
      // The failure of one broken link speaks for all that are.
      if (settled(actor, record.cause)?.type === PACT)
        for (const position of waitingPacts(actor)) settled(actor, position)
      if (context === 'message' && actor.durable)
        this.parked.add({ position: record.cause, failedAt: record.position, actor: actor.id })
    } else {
      actor.attempt = attempt + 1
      actor.attemptOf = record.cause
      actor.ticks.delete(record.cause)
    }
    this.reruns.delete(record.cause)
    this.noted.forget(record.cause)
    if (actor.rerun?.message === record.cause) actor.rerun = null
    actor.failures.push({
      position: record.cause,
      atMs: record.timeMs,
      correlation: record.correlation,
      context,
      error,
    })
    if (actor.failures.length > FAILURES_SHOWN) actor.failures.shift()
    actor.undecided = context === 'stop' || actor.quarantine !== null ? null : record
    if (context === 'stop' || context === 'start') actor.hasLeft = true
    if (context !== 'stop') actor.hasFailed = true
    // A supervisor that fails has taken the decisions about its children over.
    if (context !== 'child') return
    for (const id of actor.children) {
      const child = this.actors.get(id)
      if (child !== undefined && child.unfinished?.data().directive !== 'stop') this.decisions.finished(child)
    }
  }

  #above(actor: ActorImage): { grants: Grant[] } {
    return this.actors.get(actor.parent) ?? this
  }

  #restarted(actor: ActorImage, record: DataRecord<'restarted'>): void {
    actor.incarnation = record.data().incarnation
    actor.entering = noticeOf(actor.incarnation, actor.hasFailed ? actor.failures.at(-1)?.error : undefined)
    actor.restarts++
    this.decisions.restarted(actor)
    const isCharged = wasAskedFor(actor.stopped) && !actor.isReviving && !actor.comesAlong
    const { position } = record
    if (isCharged) granted(actor, this.#above(actor), { position, timeMs: actor.outMs })
    actor.beginLife()
    for (const id of actor.children) {
      const child = this.actors.get(id)!
      child.ownGrants = []
      child.comesAlong = true
      if (child.diverged === null || !child.fixed) continue
      child.diverged.isOut = true
      this.endLife(child)
    }
    this.#release(actor)
    this.endLife(actor)
  }

  #stopped(actor: ActorImage, record: DataRecord<'stopped'>): void {
    const { reason, error } = record.data()
    actor.stopped = reason
    actor.outAt = record.position
    actor.outMs = record.timeMs
    actor.stopError = error
    actor.halting = null
    actor.isPaused = false
    actor.comesAlong = false
    this.#release(actor)
    if (reason === 'gave-up') this.decisions.refused(actor, this.#above(actor))
    else this.decisions.settled(actor)
    actor.timers.clear()
    forgetWatches(this.actors, actor)
    beginAnew(actor, this.reruns)
    actor.isReviving = false
    unstashed(actor)
    if (actor.isVirtual) this.#asleep(actor)
    if (actor.fixed || this.#comesBack(actor, reason)) return
    this.#forget(actor)
  }

  #asleep(actor: ActorImage): void {
    this.actors.get(actor.parent)?.known?.sleeps(actor.name, actor.turns)
    // A start that has not run wakes nobody.
    forgetStart(actor)
    if (actor.pending.size > 0) this.mail.set(actor.id, actor)
  }

  // A permanent child that ended itself, of a supervisor that starts it again.
  #comesBack({ parent, restart }: ActorImage, reason: StopReason): boolean {
    return restart === 'permanent' && wasAskedFor(reason) && this.actors.has(parent)
  }

  #forget(actor: ActorImage): void {
    this.actors.get(actor.parent)?.children.delete(actor.id)
    this.actors.delete(actor.id)
    this.#near[actor.id % NEAR] = undefined
    this.#visitor.onEnded?.(actor)
  }
}

/** Actors that are found without a look into the map. */
const NEAR = 4_096
const DEAD_KEPT = 1_000
const FAILURES_SHOWN = 10
