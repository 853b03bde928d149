import { cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AnchorKey } from './anchor.js'
import { headerOf } from '../batch-format.js'
import { everything, fill, journalOn, sketches, temporaryDirectory } from '../log.fixture.js'
import { AT_ONCE, type Steps, type StoredSegment } from '../store.js'
import { verifyStore, type VerifyReport } from '../verify.js'
import { hashOf } from './checksum.js'
import { SEGMENTS_FOLDER } from './data-directory.js'
import { LmdbStore } from './lmdb-store.js'

const SMALL = { tailBytes: 0, segmentBytes: 4_000 }

describe('a segment file that is not the one that was written', () => {
  let home: string
  let dir: string
  let segments: StoredSegment[]

  async function made(to: string): Promise<StoredSegment[]> {
    const store = new LmdbStore({ dir: to, segments: SMALL })
    await fill(store, sketches(100))
    while (await store.tidy());
    const all = [...store.segments()]
    await store.close()
    return all
  }

  beforeEach(async () => {
    home = temporaryDirectory()
    dir = join(home, 'data')
    segments = await made(dir)
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  const fileOf = (nth: number, of = dir): string => join(of, SEGMENTS_FOLDER, segments[nth]!.name)

  async function verified(): Promise<VerifyReport> {
    const store = new LmdbStore({ dir, readOnly: true })
    try {
      return verifyStore(store)
    } finally {
      await store.close()
    }
  }

  /** What a verification says of the file, and that a reading ends there with the same. */
  async function foundIn(nth: number): Promise<string> {
    const { first, next, name } = segments[nth]!
    const { ok, findings, records, damaged } = await verified()
    expect(damaged).toEqual([{ from: first, to: next - 1, actors: [], areAll: false }])
    const found = findings.find(({ kind }) => kind === 'segment')
    expect([ok, found?.position]).toEqual([false, first])
    expect(found!.what).toContain(name)
    expect(found!.what).toContain(`Positions ${first} to ${next - 1} are not believed`)
    // Everything else was looked at, and follows what the note of the file says.
    expect(records).toBe(segments.at(-1)!.next + headerOf(lastBytes)!.count - 1 - (next - first))
    expect(findings.filter(({ kind }) => kind !== 'segment')).toEqual([])
    await refusesToRead(first)
    return found!.what
  }

  let lastBytes: Uint8Array

  async function refusesToRead(first: number): Promise<void> {
    const damaged = expect.objectContaining({ code: 'HF_STORE_DAMAGED' }) as unknown
    const store = new LmdbStore({ dir, readOnly: true })
    const seen: number[] = []
    const read = (): void => {
      for (const batch of store.batches(1)) seen.push(batch.first)
    }
    expect(read).toThrow(damaged)
    expect(seen.every((each) => each < first)).toBe(true)
    expect(seen.length === 0).toBe(first === 1)
    expect(() => store.batchAt(first)).toThrow(damaged)
    expect(() => everything(journalOn(store))).toThrow(damaged)
    await store.close()
  }

  beforeEach(async () => {
    const store = new LmdbStore({ dir, readOnly: true })
    lastBytes = store.last()!.bytes
    await store.close()
  })

  it.each([0, 2])(
    'that is missing is named with its positions (file %i), and all others are looked at',
    async (nth) => {
      rmSync(fileOf(nth))
      expect(await foundIn(nth)).toContain('it is missing')
    },
  )

  it('that is cut off is named', async () => {
    truncateSync(fileOf(1), 200)
    expect(await foundIn(1)).toContain('it does not end as a segment does')
    truncateSync(fileOf(1), 0)
    expect(await foundIn(1)).toContain('it is cut off')
  })

  it('that was swapped with another is named, and so is the other', async () => {
    renameSync(fileOf(1), join(home, 'one'))
    renameSync(fileOf(2), fileOf(1))
    renameSync(join(home, 'one'), fileOf(2))
    const { findings } = await verified()
    expect(findings.map(({ kind, position }) => [kind, position])).toEqual([
      ['segment', segments[1]!.first],
      ['segment', segments[2]!.first],
    ])
    expect(findings[0]!.what).toContain(`it says that it belongs at position ${segments[2]!.first}`)
  })

  it('that comes from another store is named as that, also when it holds the same positions', async () => {
    const other = join(home, 'other')
    await made(other)
    cpSync(fileOf(1, other), fileOf(1))
    expect(await foundIn(1)).toContain('it was written for another store')
  })

  it('is reported beside a damaged batch right before it', async () => {
    rmSync(fileOf(2))
    const bytes = readFileSync(fileOf(1))
    const store = new LmdbStore({ dir, readOnly: true })
    const last = store.batchAt(segments[1]!.next - 1)!
    await store.close()
    const at = bytes.indexOf(last.bytes) + 10
    for (const byte of [0, 1, 2]) bytes[at + byte]! ^= 0xff
    writeFileSync(fileOf(1), bytes)
    const { findings, damaged } = await verified()
    expect(findings.filter(({ kind }) => kind === 'checksum' || kind === 'segment')).toMatchObject([
      { kind: 'checksum', position: last.first },
      { kind: 'segment', position: segments[2]!.first },
    ])
    expect(damaged).toMatchObject([{ from: last.first }, { from: segments[2]!.first }])
  })

  it('that is a whole one with another batch in it is not believed, whatever its own checksum says', async () => {
    const bytes = readFileSync(fileOf(1))
    // Before the table, in the first batch: the checksum of the file does not cover that, the one of the batch does.
    bytes[76 + 130]! ^= 3
    writeFileSync(fileOf(1), bytes)
    const { ok, findings } = await verified()
    expect(ok).toBe(false)
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'checksum', position: segments[1]!.first }),
    )
    const store = new LmdbStore({ dir, readOnly: true })
    expect(() => everything(journalOn(store))).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
    await store.close()
  })

  it('I-12 in any one bit is reported at its batch or as a file, and never read as something else', async () => {
    const whole = readFileSync(fileOf(1))
    const { first, next } = segments[1]!
    for (let at = 0; at < whole.byteLength; at += 97) {
      const changed = Buffer.from(whole)
      changed[at]! ^= 1 << (at % 8)
      writeFileSync(fileOf(1), changed)
      const store = new LmdbStore({ dir, readOnly: true })
      const { ok, findings } = verifyStore(store)
      expect(ok, `byte ${at}`).toBe(false)
      expect(findings.every(({ position }) => position >= first && position <= next)).toBe(true)
      const refused = /^HF_STORE_(DAMAGED|NEWER)$/
      const code = expect.stringMatching(refused) as unknown
      expect(() => everything(journalOn(store)), `byte ${at}`).toThrow(expect.objectContaining({ code }))
      await store.close()
    }
  })

  it('I-12 in any bit of its header, its table or its end is no segment any more', async () => {
    const whole = readFileSync(fileOf(1))
    const store = new LmdbStore({ dir, readOnly: true })
    const segment = [...store.segments()][1]!
    const table = whole.readDoubleLE(whole.byteLength - 12)
    const missed: string[] = []
    for (let at = 0; at < whole.byteLength; at = at + 1 === 76 ? table : at + 1) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(whole)
        changed[at]! ^= 1 << bit
        writeFileSync(fileOf(1), changed)
        try {
          segment.check()
          missed.push(`byte ${at}, bit ${bit}`)
        } catch (error) {
          expect(error).toMatchObject({ code: 'HF_STORE_DAMAGED' })
        }
      }
    }
    expect(missed).toEqual([])
    await store.close()
  })

  it('I-12 P4 is reported also while its batches are still in LMDB, and these are given in the place of its own', async () => {
    dir = join(home, 'left')
    const store = new LmdbStore({ dir, segments: SMALL })
    await fill(store, sketches(100))
    const after: Steps = {
      ...AT_ONCE,
      // A process that ends right after a segment was noted leaves its batches where they were, too.
      breathe: () => {
        if ([...store.segments()].length > 0) throw new Error('the log was closed')
        return Promise.resolve()
      },
    }
    await expect(store.tidy(after)).rejects.toThrow('the log was closed')
    const left = [...store.segments()].at(-1)!
    const batches = [...store.batches(left.first)].filter(({ first }) => first < left.next)
    expect([...store.rows.log.getKeys({ end: left.next })]).toEqual(batches.map(({ first }) => first))
    await store.close()

    const file = join(dir, SEGMENTS_FOLDER, left.name)
    const whole = readFileSync(file)
    expect(await verified()).toMatchObject({ ok: true })
    for (const { first, bytes } of batches) {
      const changed = Buffer.from(whole)
      const at = whole.indexOf(bytes)
      changed[at + (bytes.byteLength >> 1)]! ^= 4
      writeFileSync(file, changed)
      const { findings } = await verified()
      expect(findings).toEqual([expect.objectContaining({ kind: 'segment', position: first })])
      const reader = new LmdbStore({ dir, readOnly: true })
      expect(Buffer.compare(reader.batchAt(first)!.bytes, bytes)).toBe(0)
      expect(reader.look(first, (each) => Buffer.compare(each, bytes))).toBe(0)
      expect([...reader.firsts(first)][0]).toBe(first)
      await reader.close()
    }
    rmSync(file)
    const { findings } = await verified()
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'segment', position: left.first }))
  })

  it('with one changed bit in a batch is mended across its border, as a batch in LMDB is', async () => {
    const whole = readFileSync(fileOf(1))
    const store = new LmdbStore({ dir, readOnly: true })
    const last = [...store.batches(segments[1]!.first)]
      .filter(({ first }) => first < segments[1]!.next)
      .at(-1)!
    await store.close()
    const at = whole.indexOf(last.bytes) + 20
    whole[at]! ^= 1
    writeFileSync(fileOf(1), whole)
    const damaged = new LmdbStore({ dir, readOnly: true })
    const told: unknown[] = []
    const read = [...journalOn(damaged).readBatches((damage) => told.push(damage))]
    expect([read.length, told.length]).toEqual([100, 1])
    await damaged.close()
  })

  it('is not needed any more when it was cut away: files that are gone below the floor are no damage', async () => {
    const store = new LmdbStore({ dir, segments: SMALL })
    const reader = new LmdbStore({ dir, readOnly: true })
    expect(reader.batchAt(1)?.first).toBe(1)
    const floor = await store.dropBelow(segments[3]!.first)
    expect(readdirSync(join(dir, SEGMENTS_FOLDER))).not.toContain(segments[1]!.name)
    // It has looked at nothing there yet, and finds the floor instead.
    expect([reader.batchAt(segments[1]!.first), reader.floor]).toEqual([undefined, floor])
    expect(verifyStore(reader)).toMatchObject({ ok: true, floor })
    await reader.close()
    await store.close()
  })

  it('leaves anchors that vouch for what was cut away unchecked, and says so', async () => {
    const store = new LmdbStore({ dir, segments: SMALL })
    const key = new AnchorKey(generateKeyPairSync('ed25519').privateKey)
    const batches = [...store.batches(1)]
    const anchorOf = (nth: number) => {
      const bytes = batches[nth]!.bytes
      const position = batches[nth + 1]!.first - 1
      const head = {
        store: Buffer.from(store.id).toString('hex'),
        epoch: 1,
        time: '2026-06-01T00:00:00.000Z',
      }
      return key.sign({ ...head, position, hash: hashOf(bytes).toString('hex') })
    }
    const before = batches.findIndex(({ first }) => first === segments[3]!.first) - 1
    const anchors = [anchorOf(1), anchorOf(before), anchorOf(90)]
    await store.dropBelow(segments[3]!.first)
    const report = verifyStore(store, undefined, anchors)
    expect(report).toMatchObject({ ok: true, anchors: { count: 3, cut: 1, newest: anchors[2] } })
    const other = verifyStore(store, undefined, [{ ...anchors[1]!, hash: 'ab'.repeat(32) }])
    expect(other).toMatchObject({ ok: false, findings: [{ kind: 'anchor' }] })
    await store.close()
  })
})
