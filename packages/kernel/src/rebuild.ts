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
import { diverged, divergedBy, ofActor } from './divergence.js'
import { HoldfastError } from './errors.js'
import type { Kernel } from './kernel.js'
import type { Snapshot } from './log.js'
import { storedError, type DivergedAt, type LogRecord, type MessageRecord } from './records.js'
import { RerunTurn, type RerunActor } from './rerun-turn.js'
import { checkReadable } from './subjects/readable-turn.js'
import { noteOfTurn, notesOf, type Noted } from './turn-notes.js'

/** What is being rebuilt. It is apart from its cell until it is whole, because several rebuilds may overlap. */
interface Rebuilt extends RerunActor {
  turns: number
}

/**
 * Rebuilds the state of a cell when it is dirty. `done` is called at once when no turn had waited, and never when
 * another rebuild of the same cell has begun meanwhile.
 */
export function rebuild(kernel: Kernel, cell: Cell, done: (error: unknown) => void): void {
  // A thread may have it whole.
  if (!cell.isDirty || cell.rare?.remote?.isCurrent === true) {
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
    done(error === undefined ? undefined : ofActor(cell.path, error))
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

/**
 * Takes the newest snapshot of a cell for its state, when that has so many turns behind it as the cell had when it was
 * taken out of memory: then there is nothing to fold, and the log need not be searched for it.
 *
 * @returns whether it was so
 */
export function restoreWhole(kernel: Kernel, cell: Cell): boolean {
  if (cell.turns === 0) return false
  const snapshot = kernel.log.snapshot(cell.id)
  if (snapshot?.turns !== cell.turns) return false
  cell.state = stateOf(cell, snapshot)
  cell.isDirty = false
  return true
}

/** The state of a snapshot, in the version that the code has. */
export function stateOf({ blueprint, path }: Cell, { state, version, position }: Snapshot): unknown {
  try {
    return blueprint.migrateState(state, version, path)
  } catch (error) {
    const what = `the state of version ${version} cannot be migrated, because of ${nameOf(error)}`
    throw divergedBy(path, error, { position, message: 0, what })
  }
}

function restoreSnapshot(kernel: Kernel, cell: Cell, into: Rebuilt): Iterator<RecordedTurn> {
  const snapshot = kernel.log.snapshot(cell.id)
  if (snapshot === undefined) {
    into.state = firstStateOf(kernel, cell)
  } else {
    into.state = stateOf(cell, snapshot)
    into.turns = snapshot.turns
  }
  return recordedTurns(kernel, cell, snapshot?.position ?? 0)
}

function* recordedTurns(kernel: Kernel, cell: Cell, after: number): Generator<RecordedTurn> {
  const turns = new TurnsOfActor(kernel, cell, after)
  for (const record of kernel.log.readActor(cell.id, after + 1)) {
    const turn = turns.add(record)
    if (turn !== undefined) yield turn
  }
}

/**
 * The turns of one actor after a position, each with what it needs to be run again. Their messages and results may lie
 * before that, and are looked for when a turn says so: most snapshots were taken when nothing waited, and then the log is
 * read once.
 */
export class TurnsOfActor {
  readonly #kernel: Kernel
  readonly #cell: Cell
  #notedFrom: number
  #notes = new Notes()

  constructor(kernel: Kernel, cell: Cell, after: number) {
    this.#kernel = kernel
    this.#cell = cell
    this.#notedFrom = after + 1
  }

  /** Takes the next record of the actor in. @returns the turn that it ends */
  add(record: LogRecord): RecordedTurn | undefined {
    if (record.kind !== 'turn') {
      this.#notes.add(record)
      return undefined
    }
    if (record.message < this.#notedFrom) {
      this.#notedFrom = record.message
      this.#notes = notesBetween(this.#kernel, this.#cell, this.#notedFrom, record.position)
    }
    const message = this.#notes.message(record.message) ?? this.#kernel.log.messageAt(record.message)
    if (message === undefined) throw missing(this.#cell, record.message)
    const rerun = this.#notes.rerun(record.message)
    const noted = notesOf(this.#notes.noted(record.message), record.attempt)
    const ofAttempt = rerun?.attempt === record.attempt ? rerun : undefined
    return { message, turn: record, rerun: ofAttempt, noted }
  }
}

function notesBetween(kernel: Kernel, cell: Cell, from: number, below: number): Notes {
  const notes = new Notes()
  for (const record of kernel.log.readActor(cell.id, from)) {
    if (record.position >= below) break
    if (record.kind !== 'turn') {
      notes.add(record)
      continue
    }
    notes.message(record.message)
    notes.rerun(record.message)
    notes.noted(record.message)
  }
  return notes
}

/** What the log says of messages that no turn has handled so far. What is asked for is forgotten. */
class Notes {
  /** In the order of the log, which is nearly always the order in which they are handled. */
  #messages: MessageRecord[] = []
  #next = 0
  /** Those that others have overtaken, by position. */
  readonly #late = new Map<number, MessageRecord>()
  readonly #reruns = new Map<number, Rerun>()
  readonly #noted = new Map<number, Noted>()

  add(record: LogRecord): void {
    if (record.kind === 'message') this.#messages.push(record)
    else if (record.kind === 'failed') this.message(record.cause)
    else {
      noteResult(this.#reruns, record)
      noteOfTurn(this.#noted, record)
    }
  }

  message(position: number): MessageRecord | undefined {
    for (let next = this.#messages[this.#next]; next !== undefined; next = this.#messages[this.#next]) {
      if (next.position > position) break
      this.#passed()
      if (next.position === position) return next
      this.#late.set(next.position, next)
    }
    return this.#late.size === 0 ? undefined : taken(this.#late, position)
  }

  rerun(position: number): Rerun | undefined {
    return this.#reruns.size === 0 ? undefined : taken(this.#reruns, position)
  }

  noted(position: number): Noted | undefined {
    return this.#noted.size === 0 ? undefined : taken(this.#noted, position)
  }

  #passed(): void {
    if (++this.#next < 1_024) return
    this.#messages = this.#messages.slice(this.#next)
    this.#next = 0
  }
}

function taken<T>(from: Map<number, T>, position: number): T | undefined {
  const value = from.get(position)
  from.delete(position)
  return value
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
      noted: null,
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
  const { message } = recorded
  const { blueprint } = cell
  try {
    const entry = blueprint.entry(message.type)
    if (entry === undefined)
      throw diverged(cell.path, placeOf(recorded, `the definition no longer handles "${message.type}"`))
    checkReadable(recorded, cell.path)
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

function finish(kernel: Kernel, cell: Cell, recorded: RecordedTurn, into: Rebuilt): void {
  const { message, turn } = recorded
  into.turns++
  // A digest of another version's state says nothing about this one's.
  if (turn.digest === -1 || message.version !== cell.blueprint.version) return
  if (kernel.log.hasDigest(into.state, turn.digest)) return
  const what = `its state after "${message.type}" is not the one that was recorded`
  throw diverged(cell.path, placeOf(recorded, what))
}

// What ended well then and throws now is other code, whatever it throws.
function threw(cell: Cell, recorded: RecordedTurn, error: unknown): HoldfastError {
  const what = `"${recorded.message.type}" now throws ${nameOf(error)}`
  return divergedBy(cell.path, error, placeOf(recorded, what))
}

function placeOf({ message, turn }: RecordedTurn, what: string): DivergedAt {
  return { position: turn.position, message: message.position, what }
}

function nameOf(error: unknown): string {
  const { name, message } = storedError(error)
  return `${name}: ${message}`
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
