// What one package consists of: its files and bytes, the texts that speak of its licence, and the
// binaries it brings. Its own node_modules folder belongs to the crawl and is not walked here.

import { setImmediate } from 'node:timers/promises'
import type { EntryKind, ReadFailure } from './files.js'
import {
  absolute,
  decodeText,
  listFolder,
  readFailureOf,
  readInTree,
  readStart,
  realRootOf,
} from './files.js'
import { headerCommentOf, isSource } from './header-comment.js'
import type { Limits } from './limits.js'
import { defaultLimits, FILES_AT_ONCE } from './limits.js'
import type { NativeFormat } from './native-format.js'
import { nativeFormatOf } from './native-format.js'
import { byKeys, byText } from './order.js'
import type { ReadmePassages } from './readme-passages.js'
import { passagesOf } from './readme-passages.js'

export interface LicenceFile {
  path: string
  /** A NOTICE tells who is to be named; it is no licence. */
  role: 'licence' | 'notice'
  text: string
}

export interface Contents {
  files: number
  bytes: number
  /** False when a limit ended the walk; the counts are then of what was seen. */
  isComplete: boolean
  /** In the top folder, or in its LICENSES folder. */
  licenceFiles: LicenceFile[]
  /** Licence files further down, which often mean code of others. */
  bundledLicences: { count: number; first: string | null }
  /** node_modules folders below the package's own folders. */
  bundledNodeModules: string[]
  readme: { path: string; passages: ReadmePassages } | null
  /** The first header comments that speak of a licence, and how many source files were looked at for them. */
  headers: { sources: number; found: { path: string; text: string }[] }
  nativeBinaries: { count: number; first: { path: string; format: NativeFormat }[] }
  hasGypFile: boolean
  skipped: { count: number; first: { path: string; failure: ReadFailure | 'link' | 'too-deep' }[] }
}

const licenceName = /^(?:(?:un)?licen[cs]e|copying|(?:[\w.-]+-)licen[cs]e)(?:$|[.\-_ ])/i
const licencesName = /^licen[cs]es(?:$|\.(?:txt|md|markdown))/i
const noticeName = /^notices?(?:$|[.\-_])|third[-_]?part(?:y|ies)|3rd[-_]?party/i
// `license.js` and `license-checker.json` are code and data, not a licence.
const codeExtension = /\.(?:[cm]?[jt]sx?|json5?|map|ya?ml|css|html?|svg|png|gif|lock|sh|toml|snap|sig)$/i
const licencesFolder = /^licen[cs]es$/i
const readmeName = /^readme(?:$|\.)/i

/** What a file of this name says about licences, or null. */
export function licenceRoleOf(name: string): LicenceFile['role'] | null {
  if (codeExtension.test(name)) return null
  const isLicence = licenceName.test(name) || licencesName.test(name)
  if (noticeName.test(name)) return isLicence || /notice|licen[cs]e/i.test(name) ? 'notice' : null
  return isLicence ? 'licence' : null
}

interface Walk {
  realRoot: string
  place: string
  limits: Limits
  contents: Contents
  licencePaths: string[]
  readmes: string[]
}

/** Walks the files of the package at a place. */
export async function readContents(
  root: string,
  place: string,
  limits: Limits = defaultLimits,
): Promise<Contents> {
  const contents: Contents = {
    files: 0,
    bytes: 0,
    isComplete: true,
    licenceFiles: [],
    bundledLicences: { count: 0, first: null },
    bundledNodeModules: [],
    readme: null,
    headers: { sources: 0, found: [] },
    nativeBinaries: { count: 0, first: [] },
    hasGypFile: false,
    skipped: { count: 0, first: [] },
  }
  const walk: Walk = {
    realRoot: realRootOf(root),
    place,
    limits,
    contents,
    licencePaths: [],
    readmes: [],
  }
  await walkFolder(walk, '', 0)
  readLicences(walk)
  readReadme(walk)
  contents.bundledNodeModules.sort(byText)
  return contents
}

const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

const pathOf = (walk: Walk, file: string): string => absolute(absolute(walk.realRoot, walk.place), file)

function skip(walk: Walk, path: string, failure: ReadFailure | 'link' | 'too-deep'): void {
  const { skipped } = walk.contents
  skipped.count += 1
  if (skipped.first.length < walk.limits.listedMax) skipped.first.push({ path, failure })
}

