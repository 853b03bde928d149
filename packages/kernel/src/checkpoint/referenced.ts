// What an image still refers to: the messages that wait, are put aside or are parked. It names them by their positions, so
// the log must keep them for as long as the image is needed.

import type { ActorImage } from '../actor-image.js'
import type { SystemImage } from '../image.js'

/** A message that an image refers to. */
export interface Referenced {
  readonly position: number
  /** Path of the actor that it is for. */
  readonly actor: string
  readonly why: 'waits' | 'is put aside' | 'is parked'
}

/** The first message that an image refers to; `undefined` when there is none. */
export function firstReferenced(image: SystemImage): Referenced | undefined {
  let first: Referenced | undefined
  const look = (position: number, actor: string, why: Referenced['why']): void => {
    if (first === undefined || position < first.position) first = { position, actor, why }
  }
  const lookAt = ({ path, pending, stash, rerun }: ActorImage): void => {
    for (const { position } of pending.values()) look(position, path, 'waits')
    for (const { position } of stash?.messages ?? []) look(position, path, 'is put aside')
    if (rerun !== null) look(rerun.message, path, 'waits')
  }
  for (const actor of image.actors.values()) lookAt(actor)
  for (const actor of image.mail.values()) lookAt(actor)
  for (const { position, failedAt, actor } of image.parked.values()) {
    const path = image.actors.get(actor)?.path ?? `actor ${actor}`
    look(Math.min(position, failedAt), path, 'is parked')
  }
  return first
}
