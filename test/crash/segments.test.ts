// A log whose old batches move into segments, and whose beginning is cut away: its process is killed at the calls by which
// that happens, and other processes read it meanwhile.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openJournal } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { ONE_DISK_THREAD, withFault } from './injected.js'
import { checkMoved } from './moved-log.js'
import { Program } from './process.js'
import { chance } from './programs/chance.js'
import { MOVED } from './programs/moved.js'
import { eachSeed, ROUND_MS, rounds } from './seeds.js'
import { whyNoSystemCalls } from './system-calls.js'

const why = whyNoSystemCalls()

/** The calls of a move and of a cut: those up to the first belong to the making of the store, those up to the last come. */
const CALLS: readonly (readonly [call: string, first: number, last: number])[] = [
  ['rename', 1, 12],
  ['fsync', 3, 30],
  ['unlink', 1, 6],
  ['pwritev', 1, 12],
  ['fdatasync', 25, 150],
]
const ROUNDS = rounds(CALLS.length, 100)

describe('a log in segments', () => {
  const dirs: string[] = []
  let programs: Program[] = []

  afterEach(async () => {
    await Promise.all(programs.map((program) => program.kill()))
    programs = []
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
  })

  function fresh(): string {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-segments-'))
    dirs.push(dir)
    return dir
  }

  it.skipIf(why !== undefined)(
    `R2 I-01 a kill while it moves or cuts loses nothing and leaves nothing half done, over ${ROUNDS} calls`,
    async () => {
      await eachSeed(ROUNDS, 'segments', async (seed) => {
        const dir = fresh()
        const [call, first, last] = CALLS[seed % CALLS.length]!
        const nth = first + Math.floor(chance(seed)() * (last - first))
        const program = new Program(
          'mover',
          [dir],
          ONE_DISK_THREAD,
          withFault(`${call}:signal=SIGKILL:when=${nth}`),
        )
        programs.push(program)
        const { signal, complaints } = await program.ended()
        expect([call, nth, signal, complaints]).toEqual([call, nth, 'SIGKILL', ''])
        await checkMoved(dir, await program.rest())
      })
    },
    ROUNDS * ROUND_MS,
  )

  it(
    'is seen whole by a process that reads it, every batch once and in order, while batches move',
    async () => {
      const dir = fresh()
      const journal = openJournal({ dir, authorities: machineAuthorities(), segments: MOVED })
      let wake: () => void = () => undefined
      journal.onProgress(() => {
        wake()
      })
      const name = { type: 'note', version: 1, batch: -1, slot: 0 }
      const write = async (): Promise<void> => {
        journal.message(1, name, 'x'.repeat(800), 0, 0, 0, null)
        journal.flush()
        while (journal.durable < journal.next) await new Promise<void>((resolve) => (wake = resolve))
      }
      for (let n = 0; n < 60; n++) await write()
      const watcher = new Program('watcher', [dir])
      programs.push(watcher)
      await watcher.until('watching')
      const passes: string[] = []
      const segments = (): number => readdirSync(join(dir, 'segments')).length
      const before = segments()
      const broken = (): string[] => passes.filter((line) => !line.startsWith('passed '))
      const isSeen = (): boolean => broken().length > 0 || (passes.length >= 4 && segments() > before + 2)
      const watch = async (): Promise<void> => {
        while (!isSeen()) passes.push((await watcher.line()) ?? 'gone')
      }
      const watched = watch()
      while (!isSeen()) await write()
      await watched
      expect(broken()).toEqual([])
      await journal.close()
    },
    2 * ROUND_MS,
  )
})
