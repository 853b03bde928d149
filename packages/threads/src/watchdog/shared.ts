// What the main thread and its watchdog share: memory, a name to ask by, and what they say to each other.

import type { InHand, Stall } from '@holdfast/kernel'

/** Bytes of the memory: two numbers of what is in hand, and two of the heart. */
export const SHARED_BYTES = 24
/** Where the heart begins. */
export const HEART_OFFSET = 16
/** How often it has beaten. */
export const BEATS = 0
/** Whether a debugger may stop the main thread. */
export const DEBUGGED = 1

/** Under this name the main thread keeps what answers its watchdogs, by their thread ids. */
export const ANSWERS = 'holdfast.watchdog'

/** What a watchdog needs to know. */
export interface Task {
  readonly memory: SharedArrayBuffer
  readonly system: string
  readonly epoch: number
  readonly stallMs: number
  readonly endAfterMs: number | undefined
  /** Where the report of an end is put. */
  readonly dir: string | undefined
}

/** What the main thread says when it is asked in the middle of something. */
export interface Answer {
  readonly beats: number
  readonly isDebugged: boolean
  readonly inHand: InHand | null
  readonly stack: string
}

/** What a watchdog says. */
export type Said = { readonly kind: 'ready' } | { readonly kind: 'went-on'; readonly stall: Stall }
