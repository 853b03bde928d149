// Watchdog
// ========
// The port to whoever watches the thread that runs a system from another one. A thread that stands still can tell nobody
// what it stands still in. So the one that watches asks it in the middle of that, and where it cannot, reads what the
// kernel noted.
//
// Boundary: the kernel knows of no thread, no file and no end of a process. Without a watchdog it notes nothing.

/** Memory that two threads see: the id of the actor whose code runs, and the position of its message; 0 for nothing. */
export type Hand = Float64Array

/** Where the id of the actor stands in a `Hand`. */
export const HAND_ACTOR = 0
/** Where the position of the message stands in a `Hand`. */
export const HAND_POSITION = 1

/** Whose code runs, and for which message. */
export interface InHand {
  /** Path of the actor; empty when only its id is known. */
  readonly actor: string
  /** Its id in the log. */
  readonly actorId: number
  /** Type of the message; empty when only its position is known. */
  readonly type: string
  /** Position of the message; 0 when the log does not hold it. */
  readonly position: number
  /** Position of the message that began its correlation; 0 when it is not known. */
  readonly correlation: number
  readonly attempt: number
}

/** An event loop that stood still. */
export interface Stall {
  /** Whose code ran; `null` when it was none of an actor. */
  readonly inHand: InHand | null
  /** For how long it stood still, in milliseconds. */
  readonly stalledMs: number
  /** Where the thread was, as a stack trace; empty when it could not be asked. */
  readonly stack: string
}

/** The end of a process by its watchdog, as the next process finds it. */
export interface StallEnd extends Stall {
  /** How often the system had been opened then, that time counted. */
  readonly epoch: number
  /** After which time it was to be ended, in milliseconds. */
  readonly endAfterMs: number
  /** When it was ended, in milliseconds since 1970. */
  readonly atMs: number
}

/** The system that is watched. */
export interface Watched {
  readonly name: string
  readonly epoch: number
  /** Whose code runs now. Called in the middle of anything, so it only reads what is in memory. */
  inHand(): InHand | null
  /** The event loop goes on after it stood still. */
  wentOn(stall: Stall): void
  /** Nobody watches any more. */
  failed(error: unknown): void
}

/** Watches a system. */
export interface Watchdog {
  readonly hand: Hand
  /** Begins to watch. @returns once it does */
  begin(watched: Watched): Promise<void>
  /** Watches no longer. */
  end(): Promise<void>
}
