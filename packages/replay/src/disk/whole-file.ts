// A file that is read and written in one piece: the reader sees all of it or none.

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { putNew, putWhole } from '@holdfast/journal'
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
 * Puts a file in its place, whole or not at all. A file that is there is not touched unless it is to be replaced.
 *
 * @throws {HoldfastError} `HF_FILE_EXISTS`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 */
export function writeWhole(file: string, bytes: Uint8Array, replace: boolean): void {
  checkFree(file, replace)
  if (replace) putWhole(file, bytes, { field: 'file' })
  else if (!putNew(file, bytes, { field: 'file', mayRename: true })) throw exists(file)
}

/** Refuses a file that is there and is not to be replaced. @throws {HoldfastError} `HF_FILE_EXISTS` */
export function checkFree(file: string, replace: boolean): void {
  if (!replace && existsSync(file)) throw exists(file)
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
