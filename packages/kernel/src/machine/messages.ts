// The messages that a machine, its children and its timers send each other, beside those that its events are.

import type { Context } from '../context.js'
import type { ActorRef, AnyRef } from '../ref.js'
import { isFields, type Fields } from './fields.js'
import type { MachineEvent } from './xstate.js'

/** Any event, for those whose type is no message of the receiver: `{ type, ... }`. */
export const EVENT = 'xstate.event'
/** A delayed event is due: `{ key }`. */
export const DUE = 'xstate.due'
/** A child has reached its end: `{ child, output }`. */
export const DONE = 'xstate.done'
/** The output of a child is kept, and the machine may hear of it: `{ child }`. */
export const SETTLED = 'xstate.settled'
/** A promise has failed: `{ child, error }`. */
export const FAILED = 'xstate.error'
/** A child has changed: `{ child, snapshot }`. */
export const CHANGED = 'xstate.snapshot'
/** A child has ended, whatever the reason: the notice of a watch. */
export const ENDED = 'xstate.ended'
/** A promise of the life before is begun anew, unless its result came with what waited: `{ child }`. */
export const REVIVE = 'xstate.revive'
/** A promise may begin. */
export const RUN = 'xstate.run'

type Sender = Pick<Context<unknown>, 'tell'>

/** Sends a message of any type to an actor of which no protocol is known. */
export function tellAny(ctx: Sender, to: AnyRef, type: string, payload?: unknown): void {
  ctx.tell(to as ActorRef, type, payload)
}

/** Sends an event to an actor of Holdfast: the type is that of the message, the rest is its payload. */
export function tellEvent(ctx: Sender, to: AnyRef, event: MachineEvent): void {
  const { type, ...rest } = event
  tellAny(ctx, to, type, Object.keys(rest).length === 0 ? undefined : rest)
}

/** Sends an event to a logic, which ignores what it does not know, as XState does. */
export function tellLogic(ctx: Sender, to: AnyRef, known: ReadonlySet<string>, event: MachineEvent): void {
  if (known.has(event.type)) tellEvent(ctx, to, event)
  else tellAny(ctx, to, EVENT, event)
}

/** The event that a message is. */
export function eventOf(type: string, payload: unknown): MachineEvent {
  return isFields(payload) ? { ...payload, type } : { type }
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What a message of a child says, which child it is first of all. */
export type FromChild = Fields & { readonly child: string }
