// Crawl
// =====
// Finds every package below a node_modules folder, one folder at a time, so that each reading can
// be an effect of its own and the crawl can go on where it stopped.
//
//   node_modules            ''                    a place is a relative POSIX path below the root
//   ├── left/               left
//   │   └── node_modules/   left/node_modules     a folder to read, too
//   ├── @scope/right/       @scope/right
//   ├── link -> left        counted once, at left
//   └── away -> ../../x     a finding: it leaves the tree
//
// Reading (`readNodeModules`, `nestedNodeModules`) touches the disk and keeps nothing; folding
// (`startCrawl`, `absorb`, `nextFolder`, `crawlFindings`) touches nothing and keeps everything.
//
// Invariants
//   C1  A package is counted once, at its real place, however many links lead to it.
//   C2  The set of packages and the findings do not depend on the order the folders are read in.
//   C3  A crawl ends: only real places are read, each once, down to a bounded depth.

import type { Entry, EntryKind, ReadFailure } from './files.js'
import { absolute, followLink, kindAt, listFolder, readFailureOf, realRootOf } from './files.js'
import type { Finding } from './findings.js'
import { finding } from './findings.js'
import type { Limits } from './limits.js'
import { defaultLimits } from './limits.js'
import { byKeys, byText, distinct } from './order.js'

/** Where a package lies and the name it is installed under. */
export interface PackagePlace {
  place: string
  folder: string
  /** How many node_modules folders it lies in below the root's. */
  nesting: number
}

/** A link to a package, both as places. */
interface PackageLink {
  place: string
  target: string
}

/** What one node_modules folder holds. */
export interface FolderReading {
  folder: string
  packages: PackagePlace[]
  links: PackageLink[]
  /** node_modules folders found where none belongs; they are read as well. */
  folders: string[]
  findings: Finding[]
}

/** The folded state of a crawl: plain data, for an actor to keep. */
export interface Crawl {
  /** Folders still to be read, sorted. */
  waiting: string[]
  /** Every folder that was ever waiting. */
  known: string[]
  /** Every package, and whether a folder (not only a link) shows it. */
  packages: (PackagePlace & { isEntry: boolean })[]
  links: PackageLink[]
  findings: Finding[]
}

/** The name a place is installed under: what follows its last node_modules. */
export function folderNameOf(place: string): string {
  const segments = place.split('/')
  const name = segments.slice(segments.lastIndexOf('node_modules') + 1)
  if (name.length === 1 || (name.length === 2 && name[0]?.startsWith('@'))) return name.join('/')
  return segments.at(-1) ?? place
}

function placeOf(place: string): PackagePlace {
  const nesting = place.split('/').filter((segment) => segment === 'node_modules').length
  return { place, folder: folderNameOf(place), nesting }
}

const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

/** Reads one node_modules folder: its packages, its scopes one level down, and all that does not belong. */
export async function readNodeModules(
  root: string,
  folder: string,
  limits: Limits = defaultLimits,
): Promise<FolderReading> {
  const reading: FolderReading = { folder, packages: [], links: [], folders: [], findings: [] }
  const realRoot = realRootOf(root)
  for (const entry of entriesOf(realRoot, folder, reading, limits)) {
    const place = join(folder, entry.name)
    if (entry.name.startsWith('.')) continue
    if (entry.name.startsWith('@')) readScope(realRoot, place, entry, reading, limits)
    else readEntry(realRoot, place, entry, reading, limits)
  }
  return reading
}

function entriesOf(realRoot: string, place: string, reading: FolderReading, limits: Limits): Entry[] {
  try {
    const { entries, left } = listFolder(absolute(realRoot, place), limits.entriesPerFolderMax)
    if (left > 0) reading.findings.push(finding('too-many-entries', place, { left }))
    return entries
  } catch (error) {
    reading.findings.push(finding('unreadable-folder', place, { failure: readFailureOf(error) }))
    return []
  }
}

