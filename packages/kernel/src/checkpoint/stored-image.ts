// Stored image
// ============
// A whole system at one position of its log as plain values, in parts that are small enough to be packed one after
// another, and back. It is a cache of the fold of the log: the image that it gives is the one that reading the log up to
// there gives.
//
//   parts:  system | known keys of a home, 1,024 each | ... | actors in the order of the image, 256 each | ...
//
// Invariants
//   I1  What is made of the parts is equal to what they were made of, and goes on to be equal with every later record.
//   I2  An image of another version is not read: the log is.

import type { ActorImage, Grant } from '../actor-image.js'
import { assert } from '../errors.js'
import type { SystemImage } from '../image.js'
import type { StoredError } from '../records.js'
import type { ParkedEntry } from '../steering/parked-list.js'
import { KnownActors } from '../supervision/known-actors.js'
import type { Noted } from '../turn-notes.js'
import {
  linkActors,
  restoredActor,
  restoredRecord,
  storedActor,
  storedRecord,
  type MessageAt,
  type StoredActor,
  type StoredRecord,
} from './stored-actor.js'

/** Version of what is stored; it changes with every field of the image. */
export const IMAGE_VERSION = 2

const ACTORS_PER_PART = 256
const KEYS_PER_PART = 1_024

/** What the parts of an image say of the system as a whole. */
export interface StoredSystem {
  readonly lastPosition: number
  readonly lastMs: number
  readonly lastActor: number
  readonly records: number
  readonly opened: StoredRecord<'opened'> | null
  readonly gaveUp: StoredError | null
  readonly wasClosed: boolean
  readonly grants: readonly Grant[]
  readonly parked: readonly ParkedEntry[]
  readonly dead: readonly { readonly record: StoredRecord<'dead'>; readonly to: string }[]
  readonly noted: readonly (readonly [number, Noted])[]
  /** Subjects that are being shredded, or were; left out when there are none. */
  readonly shreds?: readonly (readonly [string, boolean])[]
}

/** Keys of virtual actors that one home knows, with their ids and the turns of those that sleep. */
export interface StoredKeys {
  readonly home: number
  readonly keys: readonly string[]
  readonly ids: readonly number[]
  readonly turns: readonly number[]
}

/** The parts of an image, made one by one as they are asked for. */
export function* storedImage(image: SystemImage): Generator<ImagePart> {
  const { lastPosition, lastMs, lastActor, records, opened, gaveUp, wasClosed, grants } = image
  const system: StoredSystem = {
    lastPosition,
    lastMs,
    lastActor,
    records,
    opened: opened === null ? null : storedRecord(opened),
    gaveUp,
    wasClosed,
    grants,
    parked: [...image.parked.values()],
    dead: image.dead.map(({ record, to }) => ({ record: storedRecord(record), to })),
    noted: [...image.noted.entries()],
    ...(image.shreds.size === 0 ? {} : { shreds: [...image.shreds] }),
  }
  yield { system }
  for (const actor of image.actors.values())
    if (actor.known !== null) yield* storedKeys(actor.id, actor.known)
  yield* storedActors(image.actors.values(), false)
  yield* storedActors(image.mail.values(), true)
}

/** Makes the image of the parts, one in each step; it must be new. Nobody is told of the actors yet. */
export function* restoreImage(
  image: SystemImage,
  parts: Iterable<unknown>,
  messageAt: MessageAt,
): Generator<void> {
  const homes = new Map<number, KnownActors>()
  for (const part of parts as Iterable<ImagePart>) {
    if (part.system !== undefined) restoreSystem(image, part.system)
    else if (part.keys !== undefined) restoreKeys(homes, part.keys)
    else for (const stored of part.actors!) restoreActor(image, homes, stored, messageAt)
    yield
  }
  linkActors(image)
  image.decisions.restore()
}

/** One part of an image: it has one of these. */
export interface ImagePart {
  readonly system?: StoredSystem
  readonly keys?: StoredKeys
  readonly actors?: readonly StoredActor[]
}

function* storedKeys(home: number, known: KnownActors): Generator<ImagePart> {
  let part: { home: number; keys: string[]; ids: number[]; turns: number[] } | null = null
  for (const { key, id, turns } of known.entries()) {
    part ??= { home, keys: [], ids: [], turns: [] }
    part.keys.push(key)
    part.ids.push(id)
    part.turns.push(turns)
    if (part.keys.length < KEYS_PER_PART) continue
    yield { keys: part }
    part = null
  }
  // Also a home that knows nobody yet is one.
  if (part !== null || known.size === 0) yield { keys: part ?? { home, keys: [], ids: [], turns: [] } }
}

function* storedActors(actors: Iterable<ActorImage>, isAsleep: boolean): Generator<ImagePart> {
  let part: StoredActor[] = []
  for (const actor of actors) {
    part.push(storedActor(actor, isAsleep))
    if (part.length < ACTORS_PER_PART) continue
    yield { actors: part }
    part = []
  }
  if (part.length > 0) yield { actors: part }
}

function restoreSystem(image: SystemImage, stored: StoredSystem): void {
  image.lastPosition = stored.lastPosition
  image.lastMs = stored.lastMs
  image.lastActor = stored.lastActor
  image.records = stored.records
  image.opened = stored.opened === null ? null : restoredRecord(stored.opened)
  image.gaveUp = stored.gaveUp
  image.wasClosed = stored.wasClosed
  image.grants = [...stored.grants]
  for (const entry of stored.parked) image.parked.add(entry)
  for (const { record, to } of stored.dead) image.dead.push({ record: restoredRecord(record), to })
  image.noted.restore(stored.noted)
  for (const [subject, isDone] of stored.shreds ?? []) image.shreds.set(subject, isDone)
}

function restoreKeys(homes: Map<number, KnownActors>, { home, keys, ids, turns }: StoredKeys): void {
  let known = homes.get(home)
  if (known === undefined) homes.set(home, (known = new KnownActors()))
  for (const [i, key] of keys.entries()) {
    known.add(key, ids[i]!)
    if (turns[i] !== 0) known.sleeps(key, turns[i]!)
  }
}

function restoreActor(
  image: SystemImage,
  homes: ReadonlyMap<number, KnownActors>,
  stored: StoredActor,
  messageAt: MessageAt,
): void {
  const above = image.actors.get(stored.born.parent)
  assert(above !== undefined || stored.born.parent === 0, 'an actor of a checkpoint has no parent')
  const actor = restoredActor(stored, above, messageAt)
  actor.known = homes.get(actor.id) ?? null
  if (actor.rerun !== null) image.reruns.set(actor.rerun.message, actor.rerun)
  if (stored.isAsleep === true) {
    image.mail.set(actor.id, actor)
    return
  }
  image.actors.set(actor.id, actor)
  if (actor.quarantine !== null) image.quarantined.add(actor)
  if (above === undefined) image.root = actor
  else above.children.add(actor.id)
}
