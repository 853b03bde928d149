// Bounds of the replay, each with its unit and its reason.

/** Turns that a report lists: more than anybody reads, a few megabytes. All are counted. */
export const TURNS_LISTED = 10_000

/** Differences that a report lists. All are counted. */
export const DIVERGENCES_LISTED = 10_000

/** Messages that a difference has reached and that are not handled yet: beyond that the spread is told too small. */
export const REACHED_MESSAGES_MAX = 100_000

/** Steps between two turns of the event loop, so that a long replay lets others in: a few milliseconds. */
export const STEPS_PER_SLICE = 8_192

/** Turns of an actor between two states that are written down: few enough to run again in a moment. */
export const STATE_KEPT_EVERY_TURNS = 64

/** Runs of records that are kept to find messages in, with their bytes 20 MB: a burst of 50,000 messages fits. */
export const RUNS_KEPT = 24

/** Decisions of supervisors that are compared: each one is kept until the replay has come to it. */
export const DECISIONS_COMPARED = 10_000

/** Virtual milliseconds that a rehearsal goes on after the last record: pauses, retries and timeouts come to their end. */
export const REHEARSAL_AFTER_MS = 60_000

/** Incidents that are listed: the last ones of a log in which something goes wrong all the time. */
export const INCIDENTS_KEPT = 10_000
