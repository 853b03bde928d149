// The code that is there does not follow the log of an actor: run again, a turn does something else than it did, or what
// the log holds is of a version that the code does not know. The error says where, so that what the state is made of can
// be found: the newest snapshot before that place, the messages since with their results, and what waits.

import { HoldfastError, type ErrorCode } from './errors.js'
import { storedError, type DivergedAt, type StoredError } from './records.js'

const HINTS: Partial<Record<ErrorCode, string>> = {
  HF_STORE_DAMAGED:
    'Run `holdfast verify` on the data directory and restore it from a backup; the actor goes on at the next start.',
  HF_SUBJECT_SHREDDED:
    'What was shredded is gone, and with it the way to this state: its last snapshot may be damaged.',
  HF_SUBJECT_KEYS: 'Give the directory of subject keys that the data were written with.',
}

interface Misfit extends HoldfastError {
  readonly divergence: DivergedAt
}

function misfit(code: ErrorCode, message: string, actor: string, at: DivergedAt, cause: unknown): Misfit {
  const error = new HoldfastError(code, message, {
    actor,
    cause,
    hint:
      HINTS[code] ??
      'Run the code that wrote the log, raise the version with upcasters, or keep time, chance and I/O behind ctx.',
  })
  return Object.defineProperty(error, 'divergence', { value: at }) as Misfit
}

/** The log of an actor cannot be followed, because of `what` at a position. */
export function diverged(path: string, at: DivergedAt, cause?: unknown): HoldfastError {
  const message = `${path} cannot be rebuilt: at position ${at.position}, ${at.what}.`
  return misfit('HF_DIVERGED', message, path, at, cause)
}

/**
 * The same for what was thrown while something out of the log was brought to life. What is beyond a restart already
 * keeps its code, and gets its place when it has none.
 */
export function divergedBy(path: string, error: unknown, at: DivergedAt): HoldfastError {
  if (!isBeyondRestart(error)) return diverged(path, at, error)
  const { code, message, cause } = error as HoldfastError
  if ('divergence' in (error as object)) return error as HoldfastError
  return misfit(code, message, path, { ...at, what: message }, cause)
}

/** The log of an actor is not the one that was written, from one position to another. */
export function damagedBetween(path: string, from: number, to: number): HoldfastError {
  const what = from === to ? `its record at position ${from}` : `its records between ${from} and ${to}`
  return damagedAt(path, from, `${what} cannot be believed`, undefined)
}

/** What was thrown while the log of an actor was read says whose log it was. */
export function ofActor(path: string, error: unknown): unknown {
  if (!(error instanceof HoldfastError) || error.code !== 'HF_STORE_DAMAGED') return error
  if (error.actor !== undefined) return error
  return damagedAt(path, 0, error.message.replace(/^The store is damaged: |\.$/g, ''), error)
}

function damagedAt(path: string, position: number, what: string, cause: unknown): HoldfastError {
  const message = `${path} cannot be rebuilt: ${what}.`
  return misfit('HF_STORE_DAMAGED', message, path, { position, message: 0, what }, cause)
}

/** Where a log and the code part. What has no place is about the first state. */
export function divergenceOf(error: unknown): DivergedAt {
  if (error instanceof HoldfastError && 'divergence' in error) return (error as Misfit).divergence
  const { name, message } = storedError(error)
  return { position: 0, message: 0, what: `${name}: ${message}` }
}

const BEYOND_RESTART: ReadonlySet<string> = new Set<ErrorCode>([
  'HF_DIVERGED',
  'HF_VERSION_NEWER',
  'HF_STORE_DAMAGED',
  'HF_SUBJECT_SHREDDED',
  'HF_SUBJECT_KEYS',
])

/** Whether a rebuild failed for good: another try would read the same log with the same code. */
export function isBeyondRestart(error: unknown): boolean {
  return error instanceof HoldfastError && BEYOND_RESTART.has(error.code)
}

/** Whether two divergences are the same one: what is said twice need not be written twice. */
export function isSameReason(a: StoredError, b: StoredError): boolean {
  return a.name === b.name && a.code === b.code && a.message === b.message
}
