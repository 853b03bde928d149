// What the main thread asks of a worker thread, and what it hears. Both are copied by the structured clone algorithm, and
// hold nothing but numbers, texts and bytes: all else is in parcels.

import type { StoredError } from '@holdfast/kernel'
import type { Parcel } from './bytes.js'
import type { ThreadMemory } from './memory.js'
import type { WorkDone } from './turns.js'

/**
 * Shared with the main thread for as long as a task is under way: 0, or the number of the message, from 1, that its code
 * has in hand right now; and behind that the one that it had last. A thread that has ended cannot say any more who ended it; this can.
 */
export type InHand = Int32Array

interface OfActor {
  readonly actor: number
  readonly serial: number
  readonly inHand: InHand
}

/** Run messages. */
export interface RunTask extends OfActor {
  readonly kind: 'run'
  readonly definition: string
  readonly module: string
  readonly path: string
  readonly parent: string
  readonly turns: number
  readonly digestEvery: number
  readonly isStateDue: boolean
  readonly count: number
  readonly parcel: Parcel
}

/** Say what a turn that waits does next. */
export interface FollowTask extends OfActor {
  readonly kind: 'follow'
}

/** Give a result to a turn that waits. */
export interface GiveTask extends OfActor {
  readonly kind: 'give'
  readonly index: number
  readonly ok: boolean
  readonly timeMs: number
  readonly parcel: Parcel
}

/** Do what an effect of a turn that waits does. */
export interface EffectTask extends OfActor {
  readonly kind: 'effect'
  readonly index: number
}

/** Give up an effect, or all that is known of an actor. */
export interface GiveUpTask extends OfActor {
  readonly kind: 'abort' | 'forget'
  readonly index: number
}

/** The first thing that a thread hears. */
export interface BeginTask extends OfActor {
  readonly kind: 'begin'
  readonly memory: ThreadMemory
  /** Bytes of ArrayBuffers that it may keep. */
  readonly bytesMax: number
  /** Modules to load before anybody needs them. */
  readonly modules: readonly string[]
}

/** What a worker thread is asked. */
export type Task = BeginTask | RunTask | FollowTask | GiveTask | EffectTask | GiveUpTask

/** What it answers. */
export type Reply =
  | { readonly kind: 'begun' }
  | { readonly kind: 'work'; readonly work: WorkDone; readonly busyMs: number }
  | { readonly kind: 'value'; readonly parcel: Parcel }
  | { readonly kind: 'error'; readonly error: StoredError }
  | { readonly kind: 'lost' }
