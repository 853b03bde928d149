// What the log says of an actor that is held because the code did not follow its log. Its life is as it was, with its
// timers and what it had learned in a turn that waits: when other code follows the log, it goes on from there.

import type { ActorImage } from '../actor-image.js'
import type { DataRecord, StoredError } from '../records.js'
import type { DecisionsImage } from '../supervision/decisions-image.js'

/** Why an actor is held, and where it stands. */
export interface DivergedImage {
  readonly reason: StoredError
  /** Its life is over: it comes back as after a restart. */
  isOut: boolean
  /** Of the record that says so, and what that belongs to. */
  readonly position: number
  readonly correlation: number
}

/** Notes that an actor is held. One that was to be restarted is between two lives. */
export function noteDiverged(
  actor: ActorImage,
  record: DataRecord<'quarantined'>,
  decisions: DecisionsImage,
): void {
  const { reason, diverged } = record.data()
  const { position, correlation } = record
  const wasToRestart = actor.unfinished?.data().directive === 'restart'
  // Those who share its fate do not wait for it.
  if (wasToRestart) decisions.settled(actor)
  else decisions.hasFollowed(actor)
  const isOut = diverged?.isOut === true || wasToRestart || actor.diverged?.isOut === true
  actor.diverged = { reason, isOut, position, correlation }
}

/** Notes that its log replays again. One that is between two lives is let in like any other. */
export function noteReplays(actor: ActorImage, quarantined: Set<ActorImage>): void {
  const { diverged } = actor
  actor.diverged = null
  if (diverged?.isOut !== true || actor.quarantine !== null) return
  actor.quarantine = { reason: diverged.reason, keepsChildren: false, isReleased: true }
  actor.ownGrants = []
  quarantined.add(actor)
}
