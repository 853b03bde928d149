import { refuse } from './errors.js'
import {
  FAILURES_TO_OPEN,
  OPEN_FACTOR,
  OPEN_MAX_MS,
  OPEN_MS,
  OPEN_MS_LIMIT,
  TRIAL_TIMEOUT_MS,
} from './limits.js'

/** What `circuitBreaker` takes. */
export interface BreakerOptions {
  /** Name of what it guards: it stands in errors and in changes. */
  readonly name: string
  /** Monotonic time in milliseconds, such as `() => performance.now()`. */
  readonly clock: () => number
  /** So many failures in a row open it. @default 5 */
  readonly failures?: number
  /** It stays open so long at first. @default 5_000 */
  readonly openMs?: number
  /** Each time that it opens again without having been closed, it stays open so many times as long. @default 2 */
  readonly factor?: number
  /** It is never open for longer than this. @default 60_000, or `openMs` when that is more */
  readonly openMaxMs?: number
  /** A trial that nobody has reported on after so long is lost, which counts as failed. @default 60_000 */
  readonly trialTimeoutMs?: number
  /**
   * Whether what `run` caught is a failure. `false`: it is an answer, and so a success. `undefined`: it says nothing of
   * what is called, such as a call that its caller gave up. @default everything is a failure
   */
  readonly isFailure?: (error: unknown) => boolean | undefined
  /** Told of what goes wrong beside the calls: a listener that throws, or `isFailure`. @default nobody is told */
  readonly warn?: (message: string, error: unknown) => void
}

/** The same with its defaults. */
export type BreakerSettings = Required<BreakerOptions>

/** @throws {HoldfastError} `HF_INVALID` with the field's name */
export function settingsOf(options: BreakerOptions): BreakerSettings {
  if (typeof options !== 'object' || (options as unknown) === null) refuse('options', options, 'an object')
  const {
    name,
    clock,
    failures = FAILURES_TO_OPEN,
    openMs = OPEN_MS,
    factor = OPEN_FACTOR,
    trialTimeoutMs = TRIAL_TIMEOUT_MS,
    isFailure = () => true,
    warn = () => undefined,
  } = options
  if (typeof name !== 'string' || name === '') refuse('name', name, 'a name')
  if (typeof clock !== 'function') refuse('clock', clock, 'a function that gives monotonic milliseconds')
  if (!Number.isSafeInteger(failures) || failures < 1) refuse('failures', failures, 'a whole number from 1')
  if (!isBetween(openMs, 1, OPEN_MS_LIMIT)) refuse('openMs', openMs, `1 to ${OPEN_MS_LIMIT} milliseconds`)
  if (!isBetween(factor, 1, 1_000)) refuse('factor', factor, 'a number from 1 to 1,000')
  const { openMaxMs = Math.max(OPEN_MAX_MS, openMs) } = options
  if (!isBetween(openMaxMs, openMs, OPEN_MS_LIMIT))
    refuse('openMaxMs', openMaxMs, `openMs to ${OPEN_MS_LIMIT} milliseconds`)
  if (!isBetween(trialTimeoutMs, 1, OPEN_MS_LIMIT))
    refuse('trialTimeoutMs', trialTimeoutMs, `1 to ${OPEN_MS_LIMIT} milliseconds`)
  if (typeof isFailure !== 'function') refuse('isFailure', isFailure, 'a function')
  if (typeof warn !== 'function') refuse('warn', warn, 'a function')
  const checked = { name, clock, failures, openMs, factor, openMaxMs, trialTimeoutMs, isFailure, warn }
  return Object.freeze(checked)
}

// A text passes a comparison as the number that it looks like, and would then be joined where it is to be added.
function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most
}
