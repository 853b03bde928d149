// Slice
// =====
// What one incident needs from the log: the records of its correlation, the actors that they concern, and every other
// turn of those actors up to its end, because their state comes from all of them.
//
// Invariants
//   K1  The slice follows from the log alone; no code of the user runs.
//   K2  Steps stand in the order of the log. One outside the correlation is marked as context.

import {
  markersOf,
  noteMarker,
  noteRefusal,
  noteResult,
  type DataRecord,
  type LogRecord,
  type Markers,
  type MessageRecord,
  type RecordData,
  type Rerun,
  type TurnRecord,
} from '@holdfast/kernel'
import type { Journal } from '@holdfast/journal'

/** One turn that ended, well or not. */
export interface Step {
  readonly position: number
  readonly actor: number
  readonly attempt: number
  readonly message: MessageRecord
  readonly end: TurnRecord | DataRecord<'failed'>
  readonly rerun: Rerun | undefined
  /** What its handler was told when it could not put the message aside. */
  readonly refusals: readonly string[] | undefined
  /** The changes of its handler that it was under. */
  readonly markers: readonly string[] | undefined
  readonly isContext: boolean
}

/** One actor of a slice. */
export interface SliceActor {
  readonly id: number
  readonly path: string
  readonly parentPath: string
  readonly born: RecordData['spawned']
  /** The turns after this position are run; the state at it is the snapshot's, or the first one. */
  readonly from: number
  readonly steps: readonly Step[]
}

/** The part of a log that an incident needs. */
export interface Slice {
  readonly correlation: number
  readonly records: readonly LogRecord[]
  readonly actors: readonly SliceActor[]
  readonly unrecorded: readonly string[]
  /** All steps of all actors, in the order of the log. */
  readonly steps: readonly Step[]
}

/** Cuts the slice of a correlation out of a journal. */
export function sliceOf(
  journal: Journal,
  paths: Paths,
  correlation: number,
  records: readonly LogRecord[],
): Slice {
  const span = new Map<number, { first: number; last: number }>()
  for (const record of records) {
    if (record.actor === 0) continue
    const known = span.get(record.actor)
    if (known === undefined) span.set(record.actor, { first: record.position, last: record.position })
    else known.last = record.position
  }
  const actors: SliceActor[] = []
  const unrecorded: string[] = []
  for (const [id, { first, last }] of span) {
    const born = paths.born(id)
    if (born === undefined) continue
    if (born.durable !== false) actors.push(actorOf(journal, paths, id, born, first, last, correlation))
    else unrecorded.push(paths.of(id))
  }
  const steps = actors.flatMap((actor) => actor.steps).sort((a, b) => a.position - b.position)
  return { correlation, records, actors, unrecorded, steps }
}

function actorOf(
  journal: Journal,
  paths: Paths,
  id: number,
  born: RecordData['spawned'],
  first: number,
  last: number,
  correlation: number,
): SliceActor {
  const from = journal.snapshot(id, first - 1)?.position ?? 0
  const steps: Step[] = []
  const messages = new Map<number, MessageRecord>()
  const reruns = new Map<number, Rerun>()
  const refusals = new Map<number, string[]>()
  const markers = new Map<number, Markers>()
  for (const record of journal.readActor(id, 0)) {
    if (record.position > last) break
    noteResult(reruns, record)
    noteRefusal(refusals, record)
    noteMarker(markers, record)
    if (record.kind === 'message') messages.set(record.position, record)
    const end =
      record.kind === 'turn' || (record.kind === 'failed' && record.cause !== 0) ? record : undefined
    if (end === undefined || end.position <= from) continue
    const message = messages.get(end.cause) ?? journal.messageAt(end.cause)
    if (message?.actor !== id) continue
    const attempt = end.kind === 'turn' ? end.attempt : end.data().attempt
    const rerun = reruns.get(end.cause)
    const isContext = end.correlation !== correlation
    steps.push({
      position: end.position,
      actor: id,
      attempt,
      message,
      end,
      rerun: rerun?.attempt === attempt ? rerun : undefined,
      refusals: refusalsOf(end, refusals.get(end.cause)),
      markers: underWhich(end, markersOf(markers.get(end.cause), attempt)),
      isContext,
    })
    refusals.delete(end.cause)
    markers.delete(end.cause)
    if (end.kind === 'turn') messages.delete(end.cause)
  }
  return { id, path: paths.of(id), parentPath: paths.parentOf(id), born, from, steps }
}

// A turn that failed took its notes back with it; what it was told last is what it failed with.
function refusalsOf(end: Step['end'], noted: readonly string[] | undefined): readonly string[] | undefined {
  if (end.kind === 'turn') return noted
  const { error } = end.data()
  return error.code === 'HF_STASH_FULL' ? [error.message] : undefined
}

// A failure says itself what is not in the log any more.
function underWhich(end: Step['end'], noted: readonly string[] | undefined): readonly string[] | undefined {
  return (end.kind === 'failed' ? end.data().patched : undefined) ?? noted
}

/** Who the actors of a log are, looked up when somebody asks. */
export class Paths {
  readonly #journal: Journal
  readonly #born = new Map<number, RecordData['spawned'] | undefined>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** The birth of an actor, or `undefined` when the log has none. */
  born(id: number): RecordData['spawned'] | undefined {
    if (!this.#born.has(id)) this.#born.set(id, this.#find(id))
    return this.#born.get(id)
  }

  /** The path of an actor. */
  of(id: number): string {
    const born = this.born(id)
    if (born === undefined) return `#${id}`
    return `${born.parent === 0 ? '' : this.of(born.parent)}/${born.name}`
  }

  /** The path of an actor's parent; the root's is its own. */
  parentOf(id: number): string {
    const born = this.born(id)
    return born === undefined || born.parent === 0 ? this.of(id) : this.of(born.parent)
  }

  #find(id: number): RecordData['spawned'] | undefined {
    for (const record of this.#journal.readActor(id, 0)) if (record.kind === 'spawned') return record.data()
    return undefined
  }
}
