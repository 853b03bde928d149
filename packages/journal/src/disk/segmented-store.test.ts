import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal } from '../journal.js'
import { everything, fill, journalOn, sketches, stored, tell, temporaryDirectory } from '../log.fixture.js'
import { MemoryStore } from '../memory-store.js'
import type { BatchStore, Steps } from '../store.js'
import { verifyStore } from '../verify.js'
import { SEGMENTS_FOLDER } from './data-directory.js'
import { LmdbStore } from './lmdb-store.js'
import { segmentName } from './segment-file.js'

const SMALL = { tailBytes: 0, segmentBytes: 3_000 }

async function tidied(store: BatchStore): Promise<void> {
  while (await store.tidy());
}

/** What a store gives by every one of its ways to a batch. */
function ways(store: BatchStore, next: number): unknown {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  const positions = Array.from({ length: next + 2 }, (_, position) => position)
  return {
    batches: [...store.batches(1)].map(({ first, bytes }) => [first, hex(bytes)]),
    at: positions.map((position) => store.batchAt(position)?.first),
    seen: positions.map((position) => store.look(position, hex)),
    from: positions
      .filter((each) => each % 7 === 0)
      .map((position) => [...store.firsts(position)].slice(0, 3)),
    last: store.last()?.first,
  }
}

