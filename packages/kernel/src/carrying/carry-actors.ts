// Carrying actors
// ===============
// Takes a few actors out of the log of a system, as they were at one position: who they are, their states, and what waits
// for them. Another log can begin with that, at the same position: then they go on there as they would have gone on here,
// because ids, chance and the names of children follow from positions.
//
//   image there, out of the log --> who comes along --> parts of their image, records that it refers to --> states, one by one
//
// Invariants
//   CY1  The log is only read, and nothing of what the actors do when their turns are run again reaches anybody.
//   CY2  A state is the fold of the log, proved against the digests and the snapshots on the way; there is no other one.
//   CY3  Nothing of an actor that stays is taken along but its path, and of the first message of a named correlation its name.

import type { ActorImage } from '../actor-image.js'
import type { Authorities } from '../authorities/authorities.js'
import { Blueprints } from '../blueprints.js'
import { beginImage } from '../checkpoint/begin-image.js'
import { statesAt, type StateAt } from '../checkpoint/states-at.js'
import type { ImagePart } from '../checkpoint/stored-image.js'
import type { Definition } from '../definition.js'
import { damagedBetween } from '../divergence.js'
import { HoldfastError, refuse } from '../errors.js'
import { type SystemImage } from '../image.js'
import { Kernel } from '../kernel.js'
import { CARRIED_MESSAGES_MAX } from '../limits.js'
import type { LogBeginning } from '../log-beginning.js'
import type { Log } from '../log.js'
import type { LogRecord, MessageRecord } from '../records.js'
import { isOpen, holdsSecret } from '../redaction/redaction.js'
import type { ParkedEntry } from '../steering/parked-list.js'
import { carriedParts } from './carried-parts.js'
import { ChosenActors } from './chosen-actors.js'
import { LeftBehind } from './left-behind.js'
import { checkPortable, checkUnsealed } from './not-portable.js'

/** What is taken out, and of what. */
export interface CarryOptions {
  readonly log: Log
  readonly beginning: Pick<LogBeginning, 'base'>
  readonly authorities: Authorities
  /** What the code runs: the states are made with it. */
  readonly root: Definition
  readonly definitions?: readonly Definition[] | undefined
  /** Paths of the actors; those below them come along. */
  readonly actors: readonly string[]
  /** The position: the end of a turn. */
  readonly at: number
  /** Takes what makes refs of the paths in what is read. */
  readonly refs: (make: (path: string) => unknown) => void
}

/** A state of one actor. */
export interface CarriedState {
  readonly actor: number
  readonly version: number
  readonly turns: number
  readonly state: unknown
}

/** What is taken along, but for the states, which are made one by one. */
export interface CarriedActors {
  readonly lastMs: number
  readonly lastActor: number
  /** Paths of all who come along. */
  readonly paths: readonly string[]
  /** The parts of their image. */
  readonly parts: readonly ImagePart[]
  /** The records that the image refers to, in order. */
  readonly records: readonly LogRecord[]
  /** Those of them that only give a correlation its name: nothing else of them is taken along. */
  readonly nameGivers: ReadonlySet<number>
  readonly leftBehind: LeftBehind
  /** The states, as they are made. @throws {HoldfastError} `HF_DIVERGED`, `HF_STORE_DAMAGED`, `HF_HOLDS_SECRET` */
  states(): AsyncGenerator<CarriedState>
}

/**
 * Takes actors out of a log.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_NOT_PORTABLE`, `HF_DEFINITION_MISSING`, `HF_STORE_DAMAGED`
 */
export async function carryActors(options: CarryOptions): Promise<CarriedActors> {
  const { log, beginning, authorities, root, definitions, actors, at, refs } = options
  const { base } = beginning
  if (at < base - 1) refuse('at', at, `a position from ${base - 1} on, where the log begins`)
  const kernel = new OfflineKernel(authorities, log, new Blueprints(root, definitions))
  refs((path) => kernel.ref(path))
  const image = await imageAt(kernel, base, at)
  checkUnsealed(image)
  const chosen = new ChosenActors(image, kernel.blueprints, actors)
  for (const actor of chosen.all()) checkPortable(image, actor)
  const paths = [...chosen.all()].map(({ path }) => path)
  const here = new Set(paths)
  const leftBehind = new LeftBehind((path) => here.has(path))
  const parked = [...image.parked.values()].filter(({ actor }) => chosen.has(actor) && !chosen.isPlace(actor))
  const { records, nameGivers } = recordsFor(kernel.log, image, chosen, parked)
  for (const record of records)
    if (record.kind === 'message' && !nameGivers.has(record.position)) lookAt(image, record, leftBehind)
  const kept = new Set(records.map(({ position }) => position))
  const isKept = ({ position, failedAt }: ParkedEntry): boolean => kept.has(position) && kept.has(failedAt)
  const parts = [...carriedParts(image, chosen, parked.filter(isKept), leftBehind)]
  const { lastMs, lastActor } = image
  const states = (): AsyncGenerator<CarriedState> => statesOf(kernel, image, chosen, base, leftBehind)
  return { lastMs, lastActor, paths, parts, records, nameGivers, leftBehind, states }
}

