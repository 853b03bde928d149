// Stage
// =====
// Who takes part in a rehearsal, and what the log says of them before the incident began: the actors of the incident with
// all that they had done, the supervisors above them, and of the siblings that these start only how they stood.

import type { DataRecord, LogRecord } from '@holdfast/kernel'
import type { Incident } from '../incident.js'

/** The actors of a rehearsal, and their past. */
export interface Stage {
  readonly actors: ReadonlySet<number>
  /** Those of them that do again what they did: the others only stand by. */
  readonly playing: ReadonlySet<number>
  /** The position that the incident begins at. */
  readonly before: number
  /** What the log says of the actors before it, in order. */
  readonly past: readonly LogRecord[]
}

/** What is kept of an actor that only stands by: how it stood, and nothing that it handled. */
const LIFE: ReadonlySet<LogRecord['kind']> = new Set([
  'spawned',
  'stopped',
  'failed',
  'directive',
  'restarted',
  'quarantined',
  'steered',
  'deleted',
  'reviving',
  'halting',
] as const)

/** Who is on the stage for an incident. */
export function stageOf({ evidence, focus, slice }: Incident): Stage {
  const before = focus.from
  const births = new Map<number, DataRecord<'spawned'>>()
  let opened: LogRecord | undefined
  for (const record of evidence.read(1, before)) {
    if (record.kind === 'spawned') births.set(record.actor, record)
    else if (record.kind === 'opened') opened = record
  }
  const main = new Set(slice.actors.map((actor) => actor.id))
  const actors = new Set(main)
  for (const id of main) addAbove(births, id, actors)
  addBeside(births, actors)
  const past: LogRecord[] = []
  for (const run of evidence.readTogether(actors, 1, before - 1)) {
    for (const record of run) {
      if (main.has(record.actor) || (actors.has(record.actor) && LIFE.has(record.kind))) past.push(record)
    }
  }
  if (opened !== undefined) past.push(opened)
  return { actors, playing: main, before, past: past.sort((a, b) => a.position - b.position) }
}

function addAbove(births: ReadonlyMap<number, DataRecord<'spawned'>>, id: number, actors: Set<number>): void {
  for (let birth = births.get(id); birth !== undefined; birth = births.get(birth.data().parent))
    actors.add(birth.actor)
}

// A supervisor that is recovered starts the children that its spec names and that are not there. In the order of the log
// those above come first.
function addBeside(births: ReadonlyMap<number, DataRecord<'spawned'>>, actors: Set<number>): void {
  for (const birth of births.values()) {
    const { parent, fixed } = birth.data()
    if (fixed === true && actors.has(parent)) actors.add(birth.actor)
  }
}
