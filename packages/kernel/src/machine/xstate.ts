// The part of XState that Holdfast stands on: its logic, as pure functions of a snapshot, an event and a scope. Actors,
// clock, scheduler and system of XState are never started; where its code asks for one, the scope gives what the turn
// has. A machine brings the code of the XState that made it, so nothing of XState is imported here at run time.

import type { Fields } from './fields.js'

/** An event: its type, and whatever else it carries. */
export interface MachineEvent extends Fields {
  readonly type: string
}

/** What every logic makes of its events. */
export interface LogicSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output?: unknown
  readonly error?: unknown
}

/** The value of a statechart: the name of a state, or an object of them. */
export type StateValue = string | { readonly [state: string]: StateValue | undefined }

/** Snapshots of machines, with what is read and put back. */
export interface MachineSnapshot extends LogicSnapshot {
  readonly value: StateValue
  readonly context: Fields
  readonly children: Readonly<Record<string, unknown>>
  readonly historyValue: Readonly<Record<string, readonly { readonly id: string }[]>>
}

/** An action as a transition hands it over, to be done by whoever runs the machine. */
export interface MachineAction {
  readonly type: string
  readonly info: Fields
  readonly params: unknown
  readonly exec: ((info: Fields, params: unknown) => unknown) | undefined
}

/** What a logic is given of its surroundings. */
export interface Scope {
  readonly self: unknown
  readonly id: string
  readonly sessionId: string
  readonly system: Fields
  readonly logger: (...args: unknown[]) => void
  readonly defer: (later: () => void) => void
  readonly emit: (event: MachineEvent) => void
  readonly stopChild: (child: unknown) => void
  /** XState puts its own in place for the length of a step. */
  actionExecutor: (action: MachineAction) => void
}

/** Any logic. */
export interface Logic {
  readonly config?: unknown
  readonly start?: unknown
  transition(snapshot: LogicSnapshot, event: MachineEvent, scope: Scope): LogicSnapshot
  getInitialSnapshot(scope: Scope, input: unknown): LogicSnapshot
  restoreSnapshot?(persisted: unknown, scope: Scope): LogicSnapshot
  getPersistedSnapshot?(snapshot: LogicSnapshot): unknown
}

/** A machine. */
export interface MachineLogic {
  readonly id: string
  readonly config: Fields
  readonly options: { maxIterations?: number }
  readonly root: StateNode
  readonly implementations: Readonly<Record<'actions' | 'guards' | 'delays' | 'actors', Fields>>
  provide(implementations: { readonly actions: Fields; readonly actors: Fields }): MachineLogic
  transition(snapshot: MachineSnapshot, event: MachineEvent, scope: Scope): MachineSnapshot
  getInitialSnapshot(scope: Scope, input: unknown): MachineSnapshot
  restoreSnapshot(persisted: Fields, scope: Scope): MachineSnapshot
}

/** One state of a machine. */
export interface StateNode {
  readonly id: string
  readonly states: Readonly<Record<string, StateNode>>
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly invoke: readonly { readonly id: string; readonly src: string; readonly systemId?: string }[]
  readonly transitions: ReadonlyMap<string, readonly Transition[]>
  readonly always?: readonly Transition[]
  readonly initial?: { readonly actions: readonly unknown[] }
  readonly config: Fields
}

/** One transition of a state. */
interface Transition {
  readonly actions: readonly unknown[]
  readonly guard?: unknown
}

/** Prefix of the types that XState keeps for itself. */
export const RESERVED = 'xstate.'

/** The one type of XState's own that users send. */
export const ROUTE = 'xstate.route'

/** Whether something is an XState machine. */
export function isMachine(value: unknown): value is MachineLogic {
  if (typeof value !== 'object' || value === null) return false
  const { __xstatenode, root, transition, restoreSnapshot } = value as Fields
  const isWhole = typeof transition === 'function' && typeof restoreSnapshot === 'function'
  return __xstatenode === true && typeof root === 'object' && isWhole
}

/** An actor of XState, which a transition made in order to name a child. It is read and never started. */
export interface MadeActor {
  readonly id: string
  readonly src: unknown
  readonly _syncSnapshot?: boolean
  readonly options: { readonly input?: unknown }
}

/** Whether something is an actor of XState. */
export function isMadeActor(value: object): value is MadeActor {
  return 'sessionId' in value && 'send' in value && 'options' in value
}

/** Every state of a machine, parents first. */
export function* statesOf(node: StateNode): Generator<StateNode> {
  yield node
  for (const state of Object.values(node.states)) yield* statesOf(state)
}
