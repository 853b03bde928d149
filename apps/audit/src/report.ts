// Report
// ======
// Folds results into totals while they come in, and renders what was found when all are there.
//
// Invariants
//   R1  Two audits of the same tree give the same bytes: everything is sorted, and neither times
//       nor absolute paths are in it.
//   R2  Totals do not depend on the order in which results are folded in.
//   R3  Nothing of a foreign tree is syntax in the report, nor moves the cursor of a terminal.

import type { Finding, FindingKind, Severity } from './findings.js'
import { severities } from './findings.js'
import { inertJson, shellWord } from './inert.js'
import type { BrokenPackage, PackageResult } from './inspection.js'
import { sortedFindings } from './inspection.js'
import type { LicenceCategory } from './licences.js'
import { byKeys, byText, distinct } from './order.js'
import type { Outcome } from './vote.js'

/** Something that went wrong in the audit itself and can be replayed by its correlation. */
export interface Incident {
  correlation: string
  place: string
  /** The class name of the error. */
  error: string
  message: string
}

/** How often something occurs, as a list sorted by its name. */
export type Tally<K extends string = string> = { name: K; count: number }[]

/** What a reporter keeps while results come in: plain data, for an actor's state. */
export interface Totals {
  packages: number
  broken: number
  files: number
  bytes: number
  withInstallScripts: number
  withNativeBinaries: number
  licences: Tally
  categories: Tally<LicenceCategory>
  outcomes: Tally<Outcome>
  severities: Tally<Severity>
  findings: Tally<FindingKind>
}

/** The whole report, as `report.json` holds it. */
export interface Report {
  schema: 'holdfast.audit/1'
  totals: Totals
  severalVersions: { name: string; versions: string[] }[]
  packages: PackageResult[]
  broken: BrokenPackage[]
  treeFindings: Finding[]
  incidents: (Incident & { replay: string })[]
}

/** Everything a report is made of. */
export interface ReportInput {
  packages: readonly PackageResult[]
  broken: readonly BrokenPackage[]
  treeFindings: readonly Finding[]
  incidents: readonly Incident[]
  /** What replays an incident when its correlation is put behind it. @default 'holdfast replay' */
  replayCommand?: string
}

/** Totals of nothing yet. */
export function noTotals(): Totals {
  return {
    packages: 0,
    broken: 0,
    files: 0,
    bytes: 0,
    withInstallScripts: 0,
    withNativeBinaries: 0,
    licences: [],
    categories: [],
    outcomes: [],
    severities: [],
    findings: [],
  }
}

function counted<K extends string>(tally: Tally<K>, names: readonly K[]): Tally<K> {
  const counts = new Map(tally.map(({ name, count }) => [name, count]))
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => ({ name, count })).sort(byKeys(({ name }) => name))
}

function withFindings(totals: Totals, findings: readonly Finding[]): Totals {
  return {
    ...totals,
    severities: counted(
      totals.severities,
      findings.map((f) => f.severity),
    ),
    findings: counted(
      totals.findings,
      findings.map((f) => f.kind),
    ),
  }
}

/** Adds an audited package to the totals. */
export function addPackage(totals: Totals, result: PackageResult): Totals {
  const { verdict } = result
  return withFindings(
    {
      ...totals,
      packages: totals.packages + 1,
      files: totals.files + result.files,
      bytes: totals.bytes + result.bytes,
      withInstallScripts: totals.withInstallScripts + (runsAtInstall(result) ? 1 : 0),
      withNativeBinaries: totals.withNativeBinaries + (result.nativeBinaries > 0 ? 1 : 0),
      licences: counted(totals.licences, [verdict.licence ?? `(${verdict.outcome})`]),
      categories: counted(totals.categories, [verdict.category]),
      outcomes: counted(totals.outcomes, [verdict.outcome]),
    },
    result.findings,
  )
}

function runsAtInstall(result: PackageResult): boolean {
  return result.installScripts.length > 0 || result.findings.some((f) => f.kind === 'implicit-install')
}

/** Adds a package that could not be audited to the totals. */
export function addBroken(totals: Totals, result: BrokenPackage): Totals {
  return withFindings({ ...totals, broken: totals.broken + 1 }, result.findings)
}

/** Adds the findings of the crawl to the totals. */
export function addTreeFindings(totals: Totals, findings: readonly Finding[]): Totals {
  return withFindings(totals, findings)
}

/** Puts the report together. */
export function buildReport(input: ReportInput): Report {
  const packages = [...input.packages].sort(byKeys((result) => result.place))
  const broken = [...input.broken].sort(byKeys((result) => result.place))
  const treeFindings = sortedFindings(input.treeFindings)
  const totals = addTreeFindings(
    broken.reduce(addBroken, packages.reduce(addPackage, noTotals())),
    treeFindings,
  )
  const command = input.replayCommand ?? 'holdfast replay'
  const incidents = input.incidents
    .map(({ correlation, place, error, message }) => {
      return { correlation, place, error, message, replay: `${command} ${shellWord(correlation)}` }
    })
    .sort(
      byKeys(
        (i) => i.place,
        (i) => i.correlation,
        (i) => i.error,
        (i) => i.message,
      ),
    )
  return {
    schema: 'holdfast.audit/1',
    totals,
    severalVersions: severalVersionsOf(packages),
    packages,
    broken,
    treeFindings,
    incidents,
  }
}

function severalVersionsOf(packages: readonly PackageResult[]): Report['severalVersions'] {
  const versions = new Map<string, string[]>()
  for (const { name, version } of packages) versions.set(name, [...(versions.get(name) ?? []), version])
  return [...versions]
    .map(([name, found]) => ({ name, versions: distinct(found) }))
    .filter((several) => several.versions.length > 1)
    .sort(byKeys(({ name }) => name))
}

/** Every finding of a report with the package it is about, worst first, then by place. */
export function findingsOf(report: Report): { finding: Finding; subject: string }[] {
  const listed = [
    ...report.packages.flatMap((result) =>
      result.findings.map((finding) => ({ finding, subject: `${result.name}@${result.version}` })),
    ),
    ...report.broken.flatMap((result) =>
      result.findings.map((finding) => ({ finding, subject: result.place })),
    ),
    ...report.treeFindings.map((finding) => ({ finding, subject: finding.place })),
  ]
  return listed.sort(
    (a, b) =>
      severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity) ||
      byText(a.finding.kind, b.finding.kind) ||
      byText(a.finding.place, b.finding.place) ||
      byText(a.finding.text, b.finding.text),
  )
}

/** `report.json`: the report as one document. */
export function renderJson(report: Report): string {
  return inertJson(report)
}
