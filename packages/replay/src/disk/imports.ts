// Imported incidents: files that were taken into a data directory, in a folder beside its log. They come from elsewhere,
// so nothing there touches the log.

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { flushNames } from '@holdfast/journal'
import { HoldfastError } from '@holdfast/kernel'
import { IMPORTS_MAX } from '../limits.js'
import { readWhole, writeWhole } from './whole-file.js'

/** Folder of the imported incidents in a data directory. */
const IMPORTS = 'incidents'

const SUFFIX = '.hfi'

/** An imported file. */
export interface ImportedFile {
  /** Without its ending. */
  readonly name: string
  readonly file: string
}

/** The imported files of a data directory, by name. None when it has no such folder. */
export function importedFiles(dir: string): readonly ImportedFile[] {
  const folder = join(dir, IMPORTS)
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'))
      .sort()
      .map((name) => ({ name: name.slice(0, -SUFFIX.length), file: join(folder, name) }))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

/**
 * Keeps a file under a name that says what it holds. The same bytes a second time are the same file.
 *
 * @returns where it is
 * @throws {HoldfastError} `HF_STORE_MISSING`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`, `HF_INVALID` when there are too many
 */
export function keepImport(dir: string, name: string, bytes: Uint8Array): string {
  const file = join(dir, IMPORTS, `${name}${SUFFIX}`)
  if (!existsSync(dir)) throw noDirectory(dir)
  const there = importedFiles(dir)
  const isThere = there.some((each) => each.name === name)
  if (isThere && Buffer.compare(readWhole(file, bytes.byteLength), bytes) === 0) return file
  if (there.length >= IMPORTS_MAX) throw tooMany(dir)
  try {
    if (mkdirSync(join(dir, IMPORTS), { recursive: true, mode: 0o700 }) !== undefined)
      flushNames(dir, undefined)
  } catch (error) {
    throw new HoldfastError('HF_STORE_UNWRITABLE', `${join(dir, IMPORTS)} cannot be made.`, {
      field: 'data',
      cause: error,
      hint: 'Give this user the right to write the data directory, or use the file where it is.',
    })
  }
  writeWhole(file, bytes, true)
  return file
}

function noDirectory(dir: string): HoldfastError {
  return new HoldfastError('HF_STORE_MISSING', `There is no directory ${dir}.`, {
    field: 'data',
    hint: 'Give the data directory of a system, or use the incident file where it is.',
  })
}

function tooMany(dir: string): HoldfastError {
  const message = `${dir} holds ${IMPORTS_MAX} imported incidents, and takes no more.`
  return new HoldfastError('HF_INVALID', message, {
    field: 'file',
    hint: `Remove some from ${join(dir, IMPORTS)}, or use the file where it is.`,
  })
}
