// J-33: many processes read one log, and are killed while they do. There are 512 places for readers; those of the dead are
// free again. The long form has 200 of them three times over, which is more than there are places.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineAuthorities } from '@holdfast/kernel'
import { openJournal, type Journal } from '@holdfast/journal'
import { afterEach, expect, it } from 'vitest'
import { Program } from './process.js'
import { ROUND_MS, rounds } from './seeds.js'

const READERS = rounds(4, 200)
const TIMES = READERS > 100 ? 3 : 1

/** Processes that are started at once. */
const AT_ONCE = 20

const dir = mkdtempSync(join(tmpdir(), 'holdfast-readers-'))
let journal: Journal | undefined
let readers: Program[] = []

afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.kill()))
  await journal?.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Writes one more record, and waits for the disk. */
async function write(log: Journal): Promise<void> {
  log.message(1, { type: 'note', version: 1, batch: -1, slot: 0 }, 'x'.repeat(10_000), 0, 0, 0, null)
  const end = log.next
  await new Promise<void>((resolve) => {
    log.onProgress(() => {
      if (log.durable >= end) resolve()
    })
    log.flush()
  })
}

it(
  `J-33 ${READERS} processes read what a writer writes, and leave their places behind when they are killed`,
  async () => {
    journal = openJournal({ dir, authorities: machineAuthorities() })
    for (let time = 0; time < TIMES; time++) {
      await write(journal)
      for (let started = 0; started < READERS; started += AT_ONCE) {
        const some = Array.from(
          { length: Math.min(AT_ONCE, READERS - started) },
          () => new Program('reader', [dir]),
        )
        readers.push(...some)
        const lines = await Promise.all(some.map((reader) => reader.line()))
        expect(lines).toEqual(some.map(() => `reads ${journal!.next}`))
      }
      await write(journal)
      await Promise.all(readers.map((reader) => reader.kill()))
      readers = []
    }
    await write(journal)
    expect(journal.durable).toBe(2 * TIMES + 2)
  },
  TIMES * ROUND_MS * Math.ceil(READERS / 10),
)
