// Turn runner
// ===========
// Takes one message of one actor through its turn. It decides nothing about failures: it takes the turn back, says
// what happened, and supervision decides.

import type { Timer } from './authorities/authorities.js'
import { started } from './birth.js'
import type { HandlerEntry, RunHandler } from './blueprint.js'
import type { Cell } from './cell.js'
import type { Context } from './context.js'
import { HoldfastError } from './errors.js'
import { performHook } from './executor/performing-hooks.js'
import { STOPPING, WAITING } from './gate.js'
import { ignore } from './ignore.js'
import type { Kernel } from './kernel.js'
import { LAST } from './last.js'
import { NO_ANSWER } from './log.js'
import type { Mailbox } from './mailbox.js'
import { Mark } from './mark.js'
import { noticeAgain, takeBackPacts } from './notices.js'
import { Outbox } from './outbox.js'
import { turnFailed } from './outside-ask.js'
import { PACT } from './pact.js'
import { recordedPayload } from './recorded-payload.js'
import { storedError } from './records.js'
import { isOpen } from './redaction/redaction.js'
import { beginAnew } from './restarting.js'
import { waitEnded } from './slice-end.js'
import { askerAgain } from './stash.js'
import { continueStop, stopCell } from './stopping.js'
import { failCell } from './supervision/failure.js'
import type { TakenNotes } from './turn-notes.js'
import { LiveTurn } from './turn.js'
import { ignoreOp, type Round } from './turn-ops.js'
import { letGo } from './watchdog/in-hand.js'
import { HAND_ACTOR, HAND_POSITION } from './watchdog/watchdog.js'

/**
 * Handles up to `most` messages of a cell, as long as its gate is open.
 *
 * @returns how many it took from the mailbox
 */
export function runSlice(kernel: Kernel, cell: Cell, mailbox: Mailbox, most: number): number {
  let handled = 0
  const { hand } = kernel
  while (handled < most && cell.gate === 0 && mailbox.size > 0) {
    const turn = (cell.turn ??= newTurn(kernel, cell))
    const payload = mailbox.hand(turn)
    const { entry, asker } = turn
    handled++
    if (hand !== null) {
      hand[HAND_ACTOR] = cell.id
      hand[HAND_POSITION] = turn.position
    }
    if (asker === null && !cell.durable && entry.isPlain) {
      runPlain(kernel, cell, turn, entry, payload)
      continue
    }
    if (entry === LAST) {
      stopCell(kernel, cell, 'normal')
      break
    }
    turn.payload = payload
    if (!(asker instanceof Mark) || asker.take(kernel, cell, turn)) execute(kernel, cell, turn, entry.run)
    else turn.close()
  }
  if (hand !== null) letGo(kernel, hand)
  return handled
}

/** A turn for an actor that has none at rest, so that the turns of one that is not traced cost nothing. */
export function newTurn(kernel: Kernel, cell: Cell): LiveTurn {
  return cell.rare?.trace?.newTurn() ?? new LiveTurn(kernel, cell)
}

// What nobody asked and no log keeps: `execute` and `complete` without their questions, for the hottest of paths. A
// turn that turns out to do more than tell and change its state goes on as any other.
function runPlain(kernel: Kernel, cell: Cell, turn: LiveTurn, entry: HandlerEntry, payload: unknown): void {
  kernel.turn = turn
  let result: unknown
  try {
    turn.open()
    result = entry.run(turn as unknown as Context<unknown>, payload)
  } catch (error) {
    kernel.turn = null
    turn.payload = payload
    fail(kernel, cell, turn, error)
    return
  }
  if (result !== undefined || turn.ops !== null || turn.isDetached) {
    turn.payload = payload
    settle(kernel, cell, turn, result)
    return
  }
  kernel.turn = null
  cell.turns++
  if (cell.attempt !== 1) cell.attempt = 1
  turn.close()
  if (kernel.outbox.size > 0) kernel.outbox.deliver(kernel, cell)
}

/** Runs a lifecycle hook as a turn of its own, past the gate. `onEnd` gets the error when it throws. */
export function runHook(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  onEnd: (error: unknown) => void,
): void {
  const turn = (cell.turn = newTurn(kernel, cell))
  turn.entry = entry
  turn.from = cell.parent
  turn.position = cell.durable
    ? kernel.log.message(cell.id, entry.name, undefined, 0, 0, cell.parent?.id ?? 0, null)
    : 0
  turn.correlation = turn.position
  turn.onEnd = onEnd
  // A hook may run in the middle of what another turn sets off, and must not send what that one told.
  const outer = kernel.outbox
  if (outer.size > 0) kernel.outbox = new Outbox()
  const { hand } = kernel
  if (hand !== null) {
    hand[HAND_ACTOR] = cell.id
    hand[HAND_POSITION] = turn.position
  }
  execute(kernel, cell, turn, isRemote(cell) ? performHook : entry.run)
  if (hand !== null) letGo(kernel, hand)
  kernel.outbox = outer
  if (cell.turn === turn && (cell.gate & WAITING) !== 0) limitHook(kernel, cell, turn, onEnd)
}

