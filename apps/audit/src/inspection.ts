// One package, inspected: what the report says of it, from its manifest, its contents and the
// panel's votes. Nothing is read here; everything comes in as data.

import { classifyDeclared } from './classify-declared.js'
import { classifyReadme, licencesOfHeaders } from './classify-readme.js'
import { classifyText, recogniseFiles } from './classify-text.js'
import type { Contents } from './contents.js'
import type { PackagePlace } from './crawl.js'
import type { Finding } from './findings.js'
import { finding } from './findings.js'
import type { Limits } from './limits.js'
import { defaultLimits } from './limits.js'
import type { Manifest, ManifestFailureCode } from './manifest.js'
import { sameLicence } from './licences.js'
import { byKeys } from './order.js'
import { categoryOf, leavesOf, readExpression } from './spdx.js'
import type { Verdict, Vote } from './vote.js'
import { panelVerdict, sortedVotes } from './vote.js'

/** What the audit knows of one package. */
export interface PackageResult {
  place: string
  name: string
  version: string
  files: number
  bytes: number
  nativeBinaries: number
  installScripts: string[]
  bins: string[]
  verdict: Verdict
  votes: Vote[]
  findings: Finding[]
}

/** A place whose package could not be audited. */
export interface BrokenPackage {
  place: string
  code: ManifestFailureCode | 'failed-inspection'
  findings: Finding[]
}

/** Asks the three classifiers one after the other; a swarm asks them in actors of their own. */
export function votesOf(manifest: Manifest, contents: Contents): Vote[] {
  return [
    { voter: 'declared', ...classifyDeclared(manifest.declared) },
    { voter: 'text', ...classifyText(contents.licenceFiles) },
    { voter: 'readme', ...classifyReadme(contents) },
  ]
}

/** Puts together what is known of one package. */
export function packageResult(
  found: PackagePlace,
  manifest: Manifest,
  contents: Contents,
  votes: readonly Vote[],
  limits: Limits = defaultLimits,
): PackageResult {
  const verdict = panelVerdict(votes)
  const findings = [
    ...manifestFindings(found, manifest, contents),
    ...contentsFindings(found.place, contents, limits),
    ...licenceFindings(found.place, manifest, contents, votes, verdict),
  ]
  return {
    place: found.place,
    name: manifest.name,
    version: manifest.version,
    files: contents.files,
    bytes: contents.bytes,
    nativeBinaries: contents.nativeBinaries.count,
    installScripts: manifest.installScripts.map((script) => script.name),
    bins: manifest.bins,
    verdict,
    votes: sortedVotes(votes),
    findings: sortedFindings(findings),
  }
}

/** The result of a package whose manifest is broken. */
export function brokenPackage(
  place: string,
  failure: { code: ManifestFailureCode; message: string },
): BrokenPackage {
  const { code, message } = failure
  return { place, code, findings: [finding('broken-manifest', place, { code, message })] }
}

/** The result of a package whose inspection failed for another reason than its manifest. */
export function failedPackage(place: string, failure: { error: string; message: string }): BrokenPackage {
  const { error, message } = failure
  return {
    place,
    code: 'failed-inspection',
    findings: [finding('failed-inspection', place, { error, message })],
  }
}

/** Findings in the order of the report. */
export function sortedFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    byKeys(
      (f) => f.place,
      (f) => f.kind,
      (f) => f.text,
    ),
  )
}

const semver = /^\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/

function manifestFindings(
  { place, folder }: PackagePlace,
  manifest: Manifest,
  contents: Contents,
): Finding[] {
  const { name, version, installScripts: scripts } = manifest
  const findings: Finding[] = manifest.oddities.map((oddity) => finding('odd-manifest', place, { oddity }))
  if (name !== folder) findings.push(finding('name-mismatch', place, { name, folder }))
  if (!semver.test(version)) findings.push(finding('odd-version', place, { version }))
  if (scripts.length > 0) findings.push(finding('install-script', place, { scripts }))
  // npm builds a binding.gyp unless a script of the package's own does, or the manifest refuses.
  const hasOwnBuild = scripts.some((script) => script.name !== 'postinstall')
  if (contents.hasGypFile && !hasOwnBuild && !manifest.refusesGyp) {
    findings.push(finding('implicit-install', place, {}))
  }
  return findings
}

