// Bounds of the threads package, each with its reason.

/** Shortest stall that a watchdog may be asked to find, in ms: a garbage collection of a large heap can take this long. */
export const STALL_MIN_MS = 50
/** Longest time that a watchdog may be given, in ms: what timers can wait. */
export const STALL_MAX_MS = 2_147_483_647
/** Looks of a watchdog within the shortest stall that it reports: fewer would find it late. */
export const LOOKS_PER_STALL = 4
/** Longest time between two looks, in ms: a stall is known to that, and ended within it. */
export const LOOK_MAX_MS = 250
/** Looks for which one counts at most: a watchdog that was not run itself knows nothing of the time between. */
export const LOOKS_COUNTED = 2
/** Time between two questions to a thread that stands still, in ms: it may have come to something else. */
export const ASK_EVERY_MS = 500
/** Time in which a report must be written, in ms: a disk or a pipe that takes nothing must not keep the process alive. */
export const REPORT_MS = 500
/** Frames of the stack in a report. */
export const STACK_FRAMES = 50
/** Bytes of a report that are read: a longer one was not written by a watchdog. */
export const REPORT_BYTES_MAX = 65_536
