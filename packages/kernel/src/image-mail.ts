// What the log says of the mail of one actor: what waits, what was put aside, and what has had its outcome.

import type { ActorImage } from './actor-image.js'
import type { Rerun } from './cell.js'
import type { MessageRecord } from './records.js'

/** A message has its outcome. @returns it, when it was here */
export function settled(actor: ActorImage, position: number): MessageRecord | undefined {
  firstAttempt(actor, position)
  if (actor.start === position) actor.start = 0
  const aside = actor.stash === null ? undefined : actor.stash.settle(position)
  return aside ?? actor.pending.take(position)
}

/** The next message is on its first attempt. A tick that was in hand is a message like any other. */
export function firstAttempt(actor: ActorImage, position: number): void {
  if (actor.attemptOf === position) {
    actor.attempt = 1
    actor.attemptOf = 0
  }
  if (actor.ticks.size > 0) actor.ticks.delete(position)
  actor.notices?.delete(position)
}

/** What was put aside waits again, in front. */
export function unstashed(actor: ActorImage): void {
  for (const message of actor.stash?.empty() ?? []) actor.pending.putBack(message)
}

/** What a turn that waits has learned belongs to a life that is over: its message is tried again. */
export function beginAnew(actor: ActorImage, reruns: Map<number, Rerun>): void {
  if (actor.rerun === null) return
  const { message, attempt } = actor.rerun
  reruns.delete(message)
  actor.rerun = null
  if (!actor.pending.has(message)) return
  actor.attempt = attempt + 1
  actor.attemptOf = message
}

/** The start of an incarnation that is over. */
export function forgetStart(actor: ActorImage): void {
  if (actor.start !== 0) actor.pending.take(actor.start)
  actor.start = 0
}

/** The ticks of a timer that is no more. The one `inHand` is being handled: it was its turn that set the timer anew. */
export function forgetTicks(actor: ActorImage, key: string, inHand = 0): void {
  for (const [position, of] of actor.ticks) if (of === key && position !== inHand) settled(actor, position)
}
