// The directory that a log lives in: made when it is needed, and looked at before LMDB maps what it finds there. And what to
// say when it is not what it should be.

import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statfsSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { join } from 'node:path'
import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import { DISK_RESERVE_BYTES } from '../limits.js'
import { notWritten } from '../store-failure.js'

/** File of the environment in the data directory. */
export const LOG_FILE = 'log.mdb'
const LOCK_FILE = `${LOG_FILE}-lock`

/** Folder of the pins in the data directory. */
export const PINS_FOLDER = 'pins'

/** Folder of the older part of the log in the data directory. */
export const SEGMENTS_FOLDER = 'segments'

/** File that says who has the directory open, and how it was left. */
export const LAST_USE_FILE = 'last-use.json'

/** File with the key under which placeholders are made. */
export const REDACTION_KEY_FILE = 'redaction.key'

/** Rights of a data directory, and of its files. */
export const OWN_DIRECTORY = 0o700
const OWN_FILE = 0o600

/** What an environment starts with: two pages, the first of them with LMDB's own mark near its start. */
const HEAD_BYTES = 8_192
const MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe])
const MAGIC_WITHIN = 64

/** What such a page has, where, and how much there is of a file before its first flush: one page of data more. */
const FIRST_PAGE_BYTES = 4_096
const MAGIC_AT = 24
const TRANSACTION_AT = 152
const UNBORN_BYTES = 12_288

/** Milliseconds after which nobody is at the making of such a file any more, which takes one. */
const UNBORN_MS = 10_000

/** What stands where a store is to be opened. */
export interface Prepared {
  /** The first directory that had to be made on the way. */
  readonly made: string | undefined
  /** Whether there is no store yet. */
  readonly isNew: boolean
}

/**
 * Makes a data directory when it is to be written, and refuses one that cannot be opened.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_STORE_UNWRITABLE`, `HF_STORE_DAMAGED`
 */
export function prepareDirectory(dir: string, readOnly: boolean): Prepared {
  let head: Buffer
  refuseLinks(dir)
  try {
    head = headOf(join(dir, LOG_FILE))
  } catch (error) {
    throw notOpened(dir, readOnly, error)
  }
  if (isUnborn(dir, head)) head = withoutHead(dir, readOnly)
  // LMDB believes what it maps: a file that is not its own ends the whole process, not just the opening.
  const isEnvironment = head.byteLength === HEAD_BYTES && head.subarray(0, MAGIC_WITHIN).includes(MAGIC)
  if (head.byteLength > 0 && !isEnvironment) throw notOpened(dir, readOnly, `${LOG_FILE} is no file of LMDB`)
  if (readOnly && head.byteLength === 0) {
    throw noData(dir)
  }
  const made = readOnly ? undefined : make(dir)
  // LMDB makes a file and a lock file, and ends the process when there is no room for them.
  const isWhole = head.byteLength > 0 && existsSync(join(dir, LOCK_FILE))
  if (!isWhole && isWritable(dir) && roomOf(dir) < DISK_RESERVE_BYTES)
    throw notOpened(dir, readOnly, 'no space left')
  return { made, isNew: head.byteLength === 0 }
}

// The power went before anything was flushed: there are some of the pages that LMDB begins with, in their first state, and
// none of what comes after them. Nothing was ever stored there.
function isUnborn(dir: string, head: Buffer): boolean {
  const others = [LAST_USE_FILE, SEGMENTS_FOLDER].map((name) => join(dir, name))
  if (head.byteLength === 0 || others.some((path) => existsSync(path))) return false
  const pages = [head.subarray(0, FIRST_PAGE_BYTES), head.subarray(FIRST_PAGE_BYTES)]
  const isFirst = (page: Buffer): boolean =>
    page.byteLength === FIRST_PAGE_BYTES &&
    page.indexOf(MAGIC) === MAGIC_AT &&
    isEmpty(page.subarray(TRANSACTION_AT, TRANSACTION_AT + 8))
  const isBegun = pages.every((page) => isEmpty(page) || isFirst(page)) && !pages.every(isFirst)
  const { size, mtimeMs } = statSync(join(dir, LOG_FILE))
  // A younger one may be that of a process which is making it in this moment. Files have their time from the machine.
  return isBegun && size <= UNBORN_BYTES && machineAuthorities().now() - mtimeMs > UNBORN_MS
}

