// What is sent to a thread: messages as they stand in a mailbox or in a turn, with the state when the thread does not have it.

import type { Asker } from '../asker.js'
import type { HandlerEntry } from '../blueprint.js'
import type { Cell } from '../cell.js'
import type { Kernel } from '../kernel.js'
import { LAST } from '../last.js'
import { ERRAND_MESSAGES, THREAD_TURN_MS } from '../limits.js'
import type { Mailbox } from '../mailbox.js'
import { Mark } from '../mark.js'
import { LiveTurn } from '../turn.js'
import type { Errand, ErrandMessage } from './executor.js'
import type { Remote } from './remote.js'

/** The messages that a thread may run ahead: from the front of a mailbox, up to one that changes what comes after it. */
export function waitingMessages(
  kernel: Kernel,
  cell: Cell,
  remote: Remote,
  mailbox: Mailbox,
): ErrandMessage[] {
  const messages: ErrandMessage[] = []
  const taker = new LiveTurn(kernel, cell)
  remote.positions.length = 0
  remote.attempts.length = 0
  const { doomed } = remote
  const most = Math.min(mailbox.size, ERRAND_MESSAGES)
  for (let i = 0; i < most; i++) {
    mailbox.peek(i, taker)
    if (i > 0 && (taker.entry === LAST || taker.entry.isHook || taker.position === doomed?.position)) break
    const message = messageOf(kernel, cell, taker, i === 0)
    remote.positions.push(message.position)
    remote.attempts.push(message.attempt)
    messages.push(message)
    // What follows a start depends on how it ends.
    if (taker.entry.isHook) break
  }
  return messages
}

/** A message as a thread gets it. Only the first one may have been tried before, or have begun in another process. */
export function messageOf(kernel: Kernel, cell: Cell, turn: LiveTurn, isFirst: boolean): ErrandMessage {
  const { entry, payload, position, correlation, from, asker } = turn
  const attempt = attemptOf(entry, asker, isFirst ? cell.attempt : 1)
  const rerun = isFirst ? (cell.rare?.rerun ?? null) : null
  const again = rerun !== null && rerun.message === position && rerun.attempt === attempt ? rerun : null
  return {
    type: entry.type,
    payload,
    position,
    attempt,
    sender: from?.path,
    correlation: kernel.log.correlationName(correlation),
    isAsked: asker !== null && (!(asker instanceof Mark) || asker.asker !== null),
    timeMs: again?.timeMs ?? kernel.log.timeMs,
    patched: again === null ? undefined : (again.noted?.patched ?? []),
  }
}

/** Which attempt a message is on. A hook is tried once, and leaves the count to the message that waits behind it. */
export function attemptOf({ isHook }: HandlerEntry, asker: Asker | null, attempt: number): number {
  if (isHook) return 1
  return asker instanceof Mark ? asker.attemptOf(attempt) : attempt
}

/** An errand of an actor, with its next number. */
export function errandOf(cell: Cell, remote: Remote, messages: readonly ErrandMessage[]): Errand {
  const { blueprint } = cell
  return {
    actor: cell.id,
    serial: ++remote.serial,
    definition: blueprint.definition,
    pool: blueprint.pool,
    path: cell.path,
    parent: cell.parentPath,
    state: remote.isCurrent ? null : { value: cell.state },
    turns: cell.turns,
    digestEvery: blueprint.digestEvery,
    isStateDue: cell.weight > blueprint.snapshotEvery && cell.weight > cell.snapshotBytes,
    deadlineMs: blueprint.turnTimeoutMs ?? THREAD_TURN_MS,
    messages,
  }
}
