// Bounds of resilience, each with its unit and its reason. An option may set another value where that is said.

/** Failures in a row that open a breaker: where one call in ten fails, chance alone does that once in 100,000 calls. */
export const FAILURES_TO_OPEN = 5

/** Milliseconds that a breaker is open at first: what restarts within the process is long back by then. */
export const OPEN_MS = 5_000

/** Each time that a breaker opens again it stays open so many times as long. */
export const OPEN_FACTOR = 2

/** Milliseconds that a breaker is open at the most: what comes back is noticed within a minute. */
export const OPEN_MAX_MS = 60_000

/** Milliseconds that a trial may take: longer than a slow HTTP call, so that what is only slow is not held to be down. */
export const TRIAL_TIMEOUT_MS = 60_000

/** The longest of these times that may be asked for: whoever waits for one can do so with one timer. */
export const OPEN_MS_LIMIT = 2_147_483_647
