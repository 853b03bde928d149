// How a turn asks: the question goes out at once, because it reaches outside the turn, and its time is limited.

import { ActorAsk } from './actor-ask.js'
import { entryOf, type Address } from './address.js'
import { askFromTurn } from './admission.js'
import { lookForCircle } from './ask-circle.js'
import type { Cell } from './cell.js'
import type { AskOptions } from './context.js'
import { STOPPED, UNBORN } from './gate.js'
import { storedError, type StoredError } from './records.js'
import { noSuchActor, notYetBorn } from './refusals.js'
import type { LiveTurn } from './turn.js'
import { timedOut } from './unanswered.js'

/** Asks, unless the question was sent before the process ended, and limits the time that there is for an answer. */
export function askOnce(
  turn: LiveTurn,
  address: Address,
  target: Cell | null,
  type: string,
  payload: unknown,
  index: number,
  timeoutMs: number,
  options: AskOptions | undefined,
): void {
  turn.isAsking = true
  if (turn.rerun?.asked.has(index) !== true) sendAsk(turn, address, type, payload, index, options)
  if (target !== null) lookForCircle(turn, index, target)
  turn.isAsking = false
  limitAsk(turn, index, type, address.path, timeoutMs)
}

// A refusal is an answer too, because a rerun must be refused as well.
function sendAsk(
  turn: LiveTurn,
  address: Address,
  type: string,
  payload: unknown,
  index: number,
  options: AskOptions | undefined,
): void {
  const { kernel, cell } = turn
  const { position, attempt, correlation, serial } = turn
  const asker = new ActorAsk(kernel, cell, position, attempt, index, correlation, serial)
  try {
    const target = address.reach()
    if (target === null) throw noSuchActor(address.path)
    if ((target.gate & UNBORN) !== 0) throw notYetBorn(cell, address.path)
    askFromTurn(turn, target, entryOf(target, type), payload, asker, options)
  } catch (error) {
    const stored = storedError(error, kernel.log.redaction)
    if (cell.durable) asker.write(false, undefined, stored)
    asker.fail(stored)
  }
}

// Fails a question when its time is over.
function limitAsk(turn: LiveTurn, index: number, type: string, path: string, timeoutMs: number): void {
  const { kernel } = turn
  const timer = kernel.authorities.timer(timeoutMs, () => {
    if (!turn.isOpen || !turn.isWaitingFor(index)) return
    failAsk(turn, index, timedOut(kernel, kernel.find(path), path, type, timeoutMs))
  })
  turn.keepTimer(index, timer)
}

/** Answers whether somebody lives at an address: with a result like any other, so that a rerun hears the same. */
export function answerLives(turn: LiveTurn, address: Address, index: number): void {
  const { cell, kernel, attempt } = turn
  const { log } = kernel
  const target = address.resolve()
  const isThere = target !== null && (target.gate & (STOPPED | UNBORN)) === 0
  // One that sleeps is there as well: whoever sends it something finds it awake.
  const value = isThere || kernel.homeAt(address.path) !== null
  // The time first: it may begin the batch that the record goes into.
  const { timeMs } = log
  const data = { attempt, index, ok: true, value }
  if (cell.durable) log.record('reply', cell.id, turn.correlation, turn.position, data)
  turn.isAsking = true
  turn.settle(index, true, value, undefined, timeMs)
  turn.isAsking = false
}

/** Fails a question that nobody answers; a rerun reads it as an answer. */
export function failAsk(turn: LiveTurn, index: number, error: StoredError): void {
  const { cell, kernel } = turn
  const { log } = kernel
  const data = { attempt: turn.attempt, index, ok: false, error }
  // The time first: it may begin the batch that the record goes into.
  const { timeMs } = log
  if (cell.durable) log.record('reply', cell.id, turn.correlation, turn.position, data)
  turn.settle(index, false, undefined, error, timeMs)
  kernel.dispatcher.wake()
}
