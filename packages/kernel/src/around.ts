// The one place where something may stand around the code of definitions: a development mode that refuses what goes past
// `ctx`, a test mode that runs each turn twice. It is asked once for each function, when blueprints are made, so a system
// without it has nothing of it on any path.

import type { Context } from './context.js'
import type { Definition } from './definition.js'

/** A turn as what stands around its handler sees it: live, or run again from the log. */
export interface TurnInHand extends Context<unknown> {
  /** Which try this is of the message in hand; the first is 1. */
  readonly attempt: number
  /** The handler has ended, and whoever stands around it has not: what it still waits for reaches nobody. */
  forgetResults(): void
}

/** What is run in place of a handler or a hook. */
export type RunAround = (ctx: TurnInHand, payload: unknown) => unknown

/** What a definition has beside its handlers that a rebuild runs as well. */
export type MakerKind = 'state' | 'migrate' | 'upcast'

/** Stands around what definitions run. */
export interface Around {
  /** Gives what is run in place of a handler or a hook. It waits when that waits, and never when that does not. */
  handler(definition: Definition, type: string, run: RunAround): RunAround
  /** The same for what makes a first state, or brings a state or a message up. */
  maker(definition: Definition, what: MakerKind, make: (from: unknown) => unknown): (from: unknown) => unknown
  /** The system has stopped, or has not started. It may be said more than once. */
  end(): void
}
