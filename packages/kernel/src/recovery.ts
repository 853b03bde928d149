// Recovery
// ========
// Brings a system back from its log in one pass: the image grows record by record, cells are made as they are born in
// it, and each completed turn after an actor's snapshot is run again at the place where it stands. Then mailboxes,
// timers and watches are put back, decisions that were not carried out are carried out, and turns that were waiting
// begin again with what they had already learned.
//
// Invariants
//   Y1  Nothing happens outside while the log is read.
//   Y2  An actor whose code no longer fits its log stops with the reason; the others go on.
//   Y3  Recovery that is cut short and done again gives the same system.

import { ActorAsk } from './actor-ask.js'
import { enterLife, writeStart } from './birth.js'
import { START, STOP } from './blueprint.js'
import { Cell, type RecordedTurn, type Rerun } from './cell.js'
import { HoldfastError } from './errors.js'
import { FAILED, STOPPED } from './gate.js'
import { SystemImage, type ActorImage } from './image.js'
import type { Kernel } from './kernel.js'
import { SHUTDOWN_MS } from './limits.js'
import { replayTurn } from './rebuild.js'
import { storedError, type LogRecord, type MessageRecord, type TurnRecord } from './records.js'
import { stopCell } from './stopping.js'
import { carryOut, decide } from './supervision/failure.js'
import type { ChildSpec, RestartType } from './supervision/supervisor-definition.js'
import { armTimers } from './timers.js'
import { watch } from './watching.js'

/** Batches between two pauses for the event loop. */
const PAUSE_EVERY_BATCHES = 16

interface Fold {
  readonly cell: Cell
  readonly after: number
  waiting: RecordedTurn[] | null
  error: unknown
}

/** Recovers a system. @returns its image, or `undefined` when the log is empty */
export async function recover(kernel: Kernel): Promise<SystemImage | undefined> {
  const folds = new Map<number, Fold>()
  const image = new SystemImage({
    onSpawned: (actor) => {
      actor.tag = makeCell(kernel, actor)
      folds.set(actor.id, actor.tag as Fold)
    },
    onTurn: (actor, message, turn, rerun) => {
      foldTurn(kernel, actor.tag as Fold, { message, turn, rerun: ofAttempt(rerun, turn) })
    },
  })
  const add = (record: LogRecord): void => {
    image.add(record)
  }
  let batches = 0
  for (const batch of kernel.log.readBatches()) {
    batch.forEach(add)
    if (++batches % PAUSE_EVERY_BATCHES === 0) await pause(kernel)
  }
  if (image.root === null) return undefined
  while ([...folds.values()].some((fold) => fold.waiting !== null)) await pause(kernel)
  putBack(kernel, image, folds)
  return image
}

function pause(kernel: Kernel): Promise<void> {
  return new Promise((resolve) => {
    kernel.authorities.defer(resolve)
  })
}

function ofAttempt(rerun: Rerun | undefined, turn: TurnRecord): Rerun | undefined {
  return rerun?.attempt === turn.attempt ? rerun : undefined
}

function makeCell(kernel: Kernel, actor: ActorImage): Fold {
  const parent = kernel.cells.get(actor.parent) ?? null
  const blueprint = kernel.blueprints.named(actor.definition, actor.path)
  const spec = actor.fixed ? parent?.blueprint.children.find((child) => child.id === actor.name) : undefined
  const shutdown: ChildSpec['shutdown'] =
    spec?.shutdown ?? (blueprint.isSupervisor ? 'infinity' : SHUTDOWN_MS)
  const cell = new Cell(
    actor.id,
    actor.name,
    parent,
    blueprint,
    actor.args,
    actor.restart as RestartType,
    actor.fixed,
    shutdown,
  )
  if (parent === null) kernel.root = cell
  kernel.adopt(cell)
  kernel.nextId = Math.max(kernel.nextId, actor.id + 1)
  const fold: Fold = { cell, after: 0, waiting: null, error: undefined }
  if (blueprint.isSupervisor) return fold
  try {
    const snapshot = cell.durable ? kernel.log.snapshot(actor.id) : undefined
    if (snapshot === undefined) {
      cell.state = blueprint.firstState(actor.args)
      return fold
    }
    cell.state = blueprint.migrateState(snapshot.state, snapshot.version, actor.path)
    cell.turns = snapshot.turns
    return { ...fold, after: snapshot.position }
  } catch (error) {
    return { ...fold, error }
  }
}

