import type { Context } from './context.js'
import { checkSpec } from './definition-check.js'
import type { IdleSpec } from './idle.js'
import type { StoredError } from './records.js'
import type { StandardSchema, SchemaOutput } from './standard-schema.js'
import type { DynamicSupervisorDefinition } from './supervision/dynamic-supervisor.js'
import type { PartitionsDefinition } from './supervision/partitions.js'
import type {
  DynamicProtocol,
  PartitionsProtocol,
  SupervisorProtocol,
  VirtualProtocol,
} from './supervision/protocol.js'
import type { VirtualActorsDefinition } from './supervision/virtual-actors.js'
import type { SupervisorDefinition } from './supervision/supervisor-definition.js'
import type { Directive } from './supervision/directive.js'
import type { Strategy } from './strategy/strategy.js'

/** A function that handles one type of message. What it returns is the answer, if somebody asked. */
export type Handler<S> = (ctx: Context<S>, payload: never) => unknown

/** Handlers by message type. They are the protocol of the actor: payloads and answers are inferred from them. */
export type Handlers<S> = Readonly<Record<string, Handler<S>>>

/** A payload of a message type that is not known at compile time. */
export type AnyPayload = NonNullable<unknown> | null | undefined

/** The protocol of an actor of which nothing is known. */
export type AnyHandlers = Readonly<Record<string, (ctx: never, payload: AnyPayload) => unknown>>

/** What a message of this handler carries; `undefined` when the handler takes no payload. */
export type PayloadOf<F> = F extends (...args: infer A) => unknown
  ? A['length'] extends 0 | 1
    ? undefined
    : A[1]
  : never

/** What an ask of this handler answers. */
export type AnswerOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

/** Upcasters by the version that they lead to; run in order, each once. */
export type Migrations = Readonly<Record<number, (old: never) => unknown>>

/** What a restart hook is told. */
export interface RestartNotice {
  /** Number of the incarnation that begins; the first one of an actor is 1. */
  readonly incarnation: number
  /** What the incarnation before failed with; `undefined` when it had not failed itself. */
  readonly reason:
    | { readonly name: string; readonly message: string; readonly code?: string; readonly subject?: string }
    | undefined
}

/**
 * What happens when the mailbox is full: refuse the new message, push out the oldest or newest, or let the actors that
 * send wait.
 */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest' | 'backpressure'

/** What may wait for an actor, and in which order it is handled. */
export interface MailboxSpec {
  /** Messages that may wait, urgent ones and others each. @default 16,384 */
  readonly capacity?: number
  /** What happens to one more. @default `reject` */
  readonly overflow?: Overflow
  /** Message types that overtake the others that wait. Among themselves they keep their order, and so do the others. */
  readonly urgent?: readonly string[]
  /** Messages that the actor may put aside with `ctx.stash`. @default 1,000 */
  readonly stash?: number
}

/**
 * Decides about an error, which it gets as the log keeps it; `undefined` leaves the decision to who is asked next. It is
 * asked once for each failure, and what it says is a record. When it throws, the supervisor fails in its place.
 */
export type Decide = (error: StoredError) => Directive | undefined

/** How an error of a handler is answered: by class name or code, and `default` for the rest; or by a function. */
export type FailurePolicy = Readonly<Record<string, Directive>> | Decide

/** What every definition has; the runtime's view, without types of state and messages. */
export interface Definition {
  readonly kind: 'actor' | 'supervisor'
  readonly name: string
  readonly version: number
}

