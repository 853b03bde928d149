// What is said at the end, on standard output: what was found in a few lines, and how to look at what went wrong.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { shellWord, shown } from './inert.js'
import { findingsOf, type Report, type Tally } from './report.js'

/** Entries of one list that are shown; the reports hold all. */
const SHOWN_MAX = 10

/** The report in a few lines. `replay` is the command that an incident's correlation is put into. */
export function summaryLines(report: Report, replay: (correlation: string) => string): string[] {
  const { totals } = report
  return [
    `${totals.packages} packages audited, ${totals.broken} could not be: ` +
      `${totals.files} files, ${(totals.bytes / 1_000_000).toFixed(1)} MB`,
    `Licences: ${mostOf(totals.licences)}`,
    `The panel: ${mostOf(totals.outcomes)}`,
    `Findings: ${['problem', 'warning', 'info'].map((name) => `${countOf(totals.severities, name)} ${name}`).join(', ')}`,
    ...problemLines(report),
    ...incidentLines(report, replay),
  ]
}

function problemLines(report: Report): string[] {
  const problems = findingsOf(report).filter(({ finding }) => finding.severity === 'problem')
  const lines = problems.map(({ finding, subject }) => `  ${shown(subject)} ${shown(finding.text)}`)
  return listed('Problems:', lines, 'report.md')
}

function incidentLines({ incidents }: Report, replay: (correlation: string) => string): string[] {
  const lines = incidents.map(
    ({ error, message, correlation }) => `  ${shown(error)}: ${shown(message)}\n    ${replay(correlation)}`,
  )
  return listed('Incidents, and what replays each:', lines, 'report.json')
}

function listed(title: string, lines: readonly string[], where: string): string[] {
  if (lines.length === 0) return []
  const more = lines.length - SHOWN_MAX
  return ['', title, ...lines.slice(0, SHOWN_MAX), ...(more > 0 ? [`  and ${more} more, in ${where}`] : [])]
}

function mostOf(tally: Tally): string {
  const most = [...tally].sort((a, b) => b.count - a.count)
  const rest = most.slice(SHOWN_MAX).reduce((sum, { count }) => sum + count, 0)
  const said = most.slice(0, SHOWN_MAX).map(({ name, count }) => `${count} ${shown(name)}`)
  return [...said, ...(rest > 0 ? [`${rest} more`] : [])].join(', ') || 'none'
}

function countOf(tally: Tally, name: string): number {
  return tally.find((entry) => entry.name === name)?.count ?? 0
}

/** The command that replays an incident of a data directory from where the user stands. */
export function replayCommand(data: string, cwd: string, bin: string | undefined) {
  const holdfast =
    hasHoldfast(cwd) || bin === undefined ? 'npx holdfast' : `node ${shellWord(near(bin, cwd))}`
  const where = `--data ${shellWord(near(data, cwd))}`
  return (correlation: string): string => `${holdfast} replay ${shellWord(correlation)} ${where}`
}

// `npx` takes the command of the project it stands in; anywhere else it would ask the registry for one.
function hasHoldfast(cwd: string): boolean {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const isProject = ['package.json', 'node_modules'].some((name) => existsSync(path.join(folder, name)))
    if (isProject) return existsSync(path.join(folder, 'node_modules', '.bin', 'holdfast'))
    if (folder === path.dirname(folder)) return false
  }
}

/** A path as it is shown: relative when it lies below, absolute when not. */
export function near(file: string, cwd: string): string {
  const short = path.relative(cwd, file)
  return short === '' ? '.' : short.startsWith('..') || path.isAbsolute(short) ? file : short
}
