// J-33 with threads: many threads of one process read one log, and are ended while they do, beside its writer. They have one
// process, so nobody can tell from outside that one of them is gone: each has to leave its place by itself.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { machineAuthorities } from '@holdfast/kernel'
import { openJournal, type Journal } from '@holdfast/journal'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ROUND_MS, rounds } from '../seeds.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Threads that read at a time; all of them together are more than there are places. */
const AT_ONCE = 20
const TIMES = rounds(2, 30)

let folder: string
let dir: string
let journal: Journal

beforeAll(async () => {
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'reading-'))
  dir = mkdtempSync(join(tmpdir(), 'holdfast-reading-'))
  await build({
    entryPoints: [fileURLToPath(new URL('./reading-thread.fixture.ts', import.meta.url))],
    outfile: join(folder, 'reader.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    conditions: ['@holdfast/source'],
    external: ['lmdb', 'msgpackr', 'xstate'],
    define: { 'import.meta.url': 'fileUrl' },
    banner: { js: 'const fileUrl = require("node:url").pathToFileURL(__filename).href' },
  })
  journal = openJournal({ dir, authorities: machineAuthorities() })
})

afterAll(async () => {
  await journal.close()
  rmSync(folder, { recursive: true, force: true })
  rmSync(dir, { recursive: true, force: true })
})

/** Writes one more record, and waits for the disk. */
async function write(): Promise<void> {
  journal.message(1, { type: 'note', version: 1, batch: -1, slot: 0 }, 'x'.repeat(10_000), 0, 0, 0, null)
  const end = journal.next
  await new Promise<void>((resolve) => {
    journal.onProgress(() => {
      if (journal.durable >= end) resolve()
    })
    journal.flush()
  })
}

/** A thread that reads, and what it says that it reads. */
function reader(): { readonly worker: Worker; readonly reads: Promise<number> } {
  const worker = new Worker(join(folder, 'reader.cjs'), { workerData: { dir }, execArgv: [] })
  const reads = new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return { worker, reads }
}

it(
  `J-33 ${AT_ONCE * TIMES} threads read what a writer writes, and leave their places behind when they are ended`,
  async () => {
    for (let time = 0; time < TIMES; time++) {
      await write()
      const readers = Array.from({ length: AT_ONCE }, reader)
      const reads = await Promise.all(readers.map((each) => each.reads))
      expect(reads).toEqual(readers.map(() => journal.next))
      for (const { worker } of readers) worker.postMessage('again')
      await write()
      await Promise.all(readers.map(({ worker }) => worker.terminate()))
    }
    await write()
    expect(journal.durable).toBe(journal.next)
  },
  TIMES * ROUND_MS,
)
