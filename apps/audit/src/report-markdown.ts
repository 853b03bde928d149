// `report.md`: the report for a person, who reads from the top and may stop anywhere. First what
// must be decided, then what to look at, then what to know, then the full list.

import type { Finding, Severity } from './findings.js'
import { codeSpan, markdown } from './inert.js'
import type { Report, Tally } from './report.js'
import { findingsOf } from './report.js'

/** Findings of one kind shown below "info"; the JSON holds all. */
const INFO_SHOWN_MAX = 20

// Where the data lie is a path of the machine, so the report does not say it.
const REPLAY_LEAD =
  'Each can be replayed as it happened, where the audit was run; `--data` chooses among the data of several.'

/** Renders the report as Markdown. */
export function renderMarkdown(report: Report): string {
  const sections = [
    summary(report),
    incidents(report),
    findings(report, 'problem', 'Problems', 'Somebody must decide on these.'),
    findings(report, 'warning', 'Warnings', 'Somebody should look at these.'),
    findings(report, 'info', 'Worth knowing', null),
    licences(report),
    severalVersions(report),
    packages(report),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function countOf(tally: Tally, name: string): number {
  return tally.find((entry) => entry.name === name)?.count ?? 0
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

function summary({ totals, incidents: failed }: Report): string {
  const { outcomes } = totals
  const rows = [
    ['Packages audited', String(totals.packages)],
    ['Packages that could not be audited', String(totals.broken)],
    ['Files', String(totals.files)],
    ['Size', megabytes(totals.bytes)],
    ['Problems', String(countOf(totals.severities, 'problem'))],
    ['Warnings', String(countOf(totals.severities, 'warning'))],
    ['Packages that run code when installed', String(totals.withInstallScripts)],
    ['Packages with native binaries', String(totals.withNativeBinaries)],
    ['Licences agreed by the panel', String(countOf(outcomes, 'agreed'))],
    ['Licences held by two votes of three', String(countOf(outcomes, 'majority'))],
    ['Licences on one vote only', String(countOf(outcomes, 'unconfirmed'))],
    ['Licences disputed', String(countOf(outcomes, 'disputed'))],
    ['Packages without a licence the panel knows', String(countOf(outcomes, 'abstained'))],
    ['Incidents', String(failed.length)],
  ]
  return `# Dependency audit\n\n${table(['What', 'How many'], rows)}`
}

function incidents({ incidents: failed }: Report): string {
  if (failed.length === 0) return ''
  const rows = failed.map((incident) => [
    codeSpan(incident.place),
    codeSpan(incident.error),
    markdown(incident.message),
    codeSpan(incident.replay),
  ])
  return `## Incidents\n\n${REPLAY_LEAD}\n\n${table(['Place', 'Error', 'Message', 'Replay'], rows)}`
}

function findings(report: Report, severity: Severity, title: string, lead: string | null): string {
  const listed = findingsOf(report).filter(({ finding }) => finding.severity === severity)
  if (listed.length === 0) return ''
  const kinds = [...new Set(listed.map(({ finding }) => finding.kind))]
  const groups = kinds.map((kind) => {
    const ofKind = listed.filter(({ finding }) => finding.kind === kind)
    const max = severity === 'info' ? INFO_SHOWN_MAX : ofKind.length
    const lines = ofKind.slice(0, max).map(({ finding, subject }) => findingLine(finding, subject))
    const rest = ofKind.length - lines.length
    if (rest > 0) lines.push(`- and ${rest} more, in the JSON report`)
    return `### ${kind} (${ofKind.length})\n\n${lines.join('\n')}`
  })
  return [`## ${title}`, ...(lead === null ? [] : [lead]), ...groups].join('\n\n')
}

function findingLine(finding: Finding, subject: string): string {
  const isElsewhere =
    finding.place !== subject && finding.place !== subject.slice(0, subject.lastIndexOf('@'))
  const where = isElsewhere ? ` in ${codeSpan(finding.place)}` : ''
  return `- ${codeSpan(subject === '' ? '.' : subject)}${where} ${markdown(finding.text)}`
}

function licences({ totals }: Report): string {
  if (totals.licences.length === 0) return ''
  // The most frequent first; equal counts stay in the order of their names.
  const most = (tally: Tally): string[][] =>
    [...tally].sort((a, b) => b.count - a.count).map(({ name, count }) => [markdown(name), String(count)])
  return [
    '## Licences',
    table(['Licence', 'Packages'], most(totals.licences)),
    table(['Category', 'Packages'], most(totals.categories)),
  ].join('\n\n')
}

function severalVersions({ severalVersions: several }: Report): string {
  if (several.length === 0) return ''
  const rows = several.map(({ name, versions }) => [
    codeSpan(name),
    versions.map((v) => markdown(v)).join(', '),
  ])
  return `## Names with several versions\n\n${table(['Name', 'Versions'], rows)}`
}

function packages(report: Report): string {
  if (report.packages.length === 0) return ''
  const rows = report.packages.map((result) => [
    codeSpan(result.place),
    markdown(result.version),
    markdown(result.verdict.licence ?? '-'),
    result.verdict.outcome,
    String(result.files),
    megabytes(result.bytes),
  ])
  const head = ['Place', 'Version', 'Licence', 'Panel', 'Files', 'Size']
  return `## Packages\n\n${table(head, rows)}`
}
