// Turn notes
// ==========
// What one turn was told that does not follow from the turn, so that its record has to say it: which changes of its
// handler it is under, and which of its calls were refused. A turn that is run again is told the same.
//
//   told --never waits--> with the turn's other records
//        \--has begun to wait--> behind `began`, at once
//
// Invariants
//   Q1  A note is in the log before anything that came of it can be: with the turn, whole, or before the next result.
//   Q2  A turn that begins again in another process goes the way on which it had begun. It is under no change that it has
//       no note of, also where that code has never run before: a question that was sent belongs to the way that it was on.
//   Q3  Each attempt is its own. One that failed says with its failure what it was told, for whoever replays it.
//   Q4  Code may stop asking. A note that nobody asks for is no divergence.

import type { Cell, Rerun } from './cell.js'
import type { Kernel } from './kernel.js'
import { REFUSALS_PER_TURN } from './limits.js'
import { checkPatches } from './patches.js'
import type { LogRecord, RecordData, RefusedCall, TurnRecord } from './records.js'
import type { TurnOp } from './turn-ops.js'

/** What a note needs of its turn. */
interface NotingTurn {
  readonly kernel: Kernel
  readonly cell: Cell
  readonly position: number
  readonly correlation: number
  readonly attempt: number
  /** It has reached outside: the log knows that it is under way. */
  readonly hasBegun: boolean
  add(op: TurnOp): void
}

type Note =
  | { readonly kind: 'patched'; readonly data: RecordData['patched'] }
  | { readonly kind: 'refused'; readonly data: RecordData['refused'] }

/** What a failure says of the notes that are taken back with its turn. */
export type TakenNotes = Pick<RecordData['failed'], 'patched' | 'refused'>

/** The notes of a turn that runs for the first time. */
export class TurnNotes {
  readonly #turn: NotingTurn
  readonly #patched = new Set<string>()
  readonly #refused: RefusedCall[] = []
  readonly #notes: Note[] = []
  /** They are in the log, whatever becomes of the turn. */
  #isKept: boolean

  constructor(turn: NotingTurn) {
    this.#turn = turn
    this.#isKept = turn.hasBegun
  }

  /** The handler asks whether it is under a change. The answer is yes, and from now on it is known. */
  patched(id: string): void {
    if (this.#patched.has(id)) return
    checkPatches(this.#patched.size, this.#turn.cell.path)
    this.#patched.add(id)
    this.#add({ kind: 'patched', data: { id, ...this.#attempt } })
  }

  /** A call of the handler is refused, and it may go on. */
  refused(call: RefusedCall): void {
    this.#refused.push(call)
    this.#add({ kind: 'refused', data: { ...call, ...this.#attempt } })
  }

  /** How many calls that are alike were refused. */
  countRefused(call: string, target: string, type: string): number {
    let count = 0
    for (const each of this.#refused)
      if (each.call === call && each.target === target && each.type === type) count++
    return count
  }

  /** No further refusal can be noted. */
  get isFull(): boolean {
    return this.#refused.length >= REFUSALS_PER_TURN
  }

  /** The turn reaches outside: what it was told so far stands in the log from now on. */
  begin(): void {
    this.#isKept = true
    for (const note of this.#notes) this.#write(note)
  }

  /** What a failure has to say of them, because they are taken back with the turn. */
  get taken(): TakenNotes {
    if (this.#isKept) return {}
    return {
      ...(this.#patched.size === 0 ? {} : { patched: [...this.#patched] }),
      ...(this.#refused.length === 0 ? {} : { refused: this.#refused }),
    }
  }

  get #attempt(): { readonly attempt?: number } {
    const { attempt } = this.#turn
    return attempt === 1 ? {} : { attempt }
  }

  #add(note: Note): void {
    this.#notes.push(note)
    if (this.#isKept) this.#write(note)
    else this.#turn.add({ round: 0, write: () => this.#writeUnlessKept(note), apply: () => undefined })
  }

  #writeUnlessKept(note: Note): void {
    if (!this.#isKept) this.#write(note)
  }

  #write({ kind, data }: Note): void {
    const { kernel, cell, correlation, position } = this.#turn
    kernel.log.record(kind, cell.id, correlation, position, data)
  }
}

/** The notes of one attempt at a message, as the log has them. */
export interface Noted {
  readonly attempt: number
  /** The changes of its handler that it is under. */
  readonly patched: readonly string[]
  /** In the order of the calls. */
  readonly refused: readonly RefusedCall[]
}

interface Noting extends Noted {
  readonly patched: string[]
  readonly refused: RefusedCall[]
}

/** Notes what a record says of a turn, by the position of its message. */
export function noteOfTurn(notes: Map<number, Noted>, record: LogRecord): void {
  if (record.kind === 'patched') {
    const { id, attempt = 1 } = record.data()
    notingOf(notes, record.cause, attempt).patched.push(id)
  } else if (record.kind === 'refused') {
    const { attempt = 1, ...call } = record.data()
    notingOf(notes, record.cause, attempt).refused.push(call)
  } else if (record.kind === 'stashed') {
    const { refused } = record.data()
    if (refused === undefined) return
    const noting = notingOf(notes, record.cause, ANY_ATTEMPT)
    noting.refused.push(earlierRefusal(noting.refused.length, refused))
  }
}

/** An earlier engine did not say in which attempt a message could not be put aside: only one that ended well did. */
const ANY_ATTEMPT = 0

function earlierRefusal(nth: number, message: string): RefusedCall {
  const error = { name: 'HoldfastError', code: 'HF_STASH_FULL', message }
  return { nth, call: 'stash', target: '', type: '', error }
}

// All that is in such a map was put there by this.
function notingOf(notes: Map<number, Noted>, message: number, attempt: number): Noting {
  const known = notes.get(message) as Noting | undefined
  if (known?.attempt === attempt) return known
  const noting: Noting = { attempt, patched: [], refused: [] }
  notes.set(message, noting)
  return noting
}

/** Those of one attempt, out of what was noted of its message. */
export function notesOf(noted: Noted | undefined, attempt: number): Noted | undefined {
  return noted?.attempt === attempt || noted?.attempt === ANY_ATTEMPT ? noted : undefined
}

/** The notes of all turns that are under way. */
export class NotedTurns {
  readonly #noted = new Map<number, Noted>()

  /** Takes a note in. A turn that had begun to wait when its process ended goes on with it. */
  add(record: LogRecord, rerun: Rerun | undefined): void {
    noteOfTurn(this.#noted, record)
    if (rerun !== undefined) rerun.noted = notesOf(this.#noted.get(record.cause), rerun.attempt) ?? null
  }

  /** Those of a turn that has ended. */
  take({ message, attempt }: TurnRecord): Noted | undefined {
    if (this.#noted.size === 0) return undefined
    const noted = this.#noted.get(message)
    this.#noted.delete(message)
    return notesOf(noted, attempt)
  }

  forget(message: number): void {
    this.#noted.delete(message)
  }

  /** All of them, by the position of the message. */
  entries(): Iterable<readonly [number, Noted]> {
    return this.#noted
  }

  /** Takes in what `entries` gave. */
  restore(entries: Iterable<readonly [number, Noted]>): void {
    for (const [message, { attempt, patched, refused }] of entries)
      this.#noted.set(message, { attempt, patched: [...patched], refused: [...refused] })
  }
}