function contentsFindings(place: string, contents: Contents, limits: Limits): Finding[] {
  const { bundledLicences, bundledNodeModules, bytes, files, nativeBinaries, skipped } = contents
  const findings: Finding[] = []
  if (nativeBinaries.count > 0) findings.push(finding('native-binary', place, nativeBinaries))
  if (bytes >= limits.veryLargeBytes) findings.push(finding('very-large', place, { bytes }))
  if (!contents.isComplete) findings.push(finding('not-fully-read', place, { files }))
  const [nested] = bundledNodeModules
  if (nested !== undefined) findings.push(finding('bundled-node-modules', place, { first: nested }))
  if (bundledLicences.first !== null) {
    findings.push(
      finding('bundled-licences', place, { count: bundledLicences.count, first: bundledLicences.first }),
    )
  }
  for (const entry of skipped.first) findings.push(finding('skipped-file', place, entry))
  const count = skipped.count - skipped.first.length
  if (count > 0) findings.push(finding('skipped-files', place, { count }))
  return findings
}

function licenceFindings(
  place: string,
  manifest: Manifest,
  contents: Contents,
  votes: readonly Vote[],
  verdict: Verdict,
): Finding[] {
  const texts = contents.licenceFiles.filter((file) => file.role === 'licence')
  const findings = outcomeFindings(place, manifest, texts[0]?.path ?? null, votes, verdict)
  for (const file of recogniseFiles(texts)) {
    if (file.licences.length === 0)
      findings.push(finding('unrecognised-licence-text', place, { path: file.path }))
  }
  const { licence } = verdict
  if (licence === null) return findings
  if (texts.length === 0) findings.push(finding('no-licence-text', place, { licence }))
  return [
    ...findings,
    ...severalFindings(place, licence, verdict.beside),
    ...headerFindings(place, licence, contents),
    ...categoryFindings(place, licence, verdict),
  ]
}

// Files of others are often copied in with their header; the package's licence does not cover them.
function headerFindings(place: string, licence: string, contents: Contents): Finding[] {
  const own = idsOf(licence)
  const paths = new Map<string, string[]>()
  for (const header of licencesOfHeaders(contents.headers.found)) {
    const others = idsOf(header.licence).filter((id) => !own.some((known) => sameLicence(known, id)))
    if (others.length > 0) paths.set(header.licence, [...(paths.get(header.licence) ?? []), header.path])
  }
  return [...paths].flatMap(([other, [path = '', ...rest]]) => {
    const expression = readExpression(other)
    const category = expression === null ? 'unknown' : categoryOf(expression)
    return [finding('other-header', place, { licence: other, category, path, count: rest.length + 1 })]
  })
}

function idsOf(licence: string): string[] {
  const expression = readExpression(licence)
  return expression === null ? [licence] : leavesOf(expression).map((leaf) => leaf.id)
}

function outcomeFindings(
  place: string,
  manifest: Manifest,
  file: string | null,
  votes: readonly Vote[],
  verdict: Verdict,
): Finding[] {
  const licenceOf = (voter: string): string => votes.find((vote) => vote.voter === voter)?.licence ?? ''
  if (verdict.outcome === 'abstained') {
    const declared = manifest.declared.length > 0 ? manifest.declared.join(', ') : null
    if (declared === null && file === null) return [finding('no-licence', place, {})]
    return [finding('unknown-licence', place, { declared, file })]
  }
  if (verdict.outcome === 'disputed') {
    const sides = verdict.dissenting.map((voter) => ({ voter, licence: licenceOf(voter) }))
    return [finding('disputed-licence', place, { votes: sides })]
  }
  const licence = verdict.licence ?? ''
  const [lone = ''] = verdict.agreeing
  if (verdict.outcome === 'unconfirmed')
    return [finding('unconfirmed-licence', place, { voter: lone, licence })]
  return verdict.dissenting.map((voter) =>
    finding('licence-dissent', place, { verdict: licence, voter, licence: licenceOf(voter) }),
  )
}

function severalFindings(place: string, licence: string, beside: readonly string[]): Finding[] {
  const expression = readExpression(licence)
  const own = idsOf(licence)
  if (beside.length > 0) {
    return [finding('two-licences', place, { licences: [...own, ...beside], relation: 'beside' })]
  }
  if (expression === null || expression.kind === 'licence') return []
  return [
    finding('two-licences', place, { licences: own, relation: expression.kind === 'or' ? 'choice' : 'all' }),
  ]
}

function categoryFindings(place: string, licence: string, verdict: Verdict): Finding[] {
  if (verdict.category === 'strong-copyleft')
    return [finding('copyleft', place, { licence, strength: 'strong' })]
  if (verdict.category === 'weak-copyleft') return [finding('copyleft', place, { licence, strength: 'weak' })]
  if (verdict.category === 'proprietary') return [finding('proprietary', place, { licence })]
  return []
}
