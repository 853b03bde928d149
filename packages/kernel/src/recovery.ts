// Recovery
// ========
// Brings a system back from its log in one pass: the image grows record by record, cells are made as they are born in
// it, and each completed turn after an actor's snapshot is run again at the place where it stands. How the system goes
// on from there is in `going-on.ts`.
//
// The pass begins behind the newest checkpoint, when there is one. An actor whose snapshot is older than that and has
// turns behind it has its state made when it goes on, as a virtual one has.
//
// Invariants
//   Y1  Nothing happens outside while the log is read.
//   Y2  An actor whose code no longer fits its log is held with the reason; the others go on.
//   Y3  Recovery that is cut short and done again gives the same system.

import type { ActorImage } from './actor-image.js'
import { firstStateOf, isVirtual } from './birth.js'
import { beginImage } from './checkpoint/begin-image.js'
import { saved } from './checkpoint/checkpointer.js'
import { snapshotsOfMade } from './checkpoint/snapshots.js'
import { Cell, type Rerun } from './cell.js'
import { DamagedLog } from './damaged-log.js'
import { makeFew, makeTogether } from './late-states.js'
import { checkEngine } from './engine.js'
import { HoldfastError } from './errors.js'
import { foldTurn, pause, type Fold } from './fold.js'
import { STOPPED } from './gate.js'
import { putBack } from './going-on.js'
import type { SystemImage } from './image.js'
import type { Kernel } from './kernel.js'
import { stateOf } from './rebuild.js'
import { checkSubjects } from './subjects/check-subjects.js'
import type { LogRecord, TurnRecord } from './records.js'
import { plainTerms, type RestartType } from './supervision/child-terms.js'

/** Batches between two pauses for the event loop. */
const PAUSE_EVERY_BATCHES = 16

/** A system as its log left it. */
export interface Recovered {
  readonly image: SystemImage
  /** Position of the checkpoint that holds all but the end of it, or 0. */
  readonly checkpoint: number
  /** Has it go on from there. Until then nothing was written. */
  proceed(): void
}

/** Hears how far the log has been read: before which position, and where it ends. */
export type RecoveryProgress = (position: number, end: number) => void

/**
 * Recovers a system with this root, and makes a checkpoint when so many records were read.
 *
 * @returns `undefined` when the log is empty
 */
export async function recover(
  kernel: Kernel,
  root: string,
  checkpointEvery: number,
  onProgress: RecoveryProgress = () => undefined,
): Promise<Recovered | undefined> {
  const folds = new Map<number, Fold>()
  // Only an actor that still lives needs its definition.
  const missing = new Map<number, ActorImage>()
  const image = beginImage(kernel.log, {
    onSpawned: (actor) => {
      if (missing.has(actor.parent) || !kernel.blueprints.has(actor.definition)) {
        missing.set(actor.id, actor)
        return
      }
      actor.tag = makeCell(kernel, actor)
      folds.set(actor.id, actor.tag as Fold)
    },
    onEnded: (actor) => {
      missing.delete(actor.id)
      folds.delete(actor.id)
      if (actor.tag !== undefined) forget(kernel, (actor.tag as Fold).cell)
    },
    onTurn: (actor, message, turn, rerun, noted) => {
      if (actor.tag === undefined) return
      foldTurn(kernel, actor.tag as Fold, { message, turn, rerun: ofAttempt(rerun, turn), noted })
    },
  })
  const before = image.lastPosition
  if (before + 1 < kernel.log.floor) throw withoutBeginning(kernel.log.floor)
  await makeTogether(kernel, folds, before)
  const add = (record: LogRecord): void => {
    if (record.kind === 'opened') checkEngine(record.data().engine)
    image.add(record)
  }
  let batches = 0
  const damaged = new DamagedLog(kernel, image)
  for (const batch of kernel.log.readBatches((damage) => damaged.take(damage), before + 1)) {
    batch.forEach(add)
    if (++batches % PAUSE_EVERY_BATCHES !== 0) continue
    onProgress(image.lastPosition + 1, kernel.log.next)
    await pause(kernel)
  }
  damaged.end()
  // Whoever the log has named, also one that it does not know: nobody else is mistaken for it.
  kernel.nextId = image.lastActor + 1
  if (image.root === null) return undefined
  checkRoot(image.root, root)
  checkSubjects(kernel, image)
  kernel.subjects?.restore(image)
  for (const actor of missing.values()) kernel.blueprints.named(actor.definition, actor.path)
  while ([...folds.values()].some((fold) => fold.waiting !== null)) await pause(kernel)
  await makeFew(kernel, folds)
  const isDue = damaged.isWhole && image.lastPosition - before > checkpointEvery
  if (isDue) await checkpoint(kernel, image, folds)
  return {
    image,
    checkpoint: isDue ? image.lastPosition : before,
    proceed: () => {
      putBack(kernel, image, folds)
    },
  }
}

