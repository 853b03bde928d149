// Supervision
// ===========
// What a parent knows of its children, and what it does about them: who is started, restarted and stopped, for whom, and
// how often. How that is done, one step after another, is the business of its plan.
//
// Invariants
//   P1  The children that the spec names start in order and stop in reverse, one at a time. Every other child comes back
//       on its own, and those of a dynamic supervisor leave together.
//   P2  A failure during the plan re-plans from the child that failed; those not yet started still follow.
//   P3  A restart is counted before it is done; when the budget is exhausted nothing is restarted. A child's own budget
//       is asked first, and what it refuses is not charged to the supervisor.
//   P4  A child named by the spec keeps its place when it ends; a spawned one is forgotten.
//   P5  A child that pauses before its restart holds up those who are restarted with it, and nobody else.
//   P6  A child that is held is started by nobody but who releases it.
//   P7  A supervisor that is done ends once, and nothing of it is restarted on the way.

import { started } from '../birth.js'
import type { Cell } from '../cell.js'
import { FAILED, QUARANTINED, RESTARTING, STOPPED, STOPPING, UNBORN } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { wasAskedFor, type StopReason, type StoredError } from '../records.js'
import { retire, revive } from '../restarting.js'
import { stopCell } from '../stopping.js'
import type { Strategy } from '../strategy/strategy.js'
import { lastContext } from './failure-report.js'
import { Home } from './home.js'
import { isWorkDone } from './auto-shutdown.js'
import { endedBeforeItWasUp } from './child-refusals.js'
import { oneByOne, together } from './leaving.js'
import { LoneRestarts } from './lone-restarts.js'
import { KEY, partitionOf } from './partitions.js'
import { Pauses } from './pauses.js'
import { isOver, Plan, type Planning } from './plan.js'
import { RestartBudget } from './restart-budget.js'

/** Is told how a start by hand ended: well, or with the error for which the child did not come up. */
export type Ordered = (error: StoredError | undefined) => void

/** The children of one parent. */
export class Supervision implements Planning {
  /** By name, in start order. */
  readonly children = new Map<string, Cell>()
  strategy: Strategy
  readonly budget: RestartBudget
  /** Set when the children are virtual actors. */
  readonly home: Home | null
  readonly #kernel: Kernel
  /** `null` for the guardian above the root. */
  readonly #cell: Cell | null
  readonly #plan: Plan
  /** Made with the first pause, like the budgets of single children: most supervisors need neither. */
  #pauses: Pauses | null = null
  #budgets: Map<Cell, RestartBudget> | null = null
  /** Children that come back on their own. */
  #alone: LoneRestarts | null = null
  /** Children that were started by hand, with who wants to know how that ends. */
  #ordered: Map<Cell, Ordered> | null = null

  constructor(kernel: Kernel, cell: Cell | null, strategy: Strategy) {
    this.#kernel = kernel
    this.#cell = cell
    this.home = cell?.blueprint.idleMs === undefined ? null : new Home(kernel, cell)
    this.strategy = strategy
    this.budget = new RestartBudget(strategy.maxRestarts, strategy.withinMs)
    this.#plan = new Plan(kernel, this)
  }

  /** Starts the children that the spec names, in order, or starts again those that are there. */
  startChildren(): void {
    const cell = this.#cell!
    for (const spec of cell.blueprint.children) {
      if (!this.children.has(spec.id)) this.#kernel.newFixedChild(cell, spec)
    }
    this.#drop()
    this.#plan.start(this.#fixed().filter((child) => (child.gate & QUARANTINED) === 0))
  }

  /** Starts only those that the spec names and that are not there: the spec has grown since the last run. */
  startMissing(deleted: ReadonlySet<string>): void {
    const cell = this.#cell!
    const added = cell.blueprint.children.filter(
      (spec) => !this.children.has(spec.id) && !deleted.has(spec.id),
    )
    this.#plan.start(added.map((spec) => this.#kernel.newFixedChild(cell, spec)))
  }

