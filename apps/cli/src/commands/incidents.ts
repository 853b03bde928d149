import { machineAuthorities } from '@holdfast/kernel'
import { findImported, findIncidents, type FoundIncident } from 'holdfast/replay'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys, subjectKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count, grouped, timeText } from '../figures.js'
import { inert } from '../inert.js'
import type { Paint } from '../paint.js'
import { shorten } from '../printable.js'
import { table } from '../table.js'
import { UsageError } from '../usage-error.js'
import type { Command, DataOption } from './command.js'
import type { IncidentOrder } from './incident-order.js'

/** Options of `incidents`. */
export interface IncidentsOptions extends DataOption {
  readonly sort: IncidentOrder
  readonly actor?: string
  readonly error?: string
  /** Milliseconds since 1970; below zero an age. */
  readonly since?: number
  readonly limit: number
}

/** `holdfast incidents`: the correlations in which something went wrong. */
export async function incidents(options: IncidentsOptions, { terminal, output }: Command): Promise<ExitCode> {
  const { actor, since, sort, limit } = options
  if (actor !== undefined && !actor.startsWith('/')) {
    throw new UsageError(`--actor "${actor}" is no path; paths start with a slash.`, {
      field: 'actor',
      hint: `Try /${actor}.`,
    })
  }
  const dir = dataToRead(options.data, terminal)
  const imported = await findImported(dir)
  const all = [
    ...(await findIncidents({ data: dir, keys: dataKeys(terminal), subjectKeys: subjectKeys(terminal) })),
    ...imported.found,
  ]
  const fromMs = since === undefined || since >= 0 ? since : machineAuthorities().now() + since
  const found = ordered(
    all.filter((each) => isWanted(each, { ...options, since: fromMs })),
    sort,
  )
  const list = limit === Infinity ? found : found.slice(0, limit)
  if (output.json) {
    const documents = list.map(({ firstMs, lastMs, error = null, ...rest }) => {
      return { ...rest, error, firstTime: timeText(firstMs), lastTime: timeText(lastMs) }
    })
    await output.document('incidents', { data: dir, count: found.length, of: all.length, list: documents })
    return EXIT.ok
  }
  for (const file of imported.locked)
    output.note(`${inert(shownPath(file, terminal.cwd))} is locked: give the file itself, with its key`)
  const { paint } = output
  const of = found.length === all.length ? '' : ` of ${grouped(all.length)}`
  await output.line(
    `${paint.strong(inert(shownPath(dir, terminal.cwd)))}  ${grouped(found.length)}${of} ${found.length === 1 ? 'incident' : 'incidents'}`,
  )
  for (const line of list.length === 0 ? [] : incidentLines(list, paint)) await output.line(line)
  if (list.length < found.length)
    await output.line(`… ${count(found.length - list.length, 'incident')} more; --limit all shows them`)
  return EXIT.ok
}

/** Whether an incident is one of those that were asked for. */
export function isWanted(
  { actor, error, lastMs }: FoundIncident,
  wanted: Pick<IncidentsOptions, 'actor' | 'error' | 'since'>,
): boolean {
  if (wanted.since !== undefined && lastMs < wanted.since) return false
  if (wanted.error !== undefined && wanted.error !== error?.name && wanted.error !== error?.code) return false
  if (wanted.actor === undefined || wanted.actor === '/') return true
  const path = wanted.actor.replace(/\/+$/, '')
  return actor === path || actor.startsWith(`${path}/`)
}

const ORDER: Readonly<Record<IncidentOrder, (a: FoundIncident, b: FoundIncident) => number>> = {
  newest: (a, b) => b.last - a.last,
  oldest: (a, b) => a.first - b.first,
  failures: (a, b) => b.failures - a.failures || b.last - a.last,
  actors: (a, b) => b.actors - a.actors || b.last - a.last,
}

/** Incidents in an order. */
export function ordered(list: readonly FoundIncident[], order: IncidentOrder): readonly FoundIncident[] {
  return [...list].sort(ORDER[order])
}

/** Incidents as a table. */
export function incidentLines(list: readonly FoundIncident[], paint: Paint): string[] {
  const rows = list.map((each) => [
    timeText(each.firstMs),
    shorten(inert(each.correlation), NAME_WIDTH),
    inert(each.actor),
    errorCell(each),
    grouped(each.failures),
    grouped(each.actors),
    marks(each),
  ])
  const columns = [
    { title: 'WHEN' },
    { title: 'CORRELATION' },
    { title: 'FIRST FAILED' },
    { title: 'WITH' },
    { title: 'FAILURES', isNumber: true },
    { title: 'ACTORS', isNumber: true },
    { title: '' },
  ]
  return table(columns, rows, (cell, column, row) => {
    if (row === -1 || column === 0) return paint.faint(cell)
    if (column === 2) return paint.name(cell)
    return column === 6 ? paint.bad(cell) : cell
  })
}

function errorCell({ error, deadLetters }: FoundIncident): string {
  if (error === undefined) return deadLetters > 0 ? 'dead letter' : ''
  return shorten(inert(`${error.code ?? error.name}: ${error.message}`), ERROR_WIDTH)
}

function marks({ gaveUp, quarantines, escalations, deadLetters, file }: FoundIncident): string {
  return [
    ...(file === undefined ? [] : ['imported']),
    ...(gaveUp ? ['gave up'] : []),
    ...(quarantines > 0 ? ['quarantined'] : []),
    ...(escalations > 0 ? ['escalated'] : []),
    ...(deadLetters > 0 ? [count(deadLetters, 'dead letter')] : []),
  ].join(', ')
}

const NAME_WIDTH = 40
const ERROR_WIDTH = 60