function foldTurn(kernel: Kernel, fold: Fold, recorded: RecordedTurn): void {
  if (recorded.turn.position <= fold.after || fold.error !== undefined) return
  if (fold.waiting !== null) {
    fold.waiting.push(recorded)
    return
  }
  try {
    fold.cell.weight += recorded.message.bytes
    const settled = replayTurn(kernel, fold.cell, recorded)
    if (settled === undefined) return
    fold.waiting = []
    settled.then(
      () => {
        foldWaiting(kernel, fold)
      },
      (error: unknown) => {
        fold.error = error
        fold.waiting = null
      },
    )
  } catch (error) {
    fold.error = error
  }
}

function foldWaiting(kernel: Kernel, fold: Fold): void {
  const turns = fold.waiting ?? []
  fold.waiting = null
  turns.forEach((turn) => {
    foldTurn(kernel, fold, turn)
  })
}

function putBack(kernel: Kernel, image: SystemImage, folds: ReadonlyMap<number, Fold>): void {
  for (const [id, fold] of folds) {
    const actor = image.actors.get(id)
    if (actor === undefined) forget(kernel, fold.cell)
    else putBackCell(kernel, actor, fold.cell)
  }
  for (const actor of image.actors.values()) putBackWatches(kernel, actor)
  for (const actor of image.actors.values()) {
    if (actor.stopped === null) putBackMail(kernel, image, actor)
  }
  for (const [id, fold] of folds) {
    const actor = image.actors.get(id)
    if (actor !== undefined && actor.stopped === null) goOn(kernel, image, actor, fold)
  }
}

function forget(kernel: Kernel, cell: Cell): void {
  cell.gate = STOPPED
  cell.parent?.supervision?.children.delete(cell.name)
  kernel.cells.delete(cell.id)
}

function putBackCell(kernel: Kernel, actor: ActorImage, cell: Cell): void {
  cell.incarnation = actor.incarnation
  if (actor.restarts > 0 || actor.failures.length > 0) {
    const rare = cell.extra()
    rare.restarts = actor.restarts
    rare.failures = [...actor.failures]
  }
  cell.attempt = actor.attempt
  if (actor.stopped !== null) {
    cell.gate = STOPPED
    cell.lifecycle = 'stopped'
    cell.extra().stopReason = actor.stopped
    return
  }
  cell.gate = 0
  cell.lifecycle = 'running'
  if (actor.rerun !== null && actor.pending.has(actor.rerun.message)) cell.extra().rerun = actor.rerun
  if (actor.timers.size === 0) return
  const timers = (cell.extra().timers ??= new Map())
  for (const [key, timer] of actor.timers) timers.set(key, { ...timer, handle: null })
  armTimers(kernel, cell)
}

function putBackWatches(kernel: Kernel, actor: ActorImage): void {
  const watcher = kernel.cells.get(actor.id)
  if (watcher === undefined) return
  for (const [target, type] of actor.watching) {
    const cell = kernel.cells.get(target)
    if (cell !== undefined && (cell.gate & STOPPED) === 0) watch(kernel, watcher, cell, cell.path, type)
  }
}

// In the order of the log; a start that has not run comes first, and the message of a turn that was waiting before all.
function putBackMail(kernel: Kernel, image: SystemImage, actor: ActorImage): void {
  const cell = kernel.cells.get(actor.id)!
  const order = actor.pending.values().filter((message) => message.type !== STOP)
  const first = order.filter((message) => message.type === START || message.position === actor.rerun?.message)
  const rest = order.filter((message) => message.type !== START && message.position !== actor.rerun?.message)
  for (const message of [...first, ...rest]) putBackMessage(kernel, image, cell, message)
}

