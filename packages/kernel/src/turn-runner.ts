// Turn runner
// ===========
// Takes one message of one actor through its turn. It decides nothing about failures: it takes the turn back, says
// what happened, and supervision decides.

import { isStart, started } from './birth.js'
import type { HandlerEntry, RunHandler } from './blueprint.js'
import type { Cell } from './cell.js'
import type { Context } from './context.js'
import { STOPPING, WAITING } from './gate.js'
import type { Kernel } from './kernel.js'
import { NO_ANSWER } from './log.js'
import type { Mailbox } from './mailbox.js'
import { turnFailed } from './outside-ask.js'
import { storedError } from './records.js'
import { continueStop } from './stopping.js'
import { failCell } from './supervision/failure.js'
import { LiveTurn } from './turn.js'
import type { Round } from './turn-ops.js'

/** Handles the next message of a cell whose gate is open. */
export function runNext(kernel: Kernel, cell: Cell, mailbox: Mailbox): void {
  const turn = (cell.turn ??= new LiveTurn(kernel, cell))
  mailbox.takeInto(turn)
  execute(kernel, cell, turn)
}

/** Runs a lifecycle hook as a turn of its own, past the gate. `onEnd` gets the error when it throws. */
export function runHook(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  onEnd: (error: unknown) => void,
): void {
  const turn = (cell.turn = new LiveTurn(kernel, cell))
  turn.entry = entry
  turn.from = cell.parent
  turn.position = cell.durable
    ? kernel.log.message(cell.id, entry.name, undefined, 0, 0, cell.parent?.id ?? 0, null)
    : 0
  turn.correlation = turn.position
  turn.onEnd = onEnd
  execute(kernel, cell, turn)
}

