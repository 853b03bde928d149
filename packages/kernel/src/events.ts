// System events
// =============
// One closed union of everything that can be observed. It is built only when somebody listens: `has` is asked first.

import { EventEmitter } from 'eventemitter3'
import type { DeadLetterCounts } from './dead-letters.js'
import type { HoldfastError } from './errors.js'
import type { StoreHold } from './log.js'
import {
  storedError,
  type DeadReason,
  type FailureContext,
  type SteerCommand,
  type StopReason,
  type StoredError,
} from './records.js'
import type { Directive } from './supervision/directive.js'

/** What can be observed, by the name of the event. */
export interface SystemEvents {
  /** A message reached nobody. */
  'dead-letter': {
    readonly to: string
    readonly type: string
    readonly position: number
    readonly reason: DeadReason
    readonly correlationId: string
  }
  /** More dead letters in one second than are told one by one. */
  'dead-letters-suppressed': { readonly count: number; readonly byReason: DeadLetterCounts }
  /** A turn or a hook threw. */
  failed: FailureReport & {
    readonly correlationId: string
    readonly position: number
    readonly parked: boolean
  }
  /** A supervisor decided. */
  directive: FailureReport & { readonly directive: Directive; readonly affected: readonly string[] }
  /** An actor is held between two lives until somebody releases it. */
  quarantined: FailureReport & { readonly correlationId: string }
  spawned: { readonly actor: string; readonly definition: string }
  restarted: { readonly actor: string; readonly incarnation: number }
  /** An actor has ended. `failure` is there when it ended of one. */
  stopped: {
    readonly actor: string
    readonly reason: StopReason
    readonly error: StoredError | undefined
    readonly failure: FailureReport | undefined
  }
  /** An operator gave a command. `message` is the one that it concerns, or 0. */
  steered: {
    readonly actor: string
    readonly command: SteerCommand
    readonly by: string
    readonly reason: string
    readonly message: number
  }
  /** A handler wrote a line. */
  log: {
    readonly actor: string
    readonly correlationId: string
    readonly level: 'debug' | 'info' | 'warn' | 'error'
    readonly message: string
    readonly data: Record<string, unknown> | undefined
  }
  /** An answer came after its asker had stopped waiting. */
  'late-reply': { readonly actor: string }
  /**
   * The event loop stood still; said when it goes on again, or, when `ended`, by the next process after the watchdog has ended
   * this one. `actor` and `type` are empty, and `position` is 0, when no code of an actor was known to run.
   */
  'loop-stalled': {
    readonly actor: string
    readonly type: string
    readonly position: number
    readonly correlationId: string
    readonly stalledMs: number
    /** Where the thread was, as a stack trace; empty when it could not be asked. */
    readonly stack: string
    readonly ended: boolean
    /** Whether the turn has been given up, so that its message is not handed out again: only after an end. */
    readonly gaveUp: boolean
  }
  /** The store takes nothing; `failure` says why. */
  'store-failed': { readonly failure: HoldfastError }
  /** The store takes records again. */
  'store-recovered': Record<string, never>
  /** The beginning of the log was given up: it begins at `base`, and the first position that is still there is `floor`. */
  'log-cut': { readonly base: number; readonly floor: number }
  /** Nobody wants the beginning of the log any more, and it is kept because an actor needs it. */
  'log-held': { readonly actor: string; readonly message: string; readonly error: StoredError | undefined }
  /** A reader has the file of the store grow; told again each time that it has grown by as much once more. */
  'store-held': StoreHold
  /** The root gave up: the system is stopping. */
  'gave-up': FailureReport
  /** Something went wrong that has nobody else to tell. */
  warning: { readonly actor: string; readonly message: string; readonly error: StoredError | undefined }
}

/** The four keys that every failure report has (after OTP's supervisor reports). */
export interface FailureReport {
  readonly supervisor: string
  readonly context: FailureContext
  readonly reason: StoredError
  readonly offender: string
}

/** Name of a system event. */
export type SystemEventName = keyof SystemEvents

/** Any system event, with its name as `event`. */
export type SystemEvent = { [K in SystemEventName]: { readonly event: K } & SystemEvents[K] }[SystemEventName]

/** The stream of system events. */
export class EventStream {
  readonly #emitter = new EventEmitter<string, unknown>()

  /** Whether anybody listens to it; ask before building an event. */
  has(event: SystemEventName): boolean {
    return this.#emitter.listenerCount(event) > 0
  }

  /** Tells the listeners. */
  emit<K extends SystemEventName>(event: K, data: SystemEvents[K]): void {
    this.#emitter.emit(event, data)
  }

  /** Listens. A listener that throws is reported as a warning and stops nobody. @returns the way to stop listening */
  on<K extends SystemEventName>(event: K, listener: (data: SystemEvents[K]) => void): () => void {
    const contained = (data: unknown): void => {
      try {
        listener(data as SystemEvents[K])
      } catch (error) {
        if (event !== 'warning') this.#warn(event, error)
      }
    }
    this.#emitter.on(event, contained)
    return () => {
      this.#emitter.off(event, contained)
    }
  }

  #warn(event: SystemEventName, error: unknown): void {
    const reason = storedError(error)
    const message = `A listener of "${event}" threw: ${reason.message}`
    this.emit('warning', { actor: '', message, error: reason })
  }
}
