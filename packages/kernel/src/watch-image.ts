// Watches and links as the log holds them. What concerns an actor that the log does not know, because what spawned it
// writes nothing, is kept apart: the end of the process is the end of that one.

import type { ActorImage } from './actor-image.js'
import { PACT } from './pact.js'
import type { MessageRecord, RecordData } from './records.js'

type Actors = ReadonlyMap<number, ActorImage>

/** A watch begins, or a link. */
export function noteWatched(actors: Actors, actor: ActorImage, data: RecordData['watched']): void {
  const { target, type, path } = data
  const watched = actors.get(target)
  // The notice of an end that lay behind it stands in the log.
  if (actor.stopped !== null || target === 0 || (watched !== undefined && watched.stopped !== null)) return
  if (watched === undefined) {
    if (path !== undefined) noteUnseen(actor, path, type)
  } else if (type === PACT) {
    ;(actor.dependsOn ??= new Set()).add(target)
    ;(watched.dependents ??= new Set()).add(actor.id)
  } else {
    actor.watching.set(target, type)
    watched.watchers.add(actor.id)
  }
}

/** A watch is taken back, or a link. */
export function noteUnwatched(actors: Actors, actor: ActorImage, data: RecordData['unwatched']): void {
  const { target, type, path } = data
  const isPact = type === PACT
  if (path !== undefined) forgetUnseen(actor, path, isPact)
  const watched = actors.get(target)
  if (isPact) {
    actor.dependsOn?.delete(target)
    watched?.dependents?.delete(actor.id)
  } else {
    actor.watching.delete(target)
    watched?.watchers.delete(actor.id)
  }
}

/** A notice waits. */
export function noteNotice(actor: ActorImage, record: MessageRecord): void {
  if (actor.durable) (actor.notices ??= new Map()).set(record.position, record.type)
  if (actor.unseen === null) return
  const { path } = record.payload() as { readonly path: string }
  forgetUnseen(actor, path, record.type === PACT)
}

/** The positions of the notices of broken links that wait. */
export function waitingPacts(actor: ActorImage): number[] {
  return [...(actor.notices ?? [])].filter(([, type]) => type === PACT).map(([position]) => position)
}

/** An actor has ended, and with it all that it held and all that was held of it. */
export function forgetWatches(actors: Actors, actor: ActorImage): void {
  for (const id of actor.watchers) actors.get(id)?.watching.delete(actor.id)
  for (const id of actor.watching.keys()) actors.get(id)?.watchers.delete(actor.id)
  for (const id of actor.dependents ?? []) actors.get(id)?.dependsOn?.delete(actor.id)
  for (const id of actor.dependsOn ?? []) actors.get(id)?.dependents?.delete(actor.id)
  actor.watchers.clear()
  actor.watching.clear()
  actor.dependents = null
  actor.dependsOn = null
  actor.unseen = null
}

function noteUnseen(actor: ActorImage, path: string, type: string): void {
  forgetUnseen(actor, path, type === PACT)
  ;(actor.unseen ??= []).push({ path, type })
}

function forgetUnseen(actor: ActorImage, path: string, isPact: boolean): void {
  const left = actor.unseen?.filter((each) => each.path !== path || (each.type === PACT) !== isPact) ?? []
  actor.unseen = left.length > 0 ? left : null
}
