// R10 and R11: the data directory may not be written, goes away or is turned elsewhere while a system runs on it; and a
// process that has no descriptors left.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hearUntil, ONE_DISK_THREAD, withFault } from './injected.js'
import { ackedOf, hear, missing, readLedger } from './ledger.js'
import { AS_NOBODY, whyNotNobody } from './nobody.js'
import { Program } from './process.js'
import { ROUND_MS } from './seeds.js'
import { whyNoSystemCalls } from './system-calls.js'

const notNobody = whyNotNobody()
const noCalls = whyNoSystemCalls()

let place: string
let dir: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'holdfast-lost-'))
  dir = join(place, 'data')
  mkdirSync(dir)
})

afterEach(() => {
  chmodSync(place, 0o755)
  rmSync(place, { recursive: true, force: true })
})

describe.skipIf(notNobody !== undefined)(
  `R10 a directory that may not be written${notNobody === undefined ? '' : ` (${notNobody})`}`,
  () => {
    beforeEach(() => {
      chmodSync(place, 0o755)
      chmodSync(dir, 0o555)
    })

    it(
      'R10 F-14 is refused by its code when a system starts on it, and nothing is left in it',
      { timeout: ROUND_MS },
      async () => {
        const program = new Program('bank', [dir, '1', '1', '0'], AS_NOBODY)
        const lines = await program.rest()
        const { code, complaints } = await program.ended()
        expect([code, complaints, lines.length]).toEqual([7, '', 1])
        expect(lines[0]).toMatch(/^refused HF_STORE_UNWRITABLE .*cannot be written/)
        expect(readdirSync(dir)).toEqual([])
      },
    )

    it('R10 F-14 ends the command line with its exit code and a hint', { timeout: ROUND_MS }, () => {
      const bin = fileURLToPath(new URL('../../apps/cli/src/bin.ts', import.meta.url))
      const swarm = fileURLToPath(new URL('../examples/first-swarm.ts', import.meta.url))
      const flags = ['--conditions=@holdfast/source', '--import', 'tsx', bin, 'run', swarm, '--data', dir]
      const options = {
        ...AS_NOBODY,
        encoding: 'utf8',
        cwd: fileURLToPath(new URL('.', import.meta.url)),
      } as const
      const { status, stderr } = spawnSync(process.execPath, flags, options)
      expect(stderr).toContain('HF_STORE_UNWRITABLE')
      expect([status, readdirSync(dir)]).toEqual([7, []])
    })
  },
)

describe('R10 a directory that goes away under a running system', () => {
  it(
    'R10 has the system stop acknowledging by itself, and is not made again',
    { timeout: ROUND_MS },
    async () => {
      const program = new Program('bank', [dir, '1', '1', '0', '{"atOnce":1}'])
      await hear(program, 50)
      rmSync(dir, { recursive: true })
      const heard = await hearUntil(program, 'failed')
      expect(heard.at(-1)).toBe('failed HF_STORE_FAILED')
      program.say('stop')
      const rest = await program.rest()
      expect(ackedOf(rest)).toEqual([])
      expect(rest.at(-1)).toMatch(/^stopped HF_STORE_(FAILED|MISSING)$/)
      expect([(await program.ended()).code, existsSync(dir)]).toEqual([0, false])
    },
  )

  it(
    'R10 has it go on where it is when the link that led to it is turned elsewhere',
    { timeout: ROUND_MS },
    async () => {
      const link = join(place, 'link')
      const other = join(place, 'other')
      mkdirSync(other)
      symlinkSync(dir, link)
      const program = new Program('bank', [link, '1', '1', '0'])
      const heard = await hear(program, 50)
      symlinkSync(other, `${link}-new`)
      renameSync(`${link}-new`, link)
      heard.push(...(await hear(program, 200)))
      program.say('stop')
      heard.push(...(await program.rest()))
      expect(heard.at(-1)).toBe('stopped')
      expect(missing(ackedOf(heard), (await readLedger(dir)).turns)).toEqual([])
      expect(readdirSync(other)).toEqual([])
    },
  )
})

describe('R11 a process without descriptors', () => {
  const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

  it.skipIf(!hasPrlimit)('R11 works on with those that it has', { timeout: ROUND_MS }, async () => {
    const args = [dir, '1', '1', '0', JSON.stringify({ takesDescriptors: true })]
    const program = new Program('bank', args)
    const heard = await hearUntil(program, 'taken')
    expect(heard.at(-1)).toBe('taken EMFILE')
    const acked = ackedOf(await hear(program, 300))
    await program.kill()
    expect(missing(acked, (await readLedger(dir)).turns)).toEqual([])
  })

  it.skipIf(!hasPrlimit || noCalls !== undefined)(
    `R11 that must open its store again says so, and goes on when it has one${noCalls === undefined ? '' : ` (${noCalls})`}`,
    { timeout: ROUND_MS },
    async () => {
      const args = [dir, '1', '1', '0', JSON.stringify({ takesDescriptors: true })]
      const program = new Program('bank', args, ONE_DISK_THREAD, withFault('fdatasync:error=EIO:when=60'))
      const heard = await hearUntil(program, 'failed')
      expect(heard).toContain('taken EMFILE')
      const between = await hearUntil(program, 'works')
      expect(ackedOf(between)).toEqual([])
      const after = await hear(program, 100)
      program.say('stop')
      after.push(...(await program.rest()))
      expect(after.at(-1)).toBe('stopped')
      expect(missing(ackedOf([...heard, ...after]), (await readLedger(dir)).turns)).toEqual([])
    },
  )
})
