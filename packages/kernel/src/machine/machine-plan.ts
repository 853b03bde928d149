import type { Context } from '../context.js'
import type { ActorDefinition, AnyHandlers } from '../definition.js'
import type { LogicKind } from './logic-kind.js'
import type { ChildArgs, MachineState } from './machine-state.js'
import type { Fields } from './fields.js'
import type { MachineEvent, MachineLogic } from './xstate.js'

/** The `ctx` of a turn of a machine. */
export type MachineTurn = Context<MachineState>

/** What the user's own code gets of it: all but the state, which belongs to the machine. */
export type MachineContext = Omit<Context<never>, 'state'>

/** An action with `ctx` in hand. */
export type CtxAction = (ctx: MachineContext, params: unknown, args: Fields) => unknown

/** One logic that a machine may start. */
export interface ChildLogic {
  readonly kind: LogicKind
  readonly definition: ActorDefinition<unknown, ChildArgs, AnyHandlers>
  /** The event types that it takes as messages of their own. */
  readonly known: ReadonlySet<string>
}

/** What is known of a machine before it runs. */
export interface MachinePlan {
  readonly name: string
  readonly machine: MachineLogic
  /** The event types that it takes as messages of their own. */
  readonly known: ReadonlySet<string>
  /** Those of the machine above, when a machine starts it. */
  readonly above: ReadonlySet<string> | null
  readonly logics: ReadonlyMap<string, ChildLogic>
  /** The actions that get `ctx`, by the function that stands for each of them in the machine. */
  readonly own: ReadonlyMap<unknown, CtxAction>
  readonly onEmit: ((ctx: MachineContext, event: MachineEvent) => unknown) | undefined
}

/** What the actors of a machine have in common with it. */
export interface Common {
  readonly version: number
  readonly durable: boolean
}
