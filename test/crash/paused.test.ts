// R5: a process is stopped in the middle of its work (SIGSTOP), as a laptop that sleeps or a machine that is moved does it,
// and goes on later. Whoever starts on its data meanwhile is refused: the one that stands still is alive, and nobody else
// writes what it may write when it wakes. The long form stops it for longer than any flush may take.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ackedOf, balancesOf, hear, missing, readLedger } from './ledger.js'
import { Program } from './process.js'
import { eachSeed, ROUND_MS, rounds } from './seeds.js'

const ACKS = 200

/** How long it stands still, beyond the time in which somebody else tries to start. */
const PAUSES_MS = rounds(0, 1) === 0 ? [0] : [1_000, 30_000, 300_000]

let dir: string
let programs: Program[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-paused-'))
  programs = []
})

afterEach(async () => {
  for (const program of programs) await program.kill()
  rmSync(dir, { recursive: true, force: true })
})

function start(seed: number, first: number): Program {
  const program = new Program('bank', [dir, String(seed), String(first), '0'])
  programs.push(program)
  return program
}

/** Somebody else starts on the same data, and is refused. */
async function isRefused(seed: number): Promise<void> {
  const other = start(seed, 5_000_000)
  const lines = await other.rest()
  const { code, complaints } = await other.ended()
  expect([code, complaints, lines.length]).toEqual([7, '', 1])
  expect(lines[0]).toMatch(/^refused HF_STORE_IN_USE /)
}

describe('R5 a process that stands still for a while', () => {
  it.for(PAUSES_MS)(
    'R5 I-05 keeps its data for itself, goes on where it was, and loses nothing (%i ms)',
    { timeout: ROUND_MS + Math.max(...PAUSES_MS) },
    async (pauseMs) => {
      await eachSeed(1, 'paused', async (seed) => {
        const program = start(seed, 1)
        const heard = await hear(program, ACKS)
        program.signal('SIGSTOP')
        await isRefused(seed + 1)
        await setTimeout(pauseMs)
        program.signal('SIGCONT')
        heard.push(...(await hear(program, ACKS)))
        await program.kill()
        heard.push(...(await program.rest()))
        const ledger = await readLedger(dir)
        expect(missing(ackedOf(heard), ledger.turns)).toEqual([])
        expect(new Set(ledger.turns).size, 'no transfer happened twice').toBe(ledger.turns.length)
      })
    },
  )

  it(
    'R5 I-05 that is killed before it wakes leaves its data to the next one',
    { timeout: ROUND_MS },
    async () => {
      await eachSeed(1, 'paused', async (seed) => {
        const program = start(seed, 1)
        const heard = await hear(program, ACKS)
        program.signal('SIGSTOP')
        await program.kill()
        heard.push(...(await program.rest()))
        const { turns, balances } = await readLedger(dir)
        expect(missing(ackedOf(heard), turns)).toEqual([])
        const next = start(seed + 1, 1_000_000)
        expect(balancesOf(await hear(next, 1))).toEqual([balances])
      })
    },
  )
})
