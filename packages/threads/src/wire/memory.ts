// Memory that a thread shares with the main thread. A thread that has ended cannot say any more what it was at; this can.

/** Memory of one thread, by the places below. */
export type ThreadMemory = Float64Array<SharedArrayBuffer>

/** The actor whose code was entered last. */
export const CURRENT = 0
/** The actor in whose name the thread ended; 0: nobody can say. */
export const BLAMED = 1
/** How it ended: one of the causes below. */
export const CAUSE = 2
/** What the thread gave to `process.exit`. */
export const EXIT_CODE = 3
/** The turn that is to heed its signal: its actor, its errand, and its number in there, from 1. */
export const OFF_ACTOR = 4
export const OFF_SERIAL = 5
export const OFF_INDEX = 6
/** Modules that are being loaded. */
export const LOADING = 7
/** Bytes of ArrayBuffers, bytes of heap in use, and microseconds of processor time, as of the last look. */
export const BYTES = 8
export const HEAP = 9
export const CPU_US = 10

/** Nobody said why. */
export const CAUSE_UNKNOWN = 0
/** Something in there has called `process.exit`. */
export const CAUSE_EXIT = 1
/** It kept more bytes than it may. */
export const CAUSE_BYTES = 2

const PLACES = 11

/** Memory for a thread. */
export function newThreadMemory(): ThreadMemory {
  return new Float64Array(new SharedArrayBuffer(PLACES * Float64Array.BYTES_PER_ELEMENT))
}
