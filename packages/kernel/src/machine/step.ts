// Step
// ====
// One event on its way through a machine, in one turn: the snapshot out of the state, XState's own transition, and what
// that wants done, onto `ctx`. The new state is set at the end; what throws before that takes the whole turn back.
//
//   state -> snapshot -> transition -> births -> actions, in order -> state
//                                                 \--promise--> the turn waits, then the next one
//
// Invariants
//   M1  The state is the one that XState's `transition` gives for the same events.
//   M2  Nothing of it is done outside the turn: no actor, clock or timer of XState is ever started.
//   M3  Actions are done in the order of the transition; one that returns a promise is waited for.

import { refuse } from '../errors.js'
import { Children } from './children.js'
import { Delays } from './delays.js'
import { isFields, type Fields } from './fields.js'
import type { MachinePlan, MachineTurn } from './machine-plan.js'
import { answerOf, draftOf, type DelayTarget, type Draft, type MachineAnswer } from './machine-state.js'
import { CHANGED, DONE, nameOf, tellAny, tellEvent, tellLogic } from './messages.js'
import { copied, MachineRef, type Place, type RefOwner } from './refs.js'
import { scopeOf, systemOf } from './scope.js'
import type { MachineAction, MachineEvent, MachineSnapshot, Scope } from './xstate.js'

/** One event on its way through a machine. */
export class Step implements RefOwner {
  readonly ctx: MachineTurn
  readonly draft: Draft
  readonly children: Children
  readonly delays: Delays
  readonly system: Fields
  readonly above: MachineRef | undefined
  before: MachineSnapshot | undefined = undefined
  readonly #plan: MachinePlan
  readonly #scope: Scope
  readonly #actions: MachineAction[] = []

  constructor(plan: MachinePlan, ctx: MachineTurn) {
    this.#plan = plan
    this.ctx = ctx
    this.draft = draftOf(ctx.state)
    this.children = new Children(this, plan, ctx, this.draft)
    this.delays = new Delays(ctx, this.draft)
    this.system = systemOf(ctx)
    const { path } = ctx.parent
    // The root is its own parent in Holdfast, and has none in XState.
    this.above = path === ctx.self.path ? undefined : new MachineRef(this, nameOf(path), { kind: 'parent' })
    const self = new MachineRef(this, this.draft.id ?? nameOf(ctx.self.path), { kind: 'self' })
    this.#scope = scopeOf(self, ctx, this.#actions)
  }

  /** Enters the initial state. */
  begin(): unknown {
    const { draft } = this
    draft.children = {}
    draft.timers = {}
    draft.historyValue = {}
    delete draft.output
    const next = this.#plan.machine.getInitialSnapshot(this.#scope, draft.input)
    // A context that stands in the machine itself is one object for all who run it.
    return this.#settle(next, copied)
  }

  /** Goes on in a new life: timers and children of the one before are gone. */
  revive(): void {
    this.delays.rearm()
    this.children.revive()
    this.keep()
  }

  /** Takes an event. A machine that is done takes none. */
  take(event: MachineEvent): unknown {
    if (this.draft.status !== 'active') return answerOf(this.ctx.state)
    this.before = this.#restored()
    return this.#settle(this.#plan.machine.transition(this.before, event, this.#scope))
  }

  /** Keeps what was changed, without an event. */
  keep(): void {
    this.ctx.state = this.draft
  }

  tell(to: unknown, event: MachineEvent): void {
    this.send(this.children.placeOf(to), event)
  }

  /** Sends an event to whoever is there. */
  send(place: Place, event: MachineEvent): void {
    const { ctx, children } = this
    const sent = children.told(event) as MachineEvent
    if (place.kind === 'self') tellLogic(ctx, ctx.self, this.#plan.known, sent)
    else if (place.kind === 'ref') tellEvent(ctx, place.ref, sent)
    else if (place.kind === 'parent') this.#sendUp(sent)
    else if (place.kind === 'child' && place.child.status === 'live')
      tellLogic(ctx, children.addressOf(place.child), children.logicOf(place.child).known, sent)
  }

  #sendUp(event: MachineEvent): void {
    const { above } = this.#plan
    if (above === null) tellEvent(this.ctx, this.ctx.parent, event)
    else tellLogic(this.ctx, this.ctx.parent, above, event)
  }

