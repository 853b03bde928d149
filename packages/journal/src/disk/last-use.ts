// How a data directory was left, as far as that can be known without opening its file: whoever writes it says so in a
// small file of its own, and whoever closes it says what the file was like then. It is never flushed: when a power cut
// takes it away, the next opening looks closer than it has to, and that is all.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LAST_USE_FILE } from './data-directory.js'
import { isAlive, type Owner } from './owner.js'

/** What a file is like when nobody has touched it since. */
interface Left {
  readonly size: number
  readonly changedMs: number
  readonly transaction: number
}

interface LastUse {
  readonly writer?: Owner
  readonly left?: Left
}

/** Whether a file is the one that somebody left in order, or that somebody has open who is alive. */
export function isInGoodHands(dir: string, file: string, transaction: number): boolean {
  let use: LastUse
  try {
    use = JSON.parse(readFileSync(join(dir, LAST_USE_FILE), 'utf8')) as LastUse
    if (use.writer !== undefined) return isAlive(use.writer)
  } catch {
    return false
  }
  const { left } = use
  if (left === undefined) return false
  const now = leftOf(file, transaction)
  return left.size === now.size && left.changedMs === now.changedMs && left.transaction === transaction
}

/** Says who has it open for writing. */
export function noteWriter(dir: string, writer: Owner): void {
  note(dir, { writer })
}

/** Says how it was left. */
export function noteLeft(dir: string, file: string, transaction: number): void {
  note(dir, { left: leftOf(file, transaction) })
}

function leftOf(file: string, transaction: number): Left {
  const { size, mtimeMs } = statSync(file)
  return { size, changedMs: mtimeMs, transaction }
}

// Where it cannot be written, the next opening looks closer.
function note(dir: string, use: LastUse): void {
  try {
    writeFileSync(join(dir, LAST_USE_FILE), `${JSON.stringify(use)}\n`, { mode: 0o600 })
  } catch {
    // Nothing rests on it.
  }
}