// Folders are walked in the order of their names, so a walk that a limit ends has always seen the same files.
async function walkFolder(walk: Walk, folder: string, depth: number): Promise<void> {
  const { contents, limits } = walk
  if (depth > limits.folderDepthMax) return skip(walk, folder, 'too-deep')
  let entries
  try {
    const listing = listFolder(pathOf(walk, folder), limits.entriesPerFolderMax)
    entries = listing.entries
    if (listing.left > 0) contents.isComplete = false
  } catch (error) {
    return skip(walk, folder === '' ? '.' : folder, readFailureOf(error))
  }
  for (const entry of entries) {
    if (contents.files >= limits.filesPerPackageMax) {
      contents.isComplete = false
      return
    }
    const path = below(folder, entry.name)
    if (entry.name === 'node_modules' && folder === '') continue
    if (entry.kind === 'folder') await enterFolder(walk, path, depth)
    else takeFile(walk, path, entry.kind)
    if (contents.files % FILES_AT_ONCE === 0) await setImmediate()
  }
}

async function enterFolder(walk: Walk, path: string, depth: number): Promise<void> {
  const name = nameOf(path)
  const { bundledNodeModules } = walk.contents
  if (name === 'node_modules' && bundledNodeModules.length < walk.limits.listedMax)
    bundledNodeModules.push(path)
  // A folder called LICENSE or README.md stands where a file is looked for.
  const isMisplaced =
    licenceRoleOf(name) !== null ? !licencesFolder.test(name) : /^readme\.(?:md|txt)$/i.test(name)
  if (depth === 0 && isMisplaced) skip(walk, path, 'is-folder')
  await walkFolder(walk, path, depth + 1)
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function takeFile(walk: Walk, path: string, kind: EntryKind): void {
  const { contents, limits } = walk
  const isTop = !path.includes('/')
  if (kind === 'other') return skip(walk, path, 'not-a-file')
  noteName(walk, path, isTop)
  if (kind === 'link') {
    // A manifest, licence or readme that is a link is read where it is asked for; any other link is left alone.
    const isRead = isTop && (licenceRoleOf(path) !== null || readmeName.test(path) || path === 'package.json')
    return isRead ? undefined : skip(walk, path, 'link')
  }
  contents.files += 1
  const reading = readStart(pathOf(walk, path), limits.headBytes)
  if (!reading.ok) return skip(walk, path, reading.failure)
  contents.bytes += reading.size
  const format = nativeFormatOf(path, reading.bytes)
  if (format === null) return noteHeader(walk, path, reading.bytes)
  contents.nativeBinaries.count += 1
  if (contents.nativeBinaries.first.length < limits.listedMax)
    contents.nativeBinaries.first.push({ path, format })
}

function noteHeader({ contents: { headers }, limits }: Walk, path: string, head: Buffer): void {
  if (headers.found.length >= limits.headersMax || !isSource(path)) return
  headers.sources += 1
  const text = headerCommentOf(head.toString('utf8'), limits.headerCharsMax)
  if (text !== null) headers.found.push({ path, text })
}

function noteName(walk: Walk, path: string, isTop: boolean): void {
  const { contents } = walk
  const name = nameOf(path)
  const folder = path.slice(0, Math.max(0, path.length - name.length - 1))
  const isLicence = licenceRoleOf(name) !== null
  if (isTop && name === 'binding.gyp') contents.hasGypFile = true
  if (isTop && readmeName.test(name)) walk.readmes.push(path)
  if (isTop ? isLicence : licencesFolder.test(folder) && !codeExtension.test(name)) {
    walk.licencePaths.push(path)
  } else if (isLicence) {
    contents.bundledLicences.count += 1
    contents.bundledLicences.first ??= path
  }
}

function readLicences(walk: Walk): void {
  const { contents, limits } = walk
  const paths = walk.licencePaths.sort(byText)
  for (const path of paths.slice(0, limits.licenceFilesMax)) {
    const reading = readInTree(walk.realRoot, pathOf(walk, path), limits.licenceBytesMax)
    if (reading.ok) {
      const role = licenceRoleOf(nameOf(path)) ?? 'licence'
      contents.licenceFiles.push({ path, role, text: decodeText(reading.bytes) })
    } else if (!isListed(contents, path)) {
      skip(walk, path, reading.failure)
    }
  }
  if (paths.length > limits.licenceFilesMax) contents.isComplete = false
}

const isListed = (contents: Contents, path: string): boolean =>
  contents.skipped.first.some((skipped) => skipped.path === path)

function readReadme(walk: Walk): void {
  // README.md before README.zh-CN.md before README.txt: the fewest dots, then Markdown, then the name.
  const rank = (name: string): string =>
    `${name.split('.').length}${/\.(?:md|markdown)$/i.test(name) ? 0 : 1}`
  const [path] = walk.readmes.sort(byKeys(rank, (name) => name))
  if (path === undefined) return
  const reading = readInTree(walk.realRoot, pathOf(walk, path), walk.limits.readmeBytesMax)
  if (reading.ok) walk.contents.readme = { path, passages: passagesOf(decodeText(reading.bytes)) }
  else if (!isListed(walk.contents, path)) skip(walk, path, reading.failure)
}
