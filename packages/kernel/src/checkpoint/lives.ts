// What an image says of the lives of its actors, as the records that said it: their births, and of those that are not up,
// why. What else these records held, no image knows: their time, their incident, what caused them.

import type { ActorImage } from '../actor-image.js'
import type { SystemImage } from '../image.js'
import type { DataKind, DataRecord, LogRecord, RecordData } from '../records.js'
import { bornOf } from './stored-actor.js'

/** One actor of an image. */
export interface Life {
  readonly actor: number
  /** Turns that it has had. */
  readonly turns: number
  readonly records: readonly LogRecord[]
}

/** The lives of the actors of an image. */
export function livesOf(image: SystemImage): Life[] {
  return [...image.actors.values()].map((actor) => {
    const birth = recordOf('spawned', actor, actor.bornAt, bornOf(actor))
    return { actor: actor.id, turns: actor.turns, records: [birth, ...endOf(image, actor)] as LogRecord[] }
  })
}

function endOf(image: SystemImage, actor: ActorImage): DataRecord[] {
  const { outAt, stopped, stopError, quarantine, diverged, path } = actor
  if (outAt === 0) return []
  if (stopped !== null) return [recordOf('stopped', actor, outAt, { reason: stopped, error: stopError })]
  const reason = quarantine?.reason ?? diverged?.reason
  if (reason === undefined) return []
  const supervisor = image.actors.get(actor.parent)?.path ?? ''
  return [recordOf('quarantined', actor, outAt, { supervisor, context: 'recovery', reason, offender: path })]
}

function recordOf<K extends DataKind>(
  kind: K,
  { id }: ActorImage,
  position: number,
  data: RecordData[K],
): DataRecord<K> {
  return { kind, position, timeMs: 0, actor: id, correlation: 0, cause: 0, data: () => data }
}
