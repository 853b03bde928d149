import type { AnswerOf, ArgsOf, Definition, HandlersOf, PayloadOf, WithArgs } from './definition.js'
import type { StopMode } from './records.js'
import type { ActorRef, AnyRef } from './ref.js'

/** How one message is sent. */
export interface TellOptions {
  /** Starts a new correlation of this name (or goes on with it when it exists). @default that of the message in hand */
  readonly correlation?: string
  /**
   * Whose data it carries: a name of yours. It counts unless its receiver belongs to a subject.
   *
   * @default that of the message in hand
   */
  readonly subject?: string
}

/** How one question is asked. */
export interface AskOptions extends TellOptions {
  /** Milliseconds until the ask fails with `HF_ASK_TIMEOUT`. @default 5,000 */
  readonly timeoutMs?: number
}

/** The rest of the arguments of `tell`: the payload may be left out when the handler takes none. */
export type Rest<F, O> =
  undefined extends PayloadOf<F>
    ? [payload?: PayloadOf<F>, options?: O]
    : [payload: PayloadOf<F>, options?: O]

/** How an effect is done. */
export interface EffectOptions {
  /** Milliseconds until one attempt fails with `HF_EFFECT_TIMEOUT`. @default 60,000 */
  readonly timeoutMs?: number
  /** What happens when it fails: `default` is three attempts, 100 ms doubling to 10 s, with jitter. @default no retry */
  readonly retry?: 'default' | EffectRetry
}

/** Attempts of an effect and the pause between them. */
export interface EffectRetry {
  /** Attempts in all, the first one counted. */
  readonly attempts: number
  /** Pause before the second attempt in milliseconds. @default 100 */
  readonly minMs?: number
  /** Longest pause in milliseconds. @default 10,000 */
  readonly maxMs?: number
}

/** When a scheduled message is sent. */
export interface ScheduleOptions {
  /** Milliseconds until it is sent. */
  readonly afterMs: number
  /** Then again and again after this many milliseconds. */
  readonly everyMs?: number
  /** Name of the timer; setting it again replaces it. @default the message type */
  readonly key?: string
}

/** How a child is spawned. */
export interface SpawnOptions<A> {
  /** Name within the parent. @default made from message position and index: the same in every run */
  readonly name?: string
  /** What its state is made from. */
  readonly args?: A
  /** Its own correlation, with which its start runs. @default that of the message in hand */
  readonly correlation?: string
  /** @default `transient`: started again after a failure, forgotten when it ends or its stop is decided */
  readonly restart?: 'transient' | 'temporary'
}

/** Writes a line with the actor and the correlation attached; silent while a turn is run again. */
export interface TurnLog {
  debug(message: string, data?: Record<string, unknown>): void
  info(message: string, data?: Record<string, unknown>): void
  warn(message: string, data?: Record<string, unknown>): void
  error(message: string, data?: Record<string, unknown>): void
}

/** What a handler has in hand during one turn. It ends with the turn: kept for later, it refuses. */
export interface Context<S> {
  /** The state. Change it in place or assign a new one; a throw takes every change back. */
  state: S
  /** This actor. */
  readonly self: ActorRef
  /** Who sent the message, if an actor did. */
  readonly sender: ActorRef | undefined
  /** The supervisor or actor above; the root's parent is itself. */
  readonly parent: ActorRef
  /** The message in hand: its type and its position in the log (0 for a volatile one). */
  readonly message: { readonly type: string; readonly position: number }
  /** The incident that this turn belongs to. */
  readonly correlationId: string
  /** Aborted when the actor is stopped while the turn waits. */
  readonly signal: AbortSignal
  /** Lines for humans, with actor and correlation attached. */
  readonly log: TurnLog

  /** Sends a message; it goes out when the turn ends. */
  tell<H, K extends keyof H & string>(to: ActorRef<H>, type: K, ...rest: Rest<H[K], TellOptions>): void
  /** Asks and waits for the answer; the question goes out at once, the answer is recorded. */
  ask<H, K extends keyof H & string>(
    to: ActorRef<H>,
    type: K,
    ...rest: Rest<H[K], AskOptions>
  ): Promise<AnswerOf<H[K]>>
  /** Does something outside and records its result; a re-run reads the record instead of doing it again. */
  effect<T>(name: string, run: (signal: AbortSignal) => T | Promise<T>, options?: EffectOptions): Promise<T>
  /**
   * Puts the message in hand aside when the turn ends; whoever asked is answered by the turn that handles it in the end.
   *
   * @throws {HoldfastError} `HF_STASH_FULL`, and `HF_INVALID` in a hook or for the second time in one turn
   */
  stash(): void
  /** Puts everything that was put aside back in front of the mailbox, in its order. A restart does the same. */
  unstash(): void
  /** Answers the ask now instead of with the return value. */
  reply(answer: unknown): void
  /** Starts a child; it begins to work when the turn ends. */
  spawn<D extends Definition>(
    definition: D,
    ...rest: WithArgs<ArgsOf<D>, SpawnOptions<ArgsOf<D>>>
  ): ActorRef<HandlersOf<D>>
  /**
   * Stops a child, or the actor itself, when the turn ends. One that drains handles what waits in its mailbox first and
   * takes nothing more; one that is killed gives up what it waits in, and its stop hook does not run.
   *
   * @default how `stop`: after the message in hand
   */
  stop(ref: AnyRef, how?: StopMode): void
  /**
   * Has a message of `type` sent to this actor, once, when the other ends for good. A virtual actor that sleeps is woken,
   * and does not sleep for being idle as long as it is watched.
   *
   * @default type `terminated`
   */
  watch(ref: AnyRef, type?: string): void
  /** Takes a watch back: also a notice that waits already is not handled any more. */
  unwatch(ref: AnyRef): void
  /**
   * Ties the fates of two actors: whichever ends first, for good and for any reason but `normal`, fails the other one
   * with `HF_LINK_BROKEN`, and the supervisor of that one decides.
   */
  link(ref: AnyRef): void
  /** The same one way: the end of the other one fails this one, and not the other way round. */
  dependOn(ref: AnyRef): void
  /** From now on neither of the two depends on the other, whoever had said so. */
  unlink(ref: AnyRef): void
  /** Sends this actor a message later. The timer is durable; a restart cancels it. */
  schedule(type: string, payload: unknown, options: ScheduleOptions): void
  /** Cancels a timer by its key. */
  unschedule(key: string): void
  /**
   * Whether this turn is under a change of its handler, by a name of your choice: yes in a turn that runs for the first
   * time, and in one that is run again if it was then. So turns from before the change go the old way for good.
   *
   * @throws {HoldfastError} `HF_INVALID` when the name is none, or for too many in one turn
   * @example const fee = ctx.patched('fee-in-cents') ? amount * 0.02 : 1
   */
  patched(id: string): boolean
  /** Says that this actor is well: when it fails again, it waits as if for the first time (see `backoff`). */
  well(): void
  /** Whether an actor lives at a ref: one that was born and has not ended. The answer is recorded, like that of an ask. */
  lives(ref: AnyRef): Promise<boolean>
  /** Finds an actor by its path. */
  ref<D extends Definition>(definition: D, path: string): ActorRef<HandlersOf<D>>
  ref(path: string): ActorRef
  /** The time recorded with this turn, in milliseconds since 1970: the same in every replay. */
  now(): number
  /** A number in [0, 1), seeded from the message: the same in every replay. */
  random(): number
  /** A unique id, made from message position and index: the same in every replay. */
  id(): string
}