function readScope(
  realRoot: string,
  place: string,
  scope: Entry,
  reading: FolderReading,
  limits: Limits,
): void {
  const real = scope.kind === 'link' ? linkedFolder(realRoot, place, reading) : place
  if (real === null) return
  if (scope.kind !== 'folder' && scope.kind !== 'link') {
    reading.findings.push(finding('stray-entry', place, { entry: scope.kind }))
    return
  }
  for (const entry of entriesOf(realRoot, real, reading, limits)) {
    const inner = join(place, entry.name)
    if (entry.name.startsWith('.')) continue
    if (entry.name.startsWith('@')) {
      const kind = entry.kind === 'link' ? 'other' : entry.kind
      reading.findings.push(finding('stray-entry', inner, { entry: kind }))
    } else if (real !== place && entry.kind === 'folder') {
      reading.links.push({ place: inner, target: join(real, entry.name) })
    } else {
      readEntry(realRoot, inner, entry, reading, limits)
    }
  }
}

function readEntry(
  realRoot: string,
  place: string,
  entry: Entry,
  reading: FolderReading,
  limits: Limits,
): void {
  if (entry.kind === 'link') {
    const target = linkedFolder(realRoot, place, reading)
    if (target !== null) reading.links.push({ place, target })
  } else if (entry.kind !== 'folder') {
    reading.findings.push(finding('stray-entry', place, { entry: entry.kind }))
  } else if (entry.name === 'node_modules') {
    reading.findings.push(finding('misplaced-node-modules', place, {}))
    queue(place, reading, limits)
  } else {
    reading.packages.push(placeOf(place))
  }
}

// The folder a link leads to, or null and a finding when it may not be followed.
function linkedFolder(realRoot: string, place: string, reading: FolderReading): string | null {
  const link = followLink(realRoot, absolute(realRoot, place))
  if (!link.ok) {
    reading.findings.push(linkFinding(place, link.failure))
    return null
  }
  if (link.kind !== 'folder') {
    reading.findings.push(finding('link-to-file', place, { target: link.target }))
    return null
  }
  // A link to a folder it lies in leads round for ever; `a/node_modules/a -> ..` is such a one.
  if (link.target === '' || `${place}/`.startsWith(`${link.target}/`)) {
    reading.findings.push(finding('link-loop', place, {}))
    return null
  }
  return link.target
}

function linkFinding(place: string, failure: ReadFailure): Finding {
  if (failure === 'broken-link') return finding('broken-link', place, {})
  if (failure === 'link-loop') return finding('link-loop', place, {})
  if (failure === 'leaves-the-tree') return finding('link-outside', place, {})
  return finding('unreadable-folder', place, { failure })
}

/** Tells the node_modules folder of one package, as a reading to absorb: it holds at most one folder. */
export async function nestedNodeModules(
  root: string,
  place: string,
  limits: Limits = defaultLimits,
): Promise<FolderReading> {
  const nested = join(place, 'node_modules')
  const reading: FolderReading = { folder: place, packages: [], links: [], folders: [], findings: [] }
  const realRoot = realRootOf(root)
  const kind = kindOfNested(realRoot, place, reading)
  if (kind === 'file' || kind === 'other') {
    reading.findings.push(finding('stray-entry', nested, { entry: kind }))
  } else if (kind !== null) {
    const folder = kind === 'link' ? linkedFolder(realRoot, nested, reading) : nested
    if (folder !== null) queue(folder, reading, limits)
  }
  return reading
}

function kindOfNested(realRoot: string, place: string, reading: FolderReading): EntryKind | null {
  try {
    return kindAt(absolute(realRoot, join(place, 'node_modules')))
  } catch (error) {
    reading.findings.push(finding('unreadable-folder', place, { failure: readFailureOf(error) }))
    return null
  }
}

function queue(folder: string, reading: FolderReading, limits: Limits): void {
  const { nestingMax } = limits
  if (placeOf(folder).nesting <= nestingMax) reading.folders.push(folder)
  else reading.findings.push(finding('nested-too-deep', folder, { nestingMax }))
}

/** A crawl that has read nothing yet and waits for the root's own folder. */
export function startCrawl(): Crawl {
  return { waiting: [''], known: [''], packages: [], links: [], findings: [] }
}

