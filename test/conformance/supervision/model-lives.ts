// The lives of a tree in the model of supervision.
//
// A restart is a job of the supervisor: those who leave, in reverse start order, and those who come back, in start order.
// A supervisor does one thing at a time, and one job after the other. A child that pauses is in no job; the end of its
// pause makes one.

import type { StopReason } from 'holdfast'
import { ModelClock, type Due } from './model-clock.js'
import {
  directiveOf,
  eachChild,
  groupOf,
  guardianOf,
  inOrder,
  isDone,
  isVolatile,
  mergedJob,
  Node,
  type Mail,
  type Pause,
} from './model-node.js'
import type { ActorNode, ErrorName, Limit, SupervisorNode } from './random-trees.js'

/** A tree that lives. */
export class ModelLives {
  readonly clock = new ModelClock()
  readonly guardian: Node
  /** Those that have begun a first life, in that order. */
  readonly born: Node[] = []
  /** The errors that the next starts of an actor fail with. */
  readonly faults = new Map<string, ErrorName[]>()
  readonly history: string[] = []
  end: 'gave up' | 'done' | undefined
  /** How many messages became dead letters. */
  dead = 0
  isHalting = false
  /** Those that have something to do, while nothing is begun. */
  held: Set<Node> | null = null

  constructor(tree: SupervisorNode) {
    this.guardian = new Node(guardianOf(tree), null)
    this.guardian.stage = 'up'
  }

  get root(): Node {
    return this.guardian.children[0]!
  }

  halt(): void {
    this.isHalting = true
    this.stop(this.root, 'shutdown')
  }

