// The folder of the segments in a data directory: made for the first one, swept at each opening for writing. What lies in
// it and is not noted was on its way in or out when a process died.

import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { OWN_DIRECTORY, SEGMENTS_FOLDER } from './data-directory.js'
import { DRAFT, firstInName, flushFolder } from './segment-file.js'
import type { Segments } from './segments.js'

/** Makes the folder when it is not there. @throws {HoldfastError} `HF_STORE_UNWRITABLE` */
export async function makeSegmentFolder(home: string): Promise<void> {
  const folder = join(home, SEGMENTS_FOLDER)
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
    mkdirSync(folder, { mode: OWN_DIRECTORY })
    chmodSync(folder, OWN_DIRECTORY)
    await flushFolder(home)
  } catch (error) {
    throw new HoldfastError('HF_STORE_UNWRITABLE', `${folder} cannot be made.`, {
      field: 'data',
      cause: error,
      hint: 'Give this user the right to write the data directory, and take away what stands in its place.',
    })
  }
}

/**
 * Takes away drafts and files that are not noted: whatever is in them is in LMDB, or was cut away. One that stays because it
 * may not be removed is none of the log all the same.
 */
export function sweepSegmentFolder(home: string, segments: Pick<Segments, 'at'>): void {
  const folder = join(home, SEGMENTS_FOLDER)
  const isNoted = (first: number): boolean => segments.at(first)?.first === first
  for (const name of namesIn(folder)) {
    const first = firstInName(name)
    const isDraft = name.endsWith(DRAFT) && firstInName(name.split('.').slice(0, 2).join('.')) !== undefined
    if (isDraft || (first !== undefined && !isNoted(first))) remove(join(folder, name))
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // The next opening tries again.
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // There is none yet, or it is met again when a file is opened.
    return []
  }
}
