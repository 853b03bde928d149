// Causation
// =========
// Who caused what in an incident, as a tree: each message with the turns that handled it, what these learned from outside
// and what was decided about them, and below it the messages that those turns sent.
//
// Invariants
//   B1  Each message of the incident stands in the tree once: below the message in whose turn it was sent, or at the top.
//   B2  Siblings stand in the order of the log.

import type { Directive, LogRecord, MessageRecord, StoredError } from '@holdfast/kernel'
import type { Incident } from './incident.js'

/** One message, and what came of it. */
export interface Caused {
  /** Position of the message. */
  readonly position: number
  /** Path of the actor that it was sent to. */
  readonly actor: string
  /** Path of the actor that sent it; empty for the outside. */
  readonly sender: string
  readonly type: string
  readonly sentMs: number
  /** The turns that handled it, one for each attempt; none when it still waits or was never handled. */
  readonly turns: readonly CausedTurn[]
  /** Why it became a dead letter, if it did. */
  readonly dead: string | undefined
  /** The messages that were sent in its turns. */
  readonly caused: readonly Caused[]
}

/** One turn of a message. */
export interface CausedTurn {
  readonly position: number
  readonly attempt: number
  readonly endMs: number
  /** What it failed with; nothing when it ended well. */
  readonly error: StoredError | undefined
  /** What its supervisor decided about the failure. */
  readonly directive: Directive | undefined
  /** Effects and answers, in the order in which they came. */
  readonly results: readonly { readonly name: string; readonly ok: boolean; readonly atMs: number }[]
}

interface Growing extends Caused {
  readonly turns: GrowingTurn[]
  readonly caused: Growing[]
  dead: string | undefined
}

/** Results that came since the last turn of a message, by the message. */
type Results = Map<number, CausedTurn['results'][number][]>

interface GrowingTurn extends CausedTurn {
  directive: Directive | undefined
}

/**
 * The messages of an incident as a tree; several when it began more than once.
 *
 * @example for (const { type, caused } of causationOf(incident)) console.log(type, caused.length)
 */
export function causationOf(incident: Incident): readonly Caused[] {
  const all = new Map<number, Growing>()
  const results: Results = new Map()
  const roots: Growing[] = []
  for (const record of incident.read()) {
    if (record.kind === 'message') {
      const node = nodeOf(incident, record)
      all.set(record.position, node)
      const above = all.get(record.cause)
      if (above === undefined) roots.push(node)
      else above.caused.push(node)
    } else note(all, results, record)
  }
  return roots
}

function nodeOf({ paths }: Incident, record: MessageRecord): Growing {
  const { position, actor, sender, type, timeMs: sentMs } = record
  return {
    position,
    actor: paths.of(actor),
    sender: sender === 0 ? '' : paths.of(sender),
    type,
    sentMs,
    turns: [],
    dead: undefined,
    caused: [],
  }
}

function note(
  all: ReadonlyMap<number, Growing>,
  results: Results,
  record: Exclude<LogRecord, MessageRecord>,
): void {
  if (record.kind === 'dead') {
    const { message, reason } = record.data()
    const buried = all.get(message)
    if (buried !== undefined) buried.dead = reason
    return
  }
  const node = all.get(record.cause)
  if (node === undefined) return
  if (record.kind === 'turn') end(node, results, record, record.attempt, undefined)
  else if (record.kind === 'failed') {
    const { attempt, context, error } = record.data()
    // What a supervisor failed with is told of the actor below it.
    if (context !== 'child') end(node, results, record, attempt, error)
  } else if (record.kind === 'directive') {
    const last = node.turns.at(-1)
    if (last !== undefined) last.directive ??= record.data().directive
  } else if (record.kind === 'effect' || record.kind === 'reply') {
    const { name = 'answer', ok } = record.data()
    const known = results.get(record.cause)
    const result = { name, ok, atMs: record.timeMs }
    if (known === undefined) results.set(record.cause, [result])
    else known.push(result)
  }
}

function end(
  node: Growing,
  results: Results,
  { position, timeMs: endMs }: LogRecord,
  attempt: number,
  error: StoredError | undefined,
): void {
  const own = results.get(node.position) ?? []
  node.turns.push({ position, attempt, endMs, error, directive: undefined, results: own })
  results.delete(node.position)
}
