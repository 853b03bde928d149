// One actor of a checkpoint: what its birth said, and what has become of it since, as a plain value. Messages are named
// by their positions and read from the log again; records of decisions are kept whole, because they are few.

import { ActorImage, type Grant, type TimerImage } from '../actor-image.js'
import type { Failure, RecordedResult } from '../cell.js'
import type { RestartNotice } from '../definition.js'
import { HoldfastError } from '../errors.js'
import type { SystemImage } from '../image.js'
import type { DataKind, DataRecord, HaltMode, MessageRecord, RecordData, StopReason } from '../records.js'
import type { StoredError } from '../records.js'
import { StashImage, type Handled } from '../stash-image.js'
import type { DivergedImage } from '../steering/diverged-image.js'
import type { Noted } from '../turn-notes.js'

/** Finds a message by its position. */
export type MessageAt = (position: number) => MessageRecord | undefined

/** A record of a decision, whole. */
export interface StoredRecord<K extends DataKind = DataKind> {
  readonly kind: K
  readonly position: number
  readonly timeMs: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  readonly data: RecordData[K]
}

/** A turn that waits. */
interface StoredRerun {
  readonly message: number
  readonly attempt: number
  readonly timeMs: number
  readonly results: readonly RecordedResult[]
  readonly asked: readonly (readonly [number, number])[]
  readonly noted: Noted | null
}

/** What has become of an actor since its birth; what is as it was then is left out. */
export interface StoredLife {
  readonly stopped?: StopReason
  readonly stopError?: StoredError
  readonly outAt?: number
  readonly outMs?: number
  readonly incarnation?: number
  readonly restarts?: number
  readonly turns?: number
  readonly pending?: readonly number[]
  readonly stash?: {
    readonly messages: readonly number[]
    readonly handled: readonly (readonly [number, Handled])[]
  }
  readonly timers?: readonly TimerImage[]
  readonly watching?: readonly (readonly [number, string])[]
  readonly dependsOn?: readonly number[]
  readonly unseen?: readonly { readonly path: string; readonly type: string }[]
  readonly notices?: readonly (readonly [number, string])[]
  readonly failures?: readonly Failure[]
  readonly rerun?: StoredRerun
  readonly attempt?: number
  readonly attemptOf?: number
  readonly start?: number
  readonly hasLeft?: boolean
  readonly wasClosed?: boolean
  readonly entering?: RestartNotice
  readonly hasFailed?: boolean
  readonly ticks?: readonly (readonly [number, string])[]
  readonly idleTurns?: number
  readonly halting?: HaltMode
  readonly isReviving?: boolean
  readonly deleted?: readonly string[]
  readonly isPaused?: boolean
  readonly quarantine?: ActorImage['quarantine']
  readonly diverged?: DivergedImage
  readonly undecided?: StoredRecord<'failed'>
  readonly unfinished?: StoredRecord<'directive'>
  readonly awaited?: readonly string[]
  readonly comesAlong?: boolean
  readonly grants?: readonly Grant[]
  readonly ownGrants?: readonly Grant[]
}

/** An actor as a plain value. */
export interface StoredActor {
  readonly id: number
  readonly bornAt: number
  readonly born: RecordData['spawned']
  /** A virtual actor that sleeps, with mail. */
  readonly isAsleep?: boolean
  readonly life: StoredLife
}

/** An actor as a plain value. */
export function storedActor(actor: ActorImage, isAsleep: boolean): StoredActor {
  const { id, bornAt } = actor
  return { id, bornAt, born: bornOf(actor), ...(isAsleep ? { isAsleep } : {}), life: lifeOf(actor) }
}

/** Makes an actor again, in its place below `above`. It is told nothing of others: `linkActors` does that. */
export function restoredActor(
  stored: StoredActor,
  above: ActorImage | undefined,
  messageAt: MessageAt,
): ActorImage {
  const { id, bornAt, born, life } = stored
  const head = { actor: id, position: bornAt, timeMs: 0, correlation: 0, cause: 0 }
  const actor = new ActorImage(head, born, above)
  actor.isVirtual = born.virtual === true
  restoreMail(actor, life, messageAt)
  restoreWork(actor, life)
  restoreFate(actor, life)
  return actor
}

/** The other side of what an actor watches and depends on. */
export function linkActors(image: SystemImage): void {
  for (const actor of image.actors.values()) {
    for (const target of actor.watching.keys()) image.actors.get(target)?.watchers.add(actor.id)
    for (const target of actor.dependsOn ?? []) {
      const watched = image.actors.get(target)
      if (watched !== undefined) (watched.dependents ??= new Set()).add(actor.id)
    }
  }
}

/** A record as a plain value. */
export function storedRecord<K extends DataKind>(record: DataRecord<K>): StoredRecord<K> {
  const { kind, position, timeMs, actor, correlation, cause } = record
  return { kind, position, timeMs, actor, correlation, cause, data: record.data() }
}

/** A record out of its plain value. */
export function restoredRecord<K extends DataKind>({ data, ...head }: StoredRecord<K>): DataRecord<K> {
  return { ...head, data: () => data }
}

/** What the birth of an actor said. */
export function bornOf(actor: ActorImage): RecordData['spawned'] {
  const { parent, name, definition, version, args, restart, fixed, durable, terms, isVirtual } = actor
  const { belongs, argsOf: subject } = actor
  return {
    parent,
    name,
    definition,
    ...(version === 1 ? {} : { version }),
    ...(args === undefined ? {} : { args }),
    ...(restart === 'transient' ? {} : { restart }),
    ...(fixed ? { fixed } : {}),
    ...(durable ? {} : { durable }),
    ...(terms === undefined ? {} : { terms }),
    ...(isVirtual ? { virtual: true } : {}),
    ...(belongs === undefined ? {} : { belongs }),
    ...(subject === undefined ? {} : { subject }),
  }
}

