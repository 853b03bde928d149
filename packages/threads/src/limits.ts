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

/** Bytes of a state that comes back with all that is done, so that it need not be made again when its thread ends. Chosen, not measured: a few messages' worth. */
export const STATE_BACK_BYTES = 2_048

/** Errands between two looks at whether a large state has become small: a look packs all of it. */
export const STATE_PACKED_EVERY = 64

/** Errands that are with one thread at a time: while one is run, the next is there, and what is done is on its way back. */
export const ERRANDS_PER_THREAD = 3

/** Milliseconds between two looks at what threads have in hand: a deadline is noticed that much later at the most. */
export const LOOK_EVERY_MS = 20

/** Milliseconds for which one look counts at most: a main thread that stood still does not know what was done meanwhile. */
export const LOOK_COUNTS_MS = 100

/** Threads of a pool at the most. */
export const THREADS_MAX = 256

/** Megabytes of heap that a thread may use, unless its pool says otherwise: V8's own default would be gigabytes. */
export const THREAD_HEAP_MB = 256

/** Megabytes of stack that a thread has, unless its pool says otherwise: Node's own default. */
export const THREAD_STACK_MB = 4

/** Milliseconds that a turn has, past its deadline, to heed its signal before its thread is ended: a step of a loop that looks. */
export const CANCEL_GRACE_MS = 200

/** Megabytes of bytes outside of the heap, such as those of ArrayBuffers, that a thread may keep unless its pool says otherwise. */
export const THREAD_BYTES_MB = 256

/** Messages between two looks at the clock in a thread, to see whether its memory is to be looked at: a look at it takes 10 µs. */
export const MEMORY_LOOK_MESSAGES = 8

/** Milliseconds between two looks of a thread at its own memory. */
export const MEMORY_LOOK_MS = 20

/** How much of its byte budget, in percent, a thread may seem to keep from outside, where garbage cannot be told apart. */
export const BYTES_SLACK_PERCENT = 150

/** Milliseconds after which an idle thread beyond the least number of its pool is ended, unless the pool says otherwise. */
export const THREAD_IDLE_MS = 60_000

/** Longest time that an idle thread may be given, in ms: what timers can wait. */
export const THREAD_IDLE_MAX_MS = 2_147_483_647

/** Milliseconds after a spare thread was taken until the next one is loaded: whoever needed it comes first. */
export const SPARE_AFTER_MS = 250

/** Threads in a row that end before they are of use, after which no more are tried: for errands they fail, spares are none. */
export const LOADS_FAILED_MAX = 3

/** Milliseconds that a thread may take to load a module: longer than a cold start with a compiler. */
export const LOAD_MS = 30_000

/** Milliseconds that turns in a thread have to end when it is replaced: after that they begin again elsewhere. */
export const RENEW_MS = 30_000

/** Milliseconds that a thread has to notice that a turn was given up: after that what it does there ends with it. */
export const GIVE_UP_MS = 1_000

/** Bytes from which on a parcel is moved to a thread and not copied. Chosen, not measured: a small copy is cheap. */
export const PARCEL_MOVED_BYTES = 16_384

/** Pieces of shared memory that are kept for the next tasks: as many as are often under way at a time. */
export const HANDS_KEPT = 256