/** The next folder to read, or null when the crawl has seen everything. */
export function nextFolder(crawl: Crawl): string | null {
  return crawl.waiting[0] ?? null
}

/** Folds a reading into the crawl and tells which packages it is the first to show. */
export function absorb(crawl: Crawl, reading: FolderReading): { crawl: Crawl; fresh: PackagePlace[] } {
  const isNothing =
    reading.packages.length + reading.links.length + reading.folders.length + reading.findings.length === 0
  if (isNothing && !crawl.waiting.includes(reading.folder)) return { crawl, fresh: [] }
  // Most readings of a package's inside show no package, and a crawl of thousands must not look at all it knows for each.
  const showsPackages = reading.packages.length + reading.links.length > 0
  const packages = new Map(showsPackages ? crawl.packages.map((found) => [found.place, found]) : [])
  const fresh: PackagePlace[] = []
  const count = (found: PackagePlace, isEntry: boolean): void => {
    const before = packages.get(found.place)
    if (before === undefined) fresh.push(found)
    packages.set(found.place, { ...found, isEntry: isEntry || (before?.isEntry ?? false) })
  }
  for (const found of reading.packages) count(found, true)
  for (const link of reading.links) count(placeOf(link.target), false)

  const known = new Set(crawl.known)
  // A link may lead into a store (`.store/a/node_modules/a`) where the package's own dependencies lie beside it.
  const stores = reading.links.map((link) => enclosingNodeModules(link.target))
  const added = distinct([...reading.folders, ...stores]).filter((folder) => !known.has(folder))
  const next: Crawl = {
    waiting: [...crawl.waiting.filter((folder) => folder !== reading.folder), ...added].sort(byText),
    known: [...crawl.known, ...added],
    packages: showsPackages ? [...packages.values()] : crawl.packages,
    links: [...crawl.links, ...reading.links],
    findings: [...crawl.findings, ...reading.findings],
  }
  return { crawl: next, fresh: fresh.sort(byKeys((found) => found.place)) }
}

function enclosingNodeModules(place: string): string {
  const segments = place.split('/')
  return segments.slice(0, segments.lastIndexOf('node_modules') + 1).join('/')
}

/** The findings of a finished crawl, sorted, with those on links that led to what was counted already. */
export function crawlFindings(crawl: Crawl, limits: Limits = defaultLimits): Finding[] {
  const linksByTarget = new Map<string, string[]>()
  for (const link of crawl.links) {
    linksByTarget.set(link.target, [...(linksByTarget.get(link.target) ?? []), link.place])
  }
  const again: Finding[] = []
  for (const found of crawl.packages) {
    const links = distinct(linksByTarget.get(found.place) ?? [])
    // In a store (a folder that begins with a dot) a package is there for its first link alone.
    const isStored = /(?:^|\/)\./.test(found.place)
    const more = found.isEntry && !isStored ? links : links.slice(1)
    if (more.length === 0) continue
    const details = {
      links: more.slice(0, limits.listedMax),
      more: Math.max(0, more.length - limits.listedMax),
    }
    again.push(finding('already-counted', found.place, details))
  }
  return [...crawl.findings, ...again].sort(
    byKeys(
      (f) => f.place,
      (f) => f.kind,
      (f) => f.text,
    ),
  )
}

/** The packages of a crawl, sorted by place. */
export function crawlPackages(crawl: Crawl): PackagePlace[] {
  return crawl.packages
    .map(({ place, folder, nesting }) => ({ place, folder, nesting }))
    .sort(byKeys((found) => found.place))
}

/** Crawls a whole tree in one go, for callers that need no steps. */
export async function listPackages(root: string, limits: Limits = defaultLimits): Promise<Crawl> {
  let crawl = startCrawl()
  for (let folder = nextFolder(crawl); folder !== null; folder = nextFolder(crawl)) {
    const step = absorb(crawl, await readNodeModules(root, folder, limits))
    crawl = step.crawl
    for (const found of step.fresh) {
      crawl = absorb(crawl, await nestedNodeModules(root, found.place, limits)).crawl
    }
  }
  return crawl
}
