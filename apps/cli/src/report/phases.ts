// Where the time of an incident went.

import type { Span, Spans } from '../spans.js'

/** One of the ways to spend time. */
export interface Phase {
  readonly name: (typeof PHASES)[number]
  /** How often. */
  readonly times: number
  readonly totalMs: number
  readonly longestMs: number
  /** Position of the record that ends the longest one; 0 when there was none. */
  readonly longestAt: number
}

/** In the order in which they come in the life of a message. */
const PHASES = ['in mailboxes', 'in turns', 'in effects', 'in questions', 'before restarts'] as const

/** A pause between the decision to restart an actor and its next life. */
export interface Pause {
  /** Of the record of the next life. */
  readonly position: number
  readonly ms: number
}

type Piece = readonly [name: Phase['name'], ms: number, position: number]

/** Adds up where the time went. What a turn waited for is not counted as the turn's own. */
export function phasesOf(spans: Spans, pauses: readonly Pause[]): readonly Phase[] {
  const phases = new Map(
    PHASES.map((name) => [name, { name, times: 0, totalMs: 0, longestMs: 0, longestAt: 0 }]),
  )
  for (const [name, ms, position] of pieces(spans, pauses)) {
    const phase = phases.get(name)!
    phase.times++
    phase.totalMs += ms
    if (phase.longestAt !== 0 && ms <= phase.longestMs) continue
    phase.longestMs = ms
    phase.longestAt = position
  }
  return [...phases.values()]
}

function* pieces(spans: Spans, pauses: readonly Pause[]): Generator<Piece, void, undefined> {
  let turn: Span | undefined
  let inside: Span[] = []
  const own = function* (): Generator<Piece, void, undefined> {
    if (turn !== undefined)
      yield ['in turns', Math.max(0, turn.endMs - turn.startMs - covered(inside)), turn.position]
  }
  for (const span of spans.all()) {
    const ms = span.endMs - span.startMs
    if (span.kind === 'turn') {
      yield* own()
      turn = span
      inside = []
      yield ['in mailboxes', span.waitedMs, span.position]
    } else {
      inside.push(span)
      yield [span.kind === 'effect' ? 'in effects' : 'in questions', ms, span.position]
    }
  }
  yield* own()
  for (const { ms, position } of pauses) yield ['before restarts', ms, position]
}

// Two that were waited for at the same time took the turn only once.
function covered(spans: readonly Span[]): number {
  let ms = 0
  let until = -Infinity
  for (const { startMs, endMs } of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    ms += Math.max(0, endMs - Math.max(startMs, until))
    until = Math.max(until, endMs)
  }
  return ms
}
