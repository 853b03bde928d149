// Mail again
// ==========
// What waits for an actor, out of the log and into its mailbox and its stash. A message whose type the code has lost
// becomes a dead letter, unless its actor is held: then it keeps its place, and nobody reads it.

import { ActorAsk } from './actor-ask.js'
import type { ActorImage } from './actor-image.js'
import type { Asker } from './asker.js'
import { STOP } from './blueprint.js'
import type { Cell } from './cell.js'
import { divergedBy } from './divergence.js'
import type { HoldfastError } from './errors.js'
import { IDLE, idleTickOf } from './idle.js'
import type { SystemImage } from './image.js'
import type { Kernel } from './kernel.js'
import type { Mailbox } from './mailbox.js'
import { Notice } from './notices.js'
import { storedError, type MessageRecord } from './records.js'
import type { Fold } from './fold.js'
import { Returned, type Stashed } from './stash.js'
import { tickOf } from './timers.js'
import { Unread, unreadEntry } from './unread.js'

/** A message out of the log, as a mailbox takes it. */
type LiveMessage = Omit<Stashed, 'attempt' | 'stashes'>

// In the order of the log, urgent ones first. Before them stands a message that was in hand or is to be tried again, and
// before that a start that has not run.
export function putBackMail(
  kernel: Kernel,
  image: SystemImage,
  actor: ActorImage,
  awaited: Set<number>,
): void {
  const fold = actor.tag as Fold
  const { stash } = actor
  const mail = actor.pending.values().filter((message) => message.type !== STOP)
  mail.sort((a, b) => rankOf(actor, a) - rankOf(actor, b))
  try {
    for (const message of mail) {
      const live = liveMessage(kernel, image, actor, message, awaited)
      if (live !== null) putIntoBox(actor, fold.cell.box(), live)
    }
    for (const message of stash?.messages ?? []) {
      const live = liveMessage(kernel, image, actor, message, awaited)
      const handled = stash!.handled.get(message.position)!
      if (live !== null) (fold.cell.extra().stash ??= []).push({ ...live, ...handled })
    }
  } catch (error) {
    fold.error ??= error
  }
}

/** Why the code cannot read what waits for an actor; nothing when it can. */
export function misreadMail({ pending, stash, tag }: ActorImage): HoldfastError | undefined {
  if (pending.size === 0 && stash === null) return undefined
  const { cell } = tag as Fold
  for (const messages of [pending.values(), stash?.messages ?? []])
    for (const message of messages) {
      const error = misread(cell, message)
      if (error !== undefined) return error
    }
  return undefined
}

// A message of the version that the code has needs no look, and one whose type is gone is nothing that it reads.
function misread(cell: Cell, waiting: MessageRecord): HoldfastError | undefined {
  const { type, version, position } = waiting
  const { blueprint, path } = cell
  if (version === blueprint.version || blueprint.entry(type) === undefined) return undefined
  try {
    blueprint.upcastMessage(type, waiting.payload(), version, cell)
    return undefined
  } catch (error) {
    const { name, message } = storedError(error)
    const what = `"${type}" waits and cannot be read, because of ${name}: ${message}`
    return divergedBy(path, error, { position, message: position, what })
  }
}

// The higher it is, the later a message is put back, and those above 0 are put back in front.
function rankOf(
  { start, rerun, attemptOf }: ActorImage,
  { position }: { readonly position: number },
): number {
  if (position === start) return 2
  return position === rerun?.message || position === attemptOf ? 1 : 0
}

function putIntoBox(actor: ActorImage, box: Mailbox, live: LiveMessage): void {
  const { entry, payload, from, position, correlation } = live
  const handled = actor.stash?.handled.get(position)
  const attempt = position === actor.attemptOf ? actor.attempt : handled?.attempt
  const isPlain = handled === undefined || live.asker instanceof Unread
  const asker = isPlain ? live.asker : new Returned(live.asker, attempt!, handled.stashes)
  if (rankOf(actor, live) > 0) box.unshift(entry, payload, from, position, correlation, asker)
  else box.restore(entry, payload, from, position, correlation, asker)
}

// A message as a mailbox takes it; `null` when the code no longer handles its type.
function liveMessage(
  kernel: Kernel,
  image: SystemImage,
  actor: ActorImage,
  message: MessageRecord,
  awaited: Set<number>,
): LiveMessage | null {
  const { cell, isLate } = actor.tag as Fold
  const { position, correlation, type, version } = message
  const { idle } = cell.blueprint
  const entry = actor.ticks.get(position) === IDLE && idle !== null ? idle.entry : cell.blueprint.entry(type)
  // Whether the log of one whose state is made later is followed shows then.
  const isKept = actor.diverged !== null || isLate
  if (entry === undefined && !isKept) {
    kernel.bury(cell, type, position, correlation, 'unknown-type')
    return null
  }
  const waiting = askerOf(kernel, image, actor, message)
  if (waiting instanceof ActorAsk) awaited.add(position)
  const from = kernel.cells.get(message.sender) ?? null
  const isReadable = entry !== undefined && misread(cell, message) === undefined
  if (!isReadable) {
    const unread = entry ?? unreadEntry(type, version)
    return { entry: unread, payload: undefined, from, position, correlation, asker: new Unread(waiting) }
  }
  const payload = cell.blueprint.upcastMessage(type, message.payload(), version, cell)
  return { entry, payload, from, position, correlation, asker: noticeOf(actor, message, payload) ?? waiting }
}

// Its mark is made anew, so that it can be taken back as before.
function noticeOf(actor: ActorImage, message: MessageRecord, copy: unknown): Notice | null {
  if (actor.notices?.has(message.position) !== true) return null
  const { path } = message.payload() as { readonly path: string }
  return new Notice((actor.tag as Fold).cell, path, message.type, message.position, copy)
}

// Who waits for the outcome of a message: the turn that asked, if it is the one that runs again; a timer, if it ticks.
function askerOf(
  kernel: Kernel,
  image: SystemImage,
  actor: ActorImage,
  message: MessageRecord,
): Asker | null {
  const { ask, cause, correlation, position, sender } = message
  const key = actor.ticks.get(position)
  if (key === IDLE) return idleTickOf((actor.tag as Fold).cell, actor.idleTurns)
  if (key !== undefined) return tickOf((actor.tag as Fold).cell, key)
  const asking = image.actors.get(sender)
  if (ask === undefined || asking?.rerun?.message !== cause || asking.rerun.attempt !== ask.attempt)
    return null
  return new ActorAsk(kernel, (asking.tag as Fold).cell, cause, ask.attempt, ask.index, correlation, 0)
}
