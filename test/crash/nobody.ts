// Somebody who may do nothing, for tests of what becomes of those who may not write.

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SpawnOptions } from 'node:child_process'

/** Runs a program as a user who may do nothing; only root can become him. */
export const AS_NOBODY = { uid: 65_534, gid: 65_534 } satisfies SpawnOptions

/** Why no program of this folder can run as nobody; nothing when it can. */
export function whyNotNobody(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can become somebody else'
  const isReadable = [import.meta.dirname, dirname(process.execPath)].every(isOpenToAll)
  return isReadable ? undefined : 'nobody else may run this Node, or read this folder'
}

/** Whether every user may read a directory, and pass through all above it. */
function isOpenToAll(dir: string): boolean {
  const isOpen = (statSync(dir).mode & 0o005) === 0o005
  return isOpen && (dir === dirname(dir) || isOpenToAll(dirname(dir)))
}
