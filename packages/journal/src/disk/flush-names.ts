// The names in a folder, on stable storage: whoever makes, renames or removes a file flushes them, because a power cut could
// forget what a file is called that was flushed itself.

import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { notWritten } from '../store-failure.js'

/**
 * Flushes the names in a directory. Windows has no such flush, and needs none.
 *
 * @param made the first directory that was made on the way: its name is flushed as well, and those between
 * @throws {HoldfastError} `HF_STORE_UNWRITABLE`
 */
export function flushNames(dir: string, made: string | undefined): void {
  if (process.platform === 'win32') return
  const top = made === undefined ? resolve(dir) : dirname(resolve(made))
  for (let at = resolve(dir); ; at = dirname(at)) {
    flushFolder(at)
    if (at === top || at === dirname(at)) return
  }
}

function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    throw notWritten(folder, error, 'data')
  }
}
