// What an asker is told when no answer comes: what the other one was doing, or why it is gone.

import type { Cell } from './cell.js'
import { STOPPED } from './gate.js'
import { statusOf } from './inspection.js'
import type { Kernel } from './kernel.js'
import type { DeadReason, StoredError } from './records.js'

/** What an actor is doing, in the words of an inspection, and `pausing` between two lives. */
function doingOf(kernel: Kernel, cell: Cell | null): string {
  if (cell === null) return 'stopped'
  const isPausing = cell.lifecycle === 'restarting' && kernel.supervisionAbove(cell).dueMs(cell) !== undefined
  return isPausing ? 'pausing' : statusOf(cell)
}

/** The time for an answer is over. */
export function timedOut(
  kernel: Kernel,
  cell: Cell | null,
  path: string,
  type: string,
  timeoutMs: number,
): StoredError {
  const detail = doingOf(kernel, cell)
  const message = `${path} did not answer "${type}" within ${timeoutMs} ms: it was ${DOING[detail] ?? detail}.`
  return { name: 'HoldfastError', code: 'HF_ASK_TIMEOUT', message, detail }
}

/** The actor has ended without an answer. */
export function endedBefore(cell: Cell): StoredError {
  const { reason, cause } = endOf(cell)
  const message = `${cell.path} stopped before it answered: ${reason}.`
  return { name: 'HoldfastError', code: 'HF_ACTOR_STOPPED', message, detail: reason, ...cause }
}

/** The actor did not take the question. */
export function notTaken(cell: Cell, why: DeadReason): StoredError {
  if (why !== 'stopped') {
    const message = `${cell.path} did not take the message: ${why}.`
    return { name: 'HoldfastError', code: 'HF_MAILBOX_FULL', message, detail: why }
  }
  const hasEnded = (cell.gate & STOPPED) !== 0
  const { reason, cause } = hasEnded ? endOf(cell) : { reason: 'stopping', cause: {} }
  const message = `${cell.path} did not take the message: stopped${hasEnded ? `, ${reason}` : ''}.`
  return { name: 'HoldfastError', code: 'HF_ACTOR_STOPPED', message, detail: reason, ...cause }
}

function endOf(cell: Cell): { readonly reason: string; readonly cause: { readonly cause?: StoredError } } {
  const { stopReason = 'normal', stopError } = cell.rare ?? {}
  return { reason: stopReason, cause: stopError === undefined ? {} : { cause: stopError } }
}

const DOING: Readonly<Record<string, string>> = {
  running: 'at work',
  waiting: 'waiting in a turn',
  blocked: 'waiting for room in another mailbox',
  failed: 'waiting for a decision about its failure',
  restarting: 'being restarted',
  pausing: 'pausing before its restart',
  stopped: 'gone',
}
