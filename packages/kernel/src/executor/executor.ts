// Executor
// ========
// The port behind which handlers run in other threads. What a thread does with a message is a list of calls, an answer or
// an error, and a state that stays there. Nothing of that has happened yet: the kernel takes the message from its mailbox
// and has an ordinary turn make these calls, so log, supervision, recovery and replay know nothing of threads.
//
//   mailbox  [ m1 | m2 | m3 | .. ]  --errand-->  thread: runs m1, m2, m3 on its state
//               |                                    |
//               '-- turn of m1 makes the calls  <----'  work: what m1 did, what m2 did, what m3 did
//
// Invariants that every implementation holds
//   E1  `done` of an errand is called once, in a step of its own, whatever becomes of the thread.
//   E2  Work is what the handlers did on the state that stands with the errand, or else in the thread, in the order of its messages.
//   E3  A message of which nobody can say what it did is one in whose hands the thread has ended, or was lost: never both.
//   E4  What a waiting turn is given reaches its handler in that order, each with a step of its own.

import type { HoldfastError } from '../errors.js'
import type { AskOptions, EffectOptions, ScheduleOptions, SpawnOptions, TellOptions } from '../context.js'
import type { Definition } from '../definition.js'
import type { StopMode, StoredError } from '../records.js'
import type { Threads } from './threads.js'

/** One message as a thread gets it. */
export interface ErrandMessage {
  readonly type: string
  readonly payload: unknown
  readonly position: number
  /** Which try this is; the first is 1. */
  readonly attempt: number
  /** The path of the actor that sent it, if one did. */
  readonly sender: string | undefined
  /** What `ctx.correlationId` gives. */
  readonly correlation: string
  /** Somebody wants the answer. */
  readonly isAsked: boolean
  /** What `ctx.now()` gives. */
  readonly timeMs: number
  /** The changes that a turn is under which begins again; `undefined`: it is the first time, and it is under all. */
  readonly patched: readonly string[] | undefined
}

/** Messages for a thread to run ahead of their turns. */
export interface Errand {
  /** The actor's id, by which its thread keeps its state. */
  readonly actor: number
  /** Tells this errand from others of the actor. */
  readonly serial: number
  readonly definition: Definition
  /** The pool whose threads may run it. */
  readonly pool: string
  readonly path: string
  readonly parent: string
  /** The state to begin with; `null` when the thread has it. */
  readonly state: { readonly value: unknown } | null
  /** Completed turns so far. */
  readonly turns: number
  /** Turns between two digests; 0: none. */
  readonly digestEvery: number
  /** The state is wanted back, however large it is. */
  readonly isStateDue: boolean
  /** How long one turn may take before its thread is ended, in milliseconds. */
  readonly deadlineMs: number
  readonly messages: readonly ErrandMessage[]
}

/** What a handler did, in its order; fields that a call does not have are empty. */
export type Call =
  | {
      readonly call: 'tell'
      readonly to: string
      readonly type: string
      readonly payload: unknown
      readonly options: TellOptions | undefined
    }
  | {
      readonly call: 'ask'
      readonly index: number
      readonly to: string
      readonly type: string
      readonly payload: unknown
      readonly options: AskOptions | undefined
    }
  | { readonly call: 'lives'; readonly index: number; readonly to: string }
  | {
      readonly call: 'effect'
      readonly index: number
      readonly name: string
      readonly options: EffectOptions | undefined
    }
  | {
      readonly call: 'spawn'
      readonly definition: string
      readonly options: SpawnOptions<unknown> | undefined
    }
  | { readonly call: 'stop'; readonly to: string; readonly how: StopMode }
  | { readonly call: 'watch'; readonly to: string; readonly type: string }
  | { readonly call: 'unwatch' | 'link' | 'dependOn' | 'unlink'; readonly to: string }
  | {
      readonly call: 'schedule'
      readonly type: string
      readonly payload: unknown
      readonly options: ScheduleOptions
      readonly nowMs: number
    }
  | { readonly call: 'unschedule'; readonly key: string }
  | { readonly call: 'patched'; readonly id: string }
  | { readonly call: 'reply'; readonly answer: unknown }
  | {
      readonly call: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly line: string
      readonly data: Record<string, unknown> | undefined
    }
  | { readonly call: 'stash' | 'unstash' | 'well' | 'id' }
  /** A call was refused where it was made, because what it carried cannot be stored. */
  | {
      readonly call: 'refused'
      readonly of: string
      readonly to: string
      readonly type: string
      readonly error: StoredError
    }

/** What a thread did with one message. */
export interface FarTurn {
  /** `waits`: it goes on when it is given something; `ignored`: a start hook said that there is nothing to do. */
  readonly outcome: 'done' | 'failed' | 'waits' | 'ignored'
  readonly calls: readonly Call[]
  /** When somebody asked. */
  readonly answer: unknown
  /** When it failed. */
  readonly error: StoredError | undefined
  /** The time that the handler looked at; 0 when it did not. */
  readonly timeMs: number
  /** Of the state after it, when one is due; -1 otherwise. */
  readonly digest: number
}

/** What a thread did with the messages of an errand, as far as it came. */
export interface Work {
  /** Messages that it stands for: at most those of the errand. */
  readonly size: number
  /** The state after the last of them, when it is small or was due. */
  readonly state: { readonly value: unknown } | undefined
  /** What was done with the next one. What it gives is valid until the next call. */
  next(): FarTurn
}

/** What becomes of an errand. */
export type Outcome =
  | { readonly kind: 'work'; readonly work: Work }
  /** The thread has ended, or was replaced, through no fault of this actor: its state there is gone. */
  | { readonly kind: 'lost' }
  /** The thread has ended, or had to be ended, in the hands of the message with this index. */
  | { readonly kind: 'died'; readonly at: number; readonly error: HoldfastError }

/** Runs handlers elsewhere. */
export interface Executor extends Threads {
  /** Hears of an actor that has ended its thread while it had nothing in hand, as with an error in a timer. */
  onFault: ((actor: number, error: HoldfastError) => void) | null
  /** Looks at a definition before anything runs. @throws {HoldfastError} `HF_INVALID` when its handlers cannot be run */
  admit(definition: Definition, pool: string): void
  /** Has a thread run messages. @throws {HoldfastError} `HF_NOT_STORABLE` when the state cannot travel */
  run(errand: Errand, done: (outcome: Outcome) => void): void
  /** Hears what a turn that waits does next, and what it ends with. */
  follow(actor: number, serial: number, done: (outcome: Outcome) => void): void
  /** Gives a turn that waits the result of a call. @throws {HoldfastError} `HF_NOT_STORABLE` */
  give(actor: number, serial: number, index: number, ok: boolean, value: unknown, timeMs: number): void
  /** Runs what an effect of a turn that waits does, and gives what comes of it. */
  effect(actor: number, serial: number, index: number, signal: AbortSignal): Promise<unknown>
  /** The turn in hand of an actor is given up, and what is kept of it is of no use any more. */
  forget(actor: number): void
  /** Ends all threads. */
  close(): Promise<void>
}