  #restored(): MachineSnapshot {
    const { status, value, historyValue, context } = this.draft
    const bare = { status, value, historyValue, context: {}, children: {} }
    const snapshot = this.#plan.machine.restoreSnapshot(bare, this.#scope)
    return Object.assign(snapshot, {
      context: this.children.restored(context),
      children: this.children.refs(),
    })
  }

  #settle(next: MachineSnapshot, own: (context: unknown) => unknown = (context) => context): unknown {
    // XState keeps an error that nothing in the machine takes; here the turn fails with it.
    if (next.status === 'error') throw next.error
    this.children.adopt(next.children, this.#actions)
    const waiting = this.#perform(0)
    const end = (): MachineAnswer => this.#end(next, own(this.children.kept(next.context)) as Fields)
    return waiting === undefined ? end() : waiting.then(end)
  }

  #end({ status, value, historyValue, output }: MachineSnapshot, context: Fields): MachineAnswer {
    const { draft, ctx } = this
    draft.status = status === 'done' ? 'done' : 'active'
    draft.value = value
    draft.context = context
    draft.historyValue = historyOf(historyValue)
    if (output !== undefined) draft.output = this.children.told(output)
    if (status === 'done') draft.timers = {}
    this.keep()
    const answer = answerOf(draft)
    if (draft.sync === true && status !== 'done')
      tellAny(ctx, ctx.parent, CHANGED, { child: nameOf(ctx.self.path), snapshot: answer })
    if (status === 'done') this.#leave()
    return answer
  }

  // The actor ends with the machine. Who watches it is told the output, and a machine above it as well.
  #leave(): void {
    const { ctx, draft } = this
    if (this.#plan.above !== null) {
      const child = nameOf(ctx.self.path)
      tellAny(ctx, ctx.parent, DONE, draft.output === undefined ? { child } : { child, output: draft.output })
    }
    ctx.stop(ctx.self)
  }

  #perform(from: number): Promise<void> | undefined {
    for (let i = from; i < this.#actions.length; i++) {
      const waiting = this.#do(this.#actions[i]!)
      if (isThenable(waiting)) return Promise.resolve(waiting).then(() => this.#perform(i + 1))
    }
    return undefined
  }

  #do(action: MachineAction): unknown {
    const params = (action.params ?? {}) as Fields
    switch (action.type) {
      case 'xstate.spawnChild':
        // Born before everything else, so that it can be told something.
        return undefined
      case 'xstate.stopChild':
        return this.children.stop(action.params)
      case 'xstate.raise':
        return this.#raise(params)
      case 'xstate.sendTo':
        return this.#sendTo(params)
      case 'xstate.cancel':
        return this.delays.cancel(params['sendId'])
      case 'xstate.emit':
        return this.#plan.onEmit?.(this.ctx, params['event'] as MachineEvent)
      case 'xstate.log':
        return this.ctx.log.info(typeof params['label'] === 'string' ? params['label'] : 'log', {
          value: params['value'],
        })
      default:
        return this.#custom(action)
    }
  }

  // Without a delay it was taken within the transition.
  #raise({ event, id, delay }: Fields): void {
    if (typeof delay === 'number') this.delays.set(id, delay, this.#told(event), undefined)
  }

  #sendTo({ to, event, id, delay }: Fields): void {
    if (typeof delay === 'number') this.delays.set(id, delay, this.#told(event), this.#targetOf(to))
    else this.tell(to, event as MachineEvent)
  }

  #targetOf(to: unknown): DelayTarget | undefined {
    const place = this.children.placeOf(to)
    if (place.kind === 'self') return undefined
    if (place.kind === 'parent') return { parent: true }
    if (place.kind === 'ref') return { ref: place.ref }
    return { child: place.kind === 'child' ? place.child.nth : 0 }
  }

  #told(event: unknown): MachineEvent {
    return this.children.told(event) as MachineEvent
  }

  #custom({ type, info, params, exec }: MachineAction): unknown {
    const own = this.#plan.own.get(exec)
    if (own !== undefined) return own(this.ctx, params, info)
    if (exec !== undefined) return exec(info, params)
    return refuse(`actions.${type}`, undefined, 'a function', this.ctx.self.path)
  }
}

function historyOf(historyValue: MachineSnapshot['historyValue']): MachineSnapshot['historyValue'] {
  const entries = Object.entries(historyValue).map(([id, nodes]) => [
    id,
    nodes.map((node) => ({ id: node.id })),
  ])
  return Object.fromEntries(entries) as MachineSnapshot['historyValue']
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isFields(value) && typeof value['then'] === 'function'
}
