// The report of an end, beside the data: what the next start needs to know. It holds no payload and no state.

import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { InHand, StallEnd } from '@holdfast/kernel'
import { REPORT_BYTES_MAX } from '../limits.js'

const SCHEMA = 'holdfast.stall/1'
const FILE = 'stall.json'

/** Writes the report, whole or not at all. */
export async function writeStallEnd(dir: string, end: StallEnd): Promise<void> {
  const file = join(dir, FILE)
  const draft = `${file}.draft`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify({ schema: SCHEMA, ...end }, undefined, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
}

/** How the last process on a data directory was ended by its watchdog; nothing when it was not, or nobody can say. */
export function lastStallEnd(dir: string): StallEnd | undefined {
  const text = textOf(join(dir, FILE))
  if (text === undefined) return undefined
  try {
    const { schema, ...end } = JSON.parse(text) as StallEnd & { readonly schema: unknown }
    return schema === SCHEMA && isStallEnd(end) ? end : undefined
  } catch {
    return undefined
  }
}

/** The report has served. */
export function forgetStallEnd(dir: string): void {
  rmSync(join(dir, FILE), { force: true })
}

function textOf(file: string): string | undefined {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    return undefined
  }
  try {
    const bytes = Buffer.alloc(REPORT_BYTES_MAX)
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(fd)
  }
}

function isStallEnd(end: StallEnd): boolean {
  const { epoch, endAfterMs, stalledMs, atMs, stack, inHand } = end
  const hasNumbers = [epoch, endAfterMs, stalledMs, atMs].every((each) => Number.isFinite(each))
  return hasNumbers && typeof stack === 'string' && (inHand === null || isInHand(inHand))
}

function isInHand({ actor, actorId, type, position, correlation, attempt }: InHand): boolean {
  const hasNumbers = [actorId, position, correlation, attempt].every((each) => Number.isSafeInteger(each))
  return hasNumbers && typeof actor === 'string' && typeof type === 'string'
}