  /** Which children are restarted when this one fails, in start order. */
  affected(failed: Cell): readonly Cell[] {
    if (!failed.fixed) return [failed]
    const order = this.#fixed()
    const [from, to] = this.strategy.affected(order.length, order.indexOf(failed))
    const isUp = (child: Cell): boolean => (child.gate & (STOPPED | UNBORN | QUARANTINED)) === 0
    const isThere = (child: Cell): boolean => isUp(child) || this.#isDue(child)
    return order.slice(from, to).filter((child) => child === failed || isThere(child))
  }

  /** Restarts what the strategy says, or `those` of it who are still to be. It has been charged. */
  restart(failed: Cell, those?: ReadonlySet<string>): void {
    if (this.isOut) return
    if (!failed.fixed) {
      this.#restartAlone(failed)
      return
    }
    const victims = this.affected(failed).filter(({ name }) => those?.has(name) !== false)
    const back = victims.filter((child) => !isOver(child))
    for (const child of victims) if (child !== failed) this.#pauses?.down(child)
    const isPaused = this.#pause(failed, back, (children) => {
      this.#plan.start(this.inOrder(children))
    })
    this.#plan.restart(victims, isPaused ? [] : back)
  }

  /** Charges one restart to the supervisor. @returns false when its budget is exhausted */
  charge(): boolean {
    return this.budget.grant(this.#kernel.authorities.monotonic())
  }

  /** Whether the child's own budget allows one more restart. */
  allows(child: Cell): boolean {
    return this.budgetOf(child)?.grant(this.#kernel.authorities.monotonic()) ?? true
  }

  /** The budget of one child, if its spec gives it one. */
  budgetOf(child: Cell): RestartBudget | undefined {
    const limit = this.#cell === null ? undefined : child.terms.budget
    if (limit === undefined) return undefined
    this.#budgets ??= new Map()
    let budget = this.#budgets.get(child)
    if (budget === undefined)
      this.#budgets.set(child, (budget = new RestartBudget(limit.maxRestarts, limit.withinMs)))
    return budget
  }

  /**
   * Whether its parent decides nothing more in this life: it has failed and waits for what its own supervisor does, or it
   * leaves, or it ends. It takes its children along.
   */
  get isOut(): boolean {
    const cell = this.#cell
    if (cell === null) return false
    if ((cell.gate & (STOPPING | STOPPED)) !== 0) return true
    if (cell.blueprint.keepsChildren) return false
    // One that is to resume is rebuilt behind the gate, and goes on with its children.
    return (cell.gate & RESTARTING) === 0 ? (cell.gate & FAILED) !== 0 : cell.lifecycle === 'restarting'
  }

  /** Whether it is a supervisor that has yet to get to work. */
  get isStarting(): boolean {
    return this.#cell?.blueprint.isSupervisor === true && this.#cell.lifecycle !== 'running'
  }

  /** Those of its children, in start order. */
  inOrder(children: Iterable<Cell>): Cell[] {
    const all = new Set(children)
    return this.#fixed().filter((child) => all.has(child))
  }

  /** Forgets what was granted: a new life of the parent has budgets of its own. */
  renew(): void {
    this.budget.clear()
    this.#budgets = null
  }

  /** Takes all children out of service before this parent is restarted: its own are kept, spawned ones stop. */
  retireChildren(done: () => void): void {
    this.#leave((child, next) => {
      if (child.fixed) retire(this.#kernel, child, next)
      else stopCell(this.#kernel, child, this.#leaving, undefined, next)
    }, done)
  }

  /** Stops all children in reverse start order, one after another; those of a dynamic supervisor together. */
  stopChildren(done: () => void): void {
    this.#leave((child, next) => {
      stopCell(this.#kernel, child, this.#leaving, undefined, next)
    }, done)
  }

  /** Starts a child that has ended and kept its place, by hand: no strategy and no budget has a say in it. */
  startAgain(child: Cell): void {
    this.#plan.start([child])
  }

  /** Has somebody told how the start of a child ends. While that is open, a failure of the start is final. */
  order(child: Cell, ordered: Ordered): void {
    ;(this.#ordered ??= new Map<Cell, Ordered>()).set(child, ordered)
  }

  /** Whether a child was started by hand and has not come up. */
  isOrdered(child: Cell): boolean {
    return this.#ordered?.has(child) === true
  }

  /** Forgets a child that has ended, and its place. */
  forget(child: Cell): void {
    this.children.delete(child.name)
    this.#budgets?.delete(child)
    this.#pauses?.reset(child)
    this.#kernel.cells.delete(child.id)
    this.#kernel.subjects?.forget(child.id)
  }

  /** The child of a name, or of a key when the children are partitions. */
  named(name: string): Cell | undefined {
    const child = this.children.get(name)
    if (child !== undefined || this.#cell?.blueprint.isPartitioned !== true || !name.startsWith(KEY))
      return child
    const running = this.#fixed().filter((each) => (each.gate & STOPPED) === 0)
    return running[partitionOf(name, running.length)]
  }

  /** A child says that it is well: the next pause before a restart of it is the first one again. */
  onWell(child: Cell): void {
    this.#pauses?.reset(child)
  }

  /** Goes on under another strategy and with other terms; nobody is started or stopped for it. */
  change(strategy: Strategy): void {
    this.strategy = strategy
    this.budget.limitTo(strategy.maxRestarts, strategy.withinMs)
    this.#budgets = null
    for (const child of this.#fixed()) {
      const spec = this.#cell!.blueprint.childSpec(child.name)
      if (spec !== undefined) child.terms = spec
    }
  }

  /** A child is at work. */
  onStarted(child: Cell): void {
    this.#pauses?.up(child)
    this.#alone?.end(child)
    this.#settleOrder(child, undefined)
    this.#plan.onStarted(child)
  }

  /** A supervisor is at work once all its children are. */
  onPlanDone(): void {
    const cell = this.#cell
    if (cell === null || !cell.blueprint.isSupervisor || this.#pauses?.holdsUp === true) return
    if (cell.lifecycle === 'starting' || cell.lifecycle === 'restarting') started(this.#kernel, cell)
  }

  /** A child has ended for good. */
  onStopped(child: Cell): void {
    if (!child.fixed && !this.#comesBack(child)) {
      this.children.delete(child.name)
      this.#kernel.cells.delete(child.id)
      this.#kernel.subjects?.forget(child.id)
    }
    this.home?.onAsleep(child)
    const wasWaitedFor = this.#takeOut(child)
    if (this.isOrdered(child)) this.#settleOrder(child, child.rare?.stopError ?? endedBeforeItWasUp(child))
    // Whoever halts the whole system has decided about all of it.
    if (this.isOut || this.#kernel.isHalting) return
    if (this.isDone) this.finish()
    else this.restartEnded(child)
    if (wasWaitedFor) this.#plan.advance()
  }

  /** A child is held: on the way back it is not started again, and those behind it go on. */
  passOver(child: Cell): void {
    if (child.rare !== null && child.rare.diverged !== null) this.#settleOrder(child, child.rare.diverged)
    if (this.#takeOut(child)) this.#plan.advance()
  }

  /** Whether a child whose own budget is exhausted is held instead of ended. */
  quarantines(child: Cell): boolean {
    return child.terms.budget?.then === 'quarantine'
  }

  /** When the pause of a child ends, in milliseconds since 1970; nothing when it is in none. */
  dueMs(child: Cell): number | undefined {
    const untilMs = this.#pauses?.untilMs(child)
    const { authorities } = this.#kernel
    return untilMs === undefined ? undefined : authorities.now() + untilMs - authorities.monotonic()
  }

  /** Starts a child that was held, with a budget of its own as if it were new. */
  letIn(child: Cell): void {
    this.#budgets?.delete(child)
    // A parent that is out itself starts its children when it comes back.
    if (this.isOut) return
    if (child.fixed) this.startAgain(child)
    else
      this.#kernel.steps.run(() => {
        revive(this.#kernel, child)
      })
  }

  /** Whether the children that count have ended, so that there is nothing left to do here. */
  get isDone(): boolean {
    const autoShutdown = this.#cell?.blueprint.autoShutdown ?? 'never'
    if (autoShutdown === 'never') return false
    const isPlanned = (child: Cell): boolean => this.#isDue(child)
    return isWorkDone(autoShutdown, this.#fixed(), isPlanned)
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
    if (this.isOut || this.#kernel.isHalting) return
    if (this.#cell === null && reason === 'normal' && child.blueprint.autoShutdown !== 'never') {
      this.#kernel.onDone()
      return
    }
    const isAskedFor = wasAskedFor(reason ?? null)
    if (this.#cell === null && !isAskedFor) {
      this.#kernel.giveUp(
        child.rare?.stopError ?? { name: 'HoldfastError', code: 'HF_GAVE_UP', message: 'the root ended' },
        lastContext(child),
      )
      return
    }
    if (!this.#comesBack(child)) return
    this.#kernel.steps.run(() => {
      if (this.isOut) return
      if (!this.allows(child)) {
        this.#giveUp(child)
        return
      }
      if (this.charge()) this.restart(child)
      else if (this.#cell === null)
        this.#kernel.giveUp(
          { name: 'HoldfastError', code: 'HF_GAVE_UP', message: 'the root ends again and again' },
          'stop',
        )
      else this.#kernel.failSupervisor(this.#cell, child)
    })
  }

  get #leaving(): StopReason {
    return this.home === null ? 'shutdown' : 'passivated'
  }

  // A permanent child that asked for its own end, or whose parent did. The root has no other end either.
  #comesBack(child: Cell): boolean {
    const isPermanent =
      child.terms.restart === 'permanent' && (child.fixed || this.#cell?.blueprint.isSupervisor === true)
    return isPermanent && wasAskedFor(child.rare?.stopReason ?? null) && (child.gate & STOPPED) !== 0
  }

  // Its own budget has refused to start it again. One without a place of its own is forgotten.
  #giveUp(child: Cell): void {
    if (child.fixed) return
    if (this.#cell!.durable) this.#kernel.log.record('deleted', this.#cell!.id, 0, 0, { child: child.id })
    this.forget(child)
  }

  #restartAlone(child: Cell): void {
    this.#alone ??= new LoneRestarts(this.#kernel)
    this.#alone.begin(child, (end) => this.#pause(child, [child], end))
  }

  // Lets those that come back wait, when one of them has to. @returns whether they do
  #pause(failed: Cell, back: readonly Cell[], end: (children: Iterable<Cell>) => void): boolean {
    // One that is back already has had its pause, with those who come behind it.
    const backoff = back.includes(failed) ? failed.terms.backoff : undefined
    if (backoff === undefined && this.#pauses?.concern(back) !== true) return false
    const pauses = (this.#pauses ??= new Pauses(this.#kernel))
    pauses.begin(back, backoff === undefined ? 0 : pauses.next(failed, backoff), end)
    return true
  }

  #settleOrder(child: Cell, error: StoredError | undefined): void {
    const ordered = this.#ordered?.get(child)
    if (ordered === undefined) return
    this.#ordered!.delete(child)
    ordered(error)
  }

  // Gives up what is planned: the parent itself begins anew, or leaves.
  #drop(): void {
    this.#plan.drop()
    this.#alone = null
    this.#pauses?.clear()
  }

  #leave(begin: (child: Cell, next: () => void) => void, done: () => void): void {
    this.#drop()
    const children = [...this.children.values()].reverse()
    const leave = this.#cell?.blueprint.template === undefined ? oneByOne : together
    leave(this.#kernel.steps, children, begin, done)
  }

  // It is on the way back no more. @returns whether somebody waited for that
  #takeOut(child: Cell): boolean {
    this.#alone?.end(child)
    const wasPausing = this.#pauses?.concern([child]) === true
    this.#pauses?.forget(child)
    return this.#plan.takeOut(child) || wasPausing
  }

  #fixed(): Cell[] {
    return [...this.children.values()].filter((child) => child.fixed)
  }

  // Whether it is still to be started.
  #isDue(child: Cell): boolean {
    return this.#plan.isDue(child) || this.#pauses?.concern([child]) === true
  }
}
