// What an audit can find. The union is closed: whoever shows or counts findings can name every
// kind, and a new kind does not compile until it has a severity and a sentence.

import { shown } from './inert.js'
import type { ManifestFailureCode, ManifestOddity } from './manifest.js'
import type { LicenceCategory } from './licences.js'
import type { ReadFailure } from './files.js'
import { failureText } from './files.js'

/** info: worth knowing. warning: somebody should look. problem: somebody must decide. */
export type Severity = 'info' | 'warning' | 'problem'

export const severities: readonly Severity[] = ['problem', 'warning', 'info']

/** The facts each kind of finding carries. */
export interface FindingDetails {
  // The tree
  'broken-link': Record<never, never>
  'link-loop': Record<never, never>
  'link-outside': Record<never, never>
  'link-to-file': { target: string }
  'already-counted': { links: string[]; more: number }
  'stray-entry': { entry: 'file' | 'folder' | 'other' }
  'misplaced-node-modules': Record<never, never>
  'unreadable-folder': { failure: ReadFailure }
  'too-many-entries': { left: number }
  'nested-too-deep': { nestingMax: number }
  // The manifest
  'broken-manifest': { code: ManifestFailureCode; message: string }
  // The audit itself failed at it
  'failed-inspection': { error: string; message: string }
  'failed-vote': { voter: string; error: string; message: string }
  'odd-manifest': { oddity: ManifestOddity }
  'odd-version': { version: string }
  'name-mismatch': { name: string; folder: string }
  // What the package runs and holds
  'install-script': { scripts: { name: string; command: string }[] }
  'implicit-install': Record<never, never>
  'native-binary': { count: number; first: { path: string; format: string }[] }
  'very-large': { bytes: number }
  'bundled-licences': { count: number; first: string }
  'bundled-node-modules': { first: string }
  'skipped-file': { path: string; failure: ReadFailure | 'link' | 'too-deep' }
  'skipped-files': { count: number }
  'not-fully-read': { files: number }
  // The licence
  'no-licence': Record<never, never>
  'unknown-licence': { declared: string | null; file: string | null }
  'disputed-licence': { votes: { voter: string; licence: string }[] }
  'licence-dissent': { verdict: string; voter: string; licence: string }
  'unconfirmed-licence': { voter: string; licence: string }
  'no-licence-text': { licence: string }
  'unrecognised-licence-text': { path: string }
  'two-licences': { licences: string[]; relation: 'choice' | 'all' | 'beside' }
  'other-header': { licence: string; category: LicenceCategory; path: string; count: number }
  copyleft: { licence: string; strength: 'weak' | 'strong' }
  proprietary: { licence: string }
}

export type FindingKind = keyof FindingDetails

/** One finding of one kind, at one place of the tree. */
export interface FindingOf<K extends FindingKind> {
  kind: K
  severity: Severity
  place: string
  text: string
  details: FindingDetails[K]
}

/** Any finding. */
export type Finding = { [K in FindingKind]: FindingOf<K> }[FindingKind]

interface Row<K extends FindingKind> {
  severity: Severity | ((details: FindingDetails[K]) => Severity)
  text: (details: FindingDetails[K]) => string
}

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

const entryText = { file: 'file', folder: 'folder', other: 'special file' } as const

const oddityText: Readonly<Record<ManifestOddity, string>> = {
  'byte-order-mark': 'package.json begins with a byte order mark',
  'licence-object': 'the licence is declared as an object, a shape npm no longer documents',
  'licence-list': 'the licence is declared as a list, a shape npm no longer documents',
  'licence-misspelt': 'the licence is declared in a field called "licence", which npm does not read',
  'licence-twice': 'both "license" and "licenses" are declared, and they differ',
  'licence-unusable': 'a licence is declared in a shape nobody can read',
  'scripts-unusable': '"scripts" is not an object of texts',
  'bin-unusable': '"bin" is neither a text nor an object of texts',
}

const skippedText = (failure: FindingDetails['skipped-file']['failure']): string => {
  if (failure === 'link') return 'is a link, and links inside a package are not followed'
  if (failure === 'too-deep') return 'lies deeper than the audit looks'
  return failureText[failure]
}

const relationText = { choice: 'to choose from', all: 'all of which apply', beside: 'side by side' } as const

const treeRows = {
  'broken-link': { severity: 'problem', text: () => 'is a link to nowhere' },
  'link-loop': { severity: 'warning', text: () => 'is a link that leads back to where it lies' },
  'link-outside': { severity: 'info', text: () => 'is a link out of the audited tree and was not followed' },
  'link-to-file': { severity: 'warning', text: (d) => `is a link to the file ${shown(d.target)}` },
  'already-counted': {
    severity: 'info',
    text: (d) => `is reached by ${plural(d.links.length + d.more, 'more link')} and counted once`,
  },
  'stray-entry': { severity: 'info', text: (d) => `is a ${entryText[d.entry]} that is no package` },
  'misplaced-node-modules': {
    severity: 'warning',
    text: () => 'is a node_modules folder right inside another; its packages are audited too',
  },
  'unreadable-folder': {
    severity: 'problem',
    text: (d) => `${failureText[d.failure]}, so what it holds is not audited`,
  },
  'too-many-entries': {
    severity: 'warning',
    text: (d) => `holds more entries than the audit reads; ${d.left} were left out`,
  },
  'nested-too-deep': {
    severity: 'warning',
    text: (d) => `lies more than ${d.nestingMax} node_modules deep and was not read`,
  },
} satisfies Partial<{ [K in FindingKind]: Row<K> }>

