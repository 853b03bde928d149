// R7: a disk whose flush or write fails once, has no room once, or is slow once. Nothing is acknowledged between the
// failure and the moment at which the store was opened anew and looked at, nothing that was acknowledged is lost, and the
// system goes on by itself.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hearUntil, ONE_DISK_THREAD, withFault } from './injected.js'
import { ackedOf, balancesOf, hear, missing, readLedger } from './ledger.js'
import { Program } from './process.js'
import type { BankOptions } from './programs/bank.js'
import { chance } from './programs/chance.js'
import { eachSeed, ROUND_MS, rounds } from './seeds.js'
import { whyNoSystemCalls } from './system-calls.js'

const why = whyNoSystemCalls()
const ROUNDS = rounds(1, 10)

/** Calls that an opening takes at the most: a fault behind them meets a commit. */
const OPENING_CALLS = 20

describe.skipIf(why !== undefined)(
  `a disk on which one call goes wrong${why === undefined ? '' : ` (${why})`}`,
  () => {
    const dirs: string[] = []

    afterEach(() => {
      for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
    })

    function start(
      fault: string,
      seed: number,
      options: BankOptions = {},
    ): { dir: string; program: Program } {
      const dir = mkdtempSync(join(tmpdir(), 'holdfast-fault-'))
      dirs.push(dir)
      const args = [dir, String(seed), '1', '0', JSON.stringify(options)]
      return { dir, program: new Program('bank', args, ONE_DISK_THREAD, withFault(fault)) }
    }

    /** Holds what is stored against what was heard, and brings it back once more. */
    async function check(dir: string, acked: readonly number[]): Promise<void> {
      const again = new Program('bank', [dir, '1', '1000000', '0'])
      const recovered = balancesOf([await again.until('recovered')])
      await again.kill()
      const ledger = await readLedger(dir)
      expect(missing(acked, ledger.turns)).toEqual([])
      expect(recovered.length).toBe(1)
    }

    /** Stops a program that works again, after it has worked for a while. @returns what it said */
    async function goOn(program: Program): Promise<string[]> {
      const heard = await hear(program, 100)
      program.say('stop')
      heard.push(...(await program.rest()))
      return heard
    }

    async function expectStopped(program: Program, heard: readonly string[]): Promise<void> {
      const { code, complaints } = await program.ended()
      expect([code, heard.at(-1)]).toEqual([0, 'stopped'])
      // LMDB itself says what went wrong; nothing else may.
      expect(complaints).not.toMatch(/unhandled|HoldfastError|Node\.js v/i)
    }

    it.each([
      ['a flush that fails', 'fdatasync:error=EIO', 'HF_STORE_FAILED', {}],
      ['a flush that is slow', 'fdatasync:delay_enter=1500000', 'HF_STORE_LATE', { flushDeadlineMs: 300 }],
    ])(
      `R7 I-10 F-6 %s: nothing is released until the store was looked at, and nothing is lost, over ${ROUNDS} rounds`,
      async (_, fault, code, options) => {
        await eachSeed(ROUNDS, 'flush-faults', async (seed) => {
          const nth = OPENING_CALLS + Math.floor(chance(seed)() * 40)
          const { dir, program } = start(`${fault}:when=${nth}`, seed, options)
          const before = await hearUntil(program, 'failed')
          expect(before.at(-1)).toBe(`failed ${code}`)
          const between = await hearUntil(program, 'works')
          expect(ackedOf(between)).toEqual([])
          const after = await goOn(program)
          await expectStopped(program, after)
          await check(dir, ackedOf([...before, ...after]))
        })
      },
      ROUNDS * ROUND_MS,
    )

    // Known limit: LMDB tells of a failed write in a buffer that is too short for it, which may end the process there and
    // then, or later. Nothing is lost by that, and LMDB has said why. A disk without room is noticed before LMDB writes.
    it.each([
      ['a write that fails', 'EIO', 'HF_STORE_FAILED'],
      ['a write for which there is no room', 'ENOSPC', 'HF_STORE_FULL'],
    ])(
      `R7 I-10 %s: nothing is released after it, and nothing is lost, whether the process survives it or not, over ${ROUNDS} rounds`,
      async (_, errno, code) => {
        await eachSeed(ROUNDS, 'flush-faults', async (seed) => {
          const nth = OPENING_CALLS + Math.floor(chance(seed)() * 40)
          const { dir, program } = start(`pwrite64:error=${errno}:when=${nth}`, seed)
          const heard: string[] = []
          for (let line = await program.line(); line !== undefined; line = await program.line()) {
            heard.push(line)
            if (line === 'works') break
          }
          const failed = heard.findIndex((line) => line.startsWith('failed'))
          if (failed !== -1) {
            expect(heard[failed]).toBe(`failed ${code}`)
            expect(ackedOf(heard.slice(failed))).toEqual([])
          }
          if (heard.at(-1) === 'works') heard.push(...(await goOn(program)))
          const { signal, complaints } = await program.ended()
          if (signal === null) await expectStopped(program, heard)
          else {
            expect(['SIGABRT', 'SIGSEGV', 'SIGBUS']).toContain(signal)
            expect(complaints).toContain('Write error')
          }
          await check(dir, ackedOf(heard))
        })
      },
      ROUNDS * ROUND_MS,
    )

    it(
      'R7 a flush that hangs does not keep the system from stopping, and the stop says why',
      async () => {
        const { dir, program } = start(`fdatasync:delay_enter=6000000:when=${OPENING_CALLS + 5}`, 1, {
          flushDeadlineMs: 300,
        })
        const heard = await hearUntil(program, 'failed HF_STORE_LATE')
        program.say('stop')
        heard.push(...(await hearUntil(program, 'stopped')))
        expect(heard.at(-1)).toBe('stopped HF_STORE_LATE')
        await program.ended()
        expect(missing(ackedOf(heard), (await readLedger(dir)).turns)).toEqual([])
      },
      ROUND_MS,
    )
  },
)
