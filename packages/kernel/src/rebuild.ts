// Rebuild
// =======
// Brings an actor's state back to what its last completed turn left: the nearest snapshot, then the turns after it, in
// order, with everything that they learned from outside answered from the log. The cost falls on the failure, not on
// every message.
//
// Invariants
//   W1  Nothing that a rebuilt turn does reaches anyone: it only changes the state.
//   W2  A state whose digest differs from the recorded one is never used: the rebuild fails with HF_DIVERGED.

import type { Cell, RecordedResult, RecordedTurn, Rerun } from './cell.js'
import { HoldfastError } from './errors.js'
import type { Kernel } from './kernel.js'
import type { LogRecord, MessageRecord } from './records.js'
import { RerunTurn } from './rerun-turn.js'

/** Rebuilds the state of a cell when it is dirty. `done` is called at once when no turn had waited. */
export function rebuild(kernel: Kernel, cell: Cell, done: (error: unknown) => void): void {
  if (!cell.isDirty) {
    done(undefined)
    return
  }
  try {
    const turns = restoreSnapshot(kernel, cell)
    replayTurns(kernel, cell, turns, (error) => {
      cell.isDirty = error !== undefined
      done(error)
    })
  } catch (error) {
    done(error)
  }
}

function restoreSnapshot(kernel: Kernel, cell: Cell): Iterator<RecordedTurn> {
  const { blueprint } = cell
  const snapshot = kernel.log.snapshot(cell.id)
  if (snapshot === undefined) {
    cell.state = blueprint.firstState(cell.args)
    cell.turns = 0
  } else {
    cell.state = blueprint.migrateState(snapshot.state, snapshot.version, cell.path)
    cell.turns = snapshot.turns
  }
  return recordedTurns(kernel, cell, snapshot?.position ?? 0)
}

// Turns after the snapshot; their messages and results may lie before it.
function* recordedTurns(kernel: Kernel, cell: Cell, after: number): Generator<RecordedTurn> {
  const messages = new Map<number, MessageRecord>()
  const reruns = new Map<number, Rerun>()
  for (const record of kernel.log.readActor(cell.id, 0)) {
    if (record.actor !== cell.id) continue
    noteResult(reruns, record)
    if (record.kind === 'message') messages.set(record.position, record)
    if (record.kind === 'failed') messages.delete(record.cause)
    if (record.kind !== 'turn') continue
    const message = messages.get(record.message) ?? kernel.log.messageAt(record.message)
    messages.delete(record.message)
    const rerun = reruns.get(record.message)
    reruns.delete(record.message)
    if (record.position <= after) continue
    if (message === undefined) throw missing(cell, record.message)
    yield { message, turn: record, rerun: rerun?.attempt === record.attempt ? rerun : undefined }
  }
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

function replayTurns(
  kernel: Kernel,
  cell: Cell,
  turns: Iterator<RecordedTurn>,
  done: (error: unknown) => void,
): void {
  try {
    for (let next = turns.next(); next.done !== true; next = turns.next()) {
      const waiting = replayTurn(kernel, cell, next.value)
      if (waiting === undefined) continue
      waiting.then(
        () => {
          replayTurns(kernel, cell, turns, done)
        },
        (error: unknown) => {
          done(error)
        },
      )
      return
    }
    done(undefined)
  } catch (error) {
    done(error)
  }
}

/** Runs one recorded turn again on a cell's state. @returns a promise when the turn waits */
export function replayTurn(kernel: Kernel, cell: Cell, recorded: RecordedTurn): Promise<void> | undefined {
  const { message, turn } = recorded
  const { blueprint } = cell
  const entry = blueprint.entry(message.type)
  if (entry === undefined) {
    throw diverged(cell, turn.position, `the definition no longer handles "${message.type}"`)
  }
  const payload = blueprint.upcastMessage(message.type, message.payload(), message.version, cell)
  const rerun = new RerunTurn(kernel.rerunWorld, cell, recorded)
  const settled = rerun.run(entry.run, payload)
  const finish = (): void => {
    cell.turns++
    if (turn.digest === -1 || kernel.log.digest(cell.state) === turn.digest) return
    throw diverged(cell, turn.position, `its state after "${message.type}" is not the one that was recorded`)
  }
  if (settled !== undefined) return settled.then(finish)
  finish()
  return undefined
}

function diverged(cell: Cell, position: number, what: string): HoldfastError {
  return new HoldfastError(
    'HF_DIVERGED',
    `${cell.path} cannot be rebuilt: at position ${position}, ${what}.`,
    {
      actor: cell.path,
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
