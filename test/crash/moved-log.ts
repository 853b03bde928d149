// What must be so of a log that a `mover` has written, whatever has happened to its process or to its disk.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LmdbStore, openJournal, verifyStore, type VerifyReport } from '@holdfast/journal'
import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import { expect } from 'vitest'
import { ackedOf } from './ledger.js'
import { MOVED } from './programs/moved.js'

/**
 * Holds a log against what its mover has said: what was acknowledged is there, from the floor on, in one piece; the floor is
 * where it was said to be, or where a cut was under way to; and nothing is left of what was half done.
 */
export async function checkMoved(dir: string, heard: readonly string[]): Promise<void> {
  const acked = ackedOf(heard).at(-1) ?? 0
  if (!(await isReadable(dir, acked))) return
  const { floor, next } = await tidied(dir)
  expect(floor).toBeGreaterThanOrEqual(lastOf(heard, 'floor'))
  expect(floor).toBeLessThanOrEqual(Math.max(1, lastOf(heard, 'cutting')))
  expect(next).toBeGreaterThan(acked)
  const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
  const positions = [...journal.read(1)].map(({ position }) => position)
  await journal.close()
  expect(positions).toEqual(Array.from({ length: next - floor }, (_, i) => floor + i))
}

/** Names of the files in the folder of the segments. */
export function segmentFiles(dir: string): string[] {
  const folder = join(dir, 'segments')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** Whoever only reads finds nothing wrong; as long as nothing was acknowledged, there may be nothing at all. */
async function isReadable(dir: string, acked: number): Promise<boolean> {
  let reader: LmdbStore
  try {
    reader = new LmdbStore({ dir, readOnly: true })
  } catch (error) {
    if (acked > 0 || !(error instanceof HoldfastError) || error.code !== 'HF_STORE_MISSING') throw error
    return false
  }
  const { findings } = verifyStore(reader)
  await reader.close()
  expect(findings).toEqual([])
  return true
}

/** Half done is nothing from the opening for writing on; what is left over in LMDB goes beside the work. */
async function tidied(dir: string): Promise<VerifyReport> {
  const store = new LmdbStore({ dir, segments: MOVED })
  try {
    const noted = (): string[] => [...store.segments()].map(({ name }) => name)
    expect(segmentFiles(dir)).toEqual(noted())
    while (await store.tidy());
    expect(segmentFiles(dir)).toEqual(noted())
    const report = verifyStore(store)
    expect(report.findings).toEqual([])
    return report
  } finally {
    await store.close()
  }
}

/** The last number behind a word; 1 when it was not said. */
function lastOf(heard: readonly string[], word: string): number {
  const line = heard.findLast((each) => each.startsWith(`${word} `))
  return line === undefined ? 1 : Number(line.slice(word.length + 1))
}
