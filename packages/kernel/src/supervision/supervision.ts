// Supervision
// ===========
// What a parent knows of its children, and the steps by which it starts, restarts and stops them. It never blocks: a
// step is begun, and the next one follows when the child says that it is done, so that order is sequential and time is
// everybody's.
//
//   plan:  [ retire c3 | retire c2 | revive c2 | revive c3 | revive c4 ]
//            ^ current: victims leave in reverse start order before anyone is started again, in start order
//
// Invariants
//   P1  At most one step is under way; children start in order and stop in reverse.
//   P2  A failure during the plan re-plans from the child that failed; those not yet started still follow.
//   P3  A restart is counted before it is done; when the budget is exhausted nothing is restarted. A child's own budget
//       is asked first, and what it refuses is not charged to the supervisor.
//   P4  A child named by the spec keeps its place when it ends; a spawned one is forgotten.
//   P5  A child that pauses before its restart holds up those who are restarted with it, and nobody else.
//   P6  A supervisor that is done ends once, and nothing of it is restarted on the way.

import { applyBirth, started, writeBirth } from '../birth.js'
import type { Cell } from '../cell.js'
import { RESTARTING, STOPPED, STOPPING, UNBORN } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { wasAskedFor } from '../records.js'
import { retire, revive } from '../restarting.js'
import { stopCell } from '../stopping.js'
import type { Strategy } from '../strategy/strategy.js'
import { Pauses } from './pauses.js'
import { RestartBudget } from './restart-budget.js'
import type { ChildSpec } from './supervisor-definition.js'

interface Step {
  readonly kind: 'retire' | 'revive' | 'stop'
  readonly child: Cell
}

/** The children of one parent. */
export class Supervision {
  /** By name, in start order. */
  readonly children = new Map<string, Cell>()
  readonly strategy: Strategy
  readonly budget: RestartBudget
  readonly #kernel: Kernel
  /** `null` for the guardian above the root. */
  readonly #cell: Cell | null
  #plan: Step[] = []
  #current: Step | null = null
  /** Made with the first pause, like the budgets of single children: most supervisors need neither. */
  #pauses: Pauses | null = null
  #budgets: Map<Cell, RestartBudget> | null = null

  constructor(kernel: Kernel, cell: Cell | null, strategy: Strategy) {
    this.#kernel = kernel
    this.#cell = cell
    this.strategy = strategy
    this.budget = new RestartBudget(strategy.maxRestarts, strategy.withinMs)
  }

  /** Starts the children that the spec names, in order, or starts again those that are there. */
  startChildren(): void {
    const cell = this.#cell!
    for (const spec of cell.blueprint.children) {
      if (!this.children.has(spec.id)) this.#kernel.newFixedChild(cell, spec)
    }
    this.#drop()
    this.#plan = this.#fixed().map((child) => ({ kind: 'revive', child }))
    this.#advanceSoon()
  }

  /** Starts only those that the spec names and that are not there: the spec has grown since the last run. */
  startMissing(): void {
    const cell = this.#cell!
    const added = cell.blueprint.children.filter((spec) => !this.children.has(spec.id))
    this.#plan = added.map((spec) => ({ kind: 'revive', child: this.#kernel.newFixedChild(cell, spec) }))
    this.#advance()
  }