describe('a store with segments', () => {
  let home: string
  let dir: string

  beforeEach(() => {
    home = temporaryDirectory()
    dir = join(home, 'data')
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  const open = (): LmdbStore => new LmdbStore({ dir, segments: SMALL })
  const files = (of = dir): string[] => readdirSync(join(of, SEGMENTS_FOLDER)).sort()

  /** A store whose log is all in segments but for its end. */
  async function moved(batches = 120): Promise<LmdbStore> {
    const store = open()
    await fill(store, sketches(batches))
    await tidied(store)
    return store
  }

  it('gives every batch as before, by every way, also when it is opened again and beside a reader', async () => {
    const store = open()
    await fill(store, sketches(120))
    const next = store.last()!.first + 3
    const reader = new LmdbStore({ dir, readOnly: true })
    const before = ways(store, next)
    await tidied(store)
    expect(files().length).toBeGreaterThan(3)
    expect(ways(store, next)).toEqual(before)
    expect(ways(reader, next)).toEqual(before)
    await reader.close()
    await store.close()
    const again = open()
    expect(ways(again, next)).toEqual(before)
    expect(verifyStore(again)).toMatchObject({ ok: true, segments: files().length, floor: 1, cut: 0 })
    await again.close()
  })

  it('keeps the files to their owner, and the last batch in LMDB', async () => {
    const store = await moved()
    const folder = join(dir, SEGMENTS_FOLDER)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(files().map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(files().map(() => 0o600))
    const segments = [...store.segments()]
    expect(segments.at(-1)!.next).toBe(store.last()!.first)
    expect(segments.map(({ first }) => first).slice(1)).toEqual(segments.map(({ next }) => next).slice(0, -1))
    await store.close()
  })

  it('leaves in LMDB what is within the bound, and moves no more than it has to', async () => {
    const segments = { tailBytes: 40_000, segmentBytes: 20_000 }
    const few = new LmdbStore({ dir: join(home, 'few'), segments })
    await fill(few, sketches(60))
    expect([few.isUntidy(false), await few.tidy()]).toEqual([false, false])
    await few.close()
    const store = new LmdbStore({ dir, segments })
    await fill(store, sketches(600))
    expect(store.isUntidy(false)).toBe(true)
    await tidied(store)
    expect([store.isUntidy(false), await store.tidy()]).toEqual([false, false])
    const kept = [...store.batches([...store.segments()].at(-1)!.next)]
    expect(kept.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)).toBeGreaterThan(25_000)
    await store.close()
  })

  it('cuts whole segments below a position; its bytes on the disk become fewer, and its log begins there', async () => {
    const store = await moved()
    const plain = new MemoryStore({ id: store.id })
    await fill(plain, sketches(120))
    const size = store.size()
    const { next } = [...store.segments()][4]!
    expect(await store.dropBelow(next + 1)).toBe(next)
    expect(store.floor).toBe(next)
    expect(store.size()).toBeLessThan(size - 4 * 3_000)
    expect([...store.batches(1)]).toEqual([...plain.batches(next)])
    expect([store.batchAt(next - 1), store.look(1, () => 1)]).toEqual([undefined, undefined])
    expect(verifyStore(store)).toMatchObject({ ok: true, floor: next, cut: next - 1 })
    expect(await store.dropBelow(3)).toBe(next)
    await store.close()
    const again = open()
    expect(again.floor).toBe(next)
    expect(verifyStore(again)).toMatchObject({ ok: true, findings: [] })
    expect(files().length).toBe([...again.segments()].length)
    await again.close()
  })

  it('goes on after everything was cut that can be: the end of the log stays', async () => {
    const store = await moved()
    const last = store.last()!.first
    expect(await store.dropBelow(Infinity)).toBe(last)
    expect([files(), [...store.batches(1)].length]).toEqual([[], 1])
    const journal = journalOn(store)
    tell(journal, { to: 1, payload: 'on' })
    await stored(journal)
    expect(everything(journal).at(-1)).toMatchObject({ payload: 'on' })
    expect(verifyStore(store)).toMatchObject({ ok: true, floor: last })
    await journal.close()
  })

  it('is moved by its journal beside the commits, and cut by it', async () => {
    const store = open()
    const journal = new Journal(store, machineAuthorities())
    for (let i = 0; i < 200; i++) {
      tell(journal, { to: i % 7, payload: { i }, extras: { correlationName: `name-${i}` } })
      await stored(journal)
    }
    const before = everything(journal)
    const floor = await journal.cut(150)
    expect(floor).toBeGreaterThan(100)
    expect(floor).toBeLessThanOrEqual(150)
    expect([journal.floor, journal.tidyFailure]).toEqual([floor, null])
    expect(everything(journal)).toEqual(before.slice(floor - 1))
    expect([journal.correlationOf('name-3'), journal.messageAt(3)]).toEqual([0, undefined])
    expect(journal.correlationOf('name-180')).toBe(181)
    expect([...store.names()].length).toBe(200 - floor + 1)
    await journal.close()
  })

  it('sweeps away what lies in its folder and is not noted', async () => {
    const store = await moved()
    const [first] = files()
    await store.close()
    const folder = join(dir, SEGMENTS_FOLDER)
    cpSync(join(folder, first!), join(folder, segmentName(9_999)))
    writeFileSync(join(folder, `${segmentName(3)}.77.new`), 'half')
    writeFileSync(join(folder, 'notes.txt'), 'of somebody')
    const before = files()
    await new LmdbStore({ dir, readOnly: true }).close()
    expect(files()).toEqual(before)
    await open().close()
    expect(before.filter((name) => !files().includes(name))).toEqual([
      `${segmentName(3)}.77.new`,
      segmentName(9_999),
    ])
  })

  it('is not opened with a link in the place of the folder, or in it', async () => {
    await (await moved()).close()
    const folder = join(dir, SEGMENTS_FOLDER)
    const refused = expect.objectContaining({ code: 'HF_STORE_UNWRITABLE', field: 'data' }) as unknown
    renameSync(join(folder, files()[0]!), join(home, 'elsewhere'))
    symlinkSync(join(home, 'elsewhere'), join(folder, segmentName(1)))
    for (const readOnly of [true, false]) expect(() => new LmdbStore({ dir, readOnly })).toThrow(refused)
    rmSync(join(folder, segmentName(1)))
    renameSync(folder, join(home, 'segments'))
    symlinkSync(join(home, 'segments'), folder)
    expect(() => open()).toThrow(refused)
  })

  describe('whose process dies at any step', () => {
    /** Steps that keep a copy of the directory as it is at each of them. */
    function recording(): { steps: Steps; copies: string[] } {
      const copies: string[] = []
      const keep = (): void => {
        const copy = join(home, `copy-${copies.length}`)
        cpSync(dir, copy, { recursive: true })
        copies.push(copy)
      }
      const alone: Steps['alone'] = async (step) => {
        keep()
        await step()
        keep()
      }
      return { steps: { alone, breathe: async () => Promise.resolve(keep()) }, copies }
    }

    async function finished(copy: string): Promise<[batches: unknown, report: unknown, files: string[]]> {
      const reader = new LmdbStore({ dir: copy, readOnly: true })
      const seen = [...reader.batches(1)]
      await reader.close()
      const store = new LmdbStore({ dir: copy, segments: SMALL })
      expect([...store.batches(1)]).toEqual(seen)
      expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
      await tidied(store)
      expect([...store.batches(1)]).toEqual(seen)
      const report = verifyStore(store)
      const noted = [...store.segments()].map(({ name }) => name)
      await store.close()
      expect(existsSync(join(copy, SEGMENTS_FOLDER)) ? files(copy) : []).toEqual(noted)
      return [seen, report, noted]
    }

    it('while it moves, a log is whole and is moved by the next', async () => {
      const store = open()
      await fill(store, sketches(60))
      const { steps, copies } = recording()
      mkdirSync(join(dir, SEGMENTS_FOLDER))
      while (await store.tidy(steps));
      const whole = [...store.batches(1)]
      await store.close()
      expect(copies.length).toBeGreaterThan(10)
      for (const copy of copies) {
        const [batches, report, noted] = await finished(copy)
        expect(batches).toEqual(whole)
        expect(report).toMatchObject({ ok: true, batches: 60, floor: 1 })
        expect(noted).toEqual(files())
      }
    })

    it('while it cuts, a log is whole from the old floor on or from the new one', async () => {
      const store = await moved(60)
      const journal = journalOn(store)
      tell(journal, { to: 1, extras: { correlationName: 'late' } })
      await stored(journal)
      await journal.rebuildIndex()
      const whole = [...store.batches(1)]
      const { steps, copies } = recording()
      const { next } = [...store.segments()][1]!
      await store.dropBelow(next, steps)
      await journal.close()
      const floors = new Set<number>()
      for (const copy of copies) {
        const [batches, report] = await finished(copy)
        const { floor } = report as { floor: number }
        floors.add(floor)
        expect(batches).toEqual(whole.filter(({ first }) => first >= floor))
      }
      expect([...floors]).toEqual([1, next])
    })
  })
})