  // Begins what ends after so many milliseconds, and is in the node's hands till then.
  #busy(node: Node, ms: number, act: () => void): void {
    if (ms === 0) {
      act()
      return
    }
    node.due = this.clock.after(ms, () => {
      node.due = null
      act()
    })
  }

  #drop(node: Node): void {
    this.clock.cancel(node.due)
    node.due = null
  }

  // Lives ------------------------------------------------------------------------------------------------------------

  start(node: Node): void {
    if (node.isBorn) {
      node.incarnation++
      this.history.push(`restarted ${node.name} ${node.incarnation}`)
    } else this.born.push(node)
    node.isBorn = true
    this.enter(node)
  }

  enter(node: Node): void {
    const { spec } = node
    node.stage = 'starting'
    node.reason = undefined
    node.owesStopHook = false
    node.upForMs = -1
    if (spec.kind === 'supervisor') {
      this.#startChildren(node)
      return
    }
    const fault = this.faults.get(node.name)?.pop()
    this.#busy(node, spec.startMs, () => {
      if (fault !== undefined) {
        this.#fail(node, 'start', fault)
        return
      }
      this.history.push(`start ${node.name}`)
      node.owesStopHook = true
      if (node.stage === 'ending') this.#leaveHook(node)
      else this.#up(node)
    })
  }

  #startChildren(node: Node): void {
    this.#rest(node)
    node.restarts = []
    for (const child of node.children) Object.assign(child, { granted: [], pauses: 0 })
    node.jobs = [{ leave: [], start: [...node.children] }]
    this.goOn(node)
  }

  #up(node: Node): void {
    node.stage = 'up'
    node.upSinceMs = this.clock.nowMs
    const above = node.above!
    if (above.errand?.child === node) above.errand = null
    this.handle(node)
    this.goOn(above)
  }

  // The stop hook, within its time.
  #stopHook(node: Node, then: () => void): void {
    const { spec } = node
    if (
      !node.owesStopHook ||
      spec.kind === 'supervisor' ||
      spec.shutdown === 'brutal' ||
      node.reason === 'killed'
    ) {
      then()
      return
    }
    node.owesStopHook = false
    const limitMs = spec.shutdown === 'infinity' ? Infinity : spec.shutdown
    this.#busy(node, Math.min(spec.stopMs, limitMs), () => {
      if (spec.stopMs <= limitMs && !spec.stopThrows) this.history.push(`stop ${node.name}`)
      else this.#sayFailed(node, 'stop')
      then()
    })
  }

  #sayFailed(node: Node, context: 'start' | 'message' | 'stop' | 'child'): void {
    if (context !== 'stop' || !isVolatile(node.spec)) this.history.push(`failed ${node.name} ${context}`)
  }

  // Messages ---------------------------------------------------------------------------------------------------------

  handle(node: Node, isJustTold = false): void {
    while (node.stage === 'up' && node.inHand === null) {
      const mail = node.mail.shift()
      if (mail === undefined) return
      mail.attempt++
      const isAtOnce = mail.what === 'work' || (mail.toldMs === this.clock.nowMs && mail.attempt === 1)
      this.clock.isTied ||= isAtOnce && !isJustTold && mail.what !== 'work' && mail.afterMs === 0
      node.inHand = mail
      this.#busy(node, mail.afterMs > 0 || isAtOnce ? mail.afterMs : 1, () => {
        node.inHand = null
        this.#turnEnds(node, mail)
      })
    }
  }

  #turnEnds(node: Node, mail: Mail): void {
    if (mail.what === 'work') node.handled++
    if (mail.what === 'fail') {
      const { attempts } = node.spec as ActorNode
      if (mail.attempt < attempts && node.stage !== 'ending') node.mail.unshift(mail)
      this.#fail(node, 'message', mail.error)
    } else if (node.stage === 'ending') this.#leaveHook(node)
    else if (mail.what === 'end') this.stop(node, 'normal')
    else if (mail.what === 'kill') this.stop(node, 'killed')
    else this.handle(node)
  }

  // Failure ----------------------------------------------------------------------------------------------------------

  #fail(node: Node, context: 'start' | 'message' | 'child', error?: ErrorName): void {
    this.#sayFailed(node, context)
    if (node.stage === 'ending') {
      this.#leaveHook(node)
      return
    }
    this.#down(node)
    node.stage = 'failed'
    const directive = directiveOf(node, context, error)
    const affected = directive === 'restart' ? groupOf(node.above!, node) : [node]
    this.history.push(`directive ${node.name} ${directive} ${affected.map(({ name }) => name).join()}`)
    if (directive === 'stop') this.stop(node, 'failed')
    else if (directive === 'escalate') this.#failSupervisor(node.above!)
    else if (directive === 'restart') this.restart(node)
    else {
      node.stage = 'up'
      this.handle(node)
    }
  }

  #failSupervisor(node: Node): void {
    if (!node.isAtWork) return
    if (node === this.guardian) {
      this.end = 'gave up'
      this.halt()
    } else this.#fail(node, 'child')
  }

  restart(node: Node): void {
    const above = node.above!
    if (!above.isAtWork) return
    const { budget } = node.spec
    if (budget !== undefined && !this.#grant(node.granted, budget)) {
      if (node.stage !== 'ended') this.stop(node, 'gave-up')
    } else if (this.#grant(above.restarts, (above.spec as SupervisorNode).limit)) {
      node.restartedMs = this.clock.nowMs
      this.plan(above, node)
    } else this.#failSupervisor(above)
  }

  #grant(granted: number[], { maxRestarts, withinMs }: Limit): boolean {
    if (granted.filter((atMs) => this.clock.nowMs - atMs < withinMs).length >= maxRestarts) return false
    granted.push(this.clock.nowMs)
    return true
  }

  // Jobs -------------------------------------------------------------------------------------------------------------

  plan(above: Node, failed: Node): void {
    const group = groupOf(above, failed)
    // A temporary child that is pulled down is over; one that has not come up yet still comes.
    const isOver = (node: Node): boolean =>
      node.stage === 'ending' ||
      (node.spec.restart === 'temporary' && !['unborn', 'out', 'ended'].includes(node.stage))
    const leave = group.filter((node) => !['unborn', 'out', 'ended'].includes(node.stage)).reverse()
    const back = group.filter((node) => !isOver(node))
    for (const job of above.jobs) {
      job.leave = job.leave.filter((node) => !group.includes(node))
      job.start = job.start.filter((node) => !group.includes(node))
    }
    const busyWith = above.errand?.child
    if (busyWith !== undefined && group.includes(busyWith)) {
      if (busyWith.stage === 'leaving' || busyWith.stage === 'ending')
        leave.splice(leave.indexOf(busyWith), 1)
      else above.errand = null
    }
    const isPausing = this.#pause(above, failed, back)
    const job = { leave, start: isPausing ? [] : back }
    if (above.stage === 'starting') above.jobs = [mergedJob(above, [job, ...above.jobs])]
    else above.jobs.push(job)
    this.goOn(above)
  }

  #pause(above: Node, failed: Node, back: readonly Node[]): boolean {
    const { backoff } = failed.spec
    const met = above.waiting.filter(({ children }) => children.some((node) => back.includes(node)))
    if (backoff === undefined && met.length === 0) return false
    let untilMs = this.clock.nowMs
    if (backoff !== undefined) {
      if (failed.upForMs >= backoff.resetAfterMs) failed.pauses = 0
      untilMs += Math.min(backoff.maxMs, backoff.minMs * backoff.factor ** failed.pauses++)
    }
    const children = new Set(back)
    const all = new Set([failed])
    for (const pause of met) {
      this.endPause(above, pause)
      untilMs = Math.max(untilMs, pause.due.atMs)
      for (const node of pause.children) children.add(node)
      for (const node of pause.failed) all.add(node)
    }
    const due = this.clock.after(untilMs - this.clock.nowMs, () => {
      this.endPause(above, pause)
      above.jobs.push({ leave: [], start: pause.children })
      this.goOn(above)
    })
    const pause: Pause = { children: inOrder(above, [...children]), failed: [...all], due }
    above.waiting.push(pause)
    return true
  }

  endPause(above: Node, pause: Pause): void {
    this.clock.cancel(pause.due)
    above.waiting = above.waiting.filter((each) => each !== pause)
  }

  // One thing at a time, in the order in which it became due.
  goOn(node: Node): void {
    this.held?.add(node)
    if (this.held !== null) return
    while (node.isAtWork && node.errand === null) {
      const job = node.jobs[0]
      if (job === undefined) {
        if (node.stage === 'starting' && node.waiting.length === 0) this.#up(node)
        return
      }
      const leaving = job.leave.shift()
      const starting = leaving === undefined ? job.start.shift() : undefined
      if (leaving !== undefined) this.#sendAway(node, leaving)
      else if (starting === undefined) node.jobs.shift()
      else {
        node.errand = { child: starting }
        this.start(starting)
      }
    }
  }

  #sendAway(node: Node, leaving: Node): void {
    const errand = (node.errand = { child: leaving })
    const done = (): void => {
      if (node.errand !== errand) return
      node.errand = null
      this.goOn(node)
    }
    if (leaving.spec.restart === 'temporary') this.stop(leaving, 'shutdown', done)
    else this.#leave(leaving, done)
  }

  // Gives up what it had to do as a supervisor.
  #rest(node: Node): void {
    node.jobs = []
    node.errand = null
    for (const pause of node.waiting) this.endPause(node, pause)
  }

  // Ends -------------------------------------------------------------------------------------------------------------

  #down(node: Node): void {
    if (node.stage === 'up') node.upForMs = this.clock.nowMs - node.upSinceMs
  }

  // Leaves, to come back in its next life.
  #leave(node: Node, done: () => void): void {
    const { stage } = node
    if (stage === 'unborn' || stage === 'out' || stage === 'ended') {
      done()
      return
    }
    node.gone.push(done)
    if (stage === 'leaving' || stage === 'ending') return
    this.#down(node)
    node.stage = 'leaving'
    const out = (): void => {
      if (node.stage === 'ending') this.#leaveHook(node)
      else {
        node.stage = 'out'
        this.#tellGone(node)
      }
    }
    if (node.spec.kind === 'supervisor') {
      this.#rest(node)
      eachChild(
        node,
        (child, next) => {
          this.#leave(child, next)
        },
        out,
      )
      return
    }
    if (stage !== 'failed') this.#drop(node)
    if (node.inHand !== null) node.mail.unshift(node.inHand)
    node.inHand = null
    if (stage === 'failed') out()
    else this.#stopHook(node, out)
  }

  // Ends for good, or until somebody starts it again.
  stop(node: Node, reason: StopReason, done?: () => void): void {
    const { stage, spec } = node
    if (stage === 'ended') {
      done?.()
      return
    }
    if (done !== undefined) node.gone.push(done)
    if (stage === 'ending') return
    node.reason = reason
    this.#down(node)
    node.stage = 'ending'
    this.#rest(node)
    // What is in hand has its time to end.
    if (stage === 'leaving') return
    if (node.due === null) this.#leaveHook(node)
    else if (spec.shutdown === 'brutal') this.#giveUp(node)
    else if (spec.shutdown !== 'infinity') {
      const turn = node.due
      const limit = this.clock.after(spec.shutdown, () => {
        this.clock.cancel(limit)
        if (node.due === turn) this.#giveUp(node)
      })
    }
  }

  #giveUp(node: Node): void {
    this.#drop(node)
    node.inHand = null
    if (!this.isHalting) this.#sayFailed(node, 'stop')
    this.#leaveHook(node)
  }

  // The children first, then the stop hook, then the end.
  #leaveHook(node: Node): void {
    eachChild(
      node,
      (child, next) => {
        this.stop(child, 'shutdown', next)
      },
      () => {
        this.#stopHook(node, () => {
          this.#ended(node)
        })
      },
    )
  }

  #ended(node: Node): void {
    node.stage = 'ended'
    if (!this.isHalting) {
      if (node.isBorn) this.history.push(`stopped ${node.name} ${node.reason ?? ''}`)
      this.dead += node.mail.length
      node.mail = []
    }
    const { above } = node
    const gone = node.gone.splice(0)
    if (gone.length === 0 && above!.errand?.child === node) above!.errand = null
    this.#childEnded(above!, node)
    for (const done of gone) done()
  }

  #tellGone(node: Node): void {
    for (const done of node.gone.splice(0)) done()
  }

  #childEnded(above: Node, child: Node): void {
    for (const job of above.jobs) job.start = job.start.filter((node) => node !== child)
    for (const pause of above.waiting) {
      if (pause.children.includes(child)) pause.children.splice(pause.children.indexOf(child), 1)
      if (pause.children.length === 0) this.endPause(above, pause)
    }
    if (!above.isAtWork || this.isHalting) return
    const isAskedFor = child.reason === 'normal' || child.reason === 'killed'
    if (above === this.guardian && isAskedFor) {
      this.end = 'done'
      this.halt()
    } else if (isDone(above)) this.stop(above, 'normal')
    else if (child.spec.restart === 'permanent' && isAskedFor) this.restart(child)
    this.goOn(above)
  }
}
