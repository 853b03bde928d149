// Room on the disk, looked at before every commit. A look costs as much as a small commit does beside its flush, so one
// that found plenty counts for the moments after it: nobody fills a gigabyte in a tenth of a second.

import { DISK_RESERVE_BYTES } from '../limits.js'
import { roomOf } from './data-directory.js'

/** Bytes that must be left over for a look to count again. */
const PLENTY_BYTES = 1_073_741_824

/** Milliseconds for which such a look counts. */
const LOOK_COUNTS_MS = 100

/** The room that one data directory has. */
export class Room {
  readonly #dir: string
  #plentyUntilMs = -Infinity

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Whether so many bytes fit. */
  has(bytes: number): boolean {
    const now = performance.now()
    if (now < this.#plentyUntilMs && bytes < PLENTY_BYTES) return true
    const room = roomOf(this.#dir) - bytes
    if (room >= 2 * PLENTY_BYTES) this.#plentyUntilMs = now + LOOK_COUNTS_MS
    return room >= DISK_RESERVE_BYTES
  }
}
