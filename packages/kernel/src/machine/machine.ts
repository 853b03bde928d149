import type {
  AnyStateMachine,
  ContextFrom,
  EmittedFrom,
  EventFrom,
  InputFrom,
  OutputFrom,
  StateValueFrom,
} from 'xstate'
import type { EffectOptions } from '../context.js'
import type { ActorDefinition } from '../definition.js'
import type { LooseSpec, Passed, PassedToAll } from './loose-spec.js'
import { machineDefinition } from './machine-definition.js'
import type { MachineContext } from './machine-plan.js'
import type { MachineAnswer, MachineState } from './machine-state.js'

/** The state of the actor of a machine. */
export type MachineStateOf<M extends AnyStateMachine> = MachineState<
  ContextFrom<M>,
  StateValueFrom<M>,
  OutputFrom<M>
>

/** What an ask of a machine answers: where it stands after the event. */
export type MachineAnswerOf<M extends AnyStateMachine> = MachineAnswer<
  ContextFrom<M>,
  StateValueFrom<M>,
  OutputFrom<M>
>

type Payload<E> = Omit<E, 'type'>

type EventHandler<E, A> = [keyof Payload<E>] extends [never]
  ? (ctx: never) => A
  : Partial<Payload<E>> extends Payload<E>
    ? (ctx: never, payload: Payload<E> | undefined) => A
    : (ctx: never, payload: Payload<E>) => A

/** The protocol of a machine: its events, and `snapshot`, which changes nothing. */
export type MachineHandlers<M extends AnyStateMachine> = {
  readonly [T in EventFrom<M>['type']]: EventHandler<Extract<EventFrom<M>, { type: T }>, MachineAnswerOf<M>>
} & { readonly snapshot: (ctx: never) => MachineAnswerOf<M> }

/** An action of a machine with `ctx` in hand. What it returns is waited for, when it is a promise. */
export type MachineActionOf<M extends AnyStateMachine> = (
  ctx: MachineContext,
  params: never,
  args: { readonly context: ContextFrom<M>; readonly event: EventFrom<M> },
) => unknown

/** What can be said of every machine. */
export interface MachineOptions extends PassedToAll {
  /** Event types beside those that transitions name: what a wildcard is to take. */
  readonly events?: readonly string[]
  /** The logics that it starts, by the name that it has for them. */
  readonly children?: Readonly<Record<string, MachineChildOptions>>
}

/** What can be said of a logic that a machine starts: of a promise its time and tries, of a machine all the rest. */
export interface MachineChildOptions extends EffectOptions, MachineOptions {
  /** Actions that get `ctx`, by the name that the machine has for them. */
  readonly actions?: Readonly<Record<string, (ctx: MachineContext, params: never, args: never) => unknown>>
  /** Is told what `emit` emits. */
  readonly onEmit?: (ctx: MachineContext, event: never) => unknown
}

/** What `machine` takes. */
export interface MachineSpec<M extends AnyStateMachine> extends MachineOptions, Passed {
  /** Stable name: recovery and replay find the definition by it, and those of its logics as `name.src`. */
  readonly name: string
  /** A machine of XState 5. */
  readonly machine: M
  /** Actions that get `ctx`, by the name that the machine has for them. */
  readonly actions?: Readonly<Record<string, MachineActionOf<M>>>
  /** Is told what `emit` emits. Without it nobody is, as nobody listens in XState. */
  readonly onEmit?: (ctx: MachineContext, event: EmittedFrom<M>) => unknown
}

/**
 * Defines the actor of an XState machine: its events are its messages, its state is stored and recovered like any
 * other, its delays are durable timers, and what it invokes and spawns are children of the actor.
 *
 * Use it when what an actor may do depends on what has happened before, or when a process takes days.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field when it is no machine, or names what is not there
 *
 * @example
 * const door = machine({ name: 'door', machine: doorMachine })
 * system.ref(door, '/door').tell('OPEN')
 */
export function machine<M extends AnyStateMachine>(
  spec: MachineSpec<M>,
): ActorDefinition<MachineStateOf<M>, InputFrom<M>, MachineHandlers<M>> {
  const definition = machineDefinition(spec as unknown as LooseSpec, null)
  return definition as unknown as ActorDefinition<MachineStateOf<M>, InputFrom<M>, MachineHandlers<M>>
}
