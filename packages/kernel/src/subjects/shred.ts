// Shred
// =====
// Destroys what belongs to a subject, by destroying its key, once nobody needs what is sealed with it.
//
//   begun: nothing more is taken --> its actors end --> others end what they do for it --> their states are kept
//     --> ready: on stable storage --> the key is destroyed --> done
//
// Invariants
//   R1  The key is destroyed only when everything that a recovery needs is on stable storage and needs no such key.
//   R2  What is cut short anywhere goes on where it was when it is asked for again, in this process or in the next.

import { durable } from '../durable.js'
import { HoldfastError, refuse } from '../errors.js'
import { STOPPED } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { SHRED_LOOK_MS, SHRED_TIMEOUT_MS, TIMER_MS_MAX } from '../limits.js'
import type { ShredStep } from '../records.js'
import { systemStopping, steeredInsideTurn } from '../refusals.js'
import { stopCell } from '../stopping.js'
import { cancelTimer } from '../timers.js'
import { keepStates, sharedActors, StateKeeping } from './shared-actors.js'
import { noSubjectKeys, type Subjects } from './subjects.js'

/** How a subject is shredded. */
export interface ShredOptions {
  /** Milliseconds that others have to end what they do for it, before `HF_SUBJECT_BUSY`. @default 30,000 */
  readonly timeoutMs?: number
}

/** What was done. */
export interface ShredReport {
  /** Id under which the subject stands in the log. */
  readonly subject: string
  /** Actors that belonged to it and have ended. */
  readonly ended: number
  /** Other actors that had handled something of it, whose states were kept so that a recovery needs nothing of that. */
  readonly kept: number
}

/** One shredding under way. */
interface Shredding {
  readonly kernel: Kernel
  readonly subjects: Subjects
  readonly subject: string
  readonly untilMs: number
}

/** Shreds a subject by its name. */
export async function shred(kernel: Kernel, name: string, options: ShredOptions = {}): Promise<ShredReport> {
  const { subjects } = kernel
  const { timeoutMs = SHRED_TIMEOUT_MS } = options
  if (subjects === null) throw noSubjectKeys('A subject is to be shredded')
  if (!(timeoutMs > 0 && timeoutMs <= TIMER_MS_MAX)) refuse('timeoutMs', timeoutMs, 'milliseconds above 0')
  if (kernel.turn !== null) throw steeredInsideTurn(kernel.turn.cell, 'shred')
  if (kernel.isHalting) throw systemStopping(kernel.root)
  const subject = subjects.named(name)
  const untilMs = kernel.authorities.monotonic() + timeoutMs
  const shredding = { kernel, subjects, subject, untilMs }
  // What a listener asks for in the middle of the end of a turn begins behind that.
  await soon(kernel)
  if (subjects.seal.isShredded(subject)) {
    // Data from before that were put back still have actors of it, of which nothing can be read.
    return finished(shredding, subjects.isDone(subject) ? 0 : await endOwn(shredding), 0)
  }
  await step(shredding, 'begun')
  subjects.close(subject)
  const ended = await endOwn(shredding)
  await nothingWaits(shredding)
  const kept = await keepOthers(shredding)
  subjects.seal.destroy(subject)
  return finished(shredding, ended, kept)
}

async function finished(shredding: Shredding, ended: number, kept: number): Promise<ShredReport> {
  const { subject, subjects } = shredding
  subjects.close(subject)
  if (!subjects.isDone(subject)) {
    await step(shredding, 'done')
    subjects.done(subject)
  }
  return { subject, ended, kept }
}

async function step({ kernel, subject }: Shredding, reached: ShredStep): Promise<void> {
  if (kernel.isHalting) throw systemStopping(kernel.root)
  kernel.log.record('shredded', 0, 0, 0, { subject, step: reached })
  await durable(kernel)
}

// Those below others of them end with them.
async function endOwn(shredding: Shredding): Promise<number> {
  const { kernel, subjects, subject } = shredding
  const own = [...kernel.cells.values()].filter(
    (cell) => subjects.ownerOf(cell.id) === subject && (cell.gate & STOPPED) === 0,
  )
  const tops = own.filter(({ parent }) => parent === null || subjects.ownerOf(parent.id) !== subject)
  for (const cell of tops) stopCell(kernel, cell, 'shredded')
  for (;;) {
    const left = own.filter(({ gate }) => (gate & STOPPED) === 0)
    if (left.length === 0) return own.length
    await lookAgain(
      shredding,
      left.map(({ path }) => path),
    )
  }
}

// @returns whether there were any
function cancelTimers({ kernel, subject }: Shredding): boolean {
  let isAny = false
  for (const cell of kernel.cells.values())
    for (const [key, timer] of cell.rare?.timers ?? []) {
      if (timer.subject !== subject) continue
      isAny = true
      cancelTimer(cell, key)
      if (cell.durable) kernel.log.record('untimed', cell.id, 0, 0, { key })
    }
  return isAny
}

// Who is told something of it may set a timer for it, and the tick of a timer is something that it is told.
async function nothingWaits(shredding: Shredding): Promise<void> {
  const { kernel, subjects, subject } = shredding
  for (;;) {
    const waiting = subjects.waitingAt(subject)
    if (waiting.size === 0 && !cancelTimers(shredding)) return
    const paths = [...waiting].map((id) => kernel.pathOf(id) ?? String(id))
    if (waiting.size > 0) await lookAgain(shredding, paths)
  }
}

// R1. Two of each, because the newest may be damaged when it is needed.
async function keepOthers(shredding: Shredding): Promise<number> {
  const { kernel, subject } = shredding
  const others = await sharedActors(kernel, subject)
  const keeping = new StateKeeping(kernel, shredding.untilMs)
  for (const cell of others) while (!(await keeping.isKept(cell))) await lookAgain(shredding, [cell.path])
  await step(shredding, 'ready')
  keepStates(kernel, others)
  kernel.log.record('shredded', 0, 0, 0, { subject, step: 'ready' })
  await durable(kernel)
  kernel.checkpointer?.end()
  // A checkpoint is stored with the next commit.
  await step(shredding, 'ready')
  return others.length
}

async function lookAgain({ kernel, untilMs, subject }: Shredding, paths: readonly string[]): Promise<void> {
  const { authorities } = kernel
  if (kernel.isHalting) throw systemStopping(kernel.root)
  if (authorities.monotonic() >= untilMs) throw busy(subject, paths)
  kernel.dispatcher.wake()
  await new Promise<void>((resolve) => {
    authorities.timer(SHRED_LOOK_MS, resolve)
  })
}

function soon({ authorities }: Kernel): Promise<void> {
  return new Promise((resolve) => {
    authorities.defer(resolve)
  })
}

function busy(subject: string, paths: readonly string[]): HoldfastError {
  const [first = ''] = paths
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : ''
  const message = `Subject ${subject} is not shredded yet: ${first}${more} still works on what belongs to it, or is held.`
  return new HoldfastError('HF_SUBJECT_BUSY', message, {
    actor: first,
    detail: subject,
    hint: 'Nothing is taken for it any more, and its key is still there. Let the actor go on, and shred again.',
  })
}
