// A turn that was given up: it had waited longer than it may, its actor was stopped, or it stood still. What it waited for
// is not in the log, so a replay that waits for it as well has come to the same end.

import type { Authorities, StoredError } from '@holdfast/kernel'
import type { Step } from './steps.js'

/** Rounds of the event loop in which a handler that does not wait for anything new gets to its end. */
const ROUNDS = 32

/** Why a turn was given up while it waited; nothing when it came to its own end. */
export function givenUp({ end }: Step): StoredError | undefined {
  if (end.kind === 'turn') return undefined
  const { context, error } = end.data()
  const isStopped = context === 'stop' && error.code === 'HF_ACTOR_STOPPED'
  return isStopped || GIVEN_UP.has(error.code) || stoodStill(error) ? error : undefined
}

// What it waited for did not come in time, or the thread in which it waited has ended.
const GIVEN_UP: ReadonlySet<string | undefined> = new Set(['HF_TURN_TIMEOUT', 'HF_THREAD_LOST'])

const ENDS: ReadonlySet<string | undefined> = new Set([
  'HF_LOOP_STALLED',
  'HF_THREAD_DEADLINE',
  'HF_THREAD_MEMORY',
  'HF_THREAD_EXIT',
  'HF_THREAD_CRASH',
])

/** Whether its process or its thread was ended because of it: it would do the same again, and nothing ends the replay. */
export function stoodStill(reason: StoredError): boolean {
  return ENDS.has(reason.code)
}

/**
 * Whether a turn that was given up may have been about to end: its actor was stopped and it waited for nothing that the log
 * knows of, or the last result came as it was given up, and nobody knows whether the handler still got it.
 */
export function mayHaveEnded({ end, rerun }: Step, reason: StoredError): boolean {
  if (rerun === undefined) return reason.code === 'HF_ACTOR_STOPPED'
  return rerun.results.at(-1)?.timeMs === end.timeMs
}

/** Resolves when a handler that was given what is recorded still waits. */
export async function stillWaits(authorities: Authorities, { rerun }: Step): Promise<void> {
  const rounds = ROUNDS + 4 * (rerun?.results.length ?? 0)
  for (let round = 0; round < rounds; round++) {
    await new Promise<void>((resolve) => {
      authorities.defer(resolve)
    })
  }
}

/** Whether a turn ends before the time is over in which one that does not wait for anything new ends. */
export async function endsBefore(running: Promise<unknown>, waits: Promise<void>): Promise<boolean> {
  const ended = running.then(() => true)
  return Promise.race([ended, waits.then(() => false)])
}