function putBackMessage(kernel: Kernel, image: SystemImage, cell: Cell, message: MessageRecord): void {
  const { blueprint } = cell
  const entry = blueprint.entry(message.type)
  if (entry === undefined) {
    kernel.bury(cell, message.type, message.position, message.correlation, 'unknown-type')
    return
  }
  const payload = blueprint.upcastMessage(message.type, message.payload(), message.version, cell)
  const sender = kernel.cells.get(message.sender) ?? null
  const { ask } = message
  const isAwaited =
    ask !== undefined && sender !== null && image.actors.get(message.sender)?.rerun?.message === message.cause
  const asker = isAwaited
    ? new ActorAsk(kernel, sender, message.cause, ask.attempt, ask.index, message.correlation, 0)
    : null
  const box = cell.box()
  if (!box.push(entry, payload, sender, message.position, message.correlation, asker)) {
    kernel.bury(cell, message.type, message.position, message.correlation, 'mailbox-full')
  }
}

function goOn(kernel: Kernel, image: SystemImage, actor: ActorImage, fold: Fold): void {
  const { cell } = fold
  if (fold.error !== undefined) {
    const stored = storedError(fold.error)
    kernel.log.record('failed', cell.id, 0, 0, {
      attempt: 1,
      context: 'recovery',
      error: stored,
      parked: false,
    })
    stopCell(kernel, cell, 'failed', stored)
  } else if (actor.isHalting) stopCell(kernel, cell, 'normal')
  else if (actor.undecided !== null) decideNow(kernel, actor, cell)
  else if (actor.unfinished !== null) carryOutNow(kernel, actor, cell)
  else if (cell.blueprint.isSupervisor) startMissing(kernel, cell)
  else if (!cell.durable || (image.wasClosed && isStartDue(actor, cell))) enterAgain(kernel, cell)
  else kernel.dispatcher.enqueue(cell)
}

// A start hook that was under way when the system was stopped is begun again from its own message, which still waits.
function isStartDue(actor: ActorImage, cell: Cell): boolean {
  return cell.blueprint.start !== null && !actor.pending.values().some((message) => message.type === START)
}

// The stop hook ran when the system was stopped in order, so the start hook runs now; a volatile actor starts afresh.
function enterAgain(kernel: Kernel, cell: Cell): void {
  cell.lifecycle = 'starting'
  enterLife(kernel, cell, writeStart(kernel, cell, 0, 0))
}

// Children that the spec has gained since are started; those that it has lost go on as long as their definition is known.
function startMissing(kernel: Kernel, cell: Cell): void {
  const supervision = kernel.supervisionOf(cell)
  const isWhole = cell.blueprint.children.every((spec) => supervision.children.has(spec.id))
  if (isWhole) return
  cell.lifecycle = 'starting'
  supervision.startMissing()
}

function decideNow(kernel: Kernel, actor: ActorImage, cell: Cell): void {
  const record = actor.undecided!
  const { error, context } = record.data()
  cell.gate |= FAILED
  cell.lifecycle = 'failed'
  decide(kernel, cell, error, context, record.correlation, record.cause)
}

function carryOutNow(kernel: Kernel, actor: ActorImage, cell: Cell): void {
  const record = actor.unfinished!
  const { directive, reason } = record.data()
  cell.gate |= FAILED
  cell.lifecycle = 'failed'
  carryOut(kernel, cell, directive, reason, record.correlation, record.cause)
}

/** Refuses a log whose root is another than the one that is to run. @throws {HoldfastError} `HF_INVALID` */
export function checkRoot(image: SystemImage, name: string): void {
  if (image.root === null || image.root.name === name) return
  throw new HoldfastError(
    'HF_INVALID',
    `The data belong to the root "${image.root.name}", and the system's root is "${name}".`,
    {
      field: 'root',
      hint: 'Use another data directory, or give the root its name back.',
    },
  )
}
