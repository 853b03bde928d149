// What supervisors have decided, as the log holds it: which decisions are not carried out, and what they are charged to.
// A decision to restart stands with the one that failed until all are back that share its fate; if it ends before that,
// the decision about the others passes to the first of them.
//
// Known limit: a decision about a group overtakes those about its members. Where the process ends before it is carried out,
// and the next one finds that the budget of the one that failed refuses it, what was decided about the others before is
// forgotten: one that was waiting for its restart stays down.

import type { ActorImage, Grant } from '../actor-image.js'
import type { DataRecord, LogRecord } from '../records.js'

/** Who restarts are charged to, besides those who are restarted. */
interface Charged {
  grants: Grant[]
}

/** The decisions of a whole system. */
export class DecisionsImage {
  /** Those for whose failure a restart was decided that is not done. */
  readonly #restarting = new Set<ActorImage>()
  readonly #actors: ReadonlyMap<number, ActorImage>

  constructor(actors: ReadonlyMap<number, ActorImage>) {
    this.#actors = actors
  }

  /** Takes up what the actors say, when they come out of a checkpoint. */
  restore(): void {
    for (const actor of this.#actors.values()) if (actor.awaited !== null) this.#restarting.add(actor)
  }

  /** What is to be done about a failure is decided. */
  decided(actor: ActorImage, above: Charged, record: DataRecord<'directive'>): void {
    const { directive, affected } = record.data()
    actor.undecided = null
    if (directive !== 'restart') this.#passOn(actor)
    this.finished(actor)
    if (directive === 'resume') {
      actor.hasFailed = false
      return
    }
    actor.unfinished = record
    if (directive !== 'restart') return
    this.#overtaken(actor, affected)
    actor.awaited = new Set(affected)
    this.#restarting.add(actor)
    granted(actor, above, record)
  }

  /** What was decided is done, or overtaken. */
  finished(actor: ActorImage): void {
    actor.unfinished = null
    actor.awaited = null
    this.#restarting.delete(actor)
  }

  /** One of a group has come back, or will not. A decision about a group is carried out when all of the group are. */
  hasFollowed(actor: ActorImage): void {
    this.#overtaken(actor, [actor.name])
  }

  // Those who are to be restarted with another one now are not restarted twice.
  #overtaken({ parent }: ActorImage, names: readonly string[]): void {
    for (const offender of this.#restarting) {
      if (offender.parent !== parent) continue
      for (const name of names) offender.awaited?.delete(name)
      if (offender.awaited?.size === 0) this.finished(offender)
    }
  }

  /** A next life has begun. */
  restarted(actor: ActorImage): void {
    actor.undecided = null
    // Whatever else was decided about it, it has been overtaken by this.
    if (actor.awaited === null) this.finished(actor)
    this.hasFollowed(actor)
  }

  /** It has ended, or is held: nothing more is done about its failures. */
  settled(actor: ActorImage): void {
    this.#passOn(actor)
    this.#ended(actor)
  }

  /** The same for one whose own budget refused the restart: nobody is restarted for it, and `above` is not charged. */
  refused(actor: ActorImage, above: Charged): void {
    above.grants = above.grants.filter(({ position }) => position !== actor.unfinished?.position)
    this.#ended(actor)
  }

  #ended(actor: ActorImage): void {
    actor.undecided = null
    this.finished(actor)
    this.hasFollowed(actor)
  }

  #passOn(actor: ActorImage): void {
    const { unfinished, awaited } = actor
    if (unfinished === null || awaited === null) return
    for (const id of this.#actors.get(actor.parent)?.children ?? []) {
      const next = this.#actors.get(id)!
      if (next === actor || !awaited.has(next.name)) continue
      if (next.unfinished !== null) return
      next.unfinished = unfinished
      next.awaited = awaited
      awaited.delete(actor.name)
      this.#restarting.add(next)
      return
    }
  }
}

/** A restart is charged, to who restarts and to who is restarted. */
export function granted(
  actor: ActorImage,
  above: Charged,
  { position, timeMs }: Pick<LogRecord, 'position' | 'timeMs'>,
): void {
  for (const { grants } of [above, { grants: actor.ownGrants }]) {
    grants.push({ position, atMs: timeMs })
    if (grants.length > GRANTS_KEPT) grants.shift()
  }
}

/** Known limit: a budget of more restarts than this is granted anew by a new process. */
const GRANTS_KEPT = 1_024