// Most actors are as they were born but for their turns, so each field is there only when it says something.
function lifeOf(actor: ActorImage): StoredLife {
  const life: { -readonly [Field in keyof StoredLife]: StoredLife[Field] } = {}
  const { stash, rerun, dependsOn, notices, unseen, deleted, quarantine, diverged, entering, awaited } = actor
  const { stopped, stopError, halting, undecided, unfinished, incarnation, attempt, timers, watching } = actor
  for (const field of COUNTS) if (actor[field] !== 0) life[field] = actor[field]
  for (const field of FLAGS) if (actor[field]) life[field] = true
  for (const field of LISTS) if (actor[field].length > 0) Object.assign(life, { [field]: actor[field] })
  if (incarnation !== 1) life.incarnation = incarnation
  if (attempt !== 1) life.attempt = attempt
  if (stopped !== null) life.stopped = stopped
  if (stopError !== undefined) life.stopError = stopError
  if (halting !== null) life.halting = halting
  if (entering !== null) life.entering = entering
  if (quarantine !== null) life.quarantine = quarantine
  if (diverged !== null) life.diverged = diverged
  if (unseen !== null) life.unseen = unseen
  if (actor.pending.size > 0) life.pending = actor.pending.values().map(({ position }) => position)
  if (stash !== null) life.stash = { messages: stash.messages.map(positionOf), handled: [...stash.handled] }
  if (timers.size > 0) life.timers = [...timers.values()]
  if (watching.size > 0) life.watching = [...watching]
  if (dependsOn !== null && dependsOn.size > 0) life.dependsOn = [...dependsOn]
  if (notices !== null && notices.size > 0) life.notices = [...notices]
  if (actor.ticks.size > 0) life.ticks = [...actor.ticks]
  if (deleted !== null) life.deleted = [...deleted]
  if (awaited !== null) life.awaited = [...awaited]
  if (undecided !== null) life.undecided = storedRecord(undecided)
  if (unfinished !== null) life.unfinished = storedRecord(unfinished)
  if (rerun !== null) life.rerun = { ...rerun, asked: [...rerun.asked] }
  return life
}

const COUNTS = ['outAt', 'outMs', 'restarts', 'turns', 'attemptOf', 'start', 'idleTurns'] as const
const FLAGS = ['hasLeft', 'wasClosed', 'hasFailed', 'isReviving', 'isPaused', 'comesAlong'] as const
const LISTS = ['failures', 'grants', 'ownGrants'] as const

function positionOf({ position }: MessageRecord): number {
  return position
}

function restoreMail(actor: ActorImage, life: StoredLife, messageAt: MessageAt): void {
  const found = (position: number): MessageRecord => {
    const message = messageAt(position)
    if (message !== undefined) return message
    const hint = 'Run `holdfast verify` on the data directory.'
    const what = `A checkpoint needs message ${position}, which is not in the log.`
    throw new HoldfastError('HF_STORE_DAMAGED', what, { actor: actor.path, hint })
  }
  for (const position of life.pending ?? []) actor.pending.add(found(position))
  if (life.stash !== undefined) {
    actor.stash = new StashImage()
    actor.stash.messages = life.stash.messages.map(found)
    for (const [position, handled] of life.stash.handled) actor.stash.handled.set(position, handled)
  }
  for (const [position, key] of life.ticks ?? []) actor.ticks.set(position, key)
  if (life.notices !== undefined) actor.notices = new Map(life.notices)
  actor.start = life.start ?? 0
  actor.attempt = life.attempt ?? 1
  actor.attemptOf = life.attemptOf ?? 0
}

function restoreWork(actor: ActorImage, life: StoredLife): void {
  actor.turns = life.turns ?? 0
  actor.idleTurns = life.idleTurns ?? 0
  for (const timer of life.timers ?? []) actor.timers.set(timer.key, timer)
  for (const [target, type] of life.watching ?? []) actor.watching.set(target, type)
  if (life.dependsOn !== undefined) actor.dependsOn = new Set(life.dependsOn)
  actor.unseen = life.unseen === undefined ? null : [...life.unseen]
  if (life.rerun === undefined) return
  const { asked, results, ...rerun } = life.rerun
  actor.rerun = { ...rerun, results: [...results], asked: new Map(asked) }
}

function restoreFate(actor: ActorImage, life: StoredLife): void {
  for (const field of FLAGS) actor[field] = life[field] === true
  actor.stopped = life.stopped ?? null
  actor.stopError = life.stopError
  actor.outAt = life.outAt ?? 0
  actor.outMs = life.outMs ?? 0
  actor.incarnation = life.incarnation ?? 1
  actor.restarts = life.restarts ?? 0
  actor.failures.push(...(life.failures ?? []))
  actor.entering = life.entering ?? null
  actor.halting = life.halting ?? null
  actor.deleted = life.deleted === undefined ? null : new Set(life.deleted)
  actor.quarantine = life.quarantine ?? null
  actor.diverged = life.diverged ?? null
  actor.undecided = life.undecided === undefined ? null : restoredRecord(life.undecided)
  actor.unfinished = life.unfinished === undefined ? null : restoredRecord(life.unfinished)
  actor.awaited = life.awaited === undefined ? null : new Set(life.awaited)
  actor.grants = [...(life.grants ?? [])]
  actor.ownGrants = [...(life.ownGrants ?? [])]
}
