// Rebuild
// =======
// Brings an actor's state back to what its last completed turn left: the nearest snapshot, then the turns after it, in
// order, with everything that they learned from outside answered from the log. The cost falls on the failure, not on
// every message.
//
// Invariants
//   W1  Nothing that a rebuilt turn does reaches anyone: it only changes the state.
//   W2  A state whose digest differs from the recorded one is never used: the rebuild fails with HF_DIVERGED.

import { firstStateOf } from './birth.js'
import type { Cell, RecordedResult, RecordedTurn, Rerun } from './cell.js'
import { HoldfastError } from './errors.js'
import type { Kernel } from './kernel.js'
import { storedError, type LogRecord, type MessageRecord } from './records.js'
import { RerunTurn, type RerunActor } from './rerun-turn.js'

/** What is being rebuilt. It is apart from its cell until it is whole, because several rebuilds may overlap. */
interface Rebuilt extends RerunActor {
  turns: number
}

/**
 * Rebuilds the state of a cell when it is dirty. `done` is called at once when no turn had waited, and never when
 * another rebuild of the same cell has begun meanwhile.
 */
export function rebuild(kernel: Kernel, cell: Cell, done: (error: unknown) => void): void {
  if (!cell.isDirty) {
    done(undefined)
    return
  }
  const rare = cell.extra()
  const serial = ++rare.rebuilds
  const into: Rebuilt = { path: cell.path, parentPath: cell.parentPath, state: undefined, turns: 0 }
  const settle = (error: unknown): void => {
    if (rare.rebuilds !== serial) return
    if (error === undefined) {
      cell.state = into.state
      cell.turns = into.turns
      cell.isDirty = false
    }
    done(error)
  }
  let turns: Iterator<RecordedTurn>
  try {
    turns = restoreSnapshot(kernel, cell, into)
  } catch (error) {
    settle(error)
    return
  }
  replayTurns(kernel, cell, into, turns, settle)
}

function restoreSnapshot(kernel: Kernel, cell: Cell, into: Rebuilt): Iterator<RecordedTurn> {
  const { blueprint } = cell
  const snapshot = kernel.log.snapshot(cell.id)
  if (snapshot === undefined) {
    into.state = firstStateOf(kernel, cell)
  } else {
    into.state = blueprint.migrateState(snapshot.state, snapshot.version, cell.path)
    into.turns = snapshot.turns
  }
  return recordedTurns(kernel, cell, snapshot?.position ?? 0)
}

// Turns after the snapshot; their messages and results may lie before it.
function* recordedTurns(kernel: Kernel, cell: Cell, after: number): Generator<RecordedTurn> {
  const messages = new Map<number, MessageRecord>()
  const reruns = new Map<number, Rerun>()
  const refusals = new Map<number, string[]>()
  for (const record of kernel.log.readActor(cell.id, firstNeeded(kernel, cell, after))) {
    if (record.actor !== cell.id) continue
    noteResult(reruns, record)
    noteRefusal(refusals, record)
    if (record.kind === 'message') messages.set(record.position, record)
    if (record.kind === 'failed') messages.delete(record.cause)
    if (record.kind !== 'turn') continue
    const message = messages.get(record.message) ?? kernel.log.messageAt(record.message)
    messages.delete(record.message)
    const rerun = reruns.get(record.message)
    reruns.delete(record.message)
    const refused = refusals.get(record.message)
    refusals.delete(record.message)
    if (record.position <= after) continue
    if (message === undefined) throw missing(cell, record.message)
    const ofAttempt = rerun?.attempt === record.attempt ? rerun : undefined
    yield { message, turn: record, rerun: ofAttempt, refusals: refused }
  }
}

// The first message that a turn after the snapshot handled: nothing before it is asked for.
function firstNeeded(kernel: Kernel, cell: Cell, after: number): number {
  if (after === 0) return 0
  let first = after + 1
  for (const record of kernel.log.readActor(cell.id, first)) {
    if (record.kind === 'turn' && record.actor === cell.id && record.message < first) first = record.message
  }
  return first
}

