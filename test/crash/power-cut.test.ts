// R3 and R4: the power goes under load. What was acknowledged is there on what is left of the disk, also when the power
// goes once more while the system is brought back. The same with a store that does not flush must lose something: it
// shows that this test would see it.

import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { withFault } from './injected.js'
import { ackedOf, balancesOf, hear, missing, readLedger } from './ledger.js'
import { LoopDisk, whyNoLoopDisk } from './loop-disk.js'
import { Program } from './process.js'
import { chance } from './programs/chance.js'
import type { BankOptions } from './programs/bank.js'
import type { Found } from './programs/examine.js'
import { eachSeed, note, ROUND_MS, rounds } from './seeds.js'
import { whyNoSystemCalls } from './system-calls.js'

const why = whyNoLoopDisk()
const ROUNDS = rounds(2, 300)
const CONTROLS = rounds(1, 20)

/** Enough for what a round writes. */
const DISK_MB = 64

/** What runs, and inside of which command. */
interface Running {
  readonly program?: string
  readonly within?: readonly string[]
}

describe.skipIf(why !== undefined)(`a power cut under load${why === undefined ? '' : ` (${why})`}`, () => {
  const disks: LoopDisk[] = []

  afterEach(() => {
    for (const disk of disks.splice(0)) disk.end()
  })

  function keep(disk: LoopDisk): LoopDisk {
    disks.push(disk)
    return disk
  }

  /** Runs a bank until it has acknowledged so much, and takes the power away. */
  async function cut(
    disk: LoopDisk,
    seed: number,
    first: number,
    acks: number,
    { program: name = 'bank', within = [], ...options }: BankOptions & Running = {},
  ): Promise<{ left: LoopDisk; acked: number[]; heard: string[] }> {
    const args = [join(disk.dir, 'data'), String(seed), String(first), '0', JSON.stringify(options)]
    const program = new Program(name, args, {}, within)
    const heard = await hear(program, acks)
    const { signal, complaints } = await program.kill()
    expect([signal, complaints]).toEqual(['SIGKILL', ''])
    heard.push(...(await program.rest()))
    // Acknowledgements that were on their way when the power went were heard as well.
    return { left: keep(disk.powerCut()), acked: ackedOf(heard), heard }
  }

  it(
    `R3 I-01 I-03 F-1 F-19 loses nothing that was acknowledged, over ${ROUNDS} rounds`,
    async () => {
      let all = 0
      await eachSeed(ROUNDS, 'power-cut', async (seed, index) => {
        const random = chance(seed)
        const disk = keep(LoopDisk.make(DISK_MB))
        const first = await cut(disk, seed, 1_000_000, 50 + Math.floor(random() * 800))
        let { left } = first
        let acked = first.acked
        if (index % 2 === 1) {
          // The second time while it comes back, or soon after.
          const second = await cut(left, seed + 1, 2_000_000, Math.floor(random() * 3))
          left = second.left
          acked = [...acked, ...second.acked]
        }
        const ledger = await readLedger(join(left.dir, 'data'))
        expect(missing(acked, ledger.turns), 'every acknowledged transfer is there').toEqual([])
        const last = await cut(left, seed + 2, 3_000_000, 1)
        expect(balancesOf(last.heard)).toEqual([ledger.balances])
        all += acked.length
        for (const used of disks.splice(0)) used.end()
      })
      expect(all).toBeGreaterThan(ROUNDS)
    },
    ROUNDS * ROUND_MS,
  )

  it(
    'R3 loses, when it is relaxed, no more than what its pace allows, and of that only the end',
    async () => {
      await eachSeed(rounds(1, 40), 'power-cut', async (seed) => {
        const disk = keep(LoopDisk.make(DISK_MB))
        const { left, acked } = await cut(disk, seed, 1_000_000, 3_000, { durability: 'relaxed' })
        const { turns } = await readLedger(join(left.dir, 'data'))
        const lost = missing(acked, turns)
        expect(turns.length).toBeGreaterThan(0)
        // What was lost came last: it was acknowledged behind all that is there, but for those under way at once.
        const firstLost = acked.indexOf(lost[0] ?? -1)
        if (firstLost !== -1)
          expect(acked.slice(firstLost + 40).filter((id) => turns.includes(id))).toEqual([])
        for (const used of disks.splice(0)) used.end()
      })
    },
    rounds(1, 40) * ROUND_MS,
  )

  it(
    'R4 loses what was acknowledged when the store does not flush: this test can see it',
    async () => {
      const lost = await eachSeed(CONTROLS, 'power-cut', async (seed) => {
        const disk = keep(LoopDisk.make(DISK_MB))
        const { left, acked } = await cut(disk, seed, 1_000_000, 500, { program: 'forgetful-bank' })
        const turns = await readLedger(join(left.dir, 'data')).then(
          (ledger) => ledger.turns,
          () => [],
        )
        for (const used of disks.splice(0)) used.end()
        return missing(acked, turns).length
      })
      for (const count of lost) expect(count).toBeGreaterThan(0)
    },
    CONTROLS * ROUND_MS,
  )

  // A disk that says that it has flushed and has not, while it takes the page that names the data: LMDB cannot see that.
  it.skipIf(whyNoSystemCalls() !== undefined)(
    'R8 a disk that lies about its flushes is never read as if all were right: it has nothing to show, or says so',
    async () => {
      const outcomes = await eachSeed(rounds(1, 40), 'power-cut', async (seed) => {
        const disk = keep(LoopDisk.make(DISK_MB))
        const within = withFault('fdatasync:retval=0')
        const { left, acked } = await cut(disk, seed, 1_000_000, 300, { within })
        const examiner = new Program('examine')
        examiner.say(join(left.dir, 'data'))
        const line = await examiner.line()
        await examiner.kill()
        const found = line === undefined ? undefined : (JSON.parse(line) as Found)
        let outcome: string = found?.kind ?? 'died'
        if (found?.kind === 'intact') {
          // Whatever looks intact is a whole log, if not all of it.
          const { turns } = await readLedger(join(left.dir, 'data'))
          outcome = missing(acked, turns).length > 0 ? 'an earlier state' : 'intact'
        }
        for (const used of disks.splice(0)) used.end()
        return outcome
      })
      note(`R8 lost flushes: ${outcomes.join(', ')}`)
      expect(outcomes).not.toContain('intact')
    },
    rounds(1, 40) * ROUND_MS,
  )
})
