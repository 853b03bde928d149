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

/** Bytes of a state that comes back with all that is done, so that it need not be made again when its thread ends: less than the way costs. */
export const STATE_BACK_BYTES = 2_048

/** Errands between two looks at whether a large state has become small: a look packs all of it. */
export const STATE_PACKED_EVERY = 64

/** Errands that are with one thread at a time: while one is run, the next is there, and what is done is on its way back. */
export const ERRANDS_PER_THREAD = 3

/** Milliseconds between two looks at what threads have in hand: a deadline is noticed that much later at the most. */
export const LOOK_EVERY_MS = 20

/** Threads of a pool at the most. */
export const THREADS_MAX = 256

/** Megabytes of heap that a thread may use, unless its pool says otherwise: V8's own default would be gigabytes. */
export const THREAD_HEAP_MB = 256

/** Megabytes of stack that a thread has, unless its pool says otherwise: Node's own default. */
export const THREAD_STACK_MB = 4
