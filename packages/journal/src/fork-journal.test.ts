import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, child, supervisor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forkJournal } from './fork-journal.js'
import { openJournal } from './open-journal.js'
import { LmdbStore } from './disk/lmdb-store.js'
import { verifyStore } from './verify.js'

const counter = actor({
  name: 'counter',
  snapshot: { everyBytes: 200 },
  state: () => ({ n: 0, seen: new Map<string, Date>() }),
  on: {
    add(ctx, { by }: { by: number }) {
      ctx.state.n += by
      ctx.state.seen.set(ctx.id(), new Date(by))
      if (by % 3 === 0) ctx.tell(ctx.self, 'add', { by: 1 })
      return ctx.state.n
    },
    async slow(ctx, by: number) {
      ctx.state.n += await ctx.effect('by', () => by)
    },
    total: (ctx) => ctx.state.n,
  },
})
const root = supervisor({ name: 'root', children: [child(counter)] })

describe('a fork', () => {
  let data: string
  let to: string
  let authorities: VirtualAuthorities

  beforeEach(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-fork-'))
    data = join(dir, 'data')
    to = join(dir, 'fork')
    authorities = new VirtualAuthorities()
  })

  afterEach(() => rm(join(data, '..'), { recursive: true, force: true }))

  async function start(dir: string): Promise<System> {
    return done(System.start({ name: 'fork', root, log: openJournal({ dir, authorities }), authorities }))
  }

  // The disk takes its own time.
  async function done<T>(promise: Promise<T>): Promise<T> {
    let isDone = false
    const end = (): void => {
      isDone = true
    }
    promise.then(end, end)
    while (!isDone) await authorities.settle()
    return promise
  }

  async function record(): Promise<void> {
    const system = await start(data)
    const ref = system.ref('/root/counter')
    for (let i = 1; i <= 30; i++) {
      ref.tell('add', { by: i }, i % 10 === 0 ? { correlation: `round-${i}` } : undefined)
      if (i % 7 === 0) ref.tell('slow', i)
      await authorities.advance(5)
    }
    await done(system.stop())
  }

  const recordsOf = (dir: string, below?: number) => {
    const journal = openJournal({ dir, readOnly: true, authorities })
    const records = [...journal.read(1, below)].map((record) => {
      const { position, timeMs, kind, actor: of, correlation, cause } = record
      const body =
        record.kind === 'message'
          ? record.payload()
          : record.kind === 'turn'
            ? record.answer()
            : record.data()
      const head = { position, timeMs, kind, of, correlation, cause }
      if (record.kind === 'message') return { ...head, body, name: record.correlationName, ask: record.ask }
      return record.kind === 'turn'
        ? { ...head, body, told: record.told, digest: record.digest }
        : { ...head, body }
    })
    return { records, journal }
  }

  it('holds the same records up to its position, wherever that lies, and no half turn (Q2)', async () => {
    await record()
    const { records: all, journal } = recordsOf(data)
    await journal.close()
    for (let at = 1; at <= all.length; at++) {
      const fork = `${to}-${at}`
      const last = await forkJournal({ data, to: fork, at })
      const { records, journal: copy } = recordsOf(fork)
      expect(records).toEqual(all.slice(0, last))
      await copy.close()
      const behind = all.slice(last).find((each) => each.kind === 'turn')
      const isWithinTurn =
        behind !== undefined && behind.position - ('told' in behind ? behind.told : 0) <= at
      expect(last === at || isWithinTurn).toBe(true)
    }
  })

  it('passes verification, and goes on by itself while the original stays as it was (Q1)', async () => {
    await record()
    const { records: before, journal } = recordsOf(data)
    const at = journal.correlationOf('round-20')
    await journal.close()
    const last = await forkJournal({ data, to, at })
    const store = new LmdbStore({ dir: to, readOnly: true })
    expect(verifyStore(store).findings).toEqual([])
    await store.close()
    const system = await start(to)
    // What is told while the first question waits stands behind it.
    const ref = system.ref(counter, '/root/counter')
    for (let i = 0; i < 3; i++) await done(ref.ask('total'))
    const total = await done(ref.ask('total'))
    // The message at the end of the copy was not handled there, and is handled now.
    const sum = (from: number, end: number) => ((from + end) * (end - from + 1)) / 2
    expect([last, total]).toEqual([at, sum(1, 20) + 6 + 7 + 14])
    await done(system.stop())
    const { records: after, journal: again } = recordsOf(data)
    expect(after).toEqual(before)
    await again.close()
  })

  it.each([
    ['to', (dir: string) => ({ to: dir, at: 3 })],
    ['to', () => ({ to: '', at: 3 })],
    ['at', (dir: string) => ({ to: `${dir}-2`, at: 0 })],
    ['at', (dir: string) => ({ to: `${dir}-2`, at: 1.5 })],
  ])('is refused with its field: %s', async (field, options) => {
    await record()
    await expect(forkJournal({ data, ...options(data) })).rejects.toMatchObject({ code: 'HF_INVALID', field })
  })

  it('is refused where there is a log already', async () => {
    await record()
    await forkJournal({ data, to, at: 5 })
    await expect(forkJournal({ data, to, at: 5 })).rejects.toMatchObject({ code: 'HF_INVALID', field: 'to' })
  })
})
