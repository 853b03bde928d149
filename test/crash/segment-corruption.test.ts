// R9: a file of the older part of the log is damaged, cut off, gone, or another one, while nobody has it open. Whoever reads
// the log is told so, whatever the damage is; what is read all the same is what was written there.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { LmdbStore } from '@holdfast/journal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program } from './process.js'
import { chance } from './programs/chance.js'
import type { Found } from './programs/examine.js'
import { note, ROUND_MS, rounds, SEED } from './seeds.js'

const PAGE = 4_096

/** Records of the log, and of what stood there before. */
const RECORDS = 210
const EARLIER = 40

/** Damages one file of a segment. */
type Damage = (file: string, bytes: Buffer, random: () => number) => void

const put = (file: string, bytes: Buffer): void => {
  writeFileSync(file, bytes)
}

describe('R9 I-12 a segment that was damaged while nobody had it open', () => {
  const place = mkdtempSync(join(tmpdir(), 'holdfast-segment-damage-'))
  const whole = join(place, 'whole')
  const damaged = join(place, 'damaged')
  const other = join(place, 'other')
  const folder = join(damaged, 'segments')
  let names: readonly string[] = []
  let right: Found & { kind: 'intact' }
  let examiner: Program | undefined
  let alive: LmdbStore | undefined

  async function write(dir: string, records: number): Promise<void> {
    const program = new Program('mover', [dir, String(records), '1000000'])
    const { code, complaints } = await program.ended()
    expect([code, complaints]).toEqual([0, ''])
  }

  beforeAll(async () => {
    await Promise.all([write(whole, RECORDS), write(other, EARLIER)])
    cpSync(whole, damaged, { recursive: true })
    // Who says that he has it open, and lives, is believed: no other process goes through LMDB's file first.
    alive = new LmdbStore({ dir: join(place, 'alive') })
    cpSync(join(place, 'alive', 'last-use.json'), join(damaged, 'last-use.json'))
    names = readdirSync(folder).sort()
    expect(names.length).toBeGreaterThan(10)
    const found = await examine()
    expect(found).toMatchObject({ kind: 'intact', records: RECORDS })
    right = found as typeof right
  }, 3 * ROUND_MS)

  afterAll(async () => {
    await examiner?.kill()
    await alive?.close()
    rmSync(place, { recursive: true, force: true })
  })

  /** What another process finds; `undefined` when it dies of it. */
  async function examine(): Promise<Found | undefined> {
    examiner ??= new Program('examine')
    examiner.say(damaged)
    const line = await examiner.line()
    if (line === undefined) {
      examiner = undefined
      return undefined
    }
    return JSON.parse(line) as Found
  }

  const KINDS: readonly (readonly [name: string, few: number, many: number, damage: Damage])[] = [
    [
      'one flipped bit',
      25,
      1_000,
      (file, bytes, random) => {
        const copy = Buffer.from(bytes)
        copy[Math.floor(random() * copy.byteLength)]! ^= 1 << Math.floor(random() * 8)
        put(file, copy)
      },
    ],
    [
      'a cut end',
      5,
      200,
      (file, bytes, random) => {
        put(file, bytes.subarray(0, Math.floor(random() * bytes.byteLength)))
      },
    ],
    [
      'a page of zeros',
      5,
      100,
      (file, bytes, random) => {
        const copy = Buffer.from(bytes)
        const at = PAGE * Math.floor((random() * copy.byteLength) / PAGE)
        put(file, copy.fill(0, at, Math.min(at + PAGE, copy.byteLength)))
      },
    ],
    [
      'that is gone',
      2,
      20,
      (file) => {
        rmSync(file)
      },
    ],
    [
      'in the place of which another one of the log stands',
      3,
      40,
      (file, bytes) => {
        const another = names.map((name) => readFileSync(join(whole, 'segments', name)))
        put(
          file,
          another.find((each) => !each.equals(bytes))!,
        )
      },
    ],
    [
      'in the place of which that of another log stands',
      2,
      20,
      (file) => {
        cpSync(join(other, 'segments', names[0]!), file)
      },
    ],
    [
      'in the place of which an earlier one stands, that ends before it',
      2,
      20,
      (file, bytes) => {
        // It was whole when it was written: its header and its end say so, with fewer batches.
        put(file, shorter(bytes))
      },
    ],
  ]

  it.each(KINDS)(
    'R9 is told of, and is never read as if it were right: %s',
    async (name, few, many, damage) => {
      const times = rounds(few, many)
      const outcomes: Record<string, number> = {}
      for (let n = 0; n < times; n++) {
        const random = chance(SEED + n)
        const segment = names[Math.floor(random() * names.length)]!
        const bytes = readFileSync(join(whole, 'segments', segment))
        damage(join(folder, segment), bytes, random)
        const found = await examine()
        writeFileSync(join(folder, segment), bytes)
        const seed = `${name}, seed ${SEED + n}, ${segment}`
        expect(found?.kind, seed).toMatch(/^(findings|refused)$/)
        if (found?.kind === 'refused') expect(found.code, seed).not.toBe('none')
        if (found?.kind === 'findings')
          expect(right.hashes, seed).toEqual(expect.arrayContaining([...found.hashes]))
        outcomes[found!.kind] = (outcomes[found!.kind] ?? 0) + 1
      }
      note(`R9 segments, ${name}, seeds ${SEED} to ${SEED + times - 1}: ${JSON.stringify(outcomes)}`)
      // What was put right is right again.
      expect(await examine()).toEqual(right)
    },
    rounds(30, 1_000) * 1_000 + ROUND_MS,
  )
})

/** A segment of the same batches but the last, sound in itself: header, batches, table, and the end, by the log format. */
function shorter(bytes: Buffer): Buffer {
  const rows = bytes.readDoubleLE(bytes.byteLength - 12)
  const count = bytes.readUInt32LE(40) - 1
  const last = bytes.subarray(rows + 20 * count, rows + 20 * (count + 1))
  const end = last.readDoubleLE(8)
  const head = Buffer.from(bytes.subarray(0, 76))
  head.writeDoubleLE(last.readDoubleLE(0), 32)
  head.writeUInt32LE(count, 40)
  const table = bytes.subarray(rows, rows + 20 * count)
  const tail = Buffer.from(bytes.subarray(-16))
  tail.writeUInt32LE(crc32(table, crc32(head)), 0)
  tail.writeDoubleLE(end, 4)
  return Buffer.concat([head, bytes.subarray(76, end), table, tail])
}