const packageRows = {
  'broken-manifest': { severity: 'problem', text: (d) => d.message },
  'failed-inspection': {
    severity: 'problem',
    text: (d) => `could not be inspected: ${shown(d.error)}: ${shown(d.message)}`,
  },
  'failed-vote': {
    severity: 'warning',
    text: (d) => `lost the vote of ${d.voter}: ${shown(d.error)}: ${shown(d.message)}`,
  },
  'odd-manifest': { severity: 'info', text: (d) => oddityText[d.oddity] },
  'odd-version': {
    severity: 'warning',
    text: (d) => `has the version ${shown(d.version)}, which is no semantic version`,
  },
  'name-mismatch': {
    severity: 'info',
    text: (d) =>
      `calls itself ${shown(d.name)} but is installed as ${shown(d.folder)}: an alias, or not what it seems`,
  },
  'install-script': {
    severity: 'warning',
    text: (d) =>
      `runs code when installed: ${d.scripts.map((s) => `${s.name}: ${shown(s.command, 100)}`).join('; ')}`,
  },
  'implicit-install': {
    severity: 'warning',
    text: () => 'holds a binding.gyp and no install script, so npm runs node-gyp when installing it',
  },
  'native-binary': {
    severity: 'info',
    text: (d) =>
      `holds ${plural(d.count, 'native binary', 'native binaries')}: ` +
      d.first.map((b) => `${shown(b.path)} (${b.format})`).join(', ') +
      (d.count > d.first.length ? ', ...' : ''),
  },
  'very-large': { severity: 'warning', text: (d) => `is very large: ${megabytes(d.bytes)}` },
  'bundled-licences': {
    severity: 'info',
    text: (d) =>
      `holds ${plural(d.count, 'licence file')} below its top folder, so it may carry code of others: ${shown(d.first)}`,
  },
  'bundled-node-modules': {
    severity: 'info',
    text: (d) => `holds node_modules inside its own folders, counted as its own files: ${shown(d.first)}`,
  },
  'skipped-file': {
    severity: (d) => (d.failure === 'link' ? 'info' : 'warning'),
    text: (d) => `${shown(d.path)} ${skippedText(d.failure)}`,
  },
  'skipped-files': {
    severity: 'warning',
    text: (d) => `${plural(d.count, 'more entry', 'more entries')} could not be read`,
  },
  'not-fully-read': {
    severity: 'warning',
    text: (d) => `holds more files than the audit reads; it stopped after ${d.files}`,
  },
} satisfies Partial<{ [K in FindingKind]: Row<K> }>

const licenceRows = {
  'no-licence': { severity: 'problem', text: () => 'names no licence anywhere, so nobody may use it' },
  'unknown-licence': {
    severity: 'problem',
    text: (d) =>
      'has a licence the panel does not know' +
      (d.declared === null ? '' : `; it declares ${shown(d.declared)}`) +
      (d.file === null ? '' : `; its text is in ${shown(d.file)}`),
  },
  'disputed-licence': {
    severity: 'problem',
    text: (d) =>
      `has a disputed licence: ${d.votes.map((v) => `${v.voter} says ${shown(v.licence)}`).join(', ')}`,
  },
  'licence-dissent': {
    severity: 'warning',
    text: (d) => `is held to be ${shown(d.verdict)} by two votes, but ${d.voter} says ${shown(d.licence)}`,
  },
  'unconfirmed-licence': {
    severity: 'info',
    text: (d) => `is ${shown(d.licence)} by one vote only (${d.voter}); the others found nothing`,
  },
  'no-licence-text': { severity: 'info', text: (d) => `is ${shown(d.licence)} but carries no licence text` },
  'unrecognised-licence-text': {
    severity: 'warning',
    text: (d) => `holds ${shown(d.path)}, whose text is no licence the audit knows`,
  },
  'two-licences': {
    severity: 'info',
    text: (d) =>
      `has ${d.licences.length} licences ${relationText[d.relation]}: ${d.licences.map((l) => shown(l)).join(', ')}`,
  },
  'other-header': {
    severity: (d) => (d.category === 'permissive' || d.category === 'public-domain' ? 'info' : 'warning'),
    text: (d) =>
      `holds ${plural(d.count, 'file')} whose header names another licence, ${shown(d.licence)}: ${shown(d.path)}`,
  },
  copyleft: {
    severity: (d) => (d.strength === 'strong' ? 'problem' : 'warning'),
    text: (d) => `is under a ${d.strength} copyleft licence: ${shown(d.licence)}`,
  },
  proprietary: { severity: 'problem', text: (d) => `is not free to use: ${shown(d.licence)}` },
} satisfies Partial<{ [K in FindingKind]: Row<K> }>

const rows: { [K in FindingKind]: Row<K> } = { ...treeRows, ...packageRows, ...licenceRows }

/** Makes a finding; its severity and its sentence come from its kind. */
export function finding<K extends FindingKind>(
  kind: K,
  place: string,
  details: FindingDetails[K],
): FindingOf<K> {
  const row: Row<K> = rows[kind]
  const severity = typeof row.severity === 'function' ? row.severity(details) : row.severity
  return { kind, severity, place, text: row.text(details), details }
}

/** Every kind a finding can have, sorted. */
export const findingKinds: readonly FindingKind[] = (Object.keys(rows) as FindingKind[]).sort()
