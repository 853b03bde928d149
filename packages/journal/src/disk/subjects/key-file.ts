// Small files with secrets, written whole: under a name of their own first, flushed, and then put in their place, which is
// flushed as well.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'

const OWN_FILE = 0o600

/** What a file holds; `undefined` when there is none. @throws {HoldfastError} `HF_SUBJECT_KEYS` when it is no JSON */
export function readJson(dir: string, name: string): unknown {
  const file = join(dir, name)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw notRead(file, error)
  }
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw notRead(file, error)
  }
}

/** Writes a file that is not there yet. @returns false when it was there */
export function writeSecret(dir: string, name: string, content: unknown): boolean {
  const temporary = writeBeside(dir, name, content)
  try {
    linkSync(temporary, join(dir, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
    flushFolder(dir)
  }
  return true
}

/** Puts a file in the place of what was there, and writes over the bytes of that: what it held is not left lying about. */
export function writeOver(dir: string, name: string, content: unknown): void {
  const old = openedIf(join(dir, name))
  try {
    renameSync(writeBeside(dir, name, content), join(dir, name))
    flushFolder(dir)
    if (old === undefined) return
    writeSync(old, Buffer.alloc(fstatSync(old).size), 0, undefined, 0)
    fsyncSync(old)
  } finally {
    if (old !== undefined) closeSync(old)
  }
}

function writeBeside(dir: string, name: string, content: unknown): string {
  const temporary = join(dir, `${name}.${randomBytes(6).toString('hex')}.new`)
  const handle = openSync(temporary, 'wx', OWN_FILE)
  try {
    writeSync(handle, JSON.stringify(content))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  return temporary
}

function openedIf(file: string): number | undefined {
  try {
    return openSync(file, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function flushFolder(dir: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(dir, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function notRead(file: string, cause: unknown): HoldfastError {
  return new HoldfastError('HF_SUBJECT_KEYS', `${file} cannot be read.`, {
    field: 'subjectKeys',
    cause,
    hint: 'Put the folder of keys back from a copy of it.',
  })
}
