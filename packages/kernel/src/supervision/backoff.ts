// Backoff
// =======
// How long a child that failed waits before it is started again: longer each time, up to a bound, with some chance in
// it, so that many who failed together do not come back together. Arithmetic only; whoever waits owns the clock.

import { refuse } from '../errors.js'
import { TIMER_MS_MAX } from '../limits.js'

/** How the pauses before restarts grow. */
export interface BackoffOptions {
  /** The first pause in milliseconds. */
  readonly minMs: number
  /** The longest pause in milliseconds. */
  readonly maxMs: number
  /** Each pause is so many times the one before. @default 2 */
  readonly factor?: number
  /** A pause is longer by up to this share of it, by chance. @default 0.2 */
  readonly jitter?: number
  /**
   * A child that was up so long begins with the first pause again; with `Infinity` only when it says `ctx.well()`.
   *
   * @default the middle of `minMs` and `maxMs`
   */
  readonly resetAfterMs?: number
}

/** The same with its defaults. */
export type Backoff = Required<BackoffOptions>

/** @throws {HoldfastError} `HF_INVALID` with the field's name */
export function backoffOf(options: BackoffOptions, child: string): Backoff {
  const { minMs, maxMs, factor = 2, jitter = 0.2, resetAfterMs = (minMs + maxMs) / 2 } = options
  const isTime = (value: number): boolean => value >= 0 && value <= TIMER_MS_MAX
  if (!isTime(minMs)) refuse('child.backoff.minMs', minMs, `0 to ${TIMER_MS_MAX} milliseconds`, child)
  if (!isTime(maxMs) || maxMs < minMs)
    refuse('child.backoff.maxMs', maxMs, `minMs to ${TIMER_MS_MAX} milliseconds`, child)
  if (!(factor >= 1 && factor <= 1_000))
    refuse('child.backoff.factor', factor, 'a number from 1 to 1,000', child)
  if (!(jitter >= 0 && jitter <= 1)) refuse('child.backoff.jitter', jitter, 'a number from 0 to 1', child)
  if (!isTime(resetAfterMs) && resetAfterMs !== Infinity)
    refuse(
      'child.backoff.resetAfterMs',
      resetAfterMs,
      `0 to ${TIMER_MS_MAX} milliseconds, or Infinity`,
      child,
    )
  return Object.freeze({ minMs, maxMs, factor, jitter, resetAfterMs })
}

/**
 * The pause after so many earlier ones, in milliseconds.
 *
 * @param chance a number in [0, 1)
 */
export function pauseOf({ minMs, maxMs, factor, jitter }: Backoff, earlier: number, chance: number): number {
  // A power that has no end is above the bound like any other; nothing times it would be no number.
  const grown = minMs === 0 ? 0 : Math.min(maxMs, minMs * factor ** earlier)
  return Math.min(maxMs, grown * (1 + jitter * chance))
}
