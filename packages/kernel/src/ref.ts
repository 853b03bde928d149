import type { AskOptions, Rest, TellOptions } from './context.js'
import type { AnswerOf, AnyHandlers } from './definition.js'

/**
 * The address of an actor. It names the logical actor, survives restarts, can be put into state and messages, and
 * reaches the actor's next life under the same path when this one has ended.
 */
export interface ActorRef<H = AnyHandlers> {
  /** Where it lives, e.g. `/bank/reserve`. */
  readonly path: string
  /**
   * Sends a message from outside and does not wait. Inside a handler use `ctx.tell`.
   *
   * @throws {HoldfastError} `HF_UNKNOWN_MESSAGE`, `HF_NOT_STORABLE`, `HF_INVALID` (schema), `HF_MAILBOX_FULL`,
   *   `HF_OVERLOAD`, `HF_STORE_FULL`, `HF_TELL_INSIDE_TURN`. A message to nobody becomes a dead letter.
   */
  tell<K extends keyof H & string>(type: K, ...rest: Rest<H[K], TellOptions>): void
  /**
   * Asks from outside; resolves once the turn that answers is on stable storage. Inside a handler use `ctx.ask`.
   *
   * @throws what `tell` throws, and `HF_ASK_TIMEOUT`, `HF_ACTOR_FAILED`, `HF_ACTOR_STOPPED`, `HF_NO_SUCH_ACTOR`
   */
  ask<K extends keyof H & string>(type: K, ...rest: Rest<H[K], AskOptions>): Promise<AnswerOf<H[K]>>
}

/** A ref of which the protocol is not known. */
export interface AnyRef {
  readonly path: string
}

/** Marks refs so that the codec knows them across copies of the package. */
export const REF = Symbol.for('holdfast.ref')
