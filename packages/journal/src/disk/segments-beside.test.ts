// What stands beside a log in segments: its index and its names, forks of it, encryption, and what fails meanwhile.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { machineAuthorities } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copyPrefix } from '../copy-prefix.js'
import { forkJournal } from '../fork-journal.js'
import { Journal } from '../journal.js'
import { TIDY_PAUSE_MS } from '../limits.js'
import {
  everything,
  fill,
  groupsOf,
  journalOn,
  sketches,
  stored,
  tell,
  temporaryDirectory,
} from '../log.fixture.js'
import { MemoryStore } from '../memory-store.js'
import { openJournal } from '../open-journal.js'
import { AT_ONCE, type BatchStore, type Steps } from '../store.js'
import { verifyStore } from '../verify.js'
import { SEGMENTS_FOLDER } from './data-directory.js'
import { LmdbStore } from './lmdb-store.js'
import { KeyRing } from './sealing/key-ring.js'
import { rekeyJournal } from './sealing/rekey-journal.js'

const SMALL = { tailBytes: 0, segmentBytes: 3_000 }

let home: string
let dir: string

beforeEach(() => {
  home = temporaryDirectory()
  dir = join(home, 'data')
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

async function moved(batches: number): Promise<LmdbStore> {
  const store = new LmdbStore({ dir, segments: SMALL })
  await fill(store, sketches(batches))
  while (await store.tidy());
  return store
}

/** Positions of what is found of an actor and of a correlation, from a floor on. */
function found(store: BatchStore, floor: number): unknown {
  const journal = journalOn(store)
  const above = (records: Iterable<{ readonly position: number }>): number[] =>
    [...records].map(({ position }) => position).filter((position) => position >= floor)
  return [1, 5, 16].map((key) => [above(journal.readActor(key, 0)), above(journal.readCorrelation(key))])
}

describe('the index of a log that was cut', () => {
  it('finds what is left, also by a group that reaches below the floor, and what lay below is gone from it', async () => {
    const store = await moved(700)
    await journalOn(store).rebuildIndex()
    const groups = groupsOf(store)
    expect(groups.length).toBe(4)
    const plain = new MemoryStore({ id: store.id })
    await fill(plain, sketches(700))
    // Somewhere in the second group of each kind.
    const middle = groups[1]!.first + 150
    const floor = await store.dropBelow(middle)
    expect(floor).toBeGreaterThan(groups[1]!.first)
    expect(found(store, 0)).toEqual(found(plain, floor))
    expect(groupsOf(store).map(({ first }) => first)).toEqual([groups[1]!.first, groups[3]!.first])
    expect(verifyStore(store)).toMatchObject({ ok: true, findings: [], floor })
    await store.close()
    const again = new LmdbStore({ dir, segments: SMALL })
    expect(found(again, 0)).toEqual(found(plain, floor))
    await journalOn(again).rebuildIndex()
    expect(found(again, 0)).toEqual(found(plain, floor))
    expect(verifyStore(again)).toMatchObject({ ok: true, findings: [], floor })
    await again.close()
  })

  it('keeps a name that was brought in again while the old ones were taken away', async () => {
    const store = new LmdbStore({ dir, segments: SMALL })
    const journal = journalOn(store)
    for (let n = 0; n < 80; n++) {
      tell(journal, { to: 1, payload: 'x'.repeat(100), extras: { correlationName: `name ${n}` } })
      await stored(journal)
    }
    const next = journal.next
    let isDone = false
    const steps: Steps = {
      ...AT_ONCE,
      // Right before the names are removed, one of them is written anew.
      alone: async (step) => {
        if (!isDone && store.floor > 60) {
          isDone = true
          const names = [{ name: 'name 3', position: next }]
          await store.commit({ batches: [], snapshots: [], groups: [], outdated: [], names })
        }
        await step()
      },
    }
    while (await store.tidy());
    await store.dropBelow(70, steps)
    expect([isDone, store.nameOf('name 3'), store.nameOf('name 4')]).toEqual([true, next, undefined])
    await journal.close()
  })
})

describe('a copy of a log that was moved and cut', () => {
  it('begins where the original does, goes as far as it is told, and moves its own old batches', async () => {
    const store = await moved(200)
    const floor = await store.dropBelow(150)
    const records = everything(journalOn(store))
    await store.close()
    const to = join(home, 'fork')
    expect(await forkJournal({ data: dir, to, at: 300 })).toBe(300)
    const fork = openJournal({ dir: to, authorities: machineAuthorities() })
    expect(fork.floor).toBe(floor)
    expect(everything(fork)).toEqual(records.filter(({ position }) => Number(position) <= 300))
    tell(fork, { to: 1 })
    await stored(fork)
    await fork.close()
    const reader = new LmdbStore({ dir: to, readOnly: true })
    expect(verifyStore(reader)).toMatchObject({ ok: true, floor, next: 302 })
    await reader.close()
  })

  it('is refused below the floor, and made in memory as well', async () => {
    const store = await moved(100)
    const floor = await store.dropBelow(100)
    const refused = { code: 'HF_INVALID', field: 'at' }
    await expect(copyPrefix(store, new MemoryStore(), floor - 1)).rejects.toMatchObject(refused)
    const memory = new MemoryStore()
    expect(await copyPrefix(store, memory, floor + 10)).toMatchObject({ last: floor + 10 })
    expect([memory.floor, verifyStore(memory).ok]).toEqual([floor, true])
    const small = new LmdbStore({ dir: join(home, 'small'), segments: SMALL })
    await copyPrefix(store, small, 1_000)
    expect([...small.segments()].length).toBeGreaterThan(0)
    expect(verifyStore(small)).toMatchObject({ ok: true, floor })
    await small.close()
    await store.close()
  })
})

describe('an encrypted log in segments', () => {
  it('is moved as it was sealed, read with its keys, verified without them, and given another key', async () => {
    const [key, other] = [randomBytes(32), randomBytes(32)]
    const keys = new KeyRing([key])
    const journal = openJournal({ dir, keys, segments: SMALL, authorities: machineAuthorities() })
    for (let n = 0; n < 60; n++) {
      tell(journal, { to: 1, payload: `THE-MARKER ${n}` })
      await stored(journal)
    }
    const before = everything(journal)
    const floor = await journal.cut(30)
    expect(floor).toBeGreaterThan(15)
    await journal.close()
    const folder = join(dir, SEGMENTS_FOLDER)
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
    // How many are left depends on how much was moved while it was written.
    expect(files.length).toBeGreaterThan(0)
    expect(files.some((bytes) => bytes.includes('THE-MARKER'))).toBe(false)
    const shut = new LmdbStore({ dir, readOnly: true, isSealedOnly: true })
    expect(verifyStore(shut)).toMatchObject({ ok: true, isShut: true, floor, segments: files.length })
    await shut.close()
    await rekeyJournal({ data: dir, keys: new KeyRing([other, key]) })
    const again = openJournal({
      dir,
      keys: new KeyRing([other]),
      readOnly: true,
      authorities: machineAuthorities(),
    })
    expect(everything(again)).toEqual(before.slice(floor - 1))
    await again.close()
  })
})

describe('a log that is open for reading only', () => {
  it('is not cut, and stays as it is', async () => {
    await (await moved(60)).close()
    const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
    await expect(journal.cut(50)).rejects.toMatchObject({ code: 'HF_STORE_UNWRITABLE', field: 'data' })
    expect([journal.failure, journal.floor, everything(journal).length]).toEqual([null, 1, journal.next - 1])
    await journal.close()
  })
})

describe('moving that fails', () => {
  it('takes nothing from the log, says why, and is tried again after a pause', async () => {
    const authorities = new VirtualAuthorities()
    const journal = new Journal(new LmdbStore({ dir, segments: SMALL }), authorities)
    // A file in the place of the folder.
    writeFileSync(join(dir, SEGMENTS_FOLDER), 'in the way')
    const write = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        tell(journal, { to: 1, payload: 'x'.repeat(500) })
        await stored(journal)
      }
      await authorities.settle()
    }
    await write(20)
    expect(journal.tidyFailure).toMatchObject({ code: 'HF_STORE_UNWRITABLE' })
    await expect(journal.cut(10)).rejects.toMatchObject({ code: 'HF_STORE_UNWRITABLE' })
    expect([journal.failure, everything(journal).length]).toEqual([null, 20])
    rmSync(join(dir, SEGMENTS_FOLDER))
    await write(1)
    expect(journal.tidyFailure).not.toBeNull()
    await authorities.advance(TIDY_PAUSE_MS)
    await write(1)
    while (journal.tidyFailure !== null) await authorities.settle()
    expect(everything(journal).length).toBe(22)
    await journal.close()
    expect(readdirSync(join(dir, SEGMENTS_FOLDER)).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('leaves a file that cannot be deleted to the next cut, which says why when it cannot either', async () => {
    const store = await moved(60)
    const [first, second] = [...store.segments()]
    const file = join(dir, SEGMENTS_FOLDER, first!.name)
    const journal = new Journal(store, machineAuthorities())
    rmSync(file)
    mkdirSync(file)
    await expect(journal.cut(second!.next)).rejects.toMatchObject({ code: 'HF_STORE_FAILED' })
    expect([journal.failure, journal.floor, store.isUntidy(false)]).toEqual([null, second!.next, true])
    rmSync(file, { recursive: true })
    while (await store.tidy());
    const left = [...store.segments()].map(({ name }) => name)
    expect(readdirSync(join(dir, SEGMENTS_FOLDER)).sort()).toEqual(left)
    await journal.close()
  })

  it('is ended when the log is closed, wherever it is, and leaves no draft', async () => {
    // Nobody lets the deferred steps run: it waits for its next breath for ever.
    const journal = new Journal(new LmdbStore({ dir, segments: SMALL }), new VirtualAuthorities())
    mkdirSync(join(dir, SEGMENTS_FOLDER))
    for (let n = 0; n < 20; n++) {
      tell(journal, { to: 1, payload: 'x'.repeat(500) })
      await stored(journal)
    }
    const cut = journal.cut(5)
    const refused = expect(cut).rejects.toMatchObject({ code: 'HF_STORE_FAILED' })
    await journal.close()
    await refused
    expect(readdirSync(join(dir, SEGMENTS_FOLDER)).filter((name) => name.endsWith('.new'))).toEqual([])
    const store = new LmdbStore({ dir, readOnly: true })
    expect(verifyStore(store)).toMatchObject({ ok: true, records: 20 })
    await store.close()
  })

  it('that an older file of the same place stands in the way of overwrites it', async () => {
    const store = new LmdbStore({ dir, segments: SMALL })
    await fill(store, sketches(60))
    mkdirSync(join(dir, SEGMENTS_FOLDER))
    writeFileSync(join(dir, SEGMENTS_FOLDER, '0000000000000001.hfs'), 'of an earlier life')
    while (await store.tidy());
    expect(verifyStore(store)).toMatchObject({ ok: true, batches: 60 })
    await store.reopen()
    expect(verifyStore(store)).toMatchObject({ ok: true, batches: 60 })
    await store.close()
  })
})
