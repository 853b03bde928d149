// Replays all incidents of a store, or all correlations, on one piece of code: what a change would do to everything that
// ever happened. Those that differ come first, the ones that reach most first.

import { Journal, LmdbStore, openSubjects } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import {
  evidenceOf,
  findImported,
  findIncidents,
  Incident,
  openIncident,
  play,
  type Evidence,
  type FoundIncident,
  type ReplayReport,
} from 'holdfast/replay'
import { withSwarm, type ChosenSwarm } from '../chosen-swarm.js'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys, subjectKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { originOf } from '../incident-source.js'
import { inert } from '../inert.js'
import type { Paint } from '../paint.js'
import { table } from '../table.js'
import type { Command } from './command.js'
import type { ReplayCommandOptions } from './replay-options.js'

type Wanted = Pick<FoundIncident, 'root' | 'file'>

/** What the replay of one of them came to. */
interface ReplayedIncident {
  readonly correlation: string
  readonly root: number
  /** The file that it was imported in. */
  readonly file?: string
  readonly identical: boolean
  readonly divergences: number
  /** Actors that a difference has reached. */
  readonly reached: number
  readonly turns: number
  /** Position, actor and sentence of the first cause. */
  readonly firstCause: { readonly position: number; readonly actor: string; readonly what: string } | null
}

/** `holdfast replay --all`. */
export async function replayAll(options: ReplayCommandOptions, command: Command): Promise<ExitCode> {
  const { terminal, output } = command
  const dir = dataToRead(options.data, terminal)
  const keys = dataKeys(terminal)
  const store = new LmdbStore({ dir, readOnly: true, keys })
  const subjects = openSubjects(subjectKeys(terminal), { data: dir, keys, readOnly: true })
  const journal = new Journal(store, machineAuthorities(), { subjects })
  try {
    const evidence = evidenceOf(journal)
    const roots =
      options.all === 'correlations'
        ? rootsOf(evidence)
        : [
            ...(await findIncidents({ data: dir, keys, subjectKeys: subjectKeys(terminal) })),
            ...(await findImported(dir)).found,
          ]
    const { swarm, against, unrecorded } = options
    const choice = {
      swarm,
      against,
      origin: originOf({ journal, store }),
      live: typeof unrecorded === 'object',
    }
    return await withSwarm(choice, terminal, async (chosen) => {
      const list = ranked(await replayed(evidence, roots, chosen, options, command))
      const differ = list.filter(({ identical }) => !identical).length
      const { file, revision = null } = chosen
      if (output.json)
        await output.document('replay-all', {
          data: dir,
          swarm: file,
          revision,
          count: list.length,
          differ,
          list,
        })
      else
        for (const line of replayAllLines(list, shownPath(dir, terminal.cwd), output.paint))
          await output.line(line)
      return differ === 0 ? EXIT.ok : EXIT.diverged
    })
  } finally {
    await journal.close()
  }
}

function rootsOf(evidence: Evidence): Wanted[] {
  const roots: Wanted[] = []
  for (const { kind, position, correlation } of evidence.read(1))
    if (kind === 'message' && position === correlation) roots.push({ root: position })
  return roots
}

async function replayed(
  evidence: Evidence,
  wanted: readonly Wanted[],
  { swarm }: ChosenSwarm,
  { volatile, unrecorded }: ReplayCommandOptions,
  { output }: Command,
): Promise<ReplayedIncident[]> {
  const list: ReplayedIncident[] = []
  for (const [i, { root, file }] of wanted.entries()) {
    output.progress(`${i + 1} of ${wanted.length}`)
    const incident =
      file === undefined ? new Incident(evidence, { failure: root }) : await openIncident({ file })
    const report = await play(incident, { swarm, volatile, unrecorded }).run()
    list.push(cameTo(root, file, report))
  }
  output.progress('')
  return list
}

function cameTo(root: number, file: string | undefined, report: ReplayReport): ReplayedIncident {
  const { correlation, identical, counts, spread, firstCause } = report
  const { divergences, turns } = counts
  const cause =
    firstCause === undefined
      ? null
      : { position: firstCause.position, actor: firstCause.actor, what: firstCause.what }
  const imported = file === undefined ? {} : { file }
  return {
    correlation,
    root,
    ...imported,
    identical,
    divergences,
    reached: spread.length,
    turns,
    firstCause: cause,
  }
}

/** Those that differ first, and of these the ones that reach most actors, then those that differ most. */
function ranked(list: readonly ReplayedIncident[]): readonly ReplayedIncident[] {
  return [...list].sort(
    (a, b) =>
      Number(a.identical) - Number(b.identical) ||
      b.reached - a.reached ||
      b.divergences - a.divergences ||
      a.root - b.root,
  )
}

/** All of them as a table, and what it comes to. */
function replayAllLines(list: readonly ReplayedIncident[], place: string, paint: Paint): string[] {
  const different = list.filter(({ identical }) => !identical)
  const shown = different.slice(0, SHOWN)
  const rows = shown.map(({ correlation, reached, divergences, turns, firstCause }) => [
    inert(correlation),
    String(reached),
    String(divergences),
    String(turns),
    firstCause === null ? '' : `${firstCause.position} ${inert(firstCause.actor)}: ${inert(firstCause.what)}`,
  ])
  const columns = [
    { title: 'DIFFERS' },
    { title: 'ACTORS', isNumber: true },
    { title: 'DIVERGENCES', isNumber: true },
    { title: 'TURNS', isNumber: true },
    { title: 'FIRST CAUSE' },
  ]
  const lines =
    rows.length === 0
      ? []
      : table(columns, rows, (cell, column, row) =>
          row === -1 ? paint.faint(cell) : column === 0 ? paint.bad(cell) : cell,
        )
  if (different.length > SHOWN)
    lines.push(`… ${different.length - SHOWN} more that differ; --json lists them`)
  const verdict = different.length === 0 ? paint.good('identical') : paint.bad(`${different.length} differ`)
  return [...lines, `${verdict}  ${count(list.length, 'correlation')} of ${inert(place)} replayed`]
}

const SHOWN = 50
