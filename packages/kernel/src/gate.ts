// Gate
// ====
// One integer per actor decides whether messages pass: 0 means yes. The hot path asks `gate === 0` and nothing else;
// each reason not to pass is a bit, set and cleared by the part that owns the reason.

/** Spawned in a turn that has not ended, or not yet started by its supervisor. */
export const UNBORN = 1
/** Its turn waits for an effect or an ask; one message at a time, also while it waits. */
export const WAITING = 2
/** A turn failed and the supervisor has not decided. */
export const FAILED = 4
/** Between two incarnations. */
export const RESTARTING = 8
/** Told to stop; takes no further message. */
export const STOPPING = 16
/** Gone. */
export const STOPPED = 32
/** An operator or a policy holds it. */
export const PAUSED = 64
/** Held between two lives until somebody releases it. */
export const QUARANTINED = 128
/** It has filled the mailbox of another one, and waits until there is room. */
export const BLOCKED = 256
/** Its next message may have ended the last process: it is handed out once the log holds it. */
export const CAREFUL = 512
/** What waits for it is with a thread, which runs its handlers ahead of their turns. */
export const AWAY = 1_024
