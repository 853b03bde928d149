// What belongs to an incident and to no correlation: the next life of an actor that was restarted in it, and what an
// operator ordered for its actors afterwards, such as another attempt at a message that was given up.

import type { LogRecord } from '@holdfast/kernel'
import type { Incident } from 'holdfast/replay'

/** Records that an incident led to without having caused them, in the order of the log. */
export function besides(incident: Incident): readonly LogRecord[] {
  const found = new Map<number, LogRecord>()
  const { evidence, paths, slice, focus } = incident
  for (const decision of slice.decisions) {
    const { position, actor } = decision
    const { directive, affected } = decision.data()
    if (directive !== 'restart') continue
    const parent = paths.born(actor)?.parent ?? 0
    const ids = affected.map((name) =>
      paths.born(actor)?.name === name ? actor : paths.childOf(parent, name),
    )
    for (const id of ids) {
      const life = id === undefined ? undefined : nextLife(evidence.readActor(id, position + 1))
      if (life !== undefined) found.set(life.position, life)
    }
  }
  for (const { id } of slice.actors.slice(0, ACTORS_MAX))
    for (const record of evidence.readActor(id, focus.from))
      if (isOrder(record) && found.size < BESIDES_MAX) found.set(record.position, record)
  return [...found.values()].sort((a, b) => a.position - b.position)
}

/** Two runs of records as one, in the order of the log. */
export function* merged(
  records: Iterable<LogRecord>,
  others: readonly LogRecord[],
): Generator<LogRecord, void, undefined> {
  let next = 0
  for (const record of records) {
    for (; next < others.length && others[next]!.position < record.position; next++) yield others[next]!
    yield record
  }
  yield* others.slice(next)
}

// An order that was given within a correlation of the incident stands in its own records.
function isOrder({ kind, correlation }: LogRecord): boolean {
  return correlation === 0 && (kind === 'steered' || kind === 'quarantined')
}

function nextLife(records: Iterable<LogRecord>): LogRecord | undefined {
  for (const record of records) {
    if (record.kind === 'restarted') return record
    if (record.kind === 'stopped' || record.kind === 'directive' || record.kind === 'quarantined')
      return undefined
  }
  return undefined
}

const ACTORS_MAX = 1_000
const BESIDES_MAX = 1_000
