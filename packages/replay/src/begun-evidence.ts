// Begun evidence
// ==============
// A journal whose beginning was given up, as evidence: what it says of the system where it begins now stands in the place
// of the records before. So whoever asks for the birth of an actor finds it where it was, and nothing else before the base
// but whether it was up, and what turns that waited there had learned.
//
//   lives | what is left between, of which nobody knows the rest: only what waiting turns learned | all records
//      floor^                                                                                  base^
//
// Invariants
//   BE1  From the base on, all records are there, and every state can be made: each actor has its state there.
//   BE2  Before the base, an actor has the state that it has there: none of its turns before is in the evidence. That of one
//        whose turn waited there is the one before that turn began.

import type { Journal } from '@holdfast/journal'
import {
  beginImage,
  livesOf,
  type Life,
  type LogRecord,
  type Snapshot,
  type SystemImage,
} from '@holdfast/kernel'
import type { Evidence } from './evidence.js'

/** What a journal is as evidence: itself, when it has its beginning. */
export function evidenceOf(journal: Journal): Evidence {
  const { base } = journal.beginning
  return base === 1 ? journal : begunEvidence(journal, base)
}

function begunEvidence(journal: Journal, base: number): Evidence {
  const image = beginImage(journal, {}, base - 1)
  const lives = livesOf(image)
  const byActor = new Map(lives.map((life) => [life.actor, life]))
  const waiting = waitingAt(journal, image, base)
  const first = new FirstRecords([
    ...lives.flatMap(({ records }) => records),
    ...(image.opened === null ? [] : [image.opened]),
    ...waiting.records,
  ])
  const { codec, pins } = journal
  return {
    codec,
    pins,
    get next() {
      return journal.next
    },
    *read(from, below = Infinity) {
      yield* first.between(from, below)
      yield* journal.read(Math.max(from, base), below)
    },
    *readActor(actor, from) {
      for (const record of first.between(from)) if (record.actor === actor) yield record
      yield* journal.readActor(actor, Math.max(from, base))
    },
    *readTogether(actors, from, to) {
      const all = new Set(actors)
      const run = [...first.between(from, to + 1)]
      if (run.some(({ actor }) => all.has(actor))) yield run
      yield* journal.readTogether(all, Math.max(from, base), to)
    },
    *readCorrelation(correlation) {
      for (const record of first.between(1)) if (record.correlation === correlation) yield record
      for (const record of journal.readCorrelation(correlation)) if (record.position >= base) yield record
    },
    at: (position) => (position < base ? first.at(position) : journal.at(position)),
    messageAt: (position) => journal.messageAt(position),
    positionAtTime: (timeMs) => Math.max(base, journal.positionAtTime(timeMs)),
    snapshot: (actor, at = Infinity) => snapshotBefore(journal, base, waiting.since.get(actor), actor, at),
    deletedUpTo: (actor) => Math.max(journal.deletedUpTo(actor), lostUpTo(journal, base, byActor.get(actor))),
    correlationOf: (name) => journal.correlationOf(name),
    correlationName: (id) => journal.correlationName(id),
    hasLostName: (correlation) =>
      correlation > 0 && correlation < base && journal.messageAt(correlation) === undefined,
    encode: (value) => journal.encode(value),
    digest: journal.digest,
    hasDigest: journal.hasDigest,
    close: () => journal.close(),
  }
}

/** The records that stand for what was before the base, in order. */
class FirstRecords {
  readonly #records: readonly LogRecord[]

  constructor(records: readonly LogRecord[]) {
    this.#records = [...records].sort((a, b) => a.position - b.position)
  }

  *between(from: number, below = Infinity): Generator<LogRecord> {
    for (const record of this.#records) if (record.position >= from && record.position < below) yield record
  }

  at(position: number): LogRecord | undefined {
    return this.#records.find((record) => record.position === position)
  }
}

/** The turns that waited at the base. */
interface WaitingTurns {
  /** What they had learned and asked. */
  readonly records: readonly LogRecord[]
  /** Where they began, by their actors. */
  readonly since: ReadonlyMap<number, number>
}

// What waits holds the log behind its message, so all of it is there.
function waitingAt(journal: Journal, image: SystemImage, base: number): WaitingTurns {
  const turns = new Map(
    [...image.actors.values()].flatMap(({ id, rerun }) => (rerun === null ? [] : [[id, rerun]])),
  )
  const since = new Map<number, number>()
  const records: LogRecord[] = []
  if (turns.size === 0) return { records, since }
  const messages = new Set([...turns.values()].map(({ message }) => message))
  for (const record of journal.read(Math.min(...messages), base)) {
    const { kind, actor, cause, position } = record
    if (!messages.has(cause)) continue
    const isOwn = turns.get(actor)?.message === cause && LEARNED.has(kind)
    const isAsked =
      kind === 'message' && record.ask !== undefined && turns.get(record.sender)?.message === cause
    if (isOwn || isAsked) records.push(record)
    // One that failed and was begun again has not learned what its first attempt had.
    if (isOwn && kind === 'began') since.set(actor, position)
  }
  return { records, since }
}

const LEARNED: ReadonlySet<LogRecord['kind']> = new Set([
  'began',
  'effect',
  'reply',
  'patched',
  'refused',
  'stashed',
] as const)

// BE2
function snapshotBefore(
  journal: Journal,
  base: number,
  since: number | undefined,
  actor: number,
  at: number,
): Snapshot | undefined {
  const snapshot = journal.snapshot(actor, Math.max(at, base - 1))
  if (snapshot === undefined || snapshot.position >= base) return snapshot
  return { ...snapshot, position: Math.min(at, since === undefined ? snapshot.position : since - 1) }
}

// One that ended before its state was asked for has none there.
function lostUpTo(journal: Journal, base: number, life: Life | undefined): number {
  if (life === undefined || life.turns === 0) return 0
  return journal.snapshot(life.actor, base - 1) === undefined ? base - 1 : 0
}
