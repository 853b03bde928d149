// A model of supervision, written from docs/reference/semantics.md: what has to come of a tree and a script. It computes
// with plain objects on a clock of its own and knows nothing of the kernel.

import type { StopReason } from 'holdfast'
import { ModelLives } from './model-lives.js'
import { isVolatile, takeBack, type Node } from './model-node.js'
import type { Case, ErrorName, Step, SupervisorNode } from './random-trees.js'

/** One actor as an observer sees it. */
export interface Sight {
  readonly status: 'up' | 'stopped' | 'neither' | 'unborn'
  readonly incarnation: number
  readonly stopped: StopReason | undefined
  readonly handled: number
}

/** One to which its supervisor has not come. */
export const UNBORN: Sight = { status: 'unborn', incarnation: 1, stopped: undefined, handled: 0 }

/** A whole system as an observer sees it. */
export interface Picture {
  readonly actors: Readonly<Record<string, Sight>>
  readonly dead: number
  readonly end: 'gave up' | 'done' | undefined
}

/** What has to come of a case. */
export interface Outcome {
  /** When the first start is over. */
  readonly openMs: number
  /** The steps that could be taken. */
  readonly script: readonly Step[]
  /** After the start, after each step, and after a long time. It ends where the system does. */
  readonly pictures: readonly Picture[]
  /** What the log tells, in its order. */
  readonly history: readonly string[]
  /** Two things were due at the same time, and nothing says which one comes first. */
  readonly isTied: boolean
}

/** What has to come of a case. */
export function outcomeOf({ tree, broken, script }: Case): Outcome {
  const model = new Model(
    tree,
    new Set([...broken, ...script].map((step) => (step.do === 'break' ? step.whom : ''))),
  )
  for (const step of broken) model.take(step)
  const openMs = model.open()
  const pictures = [model.picture()]
  const taken: Step[] = []
  for (const step of [...script, LONG] as const) {
    if (model.end !== undefined) break
    if (step.do === 'crash' && !model.isQuiet) continue
    model.take(step)
    taken.push(step)
    pictures.push(model.picture())
  }
  model.halt()
  model.take(LONG)
  return { openMs, script: taken, pictures, history: model.history, isTied: model.clock.isTied }
}

/** Longer than anything that a case sets off. */
export const LONG = { do: 'advance', byMs: 3_600_000 } as const

class Model extends ModelLives {
  readonly #all: Node[] = []
  readonly #fragile: ReadonlySet<string>

  constructor(tree: SupervisorNode, fragile: ReadonlySet<string>) {
    super(tree)
    this.#fragile = fragile
    const visit = (node: Node): void => {
      this.#all.push(node)
      node.children.forEach(visit)
    }
    visit(this.root)
  }

  // From outside -----------------------------------------------------------------------------------------------------

  open(): number {
    this.start(this.root)
    for (
      let next = this.clock.next();
      next !== undefined && this.root.stage !== 'up';
      next = this.clock.next()
    ) {
      if (this.end !== undefined) break
      this.clock.fire(next)
    }
    return this.clock.nowMs
  }

  take(step: Step): void {
    if (step.do === 'advance') {
      const untilMs = this.clock.nowMs + step.byMs
      for (let next = this.clock.next(); next !== undefined && next.atMs <= untilMs; next = this.clock.next())
        this.clock.fire(next)
      this.clock.nowMs = untilMs
    } else if (step.do === 'crash') {
      this.#crash(step.awayMs)
    } else if (step.do === 'break') {
      this.faults.set(step.whom, Array<ErrorName>(step.times).fill(step.error))
    } else {
      const node = this.#all.find(({ name }) => name === step.to)!
      if (node.stage === 'ended' || !node.isBorn) this.dead++
      else node.mail.push({ ...step.command, toldMs: this.clock.nowMs, attempt: 0 })
      this.handle(node, true)
    }
  }

  picture(): Picture {
    const actors = this.#all.map((node): [string, Sight] => {
      const { name, stage, incarnation, reason, handled, isBorn } = node
      if (!isBorn) return [name, UNBORN]
      const status = stage === 'up' ? 'up' : stage === 'ended' ? 'stopped' : 'neither'
      return [name, { status, incarnation, stopped: stage === 'ended' ? reason : undefined, handled }]
    })
    return { actors: Object.fromEntries(actors), dead: this.dead, end: this.end }
  }

  /** Nothing is under way but pauses, and whoever starts afresh comes up. */
  get isQuiet(): boolean {
    const nodes = this.#all.filter(({ stage }) => stage !== 'ended' && stage !== 'unborn' && stage !== 'out')
    const isIdle = nodes.every(({ stage, inHand, jobs, errand }) => {
      return stage === 'up' && inHand === null && jobs.length === 0 && errand === null
    })
    const pauses = [this.guardian, ...this.#all].flatMap(({ waiting }) => waiting)
    const mayFail = nodes.some(({ spec }) => isVolatile(spec) && this.#fragile.has(spec.name))
    return isIdle && this.clock.due.length === pauses.length && !mayFail
  }

  // What was decided and not done is decided again, with its first pause; then volatile actors start afresh.
  #crash(awayMs: number): void {
    this.clock.nowMs += awayMs
    const failed = new Set<Node>()
    const afresh = this.born.filter(({ spec, stage }) => stage === 'up' && isVolatile(spec))
    for (const node of afresh) node.stage = 'out'
    for (const node of [this.guardian, ...this.#all]) {
      node.pauses = 0
      if (isVolatile(node.spec)) node.mail = []
      for (const pause of node.waiting) {
        this.endPause(node, pause)
        for (const each of pause.failed) failed.add(each)
      }
    }
    // All is decided before any of it is begun.
    const held = (this.held = new Set<Node>())
    const isAskedFor = (node: Node): boolean => node.reason === 'normal' || node.reason === 'killed'
    const comesBack = (node: Node): boolean => {
      return node.stage === 'ended' && isAskedFor(node) && node.spec.restart === 'permanent'
    }
    for (const node of [
      ...this.born.filter(({ stage }) => stage !== 'ended'),
      ...this.born.filter(comesBack),
    ]) {
      // Who had ended is charged when it comes back, and who had failed when that was decided.
      if (node.stage !== 'ended') {
        if (failed.has(node)) this.plan(node.above!, node)
        continue
      }
      if (failed.has(node)) {
        takeBack(node.granted, node.restartedMs)
        takeBack(node.above!.restarts, node.restartedMs)
      }
      this.restart(node)
    }
    this.held = null
    for (const node of held) this.goOn(node)
    for (const node of afresh)
      if (node.stage === 'out' && !node.isDue && node.above!.isAtWork) this.enter(node)
  }
}
