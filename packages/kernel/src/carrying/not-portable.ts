// Who cannot be taken out of a system at a position: one whose turn waits for something that is elsewhere, one about which
// its supervisor is just deciding, and one whose data only its own system can shred.

import type { ActorImage } from '../actor-image.js'
import { HoldfastError } from '../errors.js'
import type { SystemImage } from '../image.js'

/** Refuses an actor that cannot be taken along. @throws {HoldfastError} `HF_NOT_PORTABLE` with its path */
export function checkPortable(image: SystemImage, actor: ActorImage): void {
  const why = whyNot(image, actor)
  if (why !== undefined) throw notPortable(actor.path, why)
}

function whyNot(image: SystemImage, actor: ActorImage): string | undefined {
  const { rerun, undecided, unfinished, awaited, halting, quarantine, diverged } = actor
  if (rerun !== null) return `its turn on message ${rerun.message} waits for an effect or an answer`
  const isWaiting = actor.pending.values().some(({ position }) => image.reruns.has(position))
  if (isWaiting) return 'a turn of it waits for an effect or an answer'
  if (diverged !== null) return 'it is held because the code does not follow its log'
  if (undecided !== null || unfinished !== null || awaited !== null)
    return 'it has failed, and what is to be done about that is not done'
  if (halting !== null) return 'it is about to stop'
  if (actor.isReviving || actor.comesAlong || quarantine?.isReleased === true) return 'it is about to start'
  if (actor.belongs !== undefined || actor.argsOf !== undefined)
    return 'it belongs to a subject, and shredding that would not reach a copy'
  return undefined
}

function notPortable(actor: string, why: string): HoldfastError {
  return new HoldfastError('HF_NOT_PORTABLE', `${actor} cannot be taken along: ${why}.`, {
    actor,
    field: 'actors',
    hint: 'Drain or stop it first, or choose another position with `at`; `dump` takes a whole system as it is.',
  })
}

/** Refuses a system that seals what belongs to subjects. @throws {HoldfastError} `HF_NOT_PORTABLE` */
export function checkUnsealed({ opened }: SystemImage): void {
  if (opened?.data().subjects === undefined) return
  const message =
    'Actors of a system with keys of subjects cannot be taken along: shredding would not reach the copy.'
  throw new HoldfastError('HF_NOT_PORTABLE', message, {
    field: 'data',
    hint: 'Dump the whole system: there, what belongs to a subject stays sealed.',
  })
}
