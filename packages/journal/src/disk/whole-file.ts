// Whole files
// ===========
// Files that are there whole and for good, or not at all: what is in them is written and flushed under another name, then they
// get their own, and that is flushed too.
//
//   write the draft | flush it | give it its name | flush the folder, and those above it that were made on the way
//
// Invariants
//   WF1  Under its name a file is never seen in part, by nobody and after no power cut.
//   WF2  What has returned is on stable storage, bytes and name.
//   WF3  What has failed leaves no draft, and is told as one error: which path it was, what the system said, and the option
//        that led there. A process that is killed leaves one, which nobody takes for anything.

import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { notWritten } from '../store-failure.js'
import { flushNames } from './flush-names.js'

/** Rights of a file: those of its owner alone. */
const OWN_FILE = 0o600

/** How a file is put in its place. */
export interface Putting {
  /** The option by which somebody chose the place: errors name it. */
  readonly field: string
  /** The first directory that was made for it. @default none */
  readonly made?: string | undefined
}

/** How a file is put where there is none. */
export interface PuttingNew extends Putting {
  /**
   * On a file system without second names, looks whether there is a file and renames. Two processes that look at once may
   * both find none. @default refused there
   */
  readonly mayRename?: boolean
}

/**
 * Puts a file in the place of whatever is there.
 *
 * @throws {HoldfastError} `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 */
export function putWhole(file: string, bytes: Uint8Array | string, putting: Putting): void {
  withDraft(file, bytes, putting, (draft) => {
    renameSync(draft, file)
  })
}

/**
 * Puts a file where there is none.
 *
 * @returns false when there is one, which is not touched
 * @throws {HoldfastError} `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 */
export function putNew(file: string, bytes: Uint8Array | string, putting: PuttingNew): boolean {
  return withDraft(file, bytes, putting, (draft) => isNamed(draft, file, putting.mayRename ?? false))
}

/**
 * Gives a file, or a folder, that was written and flushed its own name, for good.
 *
 * @throws {HoldfastError} `HF_STORE_UNWRITABLE`
 */
export function nameWhole(draft: string, file: string, { field, made }: Putting): void {
  try {
    renameSync(draft, file)
  } catch (error) {
    throw notWritten(file, error, field)
  }
  flushNames(dirname(resolve(file)), made)
}

function withDraft<T>(
  file: string,
  bytes: Uint8Array | string,
  { field, made }: Putting,
  name: (draft: string) => T,
): T {
  const draft = `${resolve(file)}.${randomBytes(4).toString('hex')}.new`
  let named: T
  try {
    writeDraft(draft, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    named = name(draft)
  } catch (error) {
    rmSync(draft, { force: true })
    throw notWritten(file, error, field)
  }
  flushNames(dirname(resolve(file)), made)
  return named
}

// A disk that is almost full takes a part.
function writeDraft(draft: string, bytes: Uint8Array): void {
  const handle = openSync(draft, 'wx', OWN_FILE)
  try {
    for (let at = 0; at < bytes.byteLength;) at += writeSync(handle, bytes, at)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

// A second name is refused where there is one already, which a rename is not.
function isNamed(draft: string, file: string, mayRename: boolean): boolean {
  let isTaken = false
  try {
    linkSync(draft, file)
  } catch (error) {
    isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(file)
    if (!isTaken && !mayRename) throw error
    if (!isTaken) {
      renameSync(draft, file)
      return true
    }
  }
  rmSync(draft)
  return !isTaken
}
