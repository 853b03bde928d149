import { refuse, type Durability } from '@holdfast/kernel'
import { FLUSH_DEADLINE_MS, FLUSH_EVERY_MS, FLUSH_MS_MAX } from './limits.js'

/** When a journal lets out what it was given, and how long the store has for it. */
export interface DurabilityOptions {
  /**
   * `strict`: what is shown outside has been flushed. `relaxed`: answers go out at once, and a crash loses at most what was
   * written since the flush before the last. `memory`: the log ends with the process. @default 'strict' with a data
   * directory, 'memory' without one
   */
  readonly durability?: Durability | undefined
  /** Milliseconds between two flushes of a relaxed log, 1 to 60,000. @default 100 */
  readonly flushEveryMs?: number | undefined
  /** Milliseconds after which a flush that has not ended counts as failed, 1 to 60,000. @default 10,000 */
  readonly flushDeadlineMs?: number | undefined
}

/**
 * What the options say, with what they leave out.
 *
 * @throws {HoldfastError} `HF_INVALID` with the option's name
 */
export function durabilityOf(
  { durability, flushEveryMs = FLUSH_EVERY_MS, flushDeadlineMs = FLUSH_DEADLINE_MS }: DurabilityOptions,
  isLasting: boolean,
): { durability: Durability; flushEveryMs: number; flushDeadlineMs: number } {
  const levels: readonly unknown[] = isLasting ? ['strict', 'relaxed'] : ['memory']
  const known = durability ?? (isLasting ? 'strict' : 'memory')
  if (!levels.includes(known)) {
    const expected = isLasting
      ? '"strict" or "relaxed" with a data directory'
      : '"memory" without a data directory'
    refuse('durability', durability, expected)
  }
  for (const [field, ms] of Object.entries({ flushEveryMs, flushDeadlineMs })) {
    if (!Number.isInteger(ms) || ms < 1 || ms > FLUSH_MS_MAX)
      refuse(field, ms, `a whole number of milliseconds from 1 to ${FLUSH_MS_MAX}`)
  }
  return { durability: known, flushEveryMs, flushDeadlineMs }
}
