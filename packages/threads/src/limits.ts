// Bounds of the threads package, each with its reason.

/** Shortest stall that a watchdog may be asked to report, in ms: a garbage collection of a large heap can take this long. */
export const STALL_MIN_MS = 50