// A hook that waits has the actor's shutdown time to end, like any turn of an actor that stops.
function limitHook(kernel: Kernel, cell: Cell, turn: LiveTurn, onEnd: (error: unknown) => void): void {
  if (typeof cell.terms.shutdown !== 'number') return
  const timer = kernel.authorities.timer(cell.terms.shutdown, () => {
    giveUpHook(kernel, cell, turn)
  })
  turn.onEnd = (error) => {
    timer.cancel()
    onEnd(error)
  }
}

/** Ends a hook that takes longer than it may. */
export function giveUpHook(kernel: Kernel, cell: Cell, turn: LiveTurn): void {
  if (cell.turn !== turn || !turn.isOpen) return
  const message = `The ${turn.entry.type} hook of ${cell.path} did not end in time and was given up.`
  fail(kernel, cell, turn, new HoldfastError('HF_ACTOR_STOPPED', message, { actor: cell.path }))
  turn.abandon()
  // What was written about it goes to the disk, also when nobody else has anything to do.
  kernel.dispatcher.wake()
}

/** Takes the message in hand through its turn; `run` is its handler, or what stands in the place of it. */
export function execute(kernel: Kernel, cell: Cell, turn: LiveTurn, run: RunHandler): void {
  if (cell.durable) kernel.log.mark()
  kernel.turn = turn
  let result: unknown
  try {
    turn.open()
    result = run(turn as unknown as Context<unknown>, turn.payload)
  } catch (error) {
    kernel.turn = null
    fail(kernel, cell, turn, error)
    return
  }
  settle(kernel, cell, turn, result)
}

function settle(kernel: Kernel, cell: Cell, turn: LiveTurn, result: unknown): void {
  if (isThenable(result)) {
    turn.detach()
    kernel.turn = null
    wait(kernel, cell, turn, result)
    return
  }
  kernel.turn = null
  if (result === ignore) heed(turn)
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
  const limit = limitOf(kernel, cell, turn)
  result.then(
    (value) => {
      limit?.cancel()
      if (cell.turn !== turn || !turn.isOpen) return
      if (value === ignore) heed(turn)
      completeDetached(kernel, cell, turn, value)
      waitEnded(kernel, cell, turn.entry)
    },
    (error: unknown) => {
      limit?.cancel()
      if (cell.turn !== turn || !turn.isOpen) return
      fail(kernel, cell, turn, error)
      waitEnded(kernel, cell, turn.entry)
    },
  )
}

// A turn that waits for longer than it may fails like any other. A stop hook has the time of its actor's shutdown.
function limitOf(kernel: Kernel, cell: Cell, turn: LiveTurn): Timer | null {
  const { turnTimeoutMs } = cell.blueprint
  if (turnTimeoutMs === undefined || turn.onEnd !== null) return null
  return kernel.authorities.timer(turnTimeoutMs, () => {
    if (cell.turn !== turn || !turn.isOpen) return
    const { entry } = turn
    const message = `${cell.path} waited for longer than ${turnTimeoutMs} ms in "${entry.type}".`
    const hint = 'Raise turnTimeoutMs of the actor, or give what it waits for a time limit of its own.'
    fail(kernel, cell, turn, new HoldfastError('HF_TURN_TIMEOUT', message, { actor: cell.path, hint }))
    waitEnded(kernel, cell, entry)
    kernel.dispatcher.wake()
  })
}

