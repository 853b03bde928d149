// Bounds of the threads package, each with its reason.

/** Shortest stall that a watchdog may be asked to report, in ms: a garbage collection of a large heap can take this long. */
export const STALL_MIN_MS = 50

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
