// Watches and links as operations of a turn. A link is a watch on each other whose notices fail who gets them, so it is
// two operations, and the log keeps both with the turn that made them. A virtual actor that sleeps is woken by either, as
// it is by what a turn tells it: who is watched or linked does not sleep, so nothing has to be kept for a sleeper.

import type { Address } from './address.js'
import type { Cell } from './cell.js'
import { HoldfastError, refuse } from './errors.js'
import { PACT, type PactNotice } from './pact.js'
import { deliverNotice, NOTICE, takeBackNotices, waitingNotices } from './notices.js'
import type { TurnActs } from './turn-acts.js'
import type { TurnOp } from './turn-ops.js'
import { Waking } from './waking.js'
import { hasEnded, noticeOfEnded, unwatch, watch, type TerminatedNotice } from './watching.js'

/** Who takes part. Both halves of a link share the one that may have to be woken. */
interface Party {
  cell: Cell | null
}

/** One end of a watch or a link: who holds it, and whose end it is about. */
interface Tie {
  readonly holder: Party
  readonly target: Party
  /** Of the target. */
  readonly path: string
  readonly type: string
  readonly isMutual: boolean
}

/** A watch on the end of another actor. */
export function watchOps(turn: TurnActs, address: Address, type: string): TurnOp[] {
  return [new WatchOp(turn, tieTo(turn, address, type, false))]
}

/** The end of a watch. */
export function unwatchOps(turn: TurnActs, address: Address): TurnOp[] {
  return [new UnwatchOp(turn, tieTo(turn, address, '', false))]
}

/** A link one way: the end of the other one fails this one. */
export function dependOps(turn: TurnActs, address: Address): TurnOp[] {
  return [new WatchOp(turn, partnerOf(turn, address, 'dependOn', false))]
}

/** A link: whichever of the two ends first fails the other one. */
export function linkOps(turn: TurnActs, address: Address): TurnOp[] {
  const there = partnerOf(turn, address, 'link', true)
  return isUp(there.target) || turn.kernel.homeAt(there.path) !== null
    ? [new WatchOp(turn, there), new WatchOp(turn, backOf(turn, there))]
    : [new WatchOp(turn, there)]
}

/** The end of a link, whichever of the two has made it. */
export function unlinkOps(turn: TurnActs, address: Address): TurnOp[] {
  const there = tieTo(turn, address, PACT, true)
  return there.target.cell === null && turn.kernel.homeAt(there.path) === null
    ? [new UnwatchOp(turn, there)]
    : [new UnwatchOp(turn, there), new UnwatchOp(turn, backOf(turn, there))]
}

function tieTo(turn: TurnActs, address: Address, type: string, isMutual: boolean): Tie {
  const target = { cell: address.resolve() }
  return { holder: { cell: turn.cell }, target, path: address.path, type, isMutual }
}

function partnerOf(turn: TurnActs, address: Address, what: 'link' | 'dependOn', isMutual: boolean): Tie {
  const { cell } = turn
  const tie = tieTo(turn, address, PACT, isMutual)
  if (tie.target.cell === cell) refuse(`${what}.ref`, tie.path, 'another actor', cell.path)
  if (isMutual && tie.target.cell?.blueprint.isSupervisor === true) throw linkedSupervisor(cell, tie.path)
  return tie
}

function backOf(turn: TurnActs, { holder, target, type, isMutual }: Tie): Tie {
  return { holder: target, target: holder, path: turn.cell.path, type, isMutual }
}

function isUp({ cell }: Party): boolean {
  return cell !== null && !hasEnded(cell)
}

class WatchOp implements TurnOp {
  // Before the births of the same turn, so that whoever fails at its birth is missed already.
  readonly round = -1
  readonly #turn: TurnActs
  readonly #tie: Tie
  readonly #waking: Waking
  /** Who was known before anybody was woken for it. */
  #before: Cell | null = null
  #isOver = false
  #notice: TerminatedNotice | PactNotice | null = null
  #copy: unknown = null
  #position = 0

  constructor(turn: TurnActs, tie: Tie) {
    this.#turn = turn
    this.#tie = tie
    this.#waking = new Waking(turn, tie.path)
  }

