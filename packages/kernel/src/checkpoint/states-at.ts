// States at a position, made from the log by running its turns again, beside the actors that run: each in a cell of its own,
// which nobody can send anything to.

import type { ActorImage } from '../actor-image.js'
import { firstStateOf } from '../birth.js'
import { Cell } from '../cell.js'
import { diverged, damagedBetween } from '../divergence.js'
import { HoldfastError } from '../errors.js'
import type { Fold } from '../fold.js'
import { FoldsTogether } from '../folds-together.js'
import type { SystemImage } from '../image.js'
import type { Kernel } from '../kernel.js'
import { STATES_PER_STEP, STATES_TOGETHER } from '../limits.js'
import type { Snapshot } from '../log.js'
import { stateOf } from '../rebuild.js'
import { plainTerms, type RestartType } from '../supervision/child-terms.js'

/** The state of one actor, or why there is none. */
export interface StateAt {
  readonly actor: ActorImage
  readonly cell: Cell
  readonly error: unknown
  /** A snapshot says the same: the state need not be kept once more. */
  readonly isKept: boolean
}

/** Which turns are run again: those at `from` and after, and before `below`. */
export interface Stretch {
  readonly from: number
  readonly below: number
}

/** Makes the states of actors of an image, so many in one reading of the log. Steps in which none is whole give nothing. */
export function* statesAt(
  kernel: Kernel,
  image: SystemImage,
  actors: Iterable<ActorImage>,
  stretch: Stretch,
): Generator<StateAt | undefined> {
  const cells = new Map<number, Cell>()
  let group: ActorImage[] = []
  for (const actor of actors) {
    group.push(actor)
    if (group.length < STATES_TOGETHER) continue
    yield* together(kernel, image, group, stretch, cells)
    group = []
  }
  yield* together(kernel, image, group, stretch, cells)
}

interface Folded {
  readonly actor: ActorImage
  fold: Fold
  /** Its state is not needed: there is one behind all of the stretch. */
  isBehind: boolean
}

function* together(
  kernel: Kernel,
  image: SystemImage,
  actors: readonly ActorImage[],
  stretch: Stretch,
  cells: Map<number, Cell>,
): Generator<StateAt | undefined> {
  const all = new FoldsTogether(kernel, stretch.below - 1)
  const folds: Folded[] = []
  for (const actor of actors) {
    const cell = cellOf(kernel, image, actor, cells)
    if (cell === undefined || cell.blueprint.isSupervisor) continue
    const fold = begun(kernel, cell, stretch)
    folds.push({ actor, fold, isBehind: false })
    all.add(fold)
    if (folds.length % STATES_PER_STEP === 0) yield
  }
  if (folds.length === 0) return
  for (const _ of all.steps()) yield
  while (all.isWaiting) yield
  const later = new FoldsTogether(kernel, stretch.below - 1)
  for (const each of folds) {
    if (!mayBeCutOff(kernel, each)) continue
    const fold = begunLater(kernel, each.fold, stretch)
    if (fold === undefined)
      each.isBehind = (kernel.log.snapshot(each.fold.cell.id)?.position ?? 0) >= stretch.below
    else {
      each.fold = fold
      later.add(fold)
    }
  }
  for (const _ of later.steps()) yield
  while (later.isWaiting) yield
  for (const each of folds) yield judged(kernel, each, stretch)
}

// Where what it handled was shredded, nobody can make its states; and where that was so when the log was last cut, its
// states since then begin with none. How many turns one that sleeps has behind it does not say that it is not so.
function mayBeCutOff({ subjects }: Kernel, { actor, fold }: Folded): boolean {
  if (subjects === null) return false
  if (fold.error === undefined) return actor.isVirtual || actor.turns !== fold.cell.turns
  return fold.error instanceof HoldfastError && fold.error.code === 'HF_SUBJECT_SHREDDED'
}

// It goes on from the state that shredding has kept, or from a later one.
function begunLater(kernel: Kernel, { cell }: Fold, { from, below }: Stretch): Fold | undefined {
  const snapshot = kernel.log.snapshot(cell.id, below - 1)
  if (snapshot === undefined || snapshot.position < from) return undefined
  const fold: Fold = { cell, after: snapshot.position, isLate: false, waiting: null, error: undefined }
  try {
    cell.state = stateOf(cell, snapshot)
    cell.turns = snapshot.turns
  } catch (error) {
    fold.error = error
  }
  return fold
}

// Its parents only say where it lives. One whose definition the code no longer has, or whose parent is gone, has ended.
function cellOf(
  kernel: Kernel,
  image: SystemImage,
  { id, parent, name, path, definition, args, terms, restart, fixed }: ActorImage,
  cells: Map<number, Cell>,
): Cell | undefined {
  const made = cells.get(id)
  if (made !== undefined) return made
  const above = image.actors.get(parent)
  if (!kernel.blueprints.has(definition) || (above === undefined && parent !== 0)) return undefined
  const parentCell = above === undefined ? null : cellOf(kernel, image, above, cells)
  if (parentCell === undefined) return undefined
  const blueprint = kernel.blueprints.named(definition, path)
  const known = terms ?? plainTerms(restart as RestartType, blueprint.isSupervisor)
  const cell = new Cell(id, name, parentCell, blueprint, args, known, fixed)
  if (blueprint.isSupervisor) cells.set(id, cell)
  return cell
}

function begun(kernel: Kernel, cell: Cell, { from }: Stretch): Fold {
  const fold: Fold = { cell, after: from - 1, isLate: false, waiting: null, error: undefined }
  try {
    const snapshot = kernel.log.snapshot(cell.id, from - 1)
    cell.state = snapshot === undefined ? firstStateOf(kernel, cell) : stateOf(cell, snapshot)
    cell.turns = snapshot?.turns ?? 0
  } catch (error) {
    fold.error = error
  }
  return fold
}

function judged(kernel: Kernel, { actor, fold, isBehind }: Folded, { from, below }: Stretch): StateAt {
  const { cell } = fold
  const judgement = { actor, cell, isKept: false }
  if (isBehind) return { ...judgement, error: undefined, isKept: true }
  // How many turns one that sleeps has behind it is only known when a snapshot says so.
  const isWhole = actor.isVirtual || actor.turns === cell.turns
  const error = fold.error ?? (isWhole ? undefined : damagedBetween(cell.path, from, below - 1))
  if (error !== undefined) return { ...judgement, error }
  const snapshot = kernel.log.snapshot(cell.id, below - 1)
  if (snapshot?.turns !== cell.turns || snapshot.version !== cell.blueprint.version)
    return { ...judgement, error: undefined }
  if (kernel.log.hasDigest(cell.state, snapshot.digest))
    return { ...judgement, error: undefined, isKept: true }
  return { ...judgement, error: differs(cell, snapshot) }
}

function differs({ path }: Cell, { position }: Snapshot): unknown {
  const what = `its snapshot at position ${position} is not what its log gives`
  return diverged(path, { position, message: 0, what })
}
