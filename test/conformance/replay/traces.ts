// What a swarm has lived through, as far as two runs of it are held against each other: each record as a text, and to
// which turn of which actor it belongs.

import type { LogRecord } from '@holdfast/kernel'
import type { TurnOf } from './swarm-programs.js'

/** One thing that a turn did or learned, in words that do not say where it stands in the log. */
interface Deed {
  readonly index: number
  readonly text: string
  /** The round in which it is carried out: what is of another one has no order to it. */
  readonly round: number
}

/** A turn as the log has it. */
export interface TracedTurn {
  readonly key: string
  readonly actor: number
  readonly path: string
  readonly deeds: Deed[]
  correlation: number
  /** Position of the first record of it. */
  readonly begun: number
  /** Position of the record that ends it; 0 when it never came to its end. */
  end: number
}

/** The log of one run. */
export class Trace {
  readonly records: readonly LogRecord[]
  /** Each record whole. */
  readonly lines: readonly string[]
  readonly turns = new Map<string, TracedTurn>()
  readonly #owners: (TurnOf | undefined)[]
  readonly #woken = new Set<number>()
  readonly #actors = new Map<number, { readonly name: string; readonly parent: number }>()

  constructor(records: readonly LogRecord[]) {
    this.records = records
    for (const record of records)
      if (record.kind === 'spawned') {
        const { name, parent, virtual } = record.data()
        this.#actors.set(record.actor, { name, parent })
        if (virtual === true) this.#woken.add(record.actor)
      }
    // A birth that was taken back has used up a number, and no more than that: actors are told apart by their paths.
    const path = (id: number): string => this.path(id)
    this.lines = records.map((record) => {
      const { position, timeMs, correlation, cause } = record
      return `${position} ${timeMs} ${correlation} ${cause} ${text(record, path)}`
    })
    this.#owners = records.map((record) => (this.#isHandled(record) ? ownerOf(record) : undefined))
    records.forEach((record, i) => {
      if (record.kind !== 'turn') return
      const turn = { position: record.message, attempt: record.attempt }
      for (let told = i - record.told; told < i; told++) this.#owners[told] = turn
    })
    records.forEach((record, i) => {
      this.#add(record, i)
    })
  }

  /** The turn that the record at an index belongs to. */
  owner(index: number): TracedTurn | undefined {
    const owner = this.#owners[index]
    return owner === undefined ? undefined : this.turns.get(keyOf(owner))
  }

  /** What a turn did first from an index on. */
  next(key: string, from: number): string | undefined {
    return this.turns.get(key)?.deeds.find(({ index }) => index >= from)?.text
  }

  /** All that a turn did and learned, round by round. */
  deedsOf(key: string): string {
    const deeds = this.turns.get(key)?.deeds ?? []
    const sorted = [...deeds].sort((a, b) => a.round - b.round || a.index - b.index)
    return sorted.map((deed) => deed.text).join('\n')
  }

  /** The path of an actor. */
  path(id: number): string {
    const actor = this.#actors.get(id)
    return actor === undefined ? '' : `${this.path(actor.parent)}/${actor.name}`
  }

  // Which changes of its handler a turn is under, what it was refused, and that it waited, is not what it did. A notice follows from a watch,
  // and the birth of a virtual actor from whatever wakes it.
  #isDeed(record: LogRecord): boolean {
    const { kind, actor } = record
    if (kind === 'message')
      return (
        !record.notice && record.type !== '$pact' && !(record.type === '$start' && this.#woken.has(actor))
      )
    return !['patched', 'refused', 'began'].includes(kind) && !(kind === 'spawned' && this.#woken.has(actor))
  }

  // What a supervisor says of the failure of a child has the message of the child as its cause.
  #isHandled(record: LogRecord): boolean {
    return record.kind === 'message' || this.#message(record.cause)?.actor === record.actor
  }

  // Positions have no gaps.
  #message(position: number): LogRecord | undefined {
    const first = this.records[0]?.position ?? 0
    const record = this.records[position - first]
    return record?.position === position ? record : undefined
  }

  #add(record: LogRecord, index: number): void {
    const owner = this.#owners[index]
    if (owner === undefined) return
    const key = keyOf(owner)
    let turn = this.turns.get(key)
    if (turn === undefined) {
      const { actor, correlation } = this.#message(owner.position) ?? record
      turn = { key, actor, path: this.path(actor), deeds: [], correlation, begun: record.position, end: 0 }
      this.turns.set(key, turn)
    }
    if (!this.#isDeed(record)) return
    turn.deeds.push({ index, text: text(record, (id) => this.path(id)), round: roundOf(record) })
    if (record.kind === 'turn' || record.kind === 'failed') turn.end = record.position
  }
}

function roundOf({ kind }: LogRecord): number {
  if (kind === 'watched' || kind === 'unwatched') return 1
  if (['spawned', 'timer', 'untimed', 'stashed', 'unstashed'].includes(kind)) return 2
  if (kind === 'message' || kind === 'dead') return 3
  return kind === 'halting' ? 4 : 0
}

/** How a turn is called. */
export function keyOf({ position, attempt }: TurnOf): string {
  return `${position}.${attempt}`
}

/** Where two runs part; nothing when they do not. */
export function parting(one: Trace, other: Trace): number | undefined {
  const length = Math.max(one.lines.length, other.lines.length)
  for (let i = 0; i < length; i++) if (one.lines[i] !== other.lines[i]) return i
  return undefined
}

// By the record itself; what a turn told stands right before its end and is added there.
function ownerOf(record: LogRecord): TurnOf | undefined {
  switch (record.kind) {
    case 'turn':
      return { position: record.message, attempt: record.attempt }
    case 'message':
      if (record.ask === undefined || record.sender === 0) return undefined
      return { position: record.cause, attempt: record.ask.attempt }
    case 'began':
    case 'effect':
    case 'reply':
    case 'failed':
      return record.cause === 0 ? undefined : { position: record.cause, attempt: record.data().attempt }
    default:
      return undefined
  }
}

function text(record: LogRecord, path: (id: number) => string): string {
  const { kind, actor } = record
  const at = `${kind} ${path(actor)}`
  if (kind === 'turn') {
    const { answered, digest, told } = record
    return `${at} ${told} ${digest} ${answered ? plain(record.answer()) : ''}`
  }
  if (kind === 'message') {
    const { type, position, correlation, correlationName = '', ask, timer = '' } = record
    const of = correlation === position ? `begins ${correlationName}` : `of ${correlation}`
    return `${at} ${type} ${of} ${ask?.index ?? ''} ${timer} ${plain(record.payload())}`
  }
  const data = { ...(record.data() as Readonly<Record<string, unknown>>) }
  for (const field of ['target', 'child', 'parent'])
    if (typeof data[field] === 'number') data[field] = path(data[field])
  // Notices that are taken back stand wherever they stand, and which of its calls a turn was refused follows from all of them.
  return `${at} ${plain({ ...data, taken: undefined, refused: undefined, nth: undefined })}`
}

function plain(value: unknown): string {
  return (
    JSON.stringify(value, (key, each: unknown) => {
      if (key === 'stack') return undefined
      const isRef = typeof each === 'object' && each !== null && 'tell' in each
      return isRef ? (each as unknown as { readonly path: string }).path : each
    }) ?? 'nothing'
  )
}
