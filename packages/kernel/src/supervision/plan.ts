// Plan
// ====
// The steps by which one parent takes children of its spec out of service and starts them. A step is begun, and the next
// one follows when the child says that it is done: the order is sequential, and nobody blocks.
//
//   [ retire c3 | retire c2 | revive c2 | revive c3 | revive c4 ]
//     ^ in hand: victims leave in reverse start order before anyone is started again, in start order
//
// Invariants
//   N1  At most one step is in hand.
//   N2  No step is begun while the parent is out.
//   N3  Who has ended is not started by what was planned before.
//   N4  While the parent starts, its children do so in start order, also when one has to be started anew on the way.

import type { Cell } from '../cell.js'
import { RESTARTING, STOPPED, STOPPING, UNBORN } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { bear, retire, revive } from '../restarting.js'
import { stopCell } from '../stopping.js'

interface Step {
  readonly kind: 'retire' | 'revive' | 'stop'
  readonly child: Cell
}

/** Whose plan it is. */
export interface Planning {
  /** It decides nothing more in this life. */
  readonly isOut: boolean
  /** It is not at work before its children are. */
  readonly isStarting: boolean
  /** Those of its children, in start order. */
  inOrder(children: Iterable<Cell>): Cell[]
  /** Nothing is left to do. */
  onPlanDone(): void
}

/** What one parent has to do with its children. */
export class Plan {
  readonly #kernel: Kernel
  readonly #parent: Planning
  #steps: Step[] = []
  /** Those before it are begun. */
  #next = 0
  #inHand: Step | null = null

  constructor(kernel: Kernel, parent: Planning) {
    this.#kernel = kernel
    this.#parent = parent
  }

  /** Starts children, behind everything that is planned. */
  start(children: readonly Cell[]): void {
    for (const child of children) this.#steps.push(revival(child))
    this.advance()
  }

  /** Has `victims` leave, and those of them come `back` that are to. Both are in start order. */
  restart(victims: readonly Cell[], back: readonly Cell[]): void {
    const group = new Set(victims)
    // One that is starting is given up, and one that is leaving goes on leaving.
    if (this.#inHand?.kind === 'revive' && group.has(this.#inHand.child)) this.#inHand = null
    const leave = victims.filter((child) => child !== this.#inHand?.child).reverse()
    const leaves = leave.map((child): Step => ({ kind: isOver(child) ? 'stop' : 'retire', child }))
    const others = this.#left().filter((step) => !group.has(step.child))
    this.#set(
      this.#parent.isStarting
        ? this.#inStartOrder([...leaves, ...others, ...back.map(revival)])
        : // A child that cannot start holds up no other for ever: what becomes due waits its turn.
          [...others, ...leaves, ...back.map(revival)],
    )
    this.advance()
  }

  /** Gives up everything: the parent itself begins anew, or leaves. */
  drop(): void {
    this.#set([])
    this.#inHand = null
  }

  /** Whether a child is still to be started. */
  isDue(child: Cell): boolean {
    return this.#left().some((step) => step.child === child && step.kind === 'revive')
  }

  /** A child is at work. */
  onStarted(child: Cell): void {
    if (this.#inHand?.child !== child || this.#inHand.kind !== 'revive') return
    this.#inHand = null
    this.advance()
  }

  /** A child has ended, or is held, and is not on the way back any more. @returns whether others wait for that */
  takeOut(child: Cell): boolean {
    if (this.#next < this.#steps.length)
      this.#set(this.#left().filter((step) => step.child !== child || step.kind !== 'revive'))
    // One that is only held goes on leaving.
    const isLeaving = this.#inHand?.kind === 'retire' && (child.gate & STOPPED) === 0
    if (this.#inHand?.child !== child || isLeaving) return false
    this.#inHand = null
    return true
  }

  /** Goes on, through the trampoline: a tree may be deep, and a start may fail at once. */
  advance(): void {
    this.#kernel.steps.run(() => {
      this.#goOn()
    })
  }

  #goOn(): void {
    while (this.#inHand === null && !this.#parent.isOut) {
      const step = this.#steps[this.#next++]
      if (step === undefined) {
        this.#set([])
        this.#parent.onPlanDone()
        return
      }
      this.#inHand = step
      this.#begin(step)
    }
  }

  #begin(step: Step): void {
    const { child } = step
    const done = (): void => {
      if (this.#inHand !== step) return
      this.#inHand = null
      this.advance()
    }
    if (step.kind === 'retire') retire(this.#kernel, child, done)
    else if (step.kind === 'stop') stopCell(this.#kernel, child, 'shutdown', undefined, done)
    else if ((child.gate & UNBORN) !== 0) bear(this.#kernel, child)
    else revive(this.#kernel, child)
  }

  #left(): Step[] {
    return this.#steps.slice(this.#next)
  }

  #set(steps: Step[]): void {
    this.#steps = steps
    this.#next = 0
  }

  #inStartOrder(steps: readonly Step[]): Step[] {
    const leaves = steps.filter(({ kind }) => kind !== 'revive')
    const due = steps.filter(({ kind }) => kind === 'revive').map(({ child }) => child)
    return [...leaves, ...this.#parent.inOrder(due).map(revival)]
  }
}

/**
 * Whether a child that is pulled down does not come back: it is about to end by itself, or it is temporary. One that has
 * not come up yet is not pulled down: it still comes.
 */
export function isOver(child: Cell): boolean {
  if ((child.gate & STOPPING) !== 0) return true
  const isDown = (child.gate & (UNBORN | STOPPED)) !== 0
  const isOut = (child.gate & RESTARTING) !== 0 && child.lifecycle === 'restarting'
  return child.terms.restart === 'temporary' && !isDown && !isOut
}

function revival(child: Cell): Step {
  return { kind: 'revive', child }
}