  /** Which children are restarted when this one fails, in start order. */
  affected(failed: Cell): readonly Cell[] {
    if (!failed.fixed) return [failed]
    const order = this.#fixed()
    const [from, to] = this.strategy.affected(order.length, order.indexOf(failed))
    return order.slice(from, to).filter((child) => child === failed || this.#isUp(child))
  }

  /** Restarts what the strategy says. @returns false when the budget is exhausted */
  restart(failed: Cell): boolean {
    if (this.#isParentOut()) return true
    if (!this.budget.grant(this.#kernel.authorities.monotonic())) return false
    const victims = this.affected(failed)
    const current = this.#current
    // A child that is leaving goes on leaving, and one that is starting does, unless this restart is about it.
    const isKept = current !== null && (current.kind !== 'revive' || !victims.includes(current.child))
    if (!isKept) this.#current = null
    const isLeaving = (child: Cell): boolean => isKept && current.child === child
    // A temporary child that a sibling pulls down is not started again.
    const isOver = (child: Cell): boolean => child.restart === 'temporary' && (child.gate & UNBORN) === 0
    const leave = victims.filter((child) => !isLeaving(child)).reverse()
    const leaves: Step[] = leave.map((child) => ({ kind: isOver(child) ? 'stop' : 'retire', child }))
    const back = victims.filter((child) => !isOver(child))
    const others = this.#plan.filter((step) => !victims.includes(step.child))
    const isPaused = this.#pause(failed, back)
    this.#plan = isPaused ? [...leaves, ...others] : [...leaves, ...back.map(revival), ...others]
    this.#advanceSoon()
    return true
  }

  /** Whether the child's own budget allows one more restart. */
  allows(child: Cell): boolean {
    return this.budgetOf(child)?.grant(this.#kernel.authorities.monotonic()) ?? true
  }

  /** The budget of one child, if its spec gives it one. */
  budgetOf(child: Cell): RestartBudget | undefined {
    const limit = this.#specOf(child)?.budget
    if (limit === undefined) return undefined
    this.#budgets ??= new Map()
    let budget = this.#budgets.get(child)
    if (budget === undefined)
      this.#budgets.set(child, (budget = new RestartBudget(limit.maxRestarts, limit.withinMs)))
    return budget
  }

  /** Takes all children out of service before this parent is restarted: its own are kept, spawned ones stop. */
  retireChildren(done: () => void): void {
    // A new life of the parent has budgets of its own.
    this.budget.clear()
    this.#budgets = null
    this.#drop()
    this.#each(
      [...this.children.values()].reverse(),
      (child, next) => {
        if (child.fixed) retire(this.#kernel, child, next)
        else stopCell(this.#kernel, child, 'shutdown', undefined, next)
      },
      done,
    )
  }

  /** Stops all children in reverse start order, one after another. */
  stopChildren(done: () => void): void {
    this.#drop()
    this.#each(
      [...this.children.values()].reverse(),
      (child, next) => {
        stopCell(this.#kernel, child, 'shutdown', undefined, next)
      },
      done,
    )
  }

  /** A child is at work. */
  onStarted(child: Cell): void {
    this.#pauses?.up(child)
    if (this.#current?.child !== child || this.#current.kind !== 'revive') return
    this.#current = null
    this.#advanceSoon()
  }

  /** A child has ended for good. */
  onStopped(child: Cell): void {
    if (!child.fixed) this.children.delete(child.name)
    // Who was told to stop on the way back is not started again.
    this.#pauses?.forget(child)
    this.#plan = this.#plan.filter((step) => step.child !== child || step.kind !== 'revive')
    if (this.#current?.child === child) {
      this.#current = null
      this.#advanceSoon()
    }
    if (this.isDone) this.finish()
    else this.restartEnded(child)
  }

  /** Whether the children that count have ended, so that there is nothing left to do here. */
  get isDone(): boolean {
    const { autoShutdown } = this.#cell?.blueprint ?? { autoShutdown: 'never' }
    if (autoShutdown === 'never') return false
    const significant = this.#fixed().filter((child) => this.#specOf(child)?.significant === true)
    const isPlanned = (child: Cell): boolean => this.#plan.some((step) => step.child === child)
    const isOver = (child: Cell): boolean => (child.gate & STOPPED) !== 0 && !isPlanned(child)
    const hasEnded = (child: Cell): boolean => isOver(child) && child.rare?.stopReason !== 'shutdown'
    return significant.some(hasEnded) && (autoShutdown === 'any' || significant.every(isOver))
  }

  /** Ends the supervisor as one whose work is done. */
  finish(): void {
    const cell = this.#cell!
    this.#kernel.steps.run(() => {
      stopCell(this.#kernel, cell, 'normal')
    })
  }

  /** A permanent child that ended on its own is started again, within the budget, as OTP does. */
  restartEnded(child: Cell): void {
    const reason = child.rare?.stopReason
    const isParentUp = this.#cell === null || (this.#cell.gate & (STOPPING | STOPPED)) === 0
    if (!isParentUp || this.#kernel.isHalting) return
    if (this.#cell === null && reason === 'normal' && child.blueprint.autoShutdown !== 'never') {
      this.#kernel.onDone()
      return
    }
    const isAskedFor = wasAskedFor(reason ?? null)
    if (this.#cell === null && !isAskedFor) {
      this.#kernel.giveUp(
        child.rare?.stopError ?? { name: 'HoldfastError', code: 'HF_GAVE_UP', message: 'the root ended' },
      )
      return
    }
    if (!child.fixed || child.restart !== 'permanent' || !isAskedFor) return
    this.#kernel.steps.run(() => {
      if (!this.allows(child) || this.restart(child)) return
      if (this.#cell === null)
        this.#kernel.giveUp({
          name: 'HoldfastError',
          code: 'HF_GAVE_UP',
          message: 'the root ends again and again',
        })
      else this.#kernel.failSupervisor(this.#cell, child)
    })
  }

  /** Whether a child waits before it is started again. */
  isPausing(child: Cell): boolean {
    return this.#pauses?.concern([child]) === true
  }

  // Lets those that come back wait, when one of them has to. @returns whether they do
  #pause(failed: Cell, back: readonly Cell[]): boolean {
    const backoff = this.#specOf(failed)?.backoff
    if (backoff === undefined && this.#pauses?.concern(back) !== true) return false
    const pauses = (this.#pauses ??= new Pauses(this.#kernel.authorities))
    pauses.begin(back, backoff === undefined ? 0 : pauses.next(failed, backoff), (children) => {
      this.#plan.push(...children.map(revival))
      this.#advanceSoon()
      this.#kernel.dispatcher.wake()
    })
    return true
  }

  #specOf(child: Cell): ChildSpec | undefined {
    return child.fixed ? this.#cell?.blueprint.childSpec(child.name) : undefined
  }

  // Gives up what is planned: the parent itself begins anew, or leaves.
  #drop(): void {
    this.#plan = []
    this.#current = null
    this.#pauses?.clear()
  }

  // Through the trampoline, because a tree may be deep and a restart may fail at once.
  #advanceSoon(): void {
    this.#kernel.steps.run(() => {
      this.#advance()
    })
  }

  #advance(): void {
    while (this.#current === null) {
      const step = this.#plan.shift()
      if (step === undefined) {
        this.#settle()
        return
      }
      this.#current = step
      this.#begin(step)
    }
  }

  #begin(step: Step): void {
    const { child } = step
    if (step.kind === 'retire') {
      retire(this.#kernel, child, () => {
        if (this.#current !== step) return
        this.#current = null
        this.#advanceSoon()
      })
    } else if (step.kind === 'stop') {
      stopCell(this.#kernel, child, 'shutdown')
    } else if ((child.gate & UNBORN) !== 0) {
      applyBirth(this.#kernel, child, writeBirth(this.#kernel, child, 0, 0))
    } else {
      revive(this.#kernel, child)
    }
  }

  // A supervisor is at work once all its children are.
  #settle(): void {
    const cell = this.#cell
    if (cell === null || !cell.blueprint.isSupervisor || this.#pauses?.isEmpty === false) return
    if (cell.lifecycle === 'starting' || cell.lifecycle === 'restarting') started(this.#kernel, cell)
  }

  #each(children: Cell[], begin: (child: Cell, next: () => void) => void, done: () => void): void {
    const step = (i: number): void => {
      const child = children[i]
      if (child === undefined) done()
      else
        begin(child, () => {
          this.#kernel.steps.run(() => {
            step(i + 1)
          })
        })
    }
    this.#kernel.steps.run(() => {
      step(0)
    })
  }

  #fixed(): Cell[] {
    return [...this.children.values()].filter((child) => child.fixed)
  }

  // It is being stopped or restarted itself, and takes its children along.
  #isParentOut(): boolean {
    const cell = this.#cell
    if (cell === null) return false
    return (cell.gate & STOPPING) !== 0 || ((cell.gate & RESTARTING) !== 0 && cell.lifecycle === 'restarting')
  }

  #isUp(child: Cell): boolean {
    return (child.gate & (STOPPED | UNBORN)) === 0 || this.#cell?.lifecycle === 'starting'
  }
}

function revival(child: Cell): Step {
  return { kind: 'revive', child }
}