// A start hook said that there is nothing to do. From any other handler it is an answer, which no log takes.
function heed(turn: LiveTurn): void {
  if (turn.entry.isHook && turn.onEnd === null) turn.add(ignoreOp(turn))
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
  let { asker } = turn
  let answer: unknown = NO_ANSWER
  if (cell.durable || asker !== null) {
    if (asker !== null) {
      if (turn.stashing === null) answer = turn.answer === NO_ANSWER ? result : turn.answer
      // Whoever asked what is put aside is answered by the turn that handles it.
      else asker = null
    }
    try {
      // The reply is one of the turn's own records: the log has both or neither.
      if (asker?.isDurable === true) {
        // What the log keeps of it is what the asker gets, also when nothing else of this actor is kept.
        if (!cell.durable && kernel.log.redaction !== null) answer = kernel.log.encode(answer).copy
        asker.write(true, answer, undefined)
      }
      if (cell.durable) answer = writeTurn(kernel, cell, turn, answer)
    } catch (error) {
      fail(kernel, cell, turn, error)
      return
    }
  }
  cell.turns++
  if (cell.attempt !== 1 && !turn.entry.isHook) turn.forgetAttempts()
  const { ops } = turn
  const isPlain = ops === null && !turn.isDetached && !turn.entry.isHook
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
  const { isHook } = turn.entry
  const { incarnation } = cell
  turn.stashing?.hold()
  end(cell, turn)
  apply(kernel, cell, ops ?? [])
  return () => {
    if (onEnd !== null) onEnd(undefined)
    // One that ended itself as it started may be in its next life by now.
    else if (isHook && cell.incarnation === incarnation) {
      beginAnew(cell)
      started(kernel, cell)
    }
    resume(kernel, cell)
  }
}

function writeTurn(kernel: Kernel, cell: Cell, turn: LiveTurn, answer: unknown): unknown {
  const { log } = kernel
  const every = cell.blueprint.digestEvery
  const digest = every > 0 && (cell.turns + 1) % every === 0 ? digestOf(kernel, cell) : -1
  log.turn(cell.id, turn.position, turn.correlation, turn.attempt, answer, digest)
  cell.weight += log.weight
  return answer === NO_ANSWER ? answer : log.copy
}

function isRemote({ rare }: Cell): boolean {
  return rare !== null && rare.remote !== null
}

// A state that cannot be stored has no digest; the snapshot that is due says so.
function digestOf(kernel: Kernel, cell: Cell): number {
  // A thread that has the state has made it.
  if (isRemote(cell)) return cell.rare!.remote!.turn?.digest ?? -1
  try {
    return isOpen(kernel.log, cell.state) ? kernel.log.digest(cell.state) : -1
  } catch {
    return -1
  }
}

function apply(kernel: Kernel, cell: Cell, ops: { readonly round: Round; apply(): void }[]): void {
  for (const op of ops) if (op.round === -1) op.apply()
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
  takeBack(turn)
  const { entry, payload, from, position, correlation, asker, attempt, onEnd, returned } = turn
  const again = askerAgain(turn)
  const taken = turn.notes?.taken
  turn.returned = null
  end(cell, turn)
  if (onEnd !== null) {
    failHook(kernel, cell, entry, position, correlation, error, taken)
    onEnd(error)
    resume(kernel, cell)
    return
  }
  // A link that is broken stays so, however often it is tried, and fails its actor once for all that are.
  const isFinal = entry.isHook || entry.type === PACT || (cell.gate & STOPPING) !== 0
  const granted = cell.blueprint.attempts + (returned?.stashes ?? 0)
  const isRetried = attempt < granted && !isFinal
  if (!entry.isHook) cell.attempt = isRetried ? attempt + 1 : 1
  if (entry.type === PACT) takeBackPacts(cell)
  if (isRetried) {
    const recorded = recordedPayload(kernel, cell, position, payload)
    const mark = again ?? noticeAgain(cell, position, payload)
    cell.box().unshift(entry, recorded, from, position, correlation, mark)
  }
  const context = entry.isHook ? 'start' : 'message'
  const stored = storedError(error, kernel.log.redaction)
  const announce = (): void => {
    if (isRetried || asker === null) return
    const answer = turnFailed(cell.path, stored)
    if (asker.isDurable) asker.write(false, undefined, answer)
    asker.fail(answer, kernel.log.next)
  }
  failCell(kernel, cell, error, context, correlation, position, attempt, !isRetried, announce, taken)
}

/** Takes a turn back: what it wrote, if that is still possible, and what others could have seen of it. */
export function takeBack(turn: LiveTurn): void {
  turn.rewind()
  for (const op of turn.ops ?? []) op.discard?.()
}

// A hook that throws is reported and stops nothing; what it changed is not kept.
function failHook(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  position: number,
  correlation: number,
  error: unknown,
  taken: TakenNotes | undefined,
): void {
  kernel.warn(cell.path, `The ${entry.type} hook threw.`, error)
  if (!cell.durable) return
  cell.spoil()
  const data = {
    attempt: 1,
    context: 'stop',
    error: storedError(error, kernel.log.redaction),
    parked: true,
    ...taken,
  }
  kernel.log.record('failed', cell.id, correlation, position, data)
}

function snapshotWhenDue(kernel: Kernel, cell: Cell): void {
  if (cell.weight <= cell.blueprint.snapshotEvery || cell.weight <= cell.snapshotBytes) return
  // The thread that has the state is asked for it with what is sent to it next.
  if (cell.isDirty) return
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
