/** Bounds so low that a log of some hundred records is moved and cut many times. */
export const MOVED = { tailBytes: 8_000, segmentBytes: 8_000 }
