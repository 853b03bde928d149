// A logic without anything to start, such as `fromTransition`, as an actor of its own: its snapshot is the state.

import type { Context } from '../context.js'
import { actor, type ActorDefinition, type AnyHandlers } from '../definition.js'
import { refuse } from '../errors.js'
import type { Common } from './machine-plan.js'
import type { ChildArgs } from './machine-state.js'
import { CHANGED, DONE, EVENT, nameOf, tellAny } from './messages.js'
import type { Logic, LogicSnapshot, MachineEvent, Scope } from './xstate.js'

interface ReducerState extends ChildArgs {
  readonly snapshot: unknown
}

/** The definition of a logic that only reacts. */
export function reducerActor(
  name: string,
  logic: Logic,
  common: Common,
): ActorDefinition<unknown, ChildArgs, AnyHandlers> {
  const definition = actor({
    ...common,
    name,
    state: (args: ChildArgs): ReducerState => ({ ...args, snapshot: null }),
    onStart(ctx) {
      if (ctx.state.snapshot === null)
        keep(ctx, logic, logic.getInitialSnapshot(scopeOf(ctx), ctx.state.input))
    },
    on: {
      [EVENT](ctx, event: MachineEvent) {
        const { snapshot } = ctx.state
        const before = (logic.restoreSnapshot?.(snapshot, scopeOf(ctx)) ?? snapshot) as LogicSnapshot
        keep(ctx, logic, logic.transition(before, event, scopeOf(ctx)))
      },
    },
  })
  return definition as unknown as ActorDefinition<unknown, ChildArgs, AnyHandlers>
}

function keep(ctx: Context<ReducerState>, logic: Logic, next: LogicSnapshot): void {
  if (next.status === 'error') throw next.error
  const persisted = logic.getPersistedSnapshot?.(next) ?? next
  const fields = Object.entries(persisted).filter(([, field]) => field !== undefined)
  const snapshot = Object.fromEntries(fields) as unknown
  ctx.state = { ...ctx.state, snapshot }
  const child = nameOf(ctx.self.path)
  if (ctx.state.sync === true && next.status === 'active')
    tellAny(ctx, ctx.parent, CHANGED, { child, snapshot })
  if (next.status !== 'done') return
  const { output } = next
  tellAny(ctx, ctx.parent, DONE, output === undefined ? { child } : { child, output })
  ctx.stop(ctx.self)
}

// It may send, to its parent and to itself, and nothing else.
function scopeOf(ctx: Context<ReducerState>): Scope {
  const { id } = ctx.state
  const nothing = (): void => undefined
  const send = (to: Context<unknown>['self']) => (event: MachineEvent) => {
    tellAny(ctx, to, EVENT, event)
  }
  return {
    self: { id, sessionId: id, send: send(ctx.self), _parent: { send: send(ctx.parent) } },
    id,
    sessionId: id,
    system: {
      get: nothing,
      getAll: () => ({}),
      _bookId: () => refuse('spawn', undefined, 'left to a machine', ctx.self.path),
    },
    logger: (...args) => {
      ctx.log.info(args.map(String).join(' '))
    },
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: nothing,
  }
}
