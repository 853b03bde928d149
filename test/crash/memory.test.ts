// R12: a system that is offered ten times of what it handles, with little memory. What waits is bounded, whoever offers more
// is refused, and afterwards it has as much as before. When it has too little and dies of that, nothing is lost.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LmdbStore, openJournal, verifyStore } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ackedOf, missing } from './ledger.js'
import { Program } from './process.js'
import { note, ROUND_MS, rounds } from './seeds.js'

/** How long it is overloaded. */
const LOAD_MS = rounds(2, 300) * 1_000

/** Megabytes of heap for what has lived for a while, and of its own memory at the most, with young objects and buffers. */
const HEAP_MB = 160
const OWN_MB = 256

/** Address space beyond what it has when it is up: enough, and too little. */
const ENOUGH_MB = 600
const LITTLE_MB = 12

const noLimits = process.platform !== 'linux' || spawnSync('prlimit', ['--version']).status !== 0

describe.skipIf(noLimits)('R12 a system that is offered ten times of what it handles', () => {
  let dir: string

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-memory-'))
  })

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  function overload(ms: number, megabytes: number): Program {
    // With its handler of traps, WebAssembly sets aside gigabytes of address space for each memory.
    const options = `--max-old-space-size=${HEAP_MB} --disable-wasm-trap-handler`
    const env = { ...process.env, NODE_OPTIONS: options }
    return new Program('overload', [dir, String(ms), String(megabytes)], { env })
  }

  /** What is acknowledged has been handled, by what the log says. */
  async function check(acked: readonly number[]): Promise<void> {
    const store = new LmdbStore({ dir, readOnly: true })
    expect(verifyStore(store).findings).toEqual([])
    await store.close()
    const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
    const asked = new Map<number, number>()
    const handled: number[] = []
    for (const record of journal.read(1)) {
      if (record.kind === 'message' && record.type === 'take')
        asked.set(record.position, (record.payload() as { n: number }).n)
      if (record.kind === 'turn') handled.push(asked.get(record.message) ?? 0)
    }
    await journal.close()
    expect(missing(acked, handled)).toEqual([])
  }

  it.each([
    ['a small heap', 0],
    ['little address space', ENOUGH_MB],
  ])(
    'R12 I-39 has no more memory than its bounds allow, refuses the rest, and has as much as before when it is drained: %s',
    async (what, megabytes) => {
      const program = overload(LOAD_MS, megabytes)
      const heard = await program.rest()
      const { code, signal, complaints } = await program.ended()
      expect([code, signal, complaints]).toEqual([0, null, ''])
      const [up = 0] = figures(heard, 'up')[0]!
      const [drained = 0] = figures(heard, 'drained')[0]!
      const memory = figures(heard, 'memory')
      const [, offered = 0, refused = 0, handled = 0] = memory.at(-1)!
      const most = Math.max(...memory.map(([own = 0]) => own))
      note(
        `R12 ${what}: ${offered} offered, ${refused} refused, ${handled} handled; ${most} KB at the most, ${up} before, ${drained} behind`,
      )
      expect(refused).toBeGreaterThan(4 * handled)
      expect(most).toBeLessThan(OWN_MB * 1_024)
      expect(drained).toBeLessThan(1.2 * up)
      expect(ackedOf(heard).length).toBeGreaterThan(0)
      await check(ackedOf(heard))
    },
    LOAD_MS + 3 * ROUND_MS,
  )

  it(
    'R12 I-01 that dies of it has lost nothing that was acknowledged, and starts again when it has more',
    async () => {
      const program = overload(LOAD_MS, LITTLE_MB)
      const heard = await program.rest()
      const { code, signal } = await program.ended()
      expect(code === 0 && signal === null).toBe(false)
      await check(ackedOf(heard))
      const again = overload(0, 0)
      expect((await again.rest()).at(-1)).toMatch(/^drained/)
      expect((await again.ended()).code).toBe(0)
    },
    LOAD_MS + 3 * ROUND_MS,
  )
})

/** The numbers behind a word, in each line that starts with it. */
function figures(heard: readonly string[], word: string): number[][] {
  return heard.flatMap((line) =>
    line.startsWith(`${word} `)
      ? [
          line
            .slice(word.length + 1)
            .split(' ')
            .map(Number),
        ]
      : [],
  )
}