function isEmpty(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}

function withoutHead(dir: string, readOnly: boolean): Buffer {
  try {
    if (!readOnly) truncateSync(join(dir, LOG_FILE), 0)
  } catch (error) {
    throw notOpened(dir, readOnly, error)
  }
  return Buffer.alloc(0)
}

function make(dir: string): string | undefined {
  try {
    const made = mkdirSync(dir, { recursive: true, mode: OWN_DIRECTORY })
    if (made !== undefined) chmodSync(dir, OWN_DIRECTORY)
    return made
  } catch (error) {
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    throw isFull ? notOpened(dir, false, error) : notWritten(dir, error, 'data')
  }
}

// A file of the data directory that leads elsewhere was put there by somebody who wants it written there.
function refuseLinks(dir: string): void {
  const files = [LOG_FILE, LOCK_FILE, LAST_USE_FILE, REDACTION_KEY_FILE, PINS_FOLDER, SEGMENTS_FOLDER]
  for (const name of [...files.filter((file) => isLink(join(dir, file))), ...linksInSegments(dir)]) {
    throw new HoldfastError(
      'HF_STORE_UNWRITABLE',
      `${dir} is not opened: ${name} is a link, and leads elsewhere.`,
      {
        field: 'data',
        hint: 'Put the file itself there. The data directory as a whole may be a link.',
      },
    )
  }
}

function linksInSegments(dir: string): string[] {
  try {
    const entries = readdirSync(join(dir, SEGMENTS_FOLDER), { withFileTypes: true })
    return entries.filter((each) => each.isSymbolicLink()).map(({ name }) => join(SEGMENTS_FOLDER, name))
  } catch {
    // There is no such folder, or it is met again when a segment is opened.
    return []
  }
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink()
  } catch {
    // What is not there, or cannot be looked at, is met again when it is opened.
    return false
  }
}

/** Takes the rights to the files of a store that was just made from everybody but its owner. */
export function keepToOwner(dir: string): void {
  if (process.platform === 'win32') return
  for (const name of [LOG_FILE, LOCK_FILE]) chmodSync(join(dir, name), OWN_FILE)
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Bytes that the disk of a directory has left. */
export function roomOf(dir: string): number {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}

function headOf(file: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return Buffer.alloc(0)
    throw error
  }
  try {
    return head.subarray(0, readSync(handle, head, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(handle)
  }
}

/** There is nothing in a directory that is to be read, or nothing any more. */
export function noData(dir: string): HoldfastError {
  return new HoldfastError('HF_STORE_MISSING', `${dir} holds no Holdfast data.`, {
    field: 'data',
    hint: 'Give the directory that the system was run with: --data DIR.',
  })
}

/** Why a data directory could not be opened. */
export function notOpened(dir: string, readOnly: boolean, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error
  const text = error instanceof Error ? error.message : String(error)
  if (/no space left/i.test(text)) {
    return new HoldfastError('HF_STORE_FULL', `${dir} cannot be opened: its disk is full.`, {
      field: 'data',
      cause: error,
      hint: 'Make room on the disk.',
    })
  }
  if (/permission denied|read-only file system|operation not permitted/i.test(text))
    return readOnly ? unreadable(dir, error) : notWritten(dir, error, 'data')
  return new HoldfastError('HF_STORE_DAMAGED', `${dir} cannot be opened: ${text}`, {
    field: 'data',
    cause: error,
    hint: 'If the files are not from Holdfast, give another directory; otherwise restore them from a backup.',
  })
}

// Readers stand in the lock file beside the data, so that writers leave alone what they look at.
function unreadable(dir: string, error: unknown): HoldfastError {
  return new HoldfastError('HF_STORE_UNWRITABLE', `${dir} cannot be read without writing its lock file.`, {
    field: 'data',
    cause: error,
    hint: `Give this user the right to write ${LOG_FILE}-lock, or read a copy of the directory.`,
  })
}
