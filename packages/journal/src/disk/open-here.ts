// Who has which data directory open in this process. LMDB maps a file once per process, the way that whoever opened it
// first wanted it, and a writer that comes after a reader would be let down much later, and for good.

import { realpathSync } from 'node:fs'
import { HoldfastError } from '@holdfast/kernel'

const writers = new Map<string, number>()
const readers = new Map<string, number>()

/** What is known of a directory that is being opened. */
export interface OpenHere {
  readonly isFirstWriter: boolean
  readonly leave: () => void
}

/**
 * Notes that a directory, which is there, is about to be opened.
 *
 * @returns whether nobody here writes it yet, and the way to say that it was closed
 * @throws {HoldfastError} `HF_STORE_IN_USE` when it is to be written and was opened for reading only
 */
export function openHere(dir: string, readOnly: boolean): OpenHere {
  const path = realpathSync(dir)
  if (!readOnly && readers.has(path)) throw onlyRead(dir)
  // A reader beside a writer shares what the writer has mapped.
  const isFirstWriter = !readOnly && !writers.has(path)
  const open = readOnly && !writers.has(path) ? readers : writers
  open.set(path, (open.get(path) ?? 0) + 1)
  const leave = (): void => {
    const left = (open.get(path) ?? 1) - 1
    if (left > 0) open.set(path, left)
    else open.delete(path)
  }
  return { isFirstWriter, leave }
}

function onlyRead(dir: string): HoldfastError {
  return new HoldfastError('HF_STORE_IN_USE', `${dir} is open for reading only in this process.`, {
    field: 'data',
    hint: 'Close what reads it first, or open it for reading after the system has started.',
  })
}
