// Reproduction
// ============
// One failure, taken out of its incident: the actor that failed, the state that it had, the few messages that lead to the
// failure, and what each of their turns learned from outside. It is plain data and stands for itself, so that it can be
// kept as a test, in another repository and without the log that it came from.
//
// Invariant: a turn is given the position, time and attempt that it had, because chance, ids and time follow from them.

import type { RefusedCall, StoredError } from '@holdfast/kernel'

/** What a turn learned from outside: the result of an effect or of a question. */
export interface ReproducedResult {
  readonly index: number
  /** Name of the effect; nothing for a question. */
  readonly effect?: string
  /** What came back. */
  readonly value?: unknown
  /** What it failed with instead. */
  readonly error?: StoredError
  /** When, in milliseconds since 1970. */
  readonly atMs: number
}

/** One message, and the turn that handled it. */
export interface ReproducedMessage {
  readonly type: string
  readonly payload?: unknown
  readonly position: number
  /** @default 1 */
  readonly version?: number
  /** @default 1 */
  readonly attempt?: number
  /** The time that the turn saw, in milliseconds since 1970. */
  readonly atMs: number
  /** Path of the actor that sent it; nothing when it came from outside. */
  readonly sender?: string
  readonly correlation?: string
  readonly results?: readonly ReproducedResult[]
  /** Calls of `ctx` that were refused. */
  readonly refused?: readonly RefusedCall[]
  /** The changes of its handler that it was under (`ctx.patched`). */
  readonly patched?: readonly string[]
}

/** One failure, taken out of its incident. */
export interface Reproduction {
  /** Path of the actor that failed. */
  readonly actor: string
  /** Path of the actor above it. */
  readonly parent: string
  readonly definition: string
  /** What its first state is made from, when it is that which the messages find. */
  readonly args?: unknown
  /** The state that the messages find, with the version of the definition; nothing when it is the first one. */
  readonly state?: { readonly version: number; readonly value: unknown }
  /** In order; the last one is the one that failed. */
  readonly messages: readonly ReproducedMessage[]
  /** What it failed with. */
  readonly error: StoredError
}
