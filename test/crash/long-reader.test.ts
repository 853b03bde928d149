// R22: LMDB uses nothing again that was freed since the oldest transaction that anybody reads. None of our own readers has the
// file of a store grow by that, however slow it is; another one that does is named.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LmdbStore, openJournal, type Journal } from '@holdfast/journal'
import { machineAuthorities, type StoreHold } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Program } from './process.js'
import { note, ROUND_MS, rounds } from './seeds.js'

const MIB = 1_048_576

/** What one reader may have the file grow by here. */
const GROWTH_BYTES = 4 * MIB

/** Ways to read, one after the other. */
const WAYS = ['verify', 'read', 'incidents', 'backup', 'restore', 'dump', 'ship']

/** Commits for each batch that the reader takes: each changes some ten pages, so that one reading takes fourteen megabytes. */
const COMMITS = rounds(10, 100)

/** Far more than it takes. */
const WRITES_MAX = 200_000

let home: string
let dir: string
let journal: Journal
let programs: Program[]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-readers-'))
  dir = join(home, 'data')
  programs = []
  // What leaves LMDB leaves room there: without a reader the file does not grow.
  const segments = { tailBytes: 200_000, segmentBytes: 100_000 }
  journal = openJournal({ dir, authorities: machineAuthorities(), segments, growthBytes: GROWTH_BYTES })
})

afterEach(async () => {
  await Promise.all(programs.map((program) => program.kill()))
  await journal.close()
  rmSync(home, { recursive: true, force: true })
})

function start(name: string, ...args: readonly string[]): Program {
  const program = new Program(name, args)
  programs.push(program)
  return program
}

/** Writes records, each of which is stored before the next. @returns what was told of readers meanwhile */
async function write(isEnough: (written: number) => boolean): Promise<StoreHold[]> {
  const held: StoreHold[] = []
  let wake: () => void = () => undefined
  journal.onProgress(() => {
    wake()
  })
  const name = { type: 'note', version: 1, batch: -1, slot: 0 }
  for (let n = 0; !isEnough(n); n++) {
    if (n === WRITES_MAX) throw new Error(`nothing has come of ${n} commits`)
    journal.message(1 + (n % 50), name, 'x'.repeat(500), 0, 0, 0, {
      correlationName: `record ${journal.next}`,
    })
    journal.flush()
    while (journal.durable < journal.next) await new Promise<void>((resolve) => (wake = resolve))
    if (journal.held !== null && journal.held !== held.at(-1)) held.push(journal.held)
  }
  return held
}

describe('R22 a reader beside a busy writer', () => {
  it(
    'R22 of ours never has the file grow, however slowly it reads, and finds nothing wrong',
    async () => {
      await write((n) => n === 200)
      const [to, before] = [join(home, 'copies'), journal.size]
      mkdirSync(to)
      const reader = start('slow-reader', dir, to)
      const heard: string[] = []
      let isOver = false
      let isWaiting = false
      void (async () => {
        for (let line = await reader.line(); line !== undefined; line = await reader.line())
          if (line === 'waits') isWaiting = true
          else heard.push(line)
        isOver = true
      })()
      let commits = 0
      const held = await write((n) => {
        commits = n
        if (n % COMMITS === 0 && isWaiting) {
          isWaiting = false
          reader.say('.')
        }
        return isOver
      })
      note(`R22 ${commits} commits beside slow readers: ${before} bytes before, ${journal.size} behind`)
      expect([held, heard]).toEqual([[], WAYS.map((way) => `${way} ended`)])
    },
    8 * ROUND_MS,
  )

  it(
    'R22 that stays in its transaction is told of by its process, again and again, until it ends',
    async () => {
      await write((n) => n === 50)
      const holder = start('holder', dir)
      await holder.until('holds')
      const told = await write(() => (journal.held?.grownBytes ?? 0) >= 2 * GROWTH_BYTES)
      expect(told.map(({ pid }) => pid)).toEqual([holder.pid, holder.pid])
      const [first, second] = told
      expect(first!.grownBytes).toBeGreaterThanOrEqual(GROWTH_BYTES)
      expect(first!.command).toBe('node holder.ts')
      expect(second!.behind).toBeGreaterThan(first!.behind)
      const reader = new LmdbStore({ dir, readOnly: true })
      expect(reader.readers()[0]).toMatchObject({ pid: holder.pid, transaction: first!.transaction })
      await reader.close()
      // Its slot stays behind when it is killed, and is freed with the next look.
      await holder.kill()
      await write(() => journal.held === null)
      const { size } = journal
      await write((n) => n === 500)
      expect(journal.size).toBeLessThan(size + GROWTH_BYTES)
    },
    8 * ROUND_MS,
  )
})
