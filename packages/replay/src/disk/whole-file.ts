// A file that is read and written in one piece: the reader sees all of it or none.

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { damaged } from '../incident-file/damaged.js'

/**
 * Reads a file of at most so many bytes.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_FILE_DAMAGED`
 */
export function readWhole(file: string, bytesMax: number): Buffer {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (error) {
    throw unreadable(file, error)
  }
  try {
    const stats = fstatSync(handle)
    if (!stats.isFile()) throw unreadable(file, 'it is no file')
    if (stats.size > bytesMax) throw damaged(`it has ${stats.size} bytes, and ${bytesMax} are the most`)
    const bytes = Buffer.alloc(stats.size)
    let at = 0
    while (at < bytes.byteLength) {
      const read = readSync(handle, bytes, at, bytes.byteLength - at, at)
      if (read === 0) break
      at += read
    }
    return bytes.subarray(0, at)
  } catch (error) {
    throw error instanceof HoldfastError ? error : unreadable(file, error)
  } finally {
    closeSync(handle)
  }
}

/**
 * Writes a file under another name, flushes it, and gives it its name. A file that is there is not touched unless it is
 * to be replaced.
 *
 * @throws {HoldfastError} `HF_FILE_EXISTS`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 */
export function writeWhole(file: string, bytes: Uint8Array, replace: boolean): void {
  checkFree(file, replace)
  const draft = join(dirname(resolve(file)), `.${process.pid}-${Date.now().toString(36)}.hfi-new`)
  try {
    writeDraft(draft, bytes)
    give(draft, file, replace)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error instanceof HoldfastError ? error : unwritable(file, error)
  }
  flushFolder(dirname(resolve(file)))
}

/** Refuses a file that is there and is not to be replaced. @throws {HoldfastError} `HF_FILE_EXISTS` */
export function checkFree(file: string, replace: boolean): void {
  if (!replace && existsSync(file)) throw exists(file)
}

function writeDraft(draft: string, bytes: Uint8Array): void {
  const handle = openSync(draft, 'wx', 0o600)
  try {
    for (let at = 0; at < bytes.byteLength;) at += writeSync(handle, bytes, at)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

// A second name is refused where there is one already, which a rename is not. A file system without second names has to
// do with the look that was taken before.
function give(draft: string, file: string, replace: boolean): void {
  if (!replace) {
    try {
      linkSync(draft, file)
      rmSync(draft)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(file)
    }
  }
  renameSync(draft, file)
}

/** Flushes the names of a folder. Windows has no such flush, and needs none. */
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function exists(file: string): HoldfastError {
  return new HoldfastError('HF_FILE_EXISTS', `${file} is there already, and was not touched.`, {
    field: 'file',
    hint: 'Give another name, or say that it may be replaced: force, or --force.',
  })
}

function unreadable(file: string, error: unknown): HoldfastError {
  const text = error instanceof Error ? error.message : String(error)
  return new HoldfastError('HF_STORE_MISSING', `${file} cannot be read: ${text}`, {
    field: 'file',
    cause: error,
    hint: 'Give the name of a file that holds an incident and that this user may read.',
  })
}

function unwritable(file: string, error: unknown): HoldfastError {
  const text = error instanceof Error ? error.message : String(error)
  const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC'
  return new HoldfastError(
    isFull ? 'HF_STORE_FULL' : 'HF_STORE_UNWRITABLE',
    `${file} cannot be written: ${text}`,
    {
      field: 'file',
      cause: error,
      hint: 'Give a name in a folder that this user may write, on a disk with room.',
    },
  )
}
