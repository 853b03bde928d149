// What is noted beside a file of the corpus: the bytes of the file, and what its replay came to when it was recorded.

import { createHash } from 'node:crypto'
import { manifestOf, play, type Incident, type ReplayedTurn, type ReplayReport } from 'holdfast/replay'
import type { Program } from './program.js'

/** The passphrase of locked files. It is here for all to see, because what it locks is no secret. */
export const PASSPHRASE = 'a key that everybody has'

/** Notes of one file. */
export interface Notes {
  readonly sha256: string
  readonly bytes: number
  /** Version of the engine that recorded it. */
  readonly engine: number
  readonly incident: string
  /** How many of its records there are of each kind. */
  readonly records: Readonly<Record<string, number>>
  readonly counts: ReplayReport['counts']
  /** Digest of what each turn did and how it ended. */
  readonly turns: string
  /** Digest of the last state of each actor. */
  readonly states: Readonly<Record<string, string>>
}

/** A replay of a file on the code of its program, and what is to be noted of it. */
export async function replayed(
  bytes: Uint8Array,
  incident: Incident,
  { swarm }: Program,
): Promise<{ readonly report: ReplayReport; readonly notes: Notes }> {
  const player = play(incident, { swarm })
  const report = await player.run()
  const notes = {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.byteLength,
    engine: manifestOf(incident)!.engine,
    incident: report.correlation,
    records: kindsIn(incident),
    counts: report.counts,
    turns: digestOf(report.turns.map(turnOf)),
    states: Object.fromEntries([...report.actors].sort().map((path) => [path, digestOf(player.state(path))])),
  }
  return { report, notes }
}

function kindsIn({ evidence }: Incident): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of evidence.read(1)) counts[kind] = (counts[kind] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}

// Stacks name the files of whoever recorded it, and those of whoever replays it.
function turnOf({ position, actor, kind, attempt, isContext, replayed: ended, told }: ReplayedTurn): unknown {
  const outcome = ended.ok
    ? { answer: ended.answer }
    : { name: ended.error.name, message: ended.error.message }
  // Field by field: what a report says besides is no part of what was recorded.
  const deeds = told.map(({ subject, target, type, value }) => ({ subject, target, type, value }))
  return { position, actor, kind, attempt, isContext, outcome, told: deeds }
}

/** The same for the same value, however a later version stores it. */
function digestOf(value: unknown): string {
  return createHash('sha256').update(textOf(value)).digest('hex').slice(0, 16)
}

function textOf(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Date) return `date ${value.getTime()}`
  if (value instanceof Uint8Array) return `bytes ${[...value].join(' ')}`
  if (value instanceof Error) return `error ${value.name} ${value.message}`
  if (value instanceof Set || Array.isArray(value)) return `[${[...value].map(textOf).join()}]`
  if (value instanceof Map) return `map [${[...value].map(textOf).join()}]`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${key}:${textOf(each)}`).join()}}`
}
