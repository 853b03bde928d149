// Bounds of replay, with their unit and the reason for their size.

/** Milliseconds that the second run of a turn may wait: all that it is given is there already, so it waits for nothing. */
export const SECOND_RUN_MS = 10_000