/** Notes what a record says of a turn that waited. */
export function noteResult(reruns: Map<number, Rerun>, record: LogRecord): void {
  if (record.kind === 'began') {
    const { attempt, nowMs = record.timeMs } = record.data()
    reruns.set(record.cause, {
      message: record.cause,
      attempt,
      timeMs: nowMs,
      results: [],
      asked: new Map(),
    })
  } else if (record.kind === 'effect' || record.kind === 'reply') {
    const rerun = reruns.get(record.cause)
    const data = record.data()
    if (rerun?.attempt !== data.attempt) return
    const result: RecordedResult = {
      ...data,
      kind: record.kind,
      position: record.position,
      timeMs: record.timeMs,
    }
    rerun.results.push(result)
  }
}

/** Notes what a record says of a handler that could not put its message aside. */
export function noteRefusal(refusals: Map<number, string[]>, record: LogRecord): void {
  const refused = record.kind === 'stashed' ? record.data().refused : undefined
  if (refused !== undefined) refusals.set(record.cause, [...(refusals.get(record.cause) ?? []), refused])
}

function replayTurns(
  kernel: Kernel,
  cell: Cell,
  into: Rebuilt,
  turns: Iterator<RecordedTurn>,
  done: (error: unknown) => void,
): void {
  let waiting: Promise<void> | undefined
  let failure: unknown
  try {
    while (waiting === undefined) {
      const next = turns.next()
      if (next.done === true) break
      waiting = replayTurn(kernel, cell, next.value, into)
    }
  } catch (error) {
    failure = error
  }
  if (waiting === undefined) done(failure)
  else waiting.then(() => replayTurns(kernel, cell, into, turns, done), done)
}

/** Runs one recorded turn again on a state. @returns a promise when the turn waits */
export function replayTurn(
  kernel: Kernel,
  cell: Cell,
  recorded: RecordedTurn,
  into: Rebuilt = cell,
): Promise<void> | undefined {
  const { message, turn } = recorded
  const { blueprint } = cell
  try {
    const entry = blueprint.entry(message.type)
    if (entry === undefined) {
      throw diverged(cell, turn.position, `the definition no longer handles "${message.type}"`)
    }
    const payload = blueprint.upcastMessage(message.type, message.payload(), message.version, cell)
    const settled = new RerunTurn(kernel.rerunWorld, into, recorded).run(entry.run, payload)
    if (settled === undefined) {
      finish(kernel, cell, recorded, into)
      return undefined
    }
    return settled
      .then(() => {
        finish(kernel, cell, recorded, into)
      })
      .catch((error: unknown) => {
        throw threw(cell, recorded, error)
      })
  } catch (error) {
    throw threw(cell, recorded, error)
  }
}

function finish(kernel: Kernel, cell: Cell, { message, turn }: RecordedTurn, into: Rebuilt): void {
  into.turns++
  // A digest of another version's state says nothing about this one's.
  if (turn.digest === -1 || message.version !== cell.blueprint.version) return
  if (kernel.log.digest(into.state) === turn.digest) return
  throw diverged(cell, turn.position, `its state after "${message.type}" is not the one that was recorded`)
}

// What ended well then and throws now is other code, whatever it throws.
function threw(cell: Cell, { message, turn }: RecordedTurn, error: unknown): HoldfastError {
  if (isBeyondRestart(error)) return error as HoldfastError
  const { name, message: text } = storedError(error)
  return diverged(cell, turn.position, `"${message.type}" now throws ${name}: ${text}`, error)
}

const BEYOND_RESTART: ReadonlySet<string> = new Set(['HF_DIVERGED', 'HF_VERSION_NEWER', 'HF_STORE_DAMAGED'])

/** Whether a rebuild failed for good: another try would read the same log with the same code. */
export function isBeyondRestart(error: unknown): boolean {
  return error instanceof HoldfastError && BEYOND_RESTART.has(error.code)
}

function diverged(cell: Cell, position: number, what: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'HF_DIVERGED',
    `${cell.path} cannot be rebuilt: at position ${position}, ${what}.`,
    {
      actor: cell.path,
      cause,
      hint: 'Run the code that wrote the log, raise the version with upcasters, or keep time, chance and I/O behind ctx.',
    },
  )
}

function missing(cell: Cell, position: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `${cell.path} cannot be rebuilt: message ${position} is not in the log.`,
    {
      actor: cell.path,
      hint: 'Run `holdfast verify` on the data directory.',
    },
  )
}
