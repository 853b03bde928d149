// Files and folders of a foreign tree
// ===================================
// The only place that touches the disk, for all that reads a tree. It opens nothing that could
// block (a FIFO, a device), follows no link out of the tree, and answers with a closed word
// instead of the system's message, which would carry absolute paths into the report.
//
// Invariants
//   F1  A read never waits for a writer: opening is non-blocking and only regular files are read.
//   F2  A link is followed only when its real target lies inside the tree.
//   F3  A listing holds the first entries by name, whatever order the file system gives them in.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import type { Dirent } from 'node:fs'
import path from 'node:path'
import { NoTree } from './errors.js'
import { byText } from './order.js'

/** Why something could not be read. */
export type ReadFailure =
  | 'missing'
  | 'no-access'
  | 'is-folder'
  | 'not-a-file'
  | 'broken-link'
  | 'link-loop'
  | 'leaves-the-tree'
  | 'io-error'

export type EntryKind = 'file' | 'folder' | 'link' | 'other'

export interface Entry {
  name: string
  kind: EntryKind
}

export interface Listing {
  entries: Entry[]
  /** Entries that were left out because the folder holds more than the limit. */
  left: number
}

export type FileReading = { ok: true; bytes: Buffer; size: number } | { ok: false; failure: ReadFailure }

export type LinkReading =
  { ok: true; target: string; kind: 'file' | 'folder' | 'other' } | { ok: false; failure: ReadFailure }

/** What a failure means, for a sentence that begins with the name of the file. */
export const failureText: Readonly<Record<ReadFailure, string>> = {
  missing: 'is not there',
  'no-access': 'may not be read',
  'is-folder': 'is a folder where a file should be',
  'not-a-file': 'is neither a file nor a folder',
  'broken-link': 'is a link to nowhere',
  'link-loop': 'is a link that loops',
  'leaves-the-tree': 'is a link out of the audited tree',
  'io-error': 'could not be read',
}

const failureOfCode: ReadonlyMap<string, ReadFailure> = new Map<string, ReadFailure>([
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'missing'],
  ['EACCES', 'no-access'],
  ['EPERM', 'no-access'],
  ['EISDIR', 'is-folder'],
  ['ENXIO', 'not-a-file'],
  ['ENODEV', 'not-a-file'],
  ['ELOOP', 'link-loop'],
])

/** The failure an error of the file system stands for; anything else is a mistake of ours and is thrown on. */
export function readFailureOf(error: unknown): ReadFailure {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error
  if (!('syscall' in error)) throw error
  return failureOfCode.get(error.code) ?? 'io-error'
}

/** The root without links in it, to compare the targets of links with. @throws {@link NoTree} */
export function realRootOf(root: string): string {
  try {
    return realpathSync.native(root)
  } catch (error) {
    throw new NoTree(failureText[readFailureOf(error)])
  }
}

/** The absolute path of a place, which is a relative POSIX path below the root. */
export function absolute(root: string, place: string): string {
  return place === '' ? root : path.join(root, ...place.split('/'))
}

/** The place of an absolute path below the root, or null when it lies outside. */
export function placeBelow(realRoot: string, target: string): string | null {
  const relative = path.relative(realRoot, target)
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return null
  return relative.split(path.sep).join('/')
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryKind {
  if (entry.isSymbolicLink()) return 'link'
  if (entry.isDirectory()) return 'folder'
  return entry.isFile() ? 'file' : 'other'
}

/** Lists a folder, sorted by name. @throws what the file system throws. */
export function listFolder(folder: string, entriesMax: number): Listing {
  const byName = (a: Entry, b: Entry): number => byText(a.name, b.name)
  let entries: Entry[] = []
  let total = 0
  const opened = opendirSync(folder, { bufferSize: 256 })
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      entries.push({ name: entry.name, kind: kindOf(entry) })
      total += 1
      // Memory stays bounded while the first names are still the ones kept (F3).
      if (entries.length >= 2 * entriesMax + 1) entries = entries.sort(byName).slice(0, entriesMax)
    }
  } finally {
    opened.closeSync()
  }
  entries = entries.sort(byName).slice(0, entriesMax)
  return { entries, left: total - entries.length }
}

/** Tells whether a path leads to a folder, links followed. @throws {@link NoTree} when it cannot be told. */
export function isFolder(directory: string): boolean {
  try {
    return statSync(directory).isDirectory()
  } catch (error) {
    const failure = readFailureOf(error)
    if (failure === 'missing') return false
    throw new NoTree(failureText[failure])
  }
}

/** Tells what lies at a path without following it, or null when there is nothing. @throws what the file system throws. */
export function kindAt(file: string): EntryKind | null {
  try {
    return kindOf(lstatSync(file))
  } catch (error) {
    if (readFailureOf(error) === 'missing') return null
    throw error
  }
}

/** Tells where a link leads in the end, as a place below the root. */
export function followLink(realRoot: string, link: string): LinkReading {
  try {
    const real = realpathSync.native(link)
    const target = placeBelow(realRoot, real)
    if (target === null) return { ok: false, failure: 'leaves-the-tree' }
    const kind = kindOf(lstatSync(real))
    return { ok: true, target, kind: kind === 'link' ? 'other' : kind }
  } catch (error) {
    const failure = readFailureOf(error)
    return { ok: false, failure: failure === 'missing' ? 'broken-link' : failure }
  }
}

// Windows knows neither flag; there both are nothing.
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

/**
 * Reads the first `bytesMax` bytes of a regular file that is not a link, and blocks meanwhile: most files of a tree are
 * small, and asking somebody else for four system calls costs ten times as much as they do.
 */
export function readStart(file: string, bytesMax: number): FileReading {
  try {
    const opened = openSync(file, readOnly)
    try {
      return readOpened(opened, bytesMax)
    } finally {
      closeSync(opened)
    }
  } catch (error) {
    return { ok: false, failure: readFailureOf(error) }
  }
}

function readOpened(file: number, bytesMax: number): FileReading {
  const stats = fstatSync(file)
  if (stats.isDirectory()) return { ok: false, failure: 'is-folder' }
  if (!stats.isFile()) return { ok: false, failure: 'not-a-file' }
  const bytes = Buffer.alloc(Math.min(stats.size, bytesMax))
  let filled = 0
  while (filled < bytes.length) {
    const count = readSync(file, bytes, filled, bytes.length - filled, filled)
    if (count === 0) break
    filled += count
  }
  return { ok: true, bytes: bytes.subarray(0, filled), size: stats.size }
}

/** Reads the start of a file that may be a link, as long as the link stays in the tree (F2). */
export function readInTree(realRoot: string, file: string, bytesMax: number): FileReading {
  try {
    if (!lstatSync(file).isSymbolicLink()) return readStart(file, bytesMax)
  } catch (error) {
    return { ok: false, failure: readFailureOf(error) }
  }
  const link = followLink(realRoot, file)
  if (!link.ok) return link
  return readStart(absolute(realRoot, link.target), bytesMax)
}

/** The text of a file's bytes, whichever Unicode encoding its byte order mark names; UTF-8 without one. */
export function decodeText(bytes: Buffer): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder('utf-8').decode(bytes)
}
