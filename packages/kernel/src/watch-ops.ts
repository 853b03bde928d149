// Watches and links as operations of a turn. A link is a watch on each other whose notices fail who gets them, so it is
// two operations, and the log keeps both with the turn that made them.

import type { Address } from './address.js'
import type { Cell } from './cell.js'
import { HoldfastError, refuse } from './errors.js'
import { PACT, type PactNotice } from './pact.js'
import { deliverNotice, NOTICE, takeBackNotices, waitingNotices } from './notices.js'
import type { TurnActs } from './turn-acts.js'
import type { TurnOp } from './turn-ops.js'
import { hasEnded, noticeOfEnded, unwatch, watch, type TerminatedNotice } from './watching.js'

/** One end of a watch or a link: who holds it, and whose end it is about. */
interface Tie {
  readonly holder: Cell
  readonly target: Cell | null
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
  const back = backOf(turn, there)
  return back === null || hasEnded(back.holder)
    ? [new WatchOp(turn, there)]
    : [new WatchOp(turn, there), new WatchOp(turn, back)]
}

/** The end of a link, whichever of the two has made it. */
export function unlinkOps(turn: TurnActs, address: Address): TurnOp[] {
  const there = tieTo(turn, address, PACT, true)
  const back = backOf(turn, there)
  return back === null
    ? [new UnwatchOp(turn, there)]
    : [new UnwatchOp(turn, there), new UnwatchOp(turn, back)]
}

function tieTo(turn: TurnActs, address: Address, type: string, isMutual: boolean): Tie {
  return { holder: turn.cell, target: address.resolve(), path: address.path, type, isMutual }
}

function partnerOf(turn: TurnActs, address: Address, what: 'link' | 'dependOn', isMutual: boolean): Tie {
  const { cell } = turn
  const tie = tieTo(turn, address, PACT, isMutual)
  if (tie.target === cell) refuse(`${what}.ref`, tie.path, 'another actor', cell.path)
  if (isMutual && tie.target?.blueprint.isSupervisor === true) throw linkedSupervisor(cell, tie.path)
  return tie
}

function backOf(turn: TurnActs, { target, type, isMutual }: Tie): Tie | null {
  return target === null ? null : { holder: target, target: turn.cell, path: turn.cell.path, type, isMutual }
}

class WatchOp implements TurnOp {
  // Before the births of the same turn, so that whoever fails at its birth is missed already.
  readonly round = -1
  readonly #turn: TurnActs
  readonly #tie: Tie
  #isOver = false
  #notice: TerminatedNotice | PactNotice | null = null
  #copy: unknown = null
  #position = 0

  constructor(turn: TurnActs, tie: Tie) {
    this.#turn = turn
    this.#tie = tie
  }

  write(): void {
    const { kernel, correlation, position } = this.#turn
    const { holder, target, path, type, isMutual } = this.#tie
    if (isLogged(this.#turn, this.#tie)) {
      const isKnown = target !== null && kernel.isRecorded(target)
      kernel.log.record('watched', holder.id, correlation, position, {
        target: target?.id ?? 0,
        type,
        ...(isKnown ? {} : { path }),
        ...(isMutual && holder === this.#turn.cell ? { mutual: true } : {}),
      })
    }
    this.#isOver = target === null || hasEnded(target)
    if (this.#isOver) this.#writeNotice()
  }

  // The notice of one that has ended stands in the log with the turn that asks for it, or not at all.
  #writeNotice(): void {
    const { kernel, correlation, position } = this.#turn
    const { holder, target, path, type } = this.#tie
    this.#notice = this.#isTold() ? null : noticeOfEnded(this.#turn.kernel, target, path, type)
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
    const { holder, target, path, type } = this.#tie
    if (!this.#isOver) watch(kernel, holder, target, path, type, correlation, position)
    if (this.#notice === null) return
    const at = this.#position
    const root = correlation === 0 ? at : correlation
    deliverNotice(kernel, holder, holder.blueprint.entry(type)!, path, this.#copy, at, root)
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
    const { holder, target, path, type } = this.#tie
    if (!isLogged(this.#turn, this.#tie)) return
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
    const { holder, target, path, type } = this.#tie
    if (target !== null) unwatch(holder, target, type === PACT)
    takeBackNotices(holder, path, type === PACT)
  }
}

// What a durable actor holds is in the log. A link between a durable actor and another one that the log knows is kept
// for both of them, because half a link is none.
function isLogged({ kernel }: TurnActs, { holder, target, isMutual }: Tie): boolean {
  return holder.durable || (isMutual && target?.durable === true && kernel.isFollowed(holder))
}

interface WaitingNotice {
  readonly type: string
  readonly position: number
}

// The notices of one end that will wait when an operation of the turn has its effect.
function noticesBefore(turn: TurnActs, op: TurnOp, tie: Tie): readonly WaitingNotice[] {
  let waiting: WaitingNotice[] = waitingNotices(tie.holder, tie.path, tie.type === PACT)
  for (const each of turn.ops ?? []) {
    if (each === op) break
    if (each instanceof UnwatchOp && each.takesBack(tie)) waiting = []
    const notice = each instanceof WatchOp ? each.noticeFor(tie) : undefined
    if (notice !== undefined) waiting.push(notice)
  }
  return waiting
}

function isAlike(a: Tie, b: Tie): boolean {
  return a.holder === b.holder && a.path === b.path && (a.type === PACT) === (b.type === PACT)
}

function linkedSupervisor(cell: Cell, path: string): HoldfastError {
  return new HoldfastError('HF_INVALID', `${path} is a supervisor, and shares nobody's fate.`, {
    actor: cell.path,
    field: 'link.ref',
    hint: 'Use ctx.dependOn to fail when it ends; what becomes of a supervisor, the one above it decides.',
  })
}
