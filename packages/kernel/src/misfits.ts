// Misfits
// =======
// At a start, the turns of every actor have been run again by the code that is there. Who comes out right and was held
// for not doing so is let go; who does not is held, or still is. Both are records before anything goes on, and the image
// takes them in like any other: a process that is killed in between finds in the log what was decided.
//
// Invariants
//   F1  What is found at two starts in a row is written once.
//   F2  Who is to end anyway ends, whatever its log says.
//   F3  Whose state is made later is judged when it is made.

import type { ActorImage } from './actor-image.js'
import { isSameReason } from './divergence.js'
import type { SystemImage } from './image.js'
import type { Kernel } from './kernel.js'
import { misreadMail } from './mail-again.js'
import { storedError, withoutStack, type StoredError } from './records.js'
import type { Fold } from './fold.js'
import { announceCommand } from './steering/command.js'
import { announceDiverged, writeDiverged } from './steering/diverging.js'
import { heldInSystem } from './steering/held-image.js'

/** Judges every actor that has not ended. @returns those that are held */
export function judgeAll(kernel: Kernel, image: SystemImage): ReadonlySet<ActorImage> {
  const held = heldInSystem(image)
  const misfits = new Set<ActorImage>()
  for (const actor of image.actors.values()) {
    const fold = actor.tag as Fold
    if (!fold.cell.durable) continue
    // Whoever begins another life makes its state anew.
    if (fold.error !== undefined) {
      fold.cell.isDirty = true
      fold.cell.state = undefined
    }
    if (actor.stopped !== null) continue
    const misread = misreadMail(actor)
    // One that is out anyway shows what its state comes to when it is let in. What waits for it is needed now.
    const isOut = actor.quarantine !== null || held.has(actor)
    const error = actor.diverged === null && isOut ? misread : (fold.error ?? misread)
    fold.error = undefined
    if (error !== undefined && (actor.diverged !== null || !isToEnd(actor))) {
      judge(kernel, image, actor, error)
      misfits.add(actor)
    } else if (error === undefined && actor.diverged !== null && !fold.isLate)
      writeReplays(kernel, image, actor)
  }
  return misfits
}

/** The log of an actor is not followed. @returns why */
export function judge(kernel: Kernel, image: SystemImage, actor: ActorImage, error: unknown): StoredError {
  const { cell } = actor.tag as Fold
  const reason = withoutStack(storedError(error, kernel.log.redaction))
  if (actor.diverged === null || !isSameReason(actor.diverged.reason, reason))
    takeIn(kernel, image, writeDiverged(kernel, cell, error, actor.diverged?.isOut ?? false).position)
  const { correlation } = actor.diverged!
  later(kernel, () => {
    announceDiverged(kernel, cell, reason, correlation)
  })
  return reason
}

/** The log of an actor is followed again. */
export function writeReplays(kernel: Kernel, image: SystemImage, actor: ActorImage): void {
  const { position, correlation } = actor.diverged!
  const { cell } = actor.tag as Fold
  const data = { command: 'release', ...HOLDFAST, replays: true }
  takeIn(kernel, image, kernel.log.record('steered', actor.id, correlation, position, data))
  later(kernel, () => {
    announceCommand(kernel, 'release', HOLDFAST, { id: cell.id, path: cell.path })
  })
}

/** Whether what was decided ends an actor, whatever its log says. */
function isToEnd({ halting, unfinished, restart }: ActorImage): boolean {
  if (halting !== null && halting !== 'drain') return true
  const directive = unfinished?.data().directive
  return directive === 'stop' || (directive === 'restart' && restart === 'temporary')
}

// What the image knows is what the next process will know.
function takeIn(kernel: Kernel, image: SystemImage, position: number): void {
  for (const record of kernel.log.read(position, position + 1)) image.add(record)
}

// Nobody can listen before the system is there.
function later(kernel: Kernel, tell: () => void): void {
  kernel.authorities.defer(tell)
}

const HOLDFAST = { by: 'holdfast', reason: 'its log replays again' }
