// Stash
// =====
// Messages that an actor puts aside while it cannot use them, and takes back when it can.
//
//   mailbox --take--> in hand --ctx.stash()--> stash --ctx.unstash(), restart--> front of the mailbox
//                                                 \---------- end of the actor --> dead letters
//
// Invariants
//   H1  A message is in hand, in the mailbox or in the stash, never in two of them. Whoever asked is told by the turn
//       that handles it in the end, or by the end of the actor.
//   H2  What comes back stands before those of its kind, in the order in which it was put aside. A message that is tried
//       again stays before all of them.
//   H3  Each handling of a message is an attempt of its own, so that effects, questions and names of one are never
//       mistaken for those of another. Being put aside uses up none of the attempts that the definition grants.
//   H4  A stash is bounded: one more is refused with HF_STASH_FULL, and the refusal is part of the turn.

import type { Asker } from './asker.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { HoldfastError } from './errors.js'
import type { Kernel } from './kernel.js'
import { Mark } from './mark.js'
import { isChangeable, recordedPayloads } from './recorded-payload.js'
import { storedError } from './records.js'
import { stopCell } from './stopping.js'
import type { TurnOp } from './turn-ops.js'
import type { LiveTurn } from './turn.js'

/** A message that was put aside. */
export interface Stashed {
  readonly entry: HandlerEntry
  readonly payload: unknown
  readonly from: Cell | null
  readonly position: number
  readonly correlation: number
  readonly asker: Asker | null
  /** The attempt that its next handling will be. */
  readonly attempt: number
  /** How often it was put aside. */
  readonly stashes: number
}

/** Stands for a payload that is read from the log when the message comes back. */
const RECORDED: unique symbol = Symbol('recorded')

/** What the stash needs of a turn. */
export type StashingTurn = Pick<
  LiveTurn,
  | 'kernel'
  | 'cell'
  | 'entry'
  | 'payload'
  | 'from'
  | 'position'
  | 'correlation'
  | 'asker'
  | 'attempt'
  | 'returned'
  | 'ops'
  | 'stashing'
>

/** Puts the message in hand aside when its turn ends. */
export function stashInHand(turn: StashingTurn): StashOp {
  const { cell, entry, position } = turn
  checkStash(cell.path, entry, position, turn.stashing !== null)
  const { stashCapacity } = cell.blueprint
  const hasUnstashed = turn.ops?.some((op) => op instanceof UnstashOp) === true
  if (hasUnstashed || (cell.rare?.stash?.length ?? 0) < stashCapacity) {
    return (turn.stashing = new StashOp(turn))
  }
  throw stashFull(cell.path, stashCapacity)
}

/** Refuses to put aside what cannot be: a hook, and a message that already is. */
export function checkStash(
  path: string,
  entry: { readonly type: string; readonly isHook: boolean },
  position: number,
  isStashed: boolean,
): void {
  if (!entry.isHook && !isStashed) return
  const what = `message "${entry.type}"${position === 0 ? '' : ` at position ${position}`}`
  const message = entry.isHook
    ? `${path} cannot put its ${entry.type} hook aside.`
    : `${path} has already put ${what} aside in this turn.`
  const hint = entry.isHook
    ? 'Put messages aside in their handlers: a hook belongs to its incarnation.'
    : 'Call ctx.stash() once for a message.'
  throw new HoldfastError('HF_INVALID', message, { actor: path, field: 'stash', hint })
}

function stashFull(path: string, capacity: number): HoldfastError {
  const message = `${path} has put ${capacity} messages aside and puts no more there.`
  return new HoldfastError('HF_STASH_FULL', message, {
    actor: path,
    hint: 'Raise mailbox.stash, take back with ctx.unstash() earlier, or answer that you are busy.',
  })
}

/** The message in hand goes to the stash. */
export class StashOp implements TurnOp {
  readonly #turn: StashingTurn
  #stashed: Stashed | null = null

  constructor(turn: StashingTurn) {
    this.#turn = turn
  }

  get round(): 0 {
    return 0
  }

  write(): void {
    const { kernel, cell, correlation, position } = this.#turn
    if (cell.durable) kernel.log.record('stashed', cell.id, correlation, position, {})
  }

  /** Takes the message out of the turn, which forgets it when it closes. */
  hold(): void {
    const { cell, entry, payload, from, position, correlation, asker, attempt, returned } = this.#turn
    this.#stashed = {
      entry,
      payload: isChangeable(cell, position, payload) ? RECORDED : payload,
      from,
      position,
      correlation,
      asker,
      attempt: attempt + 1,
      stashes: (returned?.stashes ?? 0) + 1,
    }
  }

  apply(): void {
    ;(this.#turn.cell.extra().stash ??= []).push(this.#stashed!)
  }
}

/** Everything in the stash goes back into the mailbox. */
export class UnstashOp implements TurnOp {
  readonly #kernel: Kernel
  readonly #cell: Cell
  readonly #correlation: number
  readonly #position: number

  constructor({ kernel, cell, correlation, position }: StashingTurn) {
    this.#kernel = kernel
    this.#cell = cell
    this.#correlation = correlation
    this.#position = position
  }

  get round(): 0 {
    return 0
  }

  write(): void {
    if (this.#cell.durable)
      this.#kernel.log.record('unstashed', this.#cell.id, this.#correlation, this.#position, {})
  }

  apply(): void {
    unstash(this.#kernel, this.#cell)
  }
}

/** Stands beside a message that was put aside before: it is on an attempt of its own. */
export class Returned extends Mark {
  readonly attempt: number
  readonly stashes: number

  constructor(asker: Asker | null, attempt: number, stashes: number) {
    super(asker)
    this.attempt = attempt
    this.stashes = stashes
  }

  override attemptOf(): number {
    return this.attempt
  }

  take(_kernel: Kernel, cell: Cell, turn: LiveTurn): boolean {
    turn.asker = this.asker
    turn.returned = this
    cell.attempt = this.attempt
    return true
  }
}

/** What stands beside a message that is tried again: it does not forget that it was put aside. */
export function askerAgain({ asker, attempt, returned }: LiveTurn): Asker | null {
  return returned === null ? asker : new Returned(asker, attempt + 1, returned.stashes)
}

/** Gives everything in the stash back to the mailbox. An actor whose messages cannot be read is stopped. */
export function unstash(kernel: Kernel, cell: Cell): void {
  const stash = cell.rare?.stash ?? null
  if (stash === null) return
  const unread = stash.filter(({ payload }) => payload === RECORDED).map(({ position }) => position)
  let payloads = new Map<number, unknown>()
  try {
    if (unread.length > 0) payloads = recordedPayloads(kernel, cell, unread)
  } catch (error) {
    stopCell(kernel, cell, 'failed', storedError(error, kernel.log.redaction))
    return
  }
  cell.rare!.stash = null
  const box = cell.box()
  for (const { entry, payload, from, position, correlation, asker, attempt, stashes } of stash.reverse()) {
    const recorded = payload === RECORDED ? payloads.get(position) : payload
    box.giveBack(entry, recorded, from, position, correlation, new Returned(asker, attempt, stashes))
  }
}

/** Gives everything in the stash back to the mailbox of an actor that has ended, where nobody will read it. */
export function emptyStash(cell: Cell): void {
  const { rare } = cell
  const stash = rare?.stash ?? []
  if (rare !== null) rare.stash = null
  for (const { entry, from, position, correlation, asker } of stash.reverse())
    cell.box().giveBack(entry, undefined, from, position, correlation, asker)
}
