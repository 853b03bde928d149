// R7: a call by which a log is moved into a segment or cut goes wrong once, or finds no room. Nothing is lost by it, the
// process goes on, and what it had begun is done the next time.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ONE_DISK_THREAD, withFault } from './injected.js'
import { ackedOf } from './ledger.js'
import { checkMoved, segmentFiles } from './moved-log.js'
import { Program } from './process.js'
import { chance } from './programs/chance.js'
import { eachSeed, ROUND_MS, rounds } from './seeds.js'
import { whyNoSystemCalls } from './system-calls.js'

const why = whyNoSystemCalls()

/** Calls of segments: those up to the first belong to the making of the store, and those up to the last come. */
const FAULTS: readonly (readonly [call: string, error: string, first: number, last: number])[] = [
  ['pwritev', 'ENOSPC', 1, 8],
  ['fsync', 'EIO', 3, 12],
  ['unlink', 'EIO', 1, 3],
  ['pwritev', 'EIO', 1, 8],
  ['rename', 'EIO', 1, 5],
  ['rename', 'ENOSPC', 1, 5],
]
const ROUNDS = rounds(1, 60)
const RECORDS = 80

describe.skipIf(why !== undefined)(
  `a segment whose disk says no${why === undefined ? '' : ` (${why})`}`,
  () => {
    const dirs: string[] = []

    afterEach(() => {
      for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
    })

    it(
      `R7 I-10 takes nothing from anybody, and is written the next time, over ${ROUNDS} rounds`,
      async () => {
        await eachSeed(ROUNDS, 'segment-faults', async (seed) => {
          const dir = mkdtempSync(join(tmpdir(), 'holdfast-segment-faults-'))
          dirs.push(dir)
          const [call, error, first, last] = FAULTS[seed % FAULTS.length]!
          const nth = first + Math.floor(chance(seed)() * (last - first))
          const fault = withFault(`${call}:error=${error}:when=${nth}`)
          const program = new Program('mover', [dir, String(RECORDS), '12'], ONE_DISK_THREAD, fault)
          const { code, complaints } = await program.ended()
          const heard = await program.rest()
          expect([call, error, nth, code, complaints]).toEqual([call, error, nth, 0, ''])
          expect(ackedOf(heard)).toEqual(Array.from({ length: RECORDS }, (_, n) => n + 1))
          // A cut that came to nothing says why; those behind it do what it had left.
          expect(heard.filter((line) => /^refused (?!HF_STORE_(FULL|FAILED)$)/.test(line))).toEqual([])
          expect(heard.findLast((line) => /^(floor|refused)/.test(line))).toMatch(/^floor/)
          expect(segmentFiles(dir).filter((name) => name.endsWith('.new'))).toEqual([])
          await checkMoved(dir, heard)
        })
      },
      ROUNDS * ROUND_MS,
    )
  },
)