function ofAttempt(rerun: Rerun | undefined, turn: TurnRecord): Rerun | undefined {
  return rerun?.attempt === turn.attempt ? rerun : undefined
}

function makeCell(kernel: Kernel, actor: ActorImage): Fold {
  const parent = kernel.cells.get(actor.parent) ?? null
  const blueprint = kernel.blueprints.named(actor.definition, actor.path)
  const above = parent?.blueprint
  const spec = actor.fixed ? above?.childSpec(actor.name) : above?.template
  const cell = new Cell(
    actor.id,
    actor.name,
    parent,
    blueprint,
    actor.args,
    spec ?? actor.terms ?? plainTerms(actor.restart as RestartType, blueprint.isSupervisor),
    actor.fixed,
  )
  if (parent === null) kernel.root = cell
  kernel.adopt(cell)
  if (actor.belongs !== undefined) kernel.subjects?.belongs(cell.id, actor.belongs)
  // A virtual actor that is awake at the end has its state made then; most are not.
  const fold: Fold = { cell, after: 0, isLate: isVirtual(cell), waiting: null, error: undefined }
  if (blueprint.isSupervisor || fold.isLate) return fold
  try {
    const snapshot = cell.durable ? kernel.log.snapshot(actor.id) : undefined
    // What it did between its snapshot and the checkpoint is not read in the pass behind that.
    const isLate = actor.turns > (snapshot?.turns ?? 0)
    if (snapshot === undefined) {
      cell.state = firstStateOf(kernel, cell)
      return { ...fold, isLate }
    }
    cell.state = stateOf(cell, snapshot)
    cell.turns = snapshot.turns
    return { ...fold, isLate, after: snapshot.position }
  } catch (error) {
    return { ...fold, error }
  }
}

// Whoever reads so much once need not read it again, also when the process ends soon.
async function checkpoint(
  kernel: Kernel,
  image: SystemImage,
  folds: ReadonlyMap<number, Fold>,
): Promise<void> {
  for (const { cell, error, isLate } of folds.values()) if (error !== undefined || isLate) cell.isDirty = true
  for (const steps of [snapshotsOfMade(kernel, image), saved(kernel, image)])
    while (steps.next().done !== true) await pause(kernel)
}

function forget(kernel: Kernel, cell: Cell): void {
  cell.gate = STOPPED
  const siblings = cell.parent?.supervision?.children
  if (siblings?.get(cell.name) === cell) siblings.delete(cell.name)
  kernel.cells.delete(cell.id)
}

function withoutBeginning(floor: number): HoldfastError {
  const message = `The log begins at position ${floor}, and no checkpoint says what the system was there.`
  return new HoldfastError('HF_STORE_DAMAGED', message, {
    hint: 'Restore the data from a backup; `holdfast verify` says what is damaged.',
  })
}

// A log whose root is another than the one that is to run is somebody else's.
function checkRoot(root: ActorImage, name: string): void {
  if (root.name === name) return
  const message = `The data belong to the root "${root.name}", and the system's root is "${name}".`
  throw new HoldfastError('HF_INVALID', message, {
    field: 'root',
    hint: 'Use another data directory, or give the root its name back.',
  })
}
