import { withSwarm } from '../chosen-swarm.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { timeText } from '../figures.js'
import { shownPath } from '../data-directory.js'
import type { KeyOptions } from '../incident-file.js'
import { openNamed, type NamedIncident } from '../incident-source.js'
import { inert } from '../inert.js'
import { jsonValue } from '../json-value.js'
import { writeNew } from '../new-file.js'
import { besides, merged } from '../report/besides.js'
import { factsOf, type IncidentFacts } from '../report/incident-facts.js'
import { incidentPage } from '../report/incident-page.js'
import { playedStates, snapshotStates, type StateFact, type StatesFact } from '../report/states.js'
import { shellWord } from '../shell-word.js'
import type { Terminal } from '../terminal.js'
import type { Command, DataOption } from './command.js'

/** Options of `incident report`. */
export interface IncidentReportOptions extends DataOption, KeyOptions {
  readonly output?: string
  readonly swarm?: string
  readonly force?: boolean
}

/** `holdfast incident report <correlation>`: a page about an incident. */
export async function incidentReport(
  wanted: string,
  options: IncidentReportOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const named = await openNamed(wanted, options, terminal)
  const { incident, said, place } = named
  try {
    const facts = factsOf(incident)
    const states = await statesOf(named, facts, options.swarm, terminal)
    const command = replayCommand(named, options, terminal)
    const isPlayed = options.swarm !== undefined
    const page = incidentPage({
      facts,
      states,
      isPlayed,
      records: merged(incident.read(), besides(incident)),
      place,
      command,
    })
    const { cwd } = terminal
    const file =
      options.output === undefined ? null : writeNew(cwd, options.output, page, options.force ?? false)
    if (file !== null) output.note(`${output.side.good('written')}  ${inert(shownPath(file, cwd))}`)
    if (output.json)
      await output.document('incident-report', { ...said, file, command, ...factsJson(facts, states), page })
    else if (file === null) await terminal.stdout.write(page)
    return EXIT.ok
  } finally {
    await incident.close()
  }
}

async function statesOf(
  { incident }: NamedIncident,
  { failures }: IncidentFacts,
  swarm: string | undefined,
  terminal: Terminal,
): Promise<readonly StatesFact[]> {
  if (swarm === undefined) return snapshotStates(incident, failures)
  return withSwarm({ swarm }, terminal, (chosen) => playedStates(incident, chosen.swarm, failures))
}

function replayCommand(
  { said, place, incident }: NamedIncident,
  { swarm }: IncidentReportOptions,
  { cwd }: Terminal,
): string {
  const code = swarm === undefined ? '' : ` --swarm ${shellWord(swarm)}`
  if ('data' in said)
    return `holdfast replay ${shellWord(incident.correlation)} -d ${shellWord(place)}${code}`
  return `holdfast replay ${shellWord(shownPath(said.file, cwd))}${code === '' ? ' --swarm <swarm file>' : code}`
}

function factsJson(facts: IncidentFacts, states: readonly StatesFact[]): object {
  const { correlation, startedMs, endedMs, records, failures, failed, restarted, told, decisions, phases } =
    facts
  const state = (fact: StateFact | undefined) =>
    fact === undefined ? null : { position: fact.position, state: jsonValue(fact.state) }
  return {
    correlation,
    started: timeText(startedMs),
    durationMs: endedMs - startedMs,
    records,
    cause: failures.length === 0 ? null : failureJson(failures[0]!),
    failed,
    failures: failures.map(failureJson),
    restarted: Object.fromEntries(restarted),
    told,
    decisions: decisions.map(({ atMs, ...rest }) => ({ ...rest, time: timeText(atMs) })),
    states: states.map(({ before, after, ...rest }) => ({
      ...rest,
      before: state(before),
      after: state(after),
    })),
    phases,
  }
}

function failureJson({ atMs, actorId: _id, error, ...rest }: IncidentFacts['failures'][number]): object {
  const { name, message, code = null } = error
  return { ...rest, time: timeText(atMs), error: { name, message, code } }
}