  write(): void {
    const { kernel, correlation, position } = this.#turn
    const { path, type, isMutual, ...tie } = this.#tie
    this.#before = tie.target.cell
    if (!isUp(tie.target)) tie.target.cell = this.#waking.write() ?? tie.target.cell
    const holder = tie.holder.cell
    const target = tie.target.cell
    // Half of a link with one that ended while the turn waited.
    if (holder === null) return
    if (isLogged(this.#turn, this.#tie)) {
      const isKnown = target !== null && kernel.isRecorded(target)
      kernel.log.record('watched', holder.id, correlation, position, {
        target: target?.id ?? 0,
        type,
        ...(isKnown ? {} : { path }),
        ...(isMutual && holder === this.#turn.cell ? { mutual: true } : {}),
      })
    }
    this.#isOver = !isUp(tie.target)
    if (this.#isOver) this.#writeNotice(holder)
  }

  // The notice of one that has ended stands in the log with the turn that asks for it, or not at all.
  #writeNotice(holder: Cell): void {
    const { kernel, correlation, position } = this.#turn
    const { target, path, type } = this.#tie
    this.#notice = this.#isTold() ? null : noticeOfEnded(this.#turn.kernel, target.cell, path, type)
    if (this.#notice === null) return
    this.#copy = this.#notice
    if (!holder.durable) return
    const { name } = holder.blueprint.entry(type)!
    this.#position = kernel.log.message(holder.id, name, this.#notice, correlation, position, 0, NOTICE)
    this.#copy = kernel.log.copy
  }

  // While a notice waits, nobody needs another one that says the same.
  #isTold(): boolean {
    return noticesBefore(this.#turn, this, this.#tie).some(({ type }) => type === this.#tie.type)
  }

  /** The notice that it wrote for this holder, of this end. */
  noticeFor(tie: Tie): WaitingNotice | undefined {
    if (this.#notice === null || !isAlike(this.#tie, tie)) return undefined
    return { type: this.#tie.type, position: this.#position }
  }

  apply(): void {
    const { kernel, correlation, position } = this.#turn
    const { path, type, ...tie } = this.#tie
    const holder = tie.holder.cell
    if (holder === null) return
    if (!this.#isOver) watch(kernel, holder, tie.target.cell, path, type, correlation, position)
    this.#waking.apply()
    if (this.#notice === null) return
    const at = this.#position
    const root = correlation === 0 ? at : correlation
    deliverNotice(kernel, holder, holder.blueprint.entry(type)!, path, this.#copy, at, root)
  }

  discard(): void {
    this.#waking.discard()
  }

  // Who was woken was never born: another one may wake when it is written again, or none.
  withdraw(): void {
    this.#waking.discard()
    this.#tie.target.cell = this.#before
  }
}

class UnwatchOp implements TurnOp {
  readonly round = -1
  readonly #turn: TurnActs
  readonly #tie: Tie

  constructor(turn: TurnActs, tie: Tie) {
    this.#turn = turn
    this.#tie = tie
  }

  write(): void {
    const { kernel, correlation, position } = this.#turn
    const { path, type, ...tie } = this.#tie
    // One that slept may have been woken since, also by this turn.
    if (!isUp(tie.target)) tie.target.cell = new Waking(this.#turn, path).find() ?? tie.target.cell
    const holder = tie.holder.cell
    const target = tie.target.cell
    if (holder === null || !isLogged(this.#turn, this.#tie)) return
    const isKnown = target !== null && kernel.isRecorded(target)
    const notices = noticesBefore(this.#turn, this, this.#tie)
    const taken = notices.map((notice) => notice.position).filter((at) => at !== 0)
    kernel.log.record('unwatched', holder.id, correlation, position, {
      target: target?.id ?? 0,
      ...(type === PACT ? { type } : {}),
      ...(isKnown ? {} : { path }),
      ...(taken.length > 0 ? { taken } : {}),
    })
  }

  /** Whether it takes the notices of this end back. */
  takesBack(tie: Tie): boolean {
    return isAlike(this.#tie, tie)
  }

  apply(): void {
    const { path, type, ...tie } = this.#tie
    const holder = tie.holder.cell
    if (holder === null) return
    if (tie.target.cell !== null) unwatch(holder, tie.target.cell, type === PACT)
    takeBackNotices(holder, path, type === PACT)
  }
}

// What a durable actor holds is in the log. A link between a durable actor and another one that the log knows is kept
// for both of them, because half a link is none.
function isLogged({ kernel }: TurnActs, { holder: { cell }, target, isMutual }: Tie): boolean {
  if (cell === null) return false
  return cell.durable || (isMutual && target.cell?.durable === true && kernel.isFollowed(cell))
}

interface WaitingNotice {
  readonly type: string
  readonly position: number
}

// The notices of one end that will wait when an operation of the turn has its effect.
function noticesBefore(turn: TurnActs, op: TurnOp, tie: Tie): readonly WaitingNotice[] {
  const holder = tie.holder.cell
  let waiting: WaitingNotice[] = holder === null ? [] : waitingNotices(holder, tie.path, tie.type === PACT)
  for (const each of turn.ops ?? []) {
    if (each === op) break
    if (each instanceof UnwatchOp && each.takesBack(tie)) waiting = []
    const notice = each instanceof WatchOp ? each.noticeFor(tie) : undefined
    if (notice !== undefined) waiting.push(notice)
  }
  return waiting
}

function isAlike(a: Tie, b: Tie): boolean {
  return a.holder.cell === b.holder.cell && a.path === b.path && (a.type === PACT) === (b.type === PACT)
}

function linkedSupervisor(cell: Cell, path: string): HoldfastError {
  return new HoldfastError('HF_INVALID', `${path} is a supervisor, and shares nobody's fate.`, {
    actor: cell.path,
    field: 'link.ref',
    hint: 'Use ctx.dependOn to fail when it ends; what becomes of a supervisor, the one above it decides.',
  })
}
