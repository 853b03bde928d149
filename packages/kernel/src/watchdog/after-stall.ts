// After a stall
// =============
// The last process stood still in a turn until its watchdog ended it. The message is still in the log without an outcome,
// and would be handed out again, with the same end. So it gets its outcome now, before anything runs: its turn has
// failed, and the supervisor decides as about any failure.
//
// Invariants
//   A1  A message is failed only when the log holds it without an outcome, for this actor and this type, and nothing ran
//       since: a report that is older than the last run is not believed.
//   A2  It is not tried again, whatever `attempts` says: each try would cost a process.
//   A3  `failed` stands in the log in one piece with the opening of the system, so that no start finds half of it.

import type { ActorImage } from '../actor-image.js'
import { isHook, STOP } from '../blueprint.js'
import { HoldfastError } from '../errors.js'
import type { SystemImage } from '../image.js'
import type { Kernel } from '../kernel.js'
import type { Recovered } from '../recovery.js'
import { turnFailed } from '../outside-ask.js'
import { storedError, type FailureContext, type MessageRecord, type StoredError } from '../records.js'
import { Caution } from './caution.js'
import type { StallEnd } from './watchdog.js'

/** What became of the message at which the last process was ended. */
interface StallOutcome {
  /** It is the end of the run that the log knows of last. */
  readonly isCurrent: boolean
  /** Path of the actor; empty when nobody knows it. */
  readonly actor: string
  readonly type: string
  readonly correlation: number
  /** Whether the log held the message, so that its turn has failed now. */
  readonly hasFailed: boolean
}

// Has the message fail at which the last process was ended.
function failStalled(kernel: Kernel, image: SystemImage, end: StallEnd): StallOutcome {
  const { inHand } = end
  const isCurrent = isOfLastRun(image, end)
  const nothing = { isCurrent, actor: inHand?.actor ?? '', type: inHand?.type ?? '', correlation: 0 }
  if (inHand === null || !isCurrent) return { ...nothing, hasFailed: false }
  const actor = image.actors.get(inHand.actorId) ?? image.mail.get(inHand.actorId)
  const message = actor?.pending.values().find(({ position }) => position === inHand.position)
  const isSame = message !== undefined && (inHand.type === '' || inHand.type === message.type)
  if (actor === undefined || !isSame)
    return { ...nothing, actor: inHand.actor === '' ? (actor?.path ?? '') : inHand.actor, hasFailed: false }
  record(kernel, image, actor, message, end)
  const { type, correlation } = message
  return { isCurrent, actor: actor.path, type, correlation, hasFailed: true }
}

/**
 * Has a recovered system go on, after its opening was written with `open`. When the last process was ended by its watchdog,
 * that is made good first, and told once somebody can listen.
 */
export function goOnAfter(
  kernel: Kernel,
  recovered: Recovered,
  end: StallEnd | undefined,
  open: () => void,
): void {
  if (end === undefined) {
    open()
    recovered.proceed()
    return
  }
  const { log } = kernel
  // A3
  log.mark()
  open()
  const from = log.next
  const outcome = failStalled(kernel, recovered.image, end)
  log.keep()
  for (const record of log.read(from)) recovered.image.add(record)
  recovered.proceed()
  if (!outcome.isCurrent) return
  if (!outcome.hasFailed && outcome.actor !== '') beCareful(kernel, outcome.actor)
  kernel.authorities.defer(() => {
    tell(kernel, end, outcome)
  })
}

function tell(kernel: Kernel, end: StallEnd, { actor, type, correlation, hasFailed }: StallOutcome): void {
  if (!kernel.events.has('loop-stalled')) return
  const { stalledMs, stack, inHand } = end
  kernel.events.emit('loop-stalled', {
    actor,
    type,
    position: inHand?.position ?? 0,
    correlationId: correlation === 0 ? '' : kernel.log.correlationName(correlation),
    stalledMs,
    stack,
    ended: true,
    gaveUp: hasFailed,
  })
}

// From here on an actor is handled with care.
function beCareful(kernel: Kernel, path: string): void {
  kernel.caution = new Caution(kernel, path)
  const cell = kernel.find(path)
  if (cell !== null) kernel.caution.meet(cell)
}

// A run of which the disk got nothing has no opening in the log: it was the one after that.
function isOfLastRun({ opened }: SystemImage, { epoch, atMs }: StallEnd): boolean {
  const last = opened?.data().epoch ?? 0
  return epoch === last + 1 || (epoch === last && opened!.timeMs <= atMs)
}

function record(
  kernel: Kernel,
  image: SystemImage,
  actor: ActorImage,
  message: MessageRecord,
  end: StallEnd,
): void {
  const { log } = kernel
  const { position, correlation } = message
  const error = errorOf(kernel, actor, message, end)
  const data = { attempt: attemptAt(actor, position), context: contextOf(message), error, parked: true }
  log.record('failed', actor.id, correlation, position, data)
  answer(kernel, image, actor, message, error)
}

function errorOf(
  kernel: Kernel,
  { path }: ActorImage,
  { type }: MessageRecord,
  { stalledMs, stack }: StallEnd,
): StoredError {
  const message = `${path} kept the event loop standing still for ${Math.round(stalledMs)} ms in "${type}", and the watchdog ended the process.`
  const hint = 'The stack says where. Give long work back in pieces, or to a thread.'
  const error = new HoldfastError('HF_LOOP_STALLED', message, { actor: path, hint })
  // Where it was thrown says nothing; where the thread stood still says all.
  error.stack = stack === '' ? message : `HoldfastError: ${message}\n${stack}`
  return storedError(error, kernel.log.redaction)
}

function contextOf({ type }: MessageRecord): FailureContext {
  if (!isHook(type)) return 'message'
  return type === STOP ? 'stop' : 'start'
}

function attemptAt({ rerun, attempt, attemptOf }: ActorImage, position: number): number {
  if (rerun?.message === position) return rerun.attempt
  return attemptOf === position ? attempt : 1
}

// Who asked in a turn that still waits is told.
function answer(
  kernel: Kernel,
  image: SystemImage,
  { path }: ActorImage,
  { ask, cause, correlation, sender }: MessageRecord,
  error: StoredError,
): void {
  const asking = image.actors.get(sender)
  if (ask === undefined || asking?.rerun?.message !== cause || asking.rerun.attempt !== ask.attempt) return
  const data = { attempt: ask.attempt, index: ask.index, ok: false, error: turnFailed(path, error) }
  kernel.log.record('reply', asking.id, correlation, cause, data)
}
