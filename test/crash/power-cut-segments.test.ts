// R3, R4: the power goes between any two system calls by which a log is moved into segments and cut, backed up and shipped,
// and keys of subjects are made and destroyed, worked out from one run of each on a model of a disk that keeps no more than it must. What a SIGKILL leaves is what the
// model keeps when it keeps everything. The same with a disk that does not flush what it should must be noticed.

import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { backup, KeyFolder, LmdbStore, openJournal, restore, ship, verifyStore } from '@holdfast/journal'
import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hear } from './ledger.js'
import { LoopDisk, whyNoLoopDisk } from './loop-disk.js'
import type { Left } from './model-disk.js'
import { checkMoved } from './moved-log.js'
import { PowerCuts } from './power-cuts.js'
import { Program } from './process.js'
import { chance } from './programs/chance.js'
import { MOVED } from './programs/moved.js'
import { eachSeed, note, ROUND_MS, rounds, SEED } from './seeds.js'
import { whyNoSystemCalls } from './system-calls.js'
import type { DiskCall } from './traced-disk.js'

const why = whyNoSystemCalls()
const noDisk = whyNoLoopDisk()
const isLong = process.env['HOLDFAST_LONG'] === '1'

/** Records that are written and moved; a cut comes with each 25th, and leaves so many. */
const RECORDS = isLong ? 160 : 30
const LEFT = 12

/** Records that are backed up and shipped. */
const COPIED = 20

/** Subjects whose keys are made. */
const SUBJECTS = 4

/** How many of the cuts are made of which there are many like them. */
const PART = isLong ? 1 : 0.15

const KINDS: readonly (readonly [name: string, left: (random: () => number) => Left, part: number])[] = [
  ['nothing that was not flushed', () => 'nothing', 1],
  ['everything, as a SIGKILL does', () => 'all', PART],
  ['some of what was not flushed', (some) => ({ some }), PART],
]

type Check = (dir: string, heard: readonly string[]) => Promise<void>

/** What a program does on a disk of its own, and what must be so whenever it ends. */
interface Work {
  readonly name: string
  readonly program: string
  readonly args: (top: string, data: string) => readonly string[]
  readonly check: (data: string) => Check
  /** Flushes without which it must fail: paths of what is flushed. */
  readonly needs: readonly RegExp[]
}

const WORKS: readonly Work[] = [
  {
    name: 'of a log that is moved into segments and cut',
    program: 'mover',
    args: (top) => [join(top, 'data'), String(RECORDS), String(LEFT)],
    check: () => (dir, heard) => checkMoved(join(dir, 'data'), heard),
    needs: [/\/segments$/, /\.hfs\.\w+\.new$/],
  },
  {
    name: 'J-36 of a backup',
    program: 'backup',
    args: (top, data) => [data, join(top, 'backup')],
    // It is there whole or not at all, and the next one takes away what is left of one that is not.
    check: (data) => async (dir, heard) => {
      const to = join(dir, 'backup')
      expect(existsSync(to) || !heard.some((line) => line.startsWith('made'))).toBe(true)
      if (!existsSync(to)) await backup({ data, to })
      expect(readdirSync(dir)).toEqual(['backup'])
      expect(await nextIn(to)).toBe(COPIED + 1)
    },
    needs: [/\/disk-backup$/],
  },
  {
    name: 'J-36 of a log that is shipped',
    program: 'ship',
    args: (top, data) => [data, join(top, 'to'), 'once'],
    // What was shipped can be restored, and the shipping goes on from there.
    check: (data) => async (dir, heard) => {
      const to = join(dir, 'to')
      const said = heard.findLast((line) => line.startsWith('shipped'))?.slice('shipped '.length)
      expect(await shippedTo(to, join(dir, 'first'))).toBeGreaterThanOrEqual(Number(said ?? 0))
      const shipping = await ship({ data, to })
      expect(await shipping.catchUp()).toMatchObject({ position: COPIED })
      await shipping.stop()
      expect(await shippedTo(to, join(dir, 'last'))).toBe(COPIED)
    },
    needs: [/\/to$/, /\.hfs\.\w+\.new$/],
  },
  {
    name: 'of the keys of subjects',
    program: 'subject-keys',
    args: (top) => [join(top, 'keys'), String(SUBJECTS)],
    check: () => (dir, heard) => checkKeys(join(dir, 'keys'), heard),
    needs: [/\/disk-subject-keys$/, /\/keys$/, /\.json\.\w+\.new$/],
  },
]

