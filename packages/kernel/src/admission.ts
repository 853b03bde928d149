// Admission
// =========
// How messages get in: from outside, where everything is checked, and from turns, which are already part of the log.
//
//   outside --admit--> checked -> message record -> mailbox        ask from a turn --askFromTurn--> message record -+
//   turn ends --deliver------------------------------> mailbox <----------------------------------------------------+
//
// Boundary: what becomes of a message that finds no room is decided in `overflow.ts`.

import type { ActorAsk } from './actor-ask.js'
import type { Address } from './address.js'
import type { Asker } from './asker.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import type { AskOptions, TellOptions } from './context.js'
import { HoldfastError, refuse } from './errors.js'
import { STOPPED } from './gate.js'
import type { Kernel } from './kernel.js'
import { ASK_TIMEOUT_MS, TIMER_MS_MAX } from './limits.js'
import type { MessageExtras } from './log.js'
import { OutsideAsk } from './outside-ask.js'
import { bounce, makeRoom, makeRoomInside } from './overflow.js'
import { insideTurn, noSuchActor, overload, systemStopping } from './refusals.js'
import { checkSchema } from './schema-check.js'
import { subjectSaid } from './subjects/said.js'
import { noSubjectKeys } from './subjects/subjects.js'
import { checkCorrelation } from './turn-ops.js'
import type { LiveTurn } from './turn.js'

const OUTSIDE: MessageExtras = { outside: true }

/** Takes a message from outside. */
export function admit(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  payload: unknown,
  options: TellOptions | undefined,
  asker: Asker | null,
): void {
  if (!cell.durable && admitPlain(kernel, cell, entry, payload, asker)) return
  if (kernel.turn !== null) throw insideTurn(kernel.turn.cell, entry.type)
  if (kernel.isHalting) throw systemStopping(cell)
  if ((cell.gate & STOPPED) !== 0 || cell.mailbox?.isClosed === true) {
    bounce(kernel, cell, entry.type, 0, 0, 'stopped', asker)
    return
  }
  if (entry.schema !== undefined) payload = checkSchema(entry.schema, payload, cell.path, entry.type)
  if (cell.mailbox?.isFullFor(entry) === true && !makeRoom(kernel, cell, entry, asker)) return
  let position = 0
  let correlation = 0
  if (cell.durable) {
    const { log } = kernel
    if (log.pressed) throw log.failure ?? overload(cell)
    let extras: MessageExtras | null = asker === null ? null : OUTSIDE
    if (options?.correlation !== undefined) {
      checkCorrelation(options.correlation)
      correlation = log.correlationOf(options.correlation)
      if (correlation === 0) extras = { correlationName: options.correlation, outside: asker !== null }
    }
    if (kernel.subjects !== null) extras = kernel.subjects.admitted(cell, options, extras)
    else if (options?.subject !== undefined) throw noSubjectKeys('A message was given a subject')
    position = log.message(cell.id, entry.name, payload, correlation, 0, 0, extras)
    if (correlation === 0) correlation = position
    payload = log.copy
    cell.weight += log.weight
    // Also when the actor takes no message now, what it was sent goes to the disk.
    kernel.dispatcher.wake()
  }
  push(kernel, cell, entry, payload, null, position, correlation, asker)
}

// What no log keeps and nothing forbids goes straight into the mailbox: the questions of `admit` in one breath.
function admitPlain(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  payload: unknown,
  asker: Asker | null,
): boolean {
  const { mailbox } = cell
  if (mailbox === null || kernel.turn !== null || kernel.isHalting || entry.schema !== undefined) return false
  if ((cell.gate & STOPPED) !== 0 || !mailbox.push(entry, payload, null, 0, 0, asker)) return false
  if (!cell.queued && cell.gate === 0) kernel.dispatcher.enqueue(cell)
  return true
}

/** Hands over a message that an actor told; one that finds no room becomes a dead letter. */
export function deliver(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  payload: unknown,
  from: Cell | null,
  position: number,
  correlation: number,
  asker: Asker | null,
): void {
  const { mailbox } = cell
  if (
    (cell.gate & STOPPED) === 0 &&
    mailbox !== null &&
    mailbox.push(entry, payload, from, position, correlation, asker)
  ) {
    if (cell.gate === 0) kernel.dispatcher.enqueue(cell)
    else kernel.late?.call(cell)
  } else if (makeRoomInside(kernel, cell, entry, from, position, correlation, asker))
    push(kernel, cell, entry, payload, from, position, correlation, asker)
}

/** Asks from outside. */
export function askFromOutside(
  kernel: Kernel,
  address: Address,
  type: string,
  payload: unknown,
  options: AskOptions | undefined,
): Promise<unknown> {
  if (kernel.turn !== null) throw insideTurn(kernel.turn.cell, type)
  const timeoutMs = options?.timeoutMs ?? ASK_TIMEOUT_MS
  if (!(timeoutMs > 0 && timeoutMs <= TIMER_MS_MAX))
    refuse('ask.timeoutMs', timeoutMs, 'milliseconds above 0', address.path)
  let cell: Cell | null
  try {
    cell = address.reach()
  } catch (error) {
    // Nobody is woken for a subject that was shredded.
    if (error instanceof HoldfastError) return Promise.reject(error)
    throw error
  }
  if (cell === null || (cell.gate & STOPPED) !== 0) return Promise.reject(noSuchActor(address.path))
  const ask = new OutsideAsk(kernel, address.path, type, timeoutMs)
  try {
    admit(kernel, cell, address.entry(cell, type), payload, options, ask)
  } catch (error) {
    ask.refuse(error as HoldfastError)
  }
  return ask.promise
}

/** Sends the question of a turn at once: it reaches outside the turn. */
export function askFromTurn(
  turn: LiveTurn,
  target: Cell,
  entry: HandlerEntry,
  payload: unknown,
  asker: ActorAsk,
  options: AskOptions | undefined,
): void {
  const { kernel } = turn
  const { log } = kernel
  let { correlation } = turn
  let position = 0
  if (turn.cell.durable || target.durable) {
    const ask = { attempt: asker.attempt, index: asker.index }
    const correlationName = options?.correlation
    let extras: MessageExtras = { ask }
    if (correlationName !== undefined) {
      checkCorrelation(correlationName)
      correlation = log.correlationOf(correlationName)
      if (correlation === 0) extras = { ask, correlationName }
    }
    if (options?.subject !== undefined) extras = { ...extras, ...subjectSaid(kernel, options.subject) }
    position = log.message(target.id, entry.name, payload, correlation, turn.position, turn.cell.id, extras)
    if (correlation === 0) correlation = position
    payload = log.copy
    target.weight += log.weight
  }
  deliver(kernel, target, entry, payload, turn.cell, position, correlation, asker)
  kernel.dispatcher.wake()
}

function push(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  payload: unknown,
  from: Cell | null,
  position: number,
  correlation: number,
  asker: Asker | null,
): void {
  const box = cell.box()
  // Who made room for it has decided that it is taken in.
  if (!box.push(entry, payload, from, position, correlation, asker))
    box.restore(entry, payload, from, position, correlation, asker)
  if (cell.gate === 0) kernel.dispatcher.enqueue(cell)
  else kernel.late?.call(cell)
}
