// Deaths
// ======
// How a thread comes to its end, and in whose hands. It is found out once, at the end or when the end is decided, from
// memory that outlives the thread; then every task that was there hears of it.
//
// Invariants
//   D1  An actor is charged for a thread when its code was on the stack, or led to what ended it; nobody else is.
//   D2  A thread that was ended from outside is nobody's fault.
//   D3  Where several may have done it and nothing tells them apart, nobody is charged.

import { HoldfastError } from '@holdfast/kernel'
import { CANCEL_GRACE_MS, LOAD_MS } from '../limits.js'
import {
  BLAMED,
  CAUSE,
  CAUSE_BYTES,
  CAUSE_EXIT,
  CURRENT,
  EXIT_CODE,
  LOADING,
  OFF_ACTOR,
  OFF_INDEX,
  OFF_SERIAL,
} from '../wire/memory.js'
import type { Death, Flight, Lane } from './lane.js'

/** Finds out why a thread has ended and who is at fault, unless that was decided before. */
export function judge(lane: Lane): void {
  if (lane.death !== null) return
  lane.death = endedBy(lane)
  const blamed = lane.memory[BLAMED]!
  if (lane.death.code !== 'HF_THREAD_LOST') lane.culprits = blamed === 0 ? suspects(lane) : new Set([blamed])
}

/** A thread is to be ended, and it is known who is at fault. */
export function condemn(lane: Lane, death: HoldfastError): void {
  lane.death = death
  lane.culprits = suspects(lane)
}

/** What a task hears whose thread has ended. */
export function deathOf(lane: Lane, { task }: Flight): Death {
  const error = lane.death ?? endedBy(lane)
  if (!lane.culprits.has(task.actor)) return { kind: 'death', at: -1, error }
  // Of a turn that waits, other tasks had it in hand. And what a message has left behind, such as a promise that nobody
  // catches, may end the thread before anybody has heard of its turn.
  const last = inHand(task) || Atomics.load(task.inHand, 1)
  const at = task.kind === 'follow' ? 0 : last - 1
  if (at >= 0 && (task.kind === 'run' || task.kind === 'follow')) lane.heard.add(task.actor)
  return { kind: 'death', at, error }
}

/** Who is at fault and has heard it from none of its tasks, because it had nothing in hand. */
export function unheard({ culprits, heard }: Lane): number[] {
  return [...culprits].filter((actor) => !heard.has(actor))
}

/** Why a thread has to be ended: something has it in hand for too long, or has it and does not say so. Time runs as it is watched. */
export function pastDeadline(lane: Lane, nowMs: number): HoldfastError | undefined {
  if (lane.hasEnded || lane.death !== null) return undefined
  const isLoading = lane.memory[LOADING]! > 0
  if (isLoading !== lane.wasLoading) {
    lane.wasLoading = isLoading
    lane.stuckSinceMs = 0
  }
  let shortestMs = Infinity
  let isAnyInHand = false
  for (const flight of lane.flights) {
    const seen = inHand(flight.task)
    if (seen !== 0 && !isLoading) {
      isAnyInHand = true
      if (seen !== flight.seen) flight.sinceMs = nowMs
      else if (isOver(lane, flight, nowMs)) return tooLong(flight.deadlineMs)
    }
    flight.seen = isLoading ? 0 : seen
    // Both wait for others, without the thread and for as long as it takes: an effect has a time limit of its own.
    const { kind } = flight.task
    if (kind !== 'follow' && kind !== 'effect') shortestMs = Math.min(shortestMs, flight.deadlineMs)
  }
  const limitMs = isLoading ? LOAD_MS : shortestMs
  if (isAnyInHand || limitMs === Infinity) lane.stuckSinceMs = 0
  else if (lane.stuckSinceMs === 0) lane.stuckSinceMs = nowMs
  else if (nowMs - lane.stuckSinceMs >= limitMs) return isLoading ? notLoaded() : tooLong(limitMs)
  return undefined
}

// First it is asked to end: a loop that looks at its signal does. Then it has to.
function isOver({ memory }: Lane, { task, deadlineMs, seen, sinceMs }: Flight, nowMs: number): boolean {
  if (nowMs - sinceMs < deadlineMs) return false
  memory[OFF_SERIAL] = task.serial
  memory[OFF_INDEX] = seen
  memory[OFF_ACTOR] = task.actor
  return nowMs - sinceMs >= deadlineMs + CANCEL_GRACE_MS
}

// D1, D3
function suspects({ memory, flights }: Lane): ReadonlySet<number> {
  const current = memory[CURRENT]!
  const having = new Set<number>()
  const waiting = new Set<number>()
  let isLeft = false
  for (const { task } of flights) {
    if (inHand(task) !== 0) having.add(task.actor)
    else if (task.kind === 'follow') waiting.add(task.actor)
    // One that was given up and goes on has failed before.
    else if (task.kind === 'forget') isLeft = true
  }
  if (having.has(current)) return new Set([current])
  if (having.size === 0 && isLeft) return new Set()
  if (having.size === 0 && waiting.has(current)) return new Set([current])
  const few = having.size > 0 ? having : waiting
  return few.size === 1 ? few : new Set()
}

function inHand({ inHand: hand }: Flight['task']): number {
  return Atomics.load(hand, 0)
}

function tooLong(deadlineMs: number): HoldfastError {
  return new HoldfastError('HF_THREAD_DEADLINE', `A turn had its thread for longer than ${deadlineMs} ms.`, {
    hint: 'Raise turnTimeoutMs of the actor, or have it do less in one turn.',
  })
}

/** A thread has not come as far as to be of use. */
export function notLoaded(): HoldfastError {
  return new HoldfastError('HF_THREAD_UNLOADABLE', `A thread has not loaded a module within ${LOAD_MS} ms.`, {
    field: 'module',
    hint: 'What a module does when it is loaded has to end.',
  })
}

/** A thread keeps too many bytes outside of its heap. */
export function tooManyBytes(bytesMb: number, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_THREAD_MEMORY', `A thread kept more than ${bytesMb} MB of ArrayBuffers.`, {
    cause,
    hint: 'Raise bytesMb of its pool, or have the actor keep less.',
  })
}

/** A thread was ended from outside. */
export function endedFromOutside(): HoldfastError {
  return new HoldfastError('HF_THREAD_LOST', 'A thread was ended from outside.', {
    hint: 'What was under way there goes on in another thread.',
  })
}

function endedBy({ memory, thrown }: Lane): HoldfastError {
  if (memory[CAUSE] === CAUSE_BYTES)
    return new HoldfastError('HF_THREAD_MEMORY', 'A turn kept more ArrayBuffers than its thread may have.', {
      hint: 'Raise bytesMb of its pool, or have the actor keep less.',
    })
  if (thrown !== null) return thrownThere(thrown.error)
  if (memory[CAUSE] !== CAUSE_EXIT) return endedFromOutside()
  const code = memory[EXIT_CODE]!
  return new HoldfastError('HF_THREAD_EXIT', `A turn ended its thread with process.exit(${code}).`, {
    hint: 'A handler throws, or tells its own actor to stop.',
  })
}

function thrownThere(cause: unknown): HoldfastError {
  const { code, message } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new HoldfastError('HF_THREAD_MEMORY', 'A turn used up the heap of its thread.', {
      cause,
      hint: 'Raise heapMb of its pool, or have the actor keep less.',
    })
  const said = typeof message === 'string' ? message : String(cause)
  return new HoldfastError('HF_THREAD_CRASH', `A thread has crashed: ${said}`, {
    cause,
    hint: 'Something there was thrown where no handler could catch it, such as in a timer.',
  })
}
