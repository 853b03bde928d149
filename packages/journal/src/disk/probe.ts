// Probe
// =====
// LMDB believes its file. A page that is not what it should be may end the process that reads it, by an assertion or by a
// signal, and no error can be caught. So another process goes first where there is reason to: it opens the file for
// reading, walks through every table and every value, and what it comes to is known by how it ends.
//
// The rule: nobody goes first when the file is, by size, time and transaction, the one that its last writer left in order,
// or when a living writer has it open, who has mapped it already. After a kill, a power cut, a copy or a change by hand
// the file is walked through. That reads it once, and costs the start of a process; nothing where a system is stopped in
// order. A file that is shorter than its own pages say is refused without that.
//
// Known limit: what it walks through is what is read. LMDB's own list of free pages is not among that, and a bit of it that
// is another can still end a process, when it writes.

import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { PROBE_MS, PROBE_MS_PER_MIB } from '../limits.js'
import { isInGoodHands, noteLeft } from './last-use.js'
import { META_BYTES, metaPagesOf, type MetaPages } from './meta-pages.js'

const MIB = 1_048_576

/** Runs in the other process, which has nothing but this, the store and the path of its file. */
const WALK = `
const { open } = require(process.argv[1])
const root = open({ path: process.argv[2], readOnly: true, encoding: 'binary', mapSize: Number(process.argv[3]), maxDbs: 8, maxReaders: 512 })
for (const name of [...root.getKeys()]) {
  const table = root.openDB({ name: String(name), encoding: 'binary' })
  for (const { value } of table.getRange({ snapshot: false })) value.byteLength
}
process.exit(0)
`

/**
 * Looks at the file of a store before it is mapped.
 *
 * @throws {HoldfastError} `HF_STORE_DAMAGED` when opening it would end the process, or never end
 */
export function probe(dir: string, file: string, mapBytes: number): void {
  const pages = pagesOf(file)
  if (pages === undefined) return
  const { size } = statSync(file)
  if (size < pages.needs) throw cutOff(dir, size, pages.needs)
  // A program that is packed as one file would start itself again.
  if (!/^node/i.test(basename(process.execPath)) || isInGoodHands(dir, file, pages.transaction)) return
  const timeoutMs = PROBE_MS + Math.ceil(size / MIB) * PROBE_MS_PER_MIB
  const lmdb = createRequire(import.meta.url).resolve('lmdb')
  const { status, signal, error, stderr } = spawnSync(
    process.execPath,
    ['-e', WALK, lmdb, file, String(mapBytes)],
    {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  )
  // Where no process can be started, nobody goes first.
  if (status === 0 || (error !== undefined && signal === null)) return
  if (signal === 'SIGKILL') throw ended(dir, `did not come to an end within ${timeoutMs} ms`)
  const said = stderr.toString().match(/^\w*Error: (.+)$/m)?.[1]
  throw ended(dir, signal === null ? `ended with ${said ?? `exit code ${status}`}` : `was ended by ${signal}`)
}

/** Notes how the file of a store was left by the one who has just closed it. */
export function noteClosed(dir: string, file: string): void {
  const pages = pagesOf(file)
  if (pages !== undefined) noteLeft(dir, file, pages.transaction)
}

function pagesOf(file: string): MetaPages | undefined {
  const head = Buffer.alloc(META_BYTES)
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch {
    return undefined
  }
  try {
    return metaPagesOf(head.subarray(0, readSync(handle, head, 0, META_BYTES, 0)))
  } finally {
    closeSync(handle)
  }
}

function cutOff(dir: string, has: number, needs: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `${dir} cannot be opened: its file has ${has} bytes and needs ${needs}. It was cut off.`,
    { field: 'data', hint: 'Restore it from a backup. Nothing was changed.' },
  )
}

function ended(dir: string, how: string): HoldfastError {
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `${dir} is not opened: the process that went through it first ${how}.`,
    { field: 'data', hint: 'Its pages are damaged; restore it from a backup. Nothing was changed.' },
  )
}