// Who is in no cell is known by the images.
class OfflineKernel extends Kernel {
  readonly #paths = new Map<number, string>()

  know(image: SystemImage): void {
    for (const { id, path } of image.actors.values()) this.#paths.set(id, path)
  }

  override pathOf(id: number): string | undefined {
    return this.#paths.get(id) ?? super.pathOf(id)
  }
}

async function imageAt(kernel: OfflineKernel, base: number, at: number): Promise<SystemImage> {
  const { log } = kernel
  // Whoever ended since the log begins is named by its turns all the same.
  if (base > 1) kernel.know(beginImage(log, {}, base - 1))
  const image = beginImage(log, {}, at)
  const add = (record: LogRecord): void => {
    if (record.position <= at) image.add(record)
  }
  if (image.lastPosition < at)
    for (const batch of log.readBatches(undefined, image.lastPosition + 1)) {
      batch.forEach(add)
      if (image.lastPosition >= at) break
      await breath(kernel)
    }
  if (image.lastPosition !== at) throw damagedBetween('The log', image.lastPosition + 1, at)
  kernel.know(image)
  return image
}

function breath({ authorities }: Kernel): Promise<void> {
  return new Promise((resolve) => {
    authorities.defer(resolve)
  })
}

function recordsFor(
  log: Log,
  image: SystemImage,
  chosen: ChosenActors,
  parked: readonly ParkedEntry[],
): { readonly records: readonly LogRecord[]; readonly nameGivers: ReadonlySet<number> } {
  const found = new Map<number, LogRecord>()
  let messages = 0
  const add = (record: LogRecord): void => {
    found.set(record.position, record)
    if (record.kind === 'message' && ++messages > CARRIED_MESSAGES_MAX) throw tooMuchMail()
  }
  for (const actor of chosen.all()) {
    if (chosen.isPlace(actor.id) || (chosen.asleep.has(actor.id) && !image.mail.has(actor.id))) continue
    for (const message of actor.pending.values()) add(message)
    for (const message of actor.stash?.messages ?? []) add(message)
  }
  for (const { position, failedAt } of parked) {
    const message = log.messageAt(position)
    const [failed] = log.read(failedAt, failedAt + 1)
    // What was parked long ago may have been cut away.
    if (message === undefined || failed?.kind !== 'failed') continue
    add(message)
    add(failed)
  }
  const nameGivers = new Set<number>()
  for (const { correlation } of [...found.values()]) {
    if (correlation === 0 || found.has(correlation)) continue
    const root = log.messageAt(correlation)
    if (root?.correlationName === undefined) continue
    found.set(correlation, root)
    nameGivers.add(correlation)
  }
  const records = [...found.values()].sort((a, b) => a.position - b.position)
  return { records, nameGivers }
}

// Who sent it is told by `ctx.sender`.
function lookAt(image: SystemImage, message: MessageRecord, leftBehind: LeftBehind): void {
  const sender = image.actors.get(message.sender)
  if (sender !== undefined) leftBehind.note(sender.path)
  leftBehind.look(message.payload())
}

// CY2
async function* statesOf(
  kernel: Kernel,
  image: SystemImage,
  chosen: ChosenActors,
  base: number,
  leftBehind: LeftBehind,
): AsyncGenerator<CarriedState> {
  const wanted = [...chosen.all()].filter(
    (actor) => actor.durable && !kernel.blueprints.named(actor.definition, actor.path).isSupervisor,
  )
  const stretch = { from: base, below: image.lastPosition + 1 }
  let made = 0
  for (const state of statesAt(kernel, image, wanted, stretch)) {
    if (state === undefined) {
      await breath(kernel)
      continue
    }
    made++
    const carried = carriedState(kernel, state)
    if (carried === undefined) continue
    leftBehind.look(carried.state)
    yield carried
  }
  if (made !== wanted.length) throw damagedBetween('The log', base, image.lastPosition)
}

function carriedState(kernel: Kernel, { actor, cell, error }: StateAt): CarriedState | undefined {
  if (error !== undefined) throw stateless(actor, error)
  // It is made of its arguments again, as it was here.
  if (cell.turns === 0) return undefined
  if (!isOpen(kernel.log, cell.state)) throw holdsSecret('state', 'It is not written down', cell.path)
  return { actor: cell.id, version: cell.blueprint.version, turns: cell.turns, state: cell.state }
}

function stateless({ path }: ActorImage, error: unknown): unknown {
  if (error instanceof HoldfastError) return error
  return new HoldfastError('HF_DIVERGED', `The state of ${path} cannot be made from its log.`, {
    actor: path,
    cause: error,
    hint: 'Give the code that wrote the log.',
  })
}

function tooMuchMail(): HoldfastError {
  const message = `More than ${CARRIED_MESSAGES_MAX} messages wait for the actors, and they are taken along.`
  return new HoldfastError('HF_INVALID', message, {
    field: 'actors',
    hint: 'Have them handled first, or dump the whole system.',
  })
}
