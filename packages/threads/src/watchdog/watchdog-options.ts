import { refuse } from '@holdfast/kernel'
import { STALL_MAX_MS, STALL_MIN_MS } from '../limits.js'

/** What is done when the event loop of the main thread stands still. */
export interface WatchdogOptions {
  /** How long it may stand still before that is reported, in milliseconds; 50 at least. */
  readonly stallMs: number
  /**
   * How long it may stand still before the process is ended, in milliseconds; not less than `stallMs`.
   *
   * @default it is never ended
   */
  readonly endAfterMs?: number
}

/** The options as they were given. @throws {HoldfastError} `HF_INVALID` */
export function checkWatchdog(options: WatchdogOptions): WatchdogOptions {
  if (typeof options !== 'object' || (options as unknown) === null)
    refuse('watchdog', options, 'an object with `stallMs`')
  const { stallMs, endAfterMs } = options
  if (!isTime(stallMs, STALL_MIN_MS))
    refuse('watchdog.stallMs', stallMs, `a whole number of milliseconds, ${STALL_MIN_MS} at least`)
  if (endAfterMs !== undefined && !isTime(endAfterMs, stallMs))
    refuse('watchdog.endAfterMs', endAfterMs, 'a whole number of milliseconds, not less than `stallMs`')
  return options
}

function isTime(ms: unknown, leastMs: number): boolean {
  return Number.isSafeInteger(ms) && (ms as number) >= leastMs && (ms as number) <= STALL_MAX_MS
}
