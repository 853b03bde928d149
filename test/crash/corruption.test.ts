// R9: the file of a stopped system is damaged in every way that disks have: a flipped bit, a cut end, a page of zeros, two
// pages in each other's place, an older copy. Whoever opens it gets what was there, or a part of it with the finding, or a
// refusal by its code; never something else that looks right.

import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOG_FILE } from '@holdfast/journal'
import { hear } from './ledger.js'
import { Program } from './process.js'
import { chance } from './programs/chance.js'
import type { Found } from './programs/examine.js'
import { note, ROUND_MS, rounds, SEED } from './seeds.js'

const PAGE = 4_096

/** What came of one damaged file. */
type Outcome =
  'intact' | 'an earlier state' | 'found' | 'refused' | 'died' | 'refused without a code' | 'wrong'

describe('R9 I-12 a file that was damaged while nobody had it open', () => {
  const place = mkdtempSync(join(tmpdir(), 'holdfast-damage-'))
  const whole = join(place, 'whole')
  const older = join(place, 'older')
  const damaged = join(place, 'damaged')
  let bytes: Buffer
  let right: Found & { kind: 'intact' }
  let examiner: Program | undefined

  async function bank(first: number, acks: number): Promise<void> {
    const program = new Program('bank', [whole, String(first), String(first), '0'])
    await hear(program, acks)
    program.say('stop')
    expect((await program.ended()).code).toBe(0)
  }

  beforeAll(async () => {
    await bank(1, 300)
    cpSync(whole, older, { recursive: true })
    await bank(1_000_000, 600)
    bytes = readFileSync(join(whole, LOG_FILE))
    const found = await examine(whole)
    expect(found?.kind).toBe('intact')
    right = found as typeof right
    expect(right.records).toBeGreaterThan(1_000)
  }, 3 * ROUND_MS)

  afterAll(async () => {
    await examiner?.kill()
    rmSync(place, { recursive: true, force: true })
  })

  /** What another process finds in a directory; `undefined` when it dies of it. */
  async function examine(dir: string): Promise<Found | undefined> {
    examiner ??= new Program('examine')
    examiner.say(dir)
    const line = await examiner.line()
    if (line === undefined) {
      examiner = undefined
      return undefined
    }
    return JSON.parse(line) as Found
  }

  async function outcomeOf(damage: (file: string) => void): Promise<Outcome> {
    rmSync(damaged, { recursive: true, force: true })
    mkdirSync(damaged)
    copyFileSync(join(whole, LOG_FILE), join(damaged, LOG_FILE))
    damage(join(damaged, LOG_FILE))
    const found = await examine(damaged)
    if (found === undefined) return 'died'
    if (found.kind === 'refused') return found.code === 'none' ? 'refused without a code' : 'refused'
    // Whatever was read is what was written, as far as it goes.
    const isPrefix = found.hashes.every((hash, i) => hash === right.hashes[i])
    if (!isPrefix) return 'wrong'
    if (found.kind === 'findings') return 'found'
    return found.records === right.records ? 'intact' : 'an earlier state'
  }

  /** Damages the file again and again. @returns how often what came of it */
  async function sweep(
    name: string,
    times: number,
    damage: (random: () => number) => (file: string) => void,
  ): Promise<Partial<Record<Outcome, number>>> {
    const counts: Partial<Record<Outcome, number>> = {}
    for (let i = 0; i < times; i++) {
      const outcome = await outcomeOf(damage(chance(SEED + i)))
      counts[outcome] = (counts[outcome] ?? 0) + 1
      if (outcome === 'wrong')
        throw new Error(`${name}: the damage of seed ${SEED + i} is read as if it were right`)
    }
    note(`R9 ${name}, seeds ${SEED} to ${SEED + times - 1}: ${JSON.stringify(counts)}`)
    return counts
  }

  const kinds: readonly [
    name: string,
    few: number,
    many: number,
    damage: (random: () => number) => (file: string) => void,
  ][] = [
    [
      'one flipped bit',
      40,
      2_000,
      (random) => (file) => {
        const copy = Buffer.from(bytes)
        const at = Math.floor(random() * copy.byteLength)
        copy[at]! ^= 1 << Math.floor(random() * 8)
        writeFileSync(file, copy)
      },
    ],
    [
      'a cut end',
      2,
      200,
      (random) => (file) => {
        truncateSync(file, Math.floor(random() * bytes.byteLength))
      },
    ],
    [
      'a page of zeros',
      6,
      200,
      (random) => (file) => {
        const copy = Buffer.from(bytes)
        const at = PAGE * Math.floor((random() * copy.byteLength) / PAGE)
        copy.fill(0, at, at + PAGE)
        writeFileSync(file, copy)
      },
    ],
    [
      'two swapped pages',
      6,
      200,
      (random) => (file) => {
        const copy = Buffer.from(bytes)
        const [a, b] = [0, 0].map(() => PAGE * (2 + Math.floor(random() * (copy.byteLength / PAGE - 2))))
        const page = Buffer.from(copy.subarray(a, a! + PAGE))
        copy.copyWithin(a!, b!, b! + PAGE)
        page.copy(copy, b)
        writeFileSync(file, copy)
      },
    ],
  ]

  it.each(kinds)(
    'R9 is never read as if it were right: %s',
    async (name, few, many, damage) => {
      const times = rounds(few, many)
      const counts = await sweep(name, times, damage)
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(times)
      expect(counts['wrong']).toBeUndefined()
    },
    rounds(60, 2_000) * 4_000,
  )

  it(
    'R9 an older copy of it is a whole log up to where it was copied',
    async () => {
      const found = await examine(older)
      expect(found?.kind).toBe('intact')
      if (found?.kind === 'intact') expect(found.hashes).toEqual(right.hashes.slice(0, found.hashes.length))
    },
    ROUND_MS,
  )
})
