// What is known of an actor's state without running its code: the newest snapshot, and how many turns it is behind.
// Whoever has the code can fold the turns since and answer with `source: 'fold'`.

import type { Journal } from '@holdfast/journal'
import type { ActorImage } from '@holdfast/kernel'

/** A state with where it comes from. */
export type ActorState =
  /** The log holds no snapshot yet. */
  | { readonly source: 'none'; readonly turnsSince: number }
  /** The state after `position`; `turnsSince` more turns have happened. */
  | {
      readonly source: 'snapshot'
      readonly position: number
      readonly turnsSince: number
      readonly state: unknown
    }
  /** The state now. */
  | { readonly source: 'fold'; readonly state: unknown }

/** The newest snapshot of an actor. */
export function snapshotState(
  journal: Pick<Journal, 'snapshot'>,
  actor: Pick<ActorImage, 'id' | 'turns'>,
): ActorState {
  const snapshot = journal.snapshot(actor.id)
  if (snapshot === undefined) return { source: 'none', turnsSince: actor.turns }
  const { position, turns, state } = snapshot
  return { source: 'snapshot', position, turnsSince: Math.max(0, actor.turns - turns), state }
}