describe.skipIf(why !== undefined)(
  `power cuts at system calls${why === undefined ? '' : ` (${why})`}`,
  () => {
    const cuts = new PowerCuts()
    const data = join(cuts.place, 'data')

    beforeAll(() => writeLog(data, COPIED))

    afterAll(async () => {
      await cuts.end()
    })

    describe.each(WORKS)('$name', ({ program, args, check, needs }) => {
      const top = cuts.disk(`disk-${program}`)
      let calls: readonly DiskCall[]

      beforeAll(async () => {
        calls = await cuts.trace(program, args(top, data), top)
      }, 2 * ROUND_MS)

      it.each(KINDS)(
        'R3 I-01 lose nothing and leave nothing half done, when they leave %s',
        async (name, leftOf, part) => {
          const random = chance(SEED)
          const isMade = (): boolean => random() < part
          const made = await cuts.each(top, calls, { left: leftOf(random), isMade }, check(data))
          note(`R3 ${program}: ${made} power cuts that leave ${name}, seed ${SEED}`)
          expect(made).toBeGreaterThan(0)
        },
        isLong ? 60 * ROUND_MS : 2 * ROUND_MS,
      )

      it.each(needs)(
        'R4 are noticed on a disk that does not flush %s: this test can see it',
        async (path) => {
          const leavesOut = (call: DiskCall): boolean => call.kind === 'flush' && path.test(call.path)
          expect(calls.filter(leavesOut).length).toBeGreaterThan(0)
          const all = cuts.each(top, calls, { left: 'nothing', leavesOut }, check(data))
          await expect(all).rejects.toThrow('The power went behind call')
        },
        2 * ROUND_MS,
      )
    })
  },
)

describe.skipIf(noDisk !== undefined)(`a power cut${noDisk === undefined ? '' : ` (${noDisk})`}`, () => {
  const ROUNDS = rounds(1, 60)

  it(
    `R3 I-01 of a real disk loses nothing of a log that is moved and cut, over ${ROUNDS} rounds`,
    async () => {
      await eachSeed(ROUNDS, 'power-cut-segments', async (seed) => {
        const disks = [LoopDisk.make(64)]
        try {
          const program = new Program('mover', [join(disks[0]!.dir, 'data')])
          const heard = await hear(program, 20 + Math.floor(chance(seed)() * 200))
          await program.kill()
          heard.push(...(await program.rest()))
          disks.push(disks[0]!.powerCut())
          await checkMoved(join(disks[1]!.dir, 'data'), heard)
        } finally {
          for (const disk of disks) disk.end()
        }
      })
    },
    ROUNDS * ROUND_MS,
  )
})

/** A log, most of which is in segments. */
async function writeLog(dir: string, records: number): Promise<void> {
  const journal = openJournal({ dir, authorities: machineAuthorities(), segments: MOVED })
  const name = { type: 'note', version: 1, batch: -1, slot: 0 }
  let wake: () => void = () => undefined
  journal.onProgress(() => {
    wake()
  })
  for (let n = 0; n < records; n++) {
    journal.message(1 + (n % 5), name, { n, text: 'x'.repeat(800) }, 0, 0, 0, null)
    journal.flush()
    while (journal.durable < journal.next) await new Promise<void>((resolve) => (wake = resolve))
  }
  await journal.close()
}

/** What was given as a key is that, and what was destroyed is never a key again; the folder can be gone on with. */
function checkKeys(dir: string, heard: readonly string[]): Promise<void> {
  // The model keeps no rights.
  if (existsSync(dir)) chmodSync(dir, 0o700)
  const keys = new KeyFolder({ dir })
  for (const line of heard) {
    const [word, subject = '', key] = line.split(' ')
    if (word === 'shredded') expect(keys.get(subject)).toBe('destroyed')
    if (word !== 'kept' || heard.includes(`shredding ${subject}`)) continue
    expect(Buffer.from(keys.get(subject) as Uint8Array).toString('hex')).toBe(key)
  }
  expect(keys.create(keys.idOf('another')).byteLength).toBeGreaterThan(0)
  keys.close()
  return Promise.resolve()
}

/** The position behind the last one of a store that is sound. */
async function nextIn(dir: string): Promise<number> {
  const store = new LmdbStore({ dir, readOnly: true })
  const { findings, next } = verifyStore(store)
  await store.close()
  expect(findings).toEqual([])
  return next
}

/** How far a log was shipped, by what can be restored of it. */
async function shippedTo(from: string, to: string): Promise<number> {
  try {
    return (await restore({ from, to })).position
  } catch (error) {
    if (error instanceof HoldfastError && ['HF_FILE_DAMAGED', 'HF_STORE_MISSING'].includes(error.code))
      return 0
    throw error
  }
}
