import { refuse } from '../errors.js'
import { MAX_RESTARTS, RESTART_WINDOW_MS, TIMER_MS_MAX } from '../limits.js'

/** How many restarts a supervisor grants, within which window. */
export interface BudgetOptions {
  /** Restarts within the window; one more escalates. 0 grants none. @default 3 */
  readonly maxRestarts?: number
  /** Length of the sliding window in milliseconds. @default 5,000 */
  readonly withinMs?: number
}

/** The same with its defaults. */
export type RestartLimit = Required<BudgetOptions>

/** Which children share the fate of one that failed, and how often. */
export interface Strategy extends RestartLimit {
  readonly kind: 'one-for-one' | 'all-for-one' | 'rest-for-one'
  /**
   * Which children are restarted with the one that failed.
   *
   * @param order the children in start order
   * @param failed index of the one that failed
   * @returns the half-open range of indexes, in start order
   */
  affected(order: number, failed: number): readonly [from: number, to: number]
}

/** Checks the budget and makes the strategy; each kind lives in a file of its own. */
export function strategyOf(
  kind: Strategy['kind'],
  options: BudgetOptions,
  affected: Strategy['affected'],
): Strategy {
  return Object.freeze({ kind, ...restartLimitOf(options, 'strategy'), affected })
}

/** @throws {HoldfastError} `HF_INVALID` with the field's name */
export function restartLimitOf(options: BudgetOptions, field: string): RestartLimit {
  const { maxRestarts = MAX_RESTARTS, withinMs = RESTART_WINDOW_MS } = options
  if (!Number.isSafeInteger(maxRestarts) || maxRestarts < 0) {
    refuse(`${field}.maxRestarts`, maxRestarts, 'a whole number from 0')
  }
  if (!Number.isFinite(withinMs) || withinMs <= 0 || withinMs > TIMER_MS_MAX) {
    refuse(`${field}.withinMs`, withinMs, `a number of milliseconds above 0 and at most ${TIMER_MS_MAX}`)
  }
  return { maxRestarts, withinMs }
}
