// Small files with secrets, each there whole and for good, and written over when it gives way to another one.

import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { putNew, putWhole } from '../whole-file.js'

const FIELD = 'subjectKeys'

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

/** Writes a file that is not there yet. @returns false when it was there @throws {HoldfastError} */
export function writeSecret(dir: string, name: string, content: unknown, made?: string): boolean {
  return putNew(join(dir, name), JSON.stringify(content), { field: FIELD, made })
}

/** Puts a file in the place of what was there, and writes over the bytes of that: what it held is not left lying about. */
export function writeOver(dir: string, name: string, content: unknown): void {
  const old = openedIf(join(dir, name))
  try {
    putWhole(join(dir, name), JSON.stringify(content), { field: FIELD })
    if (old === undefined) return
    writeSync(old, Buffer.alloc(fstatSync(old).size), 0, undefined, 0)
    fsyncSync(old)
  } finally {
    if (old !== undefined) closeSync(old)
  }
}

function openedIf(file: string): number | undefined {
  try {
    return openSync(file, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function notRead(file: string, cause: unknown): HoldfastError {
  return new HoldfastError('HF_SUBJECT_KEYS', `${file} cannot be read.`, {
    field: FIELD,
    cause,
    hint: 'Put the folder of keys back from a copy of it.',
  })
}
