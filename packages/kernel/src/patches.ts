// Patches
// =======
// What one turn was told by `ctx.patched`: which changes of its handler it is under. A turn that runs for the first time
// is under all of them, and each is a marker among its records. A turn that is run again is under those of which it has
// a marker, so that old turns go the old way for good, and new ones the new way.
//
//   ctx.patched('x') --first run--> true ---+--never waits--> marker with the turn's other records
//                    --run again--> marker? \--has begun to wait--> marker behind `began`, at once
//
// Invariants
//   Q1  A marker is in the log before anything that came of it can be: with the turn, whole, or before the next result.
//   Q2  A turn that begins again in another process goes the way on which it had begun. What it has no marker for, it is
//       not under, also where that code has never run before: a question that was sent belongs to the way that it was on.
//   Q3  Each attempt is its own. One that failed says with its failure what it was under, for whoever replays it.
//   Q4  Code may stop asking. A marker that nobody asks for is no divergence.

import type { Cell } from './cell.js'
import { refuse } from './errors.js'
import type { Kernel } from './kernel.js'
import { PATCHES_PER_TURN, PATCH_ID_MAX } from './limits.js'
import type { LogRecord } from './records.js'
import type { TurnOp } from './turn-ops.js'

/** What asking needs of a turn. */
interface PatchedTurn {
  readonly kernel: Kernel
  readonly cell: Cell
  readonly position: number
  readonly correlation: number
  readonly attempt: number
  /** It has reached outside: the log knows that it is under way. */
  readonly hasBegun: boolean
  add(op: TurnOp): void
}

/** The changes that a turn which runs for the first time is under. */
export class Patches {
  readonly #turn: PatchedTurn
  readonly #ids = new Set<string>()
  /** Their markers are in the log, whatever becomes of the turn. */
  #isKept: boolean

  constructor(turn: PatchedTurn) {
    this.#turn = turn
    this.#isKept = turn.hasBegun
  }

  /** The handler asks. The answer is yes, and from now on it is known. */
  ask(id: string): void {
    if (this.#ids.has(id)) return
    checkRoom(this.#ids.size, this.#turn.cell.path)
    this.#ids.add(id)
    if (this.#isKept) this.#write(id)
    else this.#turn.add({ round: 0, write: () => this.#writeUnlessKept(id), apply: () => undefined })
  }

  /** The turn reaches outside: what it was told so far stands in the log from now on. */
  begin(): void {
    this.#isKept = true
    for (const id of this.#ids) this.#write(id)
  }

  /** What a failure has to say of them, because they are taken back with the turn. */
  get taken(): { readonly patched?: readonly string[] } {
    return this.#isKept || this.#ids.size === 0 ? {} : { patched: [...this.#ids] }
  }

  #writeUnlessKept(id: string): void {
    if (!this.#isKept) this.#write(id)
  }

  #write(id: string): void {
    const { kernel, cell, correlation, position, attempt } = this.#turn
    kernel.log.record('patched', cell.id, correlation, position, attempt === 1 ? { id } : { id, attempt })
  }
}

/** Refuses what is no id of a change. @throws {HoldfastError} `HF_INVALID` */
export function checkPatch(id: unknown, path: string): asserts id is string {
  const isText = typeof id === 'string' && id.length > 0 && id.length <= PATCH_ID_MAX
  // Half of a surrogate pair has no stored form of its own.
  if (!isText || /\p{Surrogate}/u.test(id))
    refuse('patched.id', id, `a well-formed text of 1 to ${PATCH_ID_MAX} characters`, path)
}

/** Whether a turn that is run again is under a change. @throws what it was refused with when there were too many */
export function isMarked(markers: readonly string[] | null | undefined, id: string, path: string): boolean {
  if (markers?.includes(id) === true) return true
  checkRoom(markers?.length ?? 0, path)
  return false
}

function checkRoom(count: number, path: string): void {
  if (count >= PATCHES_PER_TURN)
    refuse('patched', `change ${count + 1} of one turn`, `at most ${PATCHES_PER_TURN} changes`, path)
}

/** The markers of one attempt at a message. */
export interface Markers {
  readonly attempt: number
  readonly ids: string[]
}

/** Notes what a record says of the changes that a turn is under. */
export function noteMarker(markers: Map<number, Markers>, record: LogRecord): void {
  if (record.kind !== 'patched') return
  const { id, attempt = 1 } = record.data()
  const known = markers.get(record.cause)
  if (known?.attempt === attempt) known.ids.push(id)
  else markers.set(record.cause, { attempt, ids: [id] })
}

/** Those of one attempt, out of what was noted of its message. */
export function markersOf(noted: Markers | undefined, attempt: number): readonly string[] | undefined {
  return noted?.attempt === attempt ? noted.ids : undefined
}
