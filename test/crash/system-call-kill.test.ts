// R2: a system under load dies at one exact call on the way of a commit, before it or in it. And the order of the calls
// themselves, seen from outside: nobody is answered before the flush of what the answer stands on.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openJournal } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { ONE_DISK_THREAD, withFault } from './injected.js'
import { ackedOf, balancesOf, hear, missing, readLedger } from './ledger.js'
import { Program } from './process.js'
import { BURST } from './programs/burst.js'
import { chance } from './programs/chance.js'
import { eachSeed, ROUND_MS, rounds } from './seeds.js'
import { whyNoSystemCalls } from './system-calls.js'

const why = whyNoSystemCalls()
const ROUNDS = rounds(4, 60)

describe.skipIf(why !== undefined)(`at one system call${why === undefined ? '' : ` (${why})`}`, () => {
  const dirs: string[] = []

  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
  })

  function fresh(): string {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-calls-'))
    dirs.push(dir)
    return dir
  }

  it(
    `R2 I-01 a kill loses nothing that was acknowledged and leaves no part of a turn, over ${ROUNDS} calls`,
    async () => {
      await eachSeed(ROUNDS, 'system-call-kill', async (seed, index) => {
        const dir = fresh()
        const call = index % 2 === 0 ? 'pwrite64' : 'fdatasync'
        // The first ones make the file and its tables; what comes after them is commits.
        const nth = 1 + Math.floor(chance(seed)() * (call === 'pwrite64' ? 120 : 40))
        const fault = withFault(`${call}:signal=SIGKILL:when=${nth}`)
        const program = new Program('bank', [dir, String(seed), '1', '0'], ONE_DISK_THREAD, fault)
        const { signal, complaints } = await program.ended()
        expect([signal, complaints]).toEqual(['SIGKILL', ''])
        const heard = await program.rest()
        // What was cut off while it was made is made again; what is there must hold whatever was acknowledged.
        const again = new Program('bank', [dir, String(seed + 1), '1000000', '0'])
        const lines = await hear(again, 1)
        expect((await again.kill()).complaints).toBe('')
        const ledger = await readLedger(dir)
        expect(missing([...ackedOf(heard), ...ackedOf(lines)], ledger.turns)).toEqual([])
        expect(balancesOf(lines).length).toBe(1)
      })
    },
    ROUNDS * ROUND_MS,
  )

  it(
    'F-2 a kill in the middle of a commit leaves each turn of a hundred messages whole or not at all, in order',
    async () => {
      await eachSeed(rounds(1, 30), 'system-call-kill', async (seed) => {
        const dir = fresh()
        const nth = 30 + Math.floor(chance(seed)() * 60)
        const fault = withFault(`pwrite64:signal=SIGKILL:when=${nth}`)
        const program = new Program('burst', [dir], ONE_DISK_THREAD, fault)
        expect((await program.ended()).signal).toBe('SIGKILL')
        const acked = ackedOf(await program.rest())
        const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
        const records = [...journal.read(1)]
        const turns = records.filter((record) => record.kind === 'turn' && record.told > 0)
        const heard = records.flatMap((record) =>
          record.kind === 'message' && record.type === 'hear'
            ? [record.payload() as { n: number; i: number }]
            : [],
        )
        const expected = turns.flatMap((_, n) => Array.from({ length: BURST }, (_each, i) => [n + 1, i]))
        expect(heard.map(({ n, i }) => [n, i])).toEqual(expected)
        expect(turns.length).toBeGreaterThanOrEqual(acked.at(-1) ?? 0)
        await journal.close()
      })
    },
    rounds(1, 30) * ROUND_MS,
  )

  it(
    'I-02 every acknowledgement comes behind the flush of its data and the write that names them',
    async () => {
      const dir = fresh()
      const trace = join(fresh(), 'trace')
      const strace = ['strace', '-f', '-qq', '-y', '-s', '16', '--seccomp-bpf', '-o', trace]
      const within = [...strace, '-e', 'trace=pwrite64,fdatasync,write']
      const args = [dir, '1', '1', '0', JSON.stringify({ atOnce: 1 })]
      const program = new Program('bank', args, ONE_DISK_THREAD, within)
      const acks = 60
      await hear(program, acks)
      program.say('stop')
      await program.ended()
      expect(
        order(readFileSync(trace, 'utf8')).filter((word) => word === 'acked').length,
      ).toBeGreaterThanOrEqual(acks)
      let sinceAck: string[] = []
      for (const word of order(readFileSync(trace, 'utf8'))) {
        if (word !== 'acked') {
          sinceAck.push(word)
          continue
        }
        // Data, their flush, and the page that names them, which is written through to the disk.
        expect(sinceAck.join(' ')).toMatch(/data( data)* flushed named/)
        sinceAck = []
      }
    },
    2 * ROUND_MS,
  )
})

/** What a trace tells of a commit and of its acknowledgement, in the order in which it ended. */
function order(trace: string): string[] {
  return trace.split('\n').flatMap((line) => {
    if (/ write\(1<[^>]*>, "acked/.test(line)) return ['acked']
    if (/fdatasync.* = 0$/.test(line)) return ['flushed']
    const [, bytes] = /pwrite64.* = (\d+)$/.exec(line) ?? []
    if (bytes === undefined) return []
    return Number(bytes) < 4_096 ? ['named'] : ['data']
  })
}
