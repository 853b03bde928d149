// J-25: a system under load is killed with SIGKILL again and again, and after each kill this process, which heard every
// acknowledgement over a pipe, holds the log against what it heard.
//
// The short form, 6 kills, runs with the other tests. The long form, 500 kills, is one command:
//
//   HOLDFAST_KILLS=500 npx vitest run --config .config/vitest.config.ts test/crash/kill-loop
//
// Half of the kills come from here, after so many acknowledgements; half from the program itself, right behind one
// record. Both numbers follow from the seed, which a failure prints with the command that repeats it. The seed cannot
// repeat how the operating system shared its time out, so the command also sets the number of kills.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ackedOf, balancesOf, hear, Ledger, missing, readLedger } from './ledger.js'
import { Program } from './process.js'
import { chance } from './programs/chance.js'
import { rounds, SEED } from './seeds.js'

const KILLS = Number(process.env['HOLDFAST_KILLS'] ?? rounds(6, 500))
const AGAIN = `HOLDFAST_SEED=${SEED} HOLDFAST_KILLS=${KILLS} npx vitest run --config .config/vitest.config.ts test/crash/kill-loop`

/** Kills of one data directory; then a fresh one, because each check reads the log from its start. */
const KILLS_PER_LOG = 10

/** Milliseconds for one start, one kill and one check, on a machine that does other things as well. */
const MS_PER_KILL = 20_000

describe('R1 J-25 F-1 a system that is killed in a loop under load', () => {
  const dirs: string[] = []

  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
  })

  it(
    `keeps every acknowledged transfer in order, whole, and in a valid chain, over ${KILLS} kills`,
    async () => {
      try {
        let acked = 0
        for (let done = 0; done < KILLS; done += KILLS_PER_LOG) {
          const dir = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
          dirs.push(dir)
          acked += await killAgainAndAgain(dir, Math.min(KILLS_PER_LOG, KILLS - done), SEED + done)
        }
        expect(acked, 'there was a load').toBeGreaterThan(KILLS)
      } catch (error) {
        throw new Error(`Repeat it with: ${AGAIN}`, { cause: error })
      }
    },
    KILLS * MS_PER_KILL,
  )
})

/** @returns how many transfers were acknowledged */
async function killAgainAndAgain(dir: string, kills: number, seed: number): Promise<number> {
  const random = chance(seed)
  const acked: number[] = []
  let ledger = new Ledger([])
  for (let kill = 0; kill < kills; kill++) {
    const isOwnHand = random() < 0.5
    const records = isOwnHand ? 20 + Math.floor(random() * 2_500) : 0
    const acks = isOwnHand ? Infinity : Math.floor(random() * 500)
    const program = new Program('bank', [
      dir,
      String(seed + kill),
      String((kill + 1) * 1_000_000),
      String(records),
    ])
    const heard = await hear(program, acks)
    const { signal, complaints } = await program.kill()
    heard.push(...(await program.rest()))
    expect([signal, complaints]).toEqual(['SIGKILL', ''])
    acked.push(...ackedOf(heard))
    // What the program recovered is what its log says, turn by turn.
    for (const balances of balancesOf(heard)) expect(balances).toEqual(ledger.balances)
    const before = ledger
    ledger = await readLedger(dir)
    expect(ledger.turns.slice(0, before.turns.length), 'no turn of before is gone').toEqual(before.turns)
    expect(missing(acked, ledger.turns), 'every acknowledged transfer is there').toEqual([])
  }
  return acked.length
}