/** What `actor` takes. */
export interface ActorSpec<S, A, H, M> {
  /** Stable name: recovery and replay find the definition by it. */
  readonly name: string
  /** Version of state and messages. @default 1 */
  readonly version?: number
  /**
   * `false`: nothing is recorded, a restart is always fresh, and what it spawns ends with the process as well. For hot,
   * replaceable work.
   *
   * @default true
   */
  readonly durable?: boolean
  /** Makes the first state from the arguments of spawn. @default `{}` */
  readonly state?: (args: A) => S
  /**
   * Whose data an actor of this definition holds, from the arguments of spawn and its name, which for a virtual actor is
   * its key. It belongs to that subject for its life: what it is told, does and keeps is sealed with the key of that, and
   * `system.shred` ends it. `undefined` is nobody.
   *
   * @default whoever its parent belongs to
   */
  readonly subject?: (args: A, name: string) => string | undefined
  /** Handlers by message type. */
  readonly on: H & {
    readonly [K in keyof NoInfer<M>]?: (ctx: Context<S>, payload: SchemaOutput<NoInfer<M>[K]>) => unknown
  }
  /** Schemas by message type (Standard Schema); what comes from outside is checked against them. */
  readonly messages?: M
  /**
   * Runs as the first turn of each incarnation, before any message, and when a system that was stopped is opened again.
   * It is told which incarnation this is: a number that it has seen means that timers and children are still there.
   */
  readonly onStart?: (ctx: Context<S>, incarnation: number) => unknown
  /**
   * Runs in place of `onStart` as the first turn of an incarnation that follows another one: after a failure, whose error
   * is the reason, or because a sibling took this actor along, without one. @default `onStart`
   */
  readonly onRestart?: (ctx: Context<S>, restart: RestartNotice) => unknown
  /** Runs as the last turn when the actor is told to stop. */
  readonly onStop?: (ctx: Context<S>) => unknown
  /** What those who watch it are told when it has ended by itself, made from its last state. */
  readonly output?: (state: S) => unknown
  /** What happens when a handler throws. @default `{ default: 'restart' }` */
  readonly onFailure?: FailurePolicy
  /** Times that one message is tried before it is given up. @default 1 */
  readonly attempts?: number
  /**
   * Milliseconds that a turn may wait in all: for effects, for answers and for promises of its own. A turn that waits
   * longer fails with `HF_TURN_TIMEOUT`, and the supervisor decides. @default no limit
   */
  readonly turnTimeoutMs?: number
  /**
   * `thread`: its handlers run in a worker thread, so that one that spins, eats memory or ends the process costs that
   * thread and nothing else. Such an actor must be durable, and its state must be storable, because it travels.
   *
   * @default the main thread
   */
  readonly runsIn?: 'thread'
  /**
   * Where a thread finds this definition, by its name: the URL of a module that exports it, or what is above it. Mostly
   * `import.meta.url`.
   *
   * @default the module that `createSystem({ threads: { module } })` names
   */
  readonly module?: string
  /** The pool whose threads run it: a bulkhead that `createSystem({ threads: { pools } })` describes. @default `default` */
  readonly pool?: string
  /** How the children that this actor spawns are supervised. @default one-for-one, 3 restarts in 5 s */
  readonly strategy?: Strategy
  /** Children that this actor spawned go on while it is restarted, instead of ending with the old incarnation. @default false */
  readonly keepChildren?: boolean
  /** Definitions that this actor may spawn, so that recovery finds them. */
  readonly spawns?: readonly Definition[]
  /** Upcasters of the state. */
  readonly migrate?: Migrations
  /** Upcasters of messages, by type, then by version. */
  readonly upcast?: Readonly<Record<string, Migrations>>
  /** What may wait for the actor. */
  readonly mailbox?: MailboxSpec
  /** Has a message sent to the actor when it has handled nothing for a while: once, until it has handled another one. */
  readonly idle?: IdleSpec
  /** `everyBytes`: bytes of log after which a snapshot is due, at the least. @default 16,384 */
  readonly snapshot?: { readonly everyBytes?: number }
  /**
   * `keepMs`: milliseconds for which the log is kept for the sake of this actor, whatever the retention of the system says.
   * The log is one, so the longest time of all definitions counts. @default 0
   */
  readonly retention?: { readonly keepMs?: number }
  /** Turns between two state digests in the log. 0: none. @default 64 */
  readonly digestEvery?: number
}

/** A definition as `actor` gives it back: a frozen plain object, with the types of its protocol. */
export interface ActorDefinition<S, A, H> extends Definition {
  readonly kind: 'actor'
  readonly spec: ActorSpec<S, A, H, Record<never, never>>
}

/** The arguments that a definition's state is made from. */
export type ArgsOf<D> = D extends { readonly spec: { readonly state?: (args: infer A) => unknown } }
  ? A
  : undefined

/** Options that must name the arguments, unless the state can be made without. */
export type WithArgs<A, O> = undefined extends A ? [options?: O] : [options: O & { readonly args: A }]

/** The handlers of a definition. */
export type HandlersOf<D> =
  D extends ActorDefinition<infer _S, infer _A, infer H>
    ? H
    : D extends VirtualActorsDefinition<infer _V>
      ? VirtualProtocol
      : D extends DynamicSupervisorDefinition<infer C>
        ? DynamicProtocol<C>
        : D extends PartitionsDefinition<infer _C>
          ? PartitionsProtocol
          : D extends SupervisorDefinition
            ? SupervisorProtocol
            : AnyHandlers

/**
 * Defines an actor: a plain object from which all types flow.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name when the spec is wrong
 *
 * @example
 * const counter = actor({
 *   name: 'counter',
 *   state: () => ({ n: 0 }),
 *   on: {
 *     add(ctx, { by }: { by: number }) { ctx.state.n += by },
 *     total: (ctx) => ctx.state.n,
 *   },
 * })
 */
export function actor<
  S = Record<string, never>,
  A = undefined,
  H extends Handlers<S> = Handlers<S>,
  M extends Readonly<Record<string, StandardSchema>> = Record<never, never>,
>(spec: ActorSpec<S, A, H, M>): ActorDefinition<S, A, H> {
  checkSpec(spec)
  return Object.freeze({
    kind: 'actor',
    name: spec.name,
    version: spec.version ?? 1,
    spec: Object.freeze({ ...spec }),
  })
}