function execute(kernel: Kernel, cell: Cell, turn: LiveTurn): void {
  if (cell.durable) kernel.log.mark()
  kernel.turn = turn
  let result: unknown
  try {
    turn.open()
    result = (turn.entry.run as RunHandler)(turn as unknown as Context<unknown>, turn.payload)
  } catch (error) {
    kernel.turn = null
    fail(kernel, cell, turn, error)
    return
  }
  if (isThenable(result)) {
    turn.detach()
    kernel.turn = null
    wait(kernel, cell, turn, result)
    return
  }
  kernel.turn = null
  if (turn.isDetached) completeDetached(kernel, cell, turn, result)
  else complete(kernel, cell, turn, result)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

function wait(kernel: Kernel, cell: Cell, turn: LiveTurn, result: PromiseLike<unknown>): void {
  cell.gate |= WAITING
  result.then(
    (value) => {
      if (cell.turn !== turn || !turn.isOpen) return
      completeDetached(kernel, cell, turn, value)
      kernel.dispatcher.wake()
    },
    (error: unknown) => {
      if (cell.turn !== turn || !turn.isOpen) return
      fail(kernel, cell, turn, error)
      kernel.dispatcher.wake()
    },
  )
}

// What a detached turn did is written now, in one piece with its turn record (T2).
function completeDetached(kernel: Kernel, cell: Cell, turn: LiveTurn, result: unknown): void {
  if (cell.durable || turn.ops !== null) turn.mark()
  try {
    for (const op of turn.ops ?? []) op.write()
  } catch (error) {
    fail(kernel, cell, turn, error)
    return
  }
  complete(kernel, cell, turn, result)
}

function complete(kernel: Kernel, cell: Cell, turn: LiveTurn, result: unknown): void {
  const { asker } = turn
  let answer: unknown = NO_ANSWER
  if (cell.durable || asker !== null) {
    if (asker !== null) answer = turn.answer === NO_ANSWER ? result : turn.answer
    try {
      // The reply is one of the turn's own records: the log has both or neither.
      if (asker?.isDurable === true) asker.write(true, answer, undefined)
      if (cell.durable) answer = writeTurn(kernel, cell, turn, answer)
    } catch (error) {
      fail(kernel, cell, turn, error)
      return
    }
  }
  cell.turns++
  if (cell.attempt !== 1 && !turn.entry.isHook) cell.attempt = 1
  const { ops } = turn
  const isPlain =
    ops === null && !turn.isDetached && turn.onEnd === null && turn.entry !== cell.blueprint.start
  if (isPlain) {
    turn.close()
    if (kernel.outbox.size > 0) kernel.outbox.deliver(kernel, cell)
  }
  const goOn = isPlain ? null : endOf(kernel, cell, turn, ops)
  if (asker !== null) asker.answer(answer, kernel.log.next)
  if (cell.durable) snapshotWhenDue(kernel, cell)
  if (goOn !== null) goOn()
}

// The end of a turn that did more than tell: what follows it comes after its answer.
function endOf(kernel: Kernel, cell: Cell, turn: LiveTurn, ops: LiveTurn['ops']): () => void {
  const { onEnd } = turn
  const isStarting = turn.entry === cell.blueprint.start
  end(cell, turn)
  apply(kernel, cell, ops ?? [])
  return () => {
    if (onEnd !== null) onEnd(undefined)
    else if (isStarting) started(kernel, cell)
    resume(kernel, cell)
  }
}

function writeTurn(kernel: Kernel, cell: Cell, turn: LiveTurn, answer: unknown): unknown {
  const { log } = kernel
  const every = cell.blueprint.digestEvery
  const digest = every > 0 && (cell.turns + 1) % every === 0 ? log.digest(cell.state) : -1
  log.turn(cell.id, turn.position, turn.correlation, turn.attempt, answer, digest)
  cell.weight += log.weight
  return answer === NO_ANSWER ? answer : log.copy
}

function apply(kernel: Kernel, cell: Cell, ops: { readonly round: Round; apply(): void }[]): void {
  for (const op of ops) if (op.round === 0) op.apply()
  if (kernel.outbox.size > 0) kernel.outbox.deliver(kernel, cell)
  for (const op of ops) if (op.round === 1) op.apply()
  for (const op of ops) if (op.round === 2) op.apply()
}

function end(cell: Cell, turn: LiveTurn): void {
  cell.gate &= ~WAITING
  // A turn object that waited may still be held by code of the handler; the next message gets a new one (T4).
  if (turn.isDetached || turn.onEnd !== null) cell.turn = null
  turn.close()
}

function resume(kernel: Kernel, cell: Cell): void {
  if ((cell.gate & STOPPING) !== 0) continueStop(kernel, cell)
  else if (cell.gate === 0 && (cell.mailbox?.size ?? 0) > 0) kernel.dispatcher.enqueue(cell)
}

function fail(kernel: Kernel, cell: Cell, turn: LiveTurn, error: unknown): void {
  kernel.outbox.clear()
  turn.rewind()
  for (const op of turn.ops ?? []) op.discard?.()
  const { entry, payload, from, position, correlation, asker, attempt, onEnd } = turn
  end(cell, turn)
  if (onEnd !== null) {
    kernel.warn(cell.path, `The ${entry.type} hook threw.`, error)
    onEnd(error)
    return
  }
  const isRetried = attempt < cell.blueprint.attempts && !isStart(entry.type) && (cell.gate & STOPPING) === 0
  cell.attempt = isRetried ? attempt + 1 : 1
  if (isRetried) cell.box().unshift(entry, payload, from, position, correlation, asker)
  const context = isStart(entry.type) ? 'start' : 'message'
  const stored = storedError(error)
  const announce = (): void => {
    if (isRetried || asker === null) return
    const answer = turnFailed(cell.path, stored)
    if (asker.isDurable) asker.write(false, undefined, answer)
    asker.fail(answer, kernel.log.next)
  }
  failCell(kernel, cell, error, context, correlation, position, attempt, !isRetried, announce)
}

function snapshotWhenDue(kernel: Kernel, cell: Cell): void {
  if (cell.weight <= cell.blueprint.snapshotEvery || cell.weight <= cell.snapshotBytes) return
  takeSnapshot(kernel, cell)
}

/** Writes a snapshot of a cell. A state that cannot be stored is reported, and the log alone carries it on. */
export function takeSnapshot(kernel: Kernel, cell: Cell): void {
  try {
    cell.snapshotBytes = kernel.log.saveSnapshot(cell.id, cell.blueprint.version, cell.turns, cell.state)
  } catch (error) {
    kernel.warn(cell.path, 'Its state cannot be stored, so it is rebuilt from the log alone.', error)
    cell.snapshotBytes = Number.MAX_SAFE_INTEGER
  }
  cell.weight = 0
}
