import type { Blueprint, HandlerEntry } from '@holdfast/kernel'
import type { ParcelWriter } from '../wire/bytes.js'
import type { FarContext } from './far-context.js'

/** What a handler ended with. */
export type HandlerEnd =
  { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly error: unknown }

/** A message in the hands of its handler here. */
export interface TurnInThread {
  /** The errand that it came with. */
  readonly serial: number
  readonly context: FarContext
  readonly entry: HandlerEntry
  /** Somebody wants its answer. */
  readonly isAsked: boolean
  /** Where its calls go that nobody has fetched. */
  writer: ParcelWriter
  /** Resolves when a handler that waits ends. */
  ended: Promise<HandlerEnd>
  /** What it has ended with. */
  end: HandlerEnd | null
}

/** An actor that lives in this thread: its state, and the turn of it that waits. */
export interface Resident {
  readonly actor: number
  readonly blueprint: Blueprint
  readonly path: string
  readonly parent: string
  /** Turns between two digests; 0: none. */
  readonly digestEvery: number
  state: unknown
  /** Completed turns. */
  turns: number
  /** Bytes of the state when it was last packed. */
  stateBytes: number
  /** Errands since then. */
  sincePacked: number
  waiting: TurnInThread | null
  /** Its state is of no use any more. */
  isGone: boolean
}
