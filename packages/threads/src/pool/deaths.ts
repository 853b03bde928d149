// How a thread came to its end, and in whose hands.

import { HoldfastError } from '@holdfast/kernel'
import type { Death, Flight, Lane } from './lane.js'

/** What a task hears whose thread has ended. The first of them finds out who had the thread. */
export function deathOf(lane: Lane, flight: Flight, cause: unknown): Death {
  if (lane.culprits.size === 0) {
    lane.death ??= endedBy(cause)
    lane.culprits = new Set([...lane.flights].filter(isInHand).map(({ task }) => task.actor))
  }
  const at = inHand(flight)
  // Of a turn that waits, other tasks had it in hand.
  const isCulprit = flight.task.kind === 'follow' && lane.culprits.has(flight.task.actor)
  return { kind: 'death', at: isCulprit ? 0 : at - 1, error: lane.death! }
}

/** Why a thread has to be ended: something has it in hand for too long, or has it and does not say so. */
export function pastDeadline(lane: Lane, nowMs: number): HoldfastError | undefined {
  if (lane.death !== null) return undefined
  let shortestMs = Infinity
  let isAnyInHand = false
  for (const flight of lane.flights) {
    const seen = inHand(flight)
    if (seen !== 0) {
      isAnyInHand = true
      if (seen !== flight.seen) flight.sinceMs = nowMs
      else if (nowMs - flight.sinceMs >= flight.deadlineMs) return tooLong(flight.deadlineMs)
    }
    flight.seen = seen
    // Both wait for others, without the thread and for as long as it takes: an effect has a time limit of its own.
    const { kind } = flight.task
    if (kind !== 'follow' && kind !== 'effect') shortestMs = Math.min(shortestMs, flight.deadlineMs)
  }
  if (isAnyInHand || shortestMs === Infinity) lane.stuckSinceMs = 0
  else if (lane.stuckSinceMs === 0) lane.stuckSinceMs = nowMs
  else if (nowMs - lane.stuckSinceMs >= shortestMs) return tooLong(shortestMs)
  return undefined
}

function inHand({ task }: Flight): number {
  return Atomics.load(task.inHand, 0)
}

function isInHand(flight: Flight): boolean {
  return inHand(flight) !== 0
}

function tooLong(deadlineMs: number): HoldfastError {
  return new HoldfastError('HF_THREAD_DEADLINE', `A turn had its thread for longer than ${deadlineMs} ms.`, {
    hint: 'Raise turnTimeoutMs of the actor, or have it do less in one turn.',
  })
}

function endedBy(cause: unknown): HoldfastError {
  const { code, message } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const said = typeof message === 'string' ? message : String(cause)
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new HoldfastError('HF_THREAD_MEMORY', 'A turn used up the heap of its thread.', {
      cause,
      hint: 'Raise heapMb of its pool, or have the actor keep less.',
    })
  const exit = /^worker exited with code: (\d+)/.exec(said)
  if (exit !== null)
    return new HoldfastError('HF_THREAD_EXIT', `A turn ended its thread with process.exit(${exit[1]}).`, {
      cause,
      hint: 'A handler throws, or tells its own actor to stop.',
    })
  return new HoldfastError('HF_THREAD_CRASH', `A thread has crashed: ${said}`, {
    cause,
    hint: 'Something there was thrown where no handler could catch it, such as in a timer.',
  })
}
