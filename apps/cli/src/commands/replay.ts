import { isAbsolute } from 'node:path'
import type { Journal } from '@holdfast/journal'
import type { Divergence, ReplayReport } from '@holdfast/replay'
import { openIncident, replay as replayIncident } from 'holdfast/replay'
import { correlationNamed } from '../correlation.js'
import { dataToRead } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import { jsonValue } from '../json-value.js'
import { withData } from '../open-data.js'
import type { Paint } from '../paint.js'
import { printable } from '../printable.js'
import { loadSealed } from '../sealed.js'
import type { LoadedSwarm } from '../swarm-file.js'
import { UsageError } from '../usage-error.js'
import type { Command, DataOption } from './command.js'

/** Options of `replay`. */
export interface ReplayCommandOptions extends DataOption {
  /** Where the code is now, when it has moved since it wrote the log. */
  readonly swarm?: string
  /** Other code to replay the incident against. */
  readonly against?: string
}

/** `holdfast replay <correlation>`: the incident again, on the same code or on other code. */
export async function replay(
  wanted: string,
  options: ReplayCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { swarm, against } = options
  if (swarm !== undefined && against !== undefined) {
    throw new UsageError('--swarm and --against both say which code to run.', {
      field: 'against',
      hint: 'Give one of them.',
    })
  }
  const dir = dataToRead(options.data, terminal)
  const { correlation, origin } = await withData(dir, (data) => {
    const id = correlationNamed(data, wanted)
    return { correlation: data.journal.correlationName(id), origin: originOf(data.journal) }
  })
  const file = against ?? swarm ?? origin
  if (file === undefined) {
    throw new UsageError('The log does not say which swarm file wrote it.', {
      field: 'swarm',
      hint: 'Give it: --swarm FILE.',
    })
  }
  const incident = await openIncident({ data: dir, correlation })
  let report: ReplayReport
  let loaded: LoadedSwarm
  try {
    const sealed = await loadSealed(file, terminal.cwd)
    using _seal = sealed.seal
    ;({ loaded } = sealed)
    report = await replayIncident(incident, { swarm: loaded.swarm })
  } finally {
    await incident.close()
  }
  if (output.json) await output.document('replay', { data: dir, swarm: loaded.file, ...reportJson(report) })
  else for (const line of replayLines(report, output.paint)) await output.line(line)
  return report.identical ? EXIT.ok : EXIT.diverged
}

// The newest run says best where the code is. It is looked for from the end of the log backwards.
function originOf(log: Journal): string | undefined {
  let below = log.next
  for (let width = WINDOW_MIN; below > 1; width *= 4) {
    const from = Math.max(1, below - width)
    let found: string | undefined
    for (const record of log.read(from, below)) if (record.kind === 'opened') found = record.data().system
    if (found !== undefined) return isAbsolute(found) ? found : undefined
    below = from
  }
  return undefined
}

function reportJson(report: ReplayReport): object {
  const { divergences, firstCause, turns: _turns, ...rest } = report
  return {
    ...rest,
    divergences: divergences.map((each) => {
      return { ...each, recorded: jsonValue(each.recorded), replayed: jsonValue(each.replayed) }
    }),
    firstCause: firstCause === undefined ? null : divergences.indexOf(firstCause),
  }
}

/** A replay as lines: the differences, then what it comes to. */
export function replayLines(report: ReplayReport, paint: Paint): string[] {
  const { divergences } = report
  const lines = divergences.slice(0, DIVERGENCES_SHOWN).map((each) => divergenceLine(each, paint))
  if (divergences.length > DIVERGENCES_SHOWN) {
    lines.push(`… ${count(divergences.length - DIVERGENCES_SHOWN, 'divergence')} more; --json lists them`)
  }
  return [...lines, summaryLine(report, paint)]
}

function divergenceLine(each: Divergence, paint: Paint): string {
  const { position, actor, message, kind, subject, isContext, recorded, replayed, what } = each
  const where = `${paint.faint(String(position))}  ${paint.name(inert(actor))}  ${inert(message)}`
  const values = paint.faint(
    `(recorded ${printable(recorded, VALUE_WIDTH)}, replayed ${printable(replayed, VALUE_WIDTH)})`,
  )
  return `${where}  ${paint.bad(kind)} ${subject}${isContext ? paint.faint(', context') : ''}: ${inert(what)}  ${values}`
}

function summaryLine(report: ReplayReport, paint: Paint): string {
  const { correlation, identical, counts, actors, unrecorded } = report
  const { turns, contextTurns, digests, divergences } = counts
  const verdict = identical ? paint.good('identical') : paint.bad(count(divergences, 'divergence'))
  const parts = [
    `${count(turns, 'turn')}${contextTurns > 0 ? ` (${contextTurns} of other correlations)` : ''}`,
  ]
  parts.push(count(actors.length, 'actor'), count(digests, 'state digest'))
  if (unrecorded.length > 0) parts.push(paint.warn(`${count(unrecorded.length, 'volatile actor')} left out`))
  return `${verdict}  ${inert(correlation)}: ${parts.join(', ')}`
}

const WINDOW_MIN = 4_096
const DIVERGENCES_SHOWN = 50
const VALUE_WIDTH = 60
