import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'

/**
 * Writes a file that is not there yet, or replaces one by force.
 *
 * @throws {HoldfastError} `HF_FILE_EXISTS`
 */
export function writeNew(cwd: string, name: string, text: string, isForced: boolean): string {
  const file = resolve(cwd, name)
  try {
    writeFileSync(file, text, { flag: isForced ? 'w' : 'wx' })
    return file
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EEXIST') throw error
    throw new HoldfastError('HF_FILE_EXISTS', `${file} is there already.`, {
      field: 'output',
      hint: 'Choose another name, or replace it with --force.',
      cause: error,
    })
  }
}
