// A log that is moved and cut at random is, from its floor on, the log that nobody moved or cut.

import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Journal } from '../journal.js'
import { everything, shown, stored, tell, temporaryDirectory } from '../log.fixture.js'
import { MemoryStore } from '../memory-store.js'
import { machineAuthorities } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { verifyStore } from '../verify.js'
import { LmdbStore } from './lmdb-store.js'

const ACTORS = 5

type Move =
  | { readonly kind: 'write'; readonly records: number; readonly bytes: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'reopen' | 'rebuild' }

const moves = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        records: fc.integer({ min: 1, max: 40 }),
        bytes: fc.integer({ min: 0, max: 300 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('cut' as const),
        at: fc.double({ min: 0, max: 1.1, noNaN: true }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reopen' as const, 'rebuild' as const) }) },
  ),
  { minLength: 4, maxLength: 14 },
)

const bounds = fc.record({
  tailBytes: fc.integer({ min: 0, max: 8_000 }),
  segmentBytes: fc.integer({ min: 1, max: 6_000 }),
})

/** The log under test beside the plain one, to which everything is written that is written to it. */
class Pair {
  readonly #dir = temporaryDirectory()
  readonly #segments: { readonly tailBytes: number; readonly segmentBytes: number }
  readonly #plain = new Journal(new MemoryStore(), new VirtualAuthorities())
  #store: LmdbStore
  #journal: Journal
  #written = 0

  constructor(segments: { readonly tailBytes: number; readonly segmentBytes: number }) {
    this.#segments = segments
    this.#store = new LmdbStore({ dir: this.#dir, segments })
    this.#journal = new Journal(this.#store, machineAuthorities())
  }

  async move(move: Move): Promise<void> {
    if (move.kind === 'write') await this.#write(move.records, move.bytes)
    else if (move.kind === 'cut') await this.#cut(Math.ceil(move.at * this.#journal.next))
    else if (move.kind === 'rebuild') await this.#journal.rebuildIndex()
    else await this.#reopen()
  }

  async #write(records: number, bytes: number): Promise<void> {
    for (let i = 0; i < records; i++) {
      const n = this.#written++
      const name = n % 9 === 0 ? { correlationName: `name ${n}` } : undefined
      for (const journal of [this.#plain, this.#journal]) {
        const payload = { n, bytes: Buffer.alloc(bytes, n) }
        // A correlation that began before the floor is one all the same.
        tell(journal, {
          to: n % ACTORS,
          payload,
          correlation: name === undefined ? 1 + (n % 7) : 0,
          extras: name,
        })
        if (n % 3 === 0) await stored(journal)
      }
    }
    for (const journal of [this.#plain, this.#journal]) await stored(journal)
  }

  async #cut(position: number): Promise<void> {
    const before = this.#journal.floor
    const floor = await this.#journal.cut(position)
    expect(floor).toBe(this.#journal.floor)
    expect(floor).toBeGreaterThanOrEqual(before)
    expect(floor).toBeLessThanOrEqual(Math.max(before, position))
  }

  async #reopen(): Promise<void> {
    await this.#journal.close()
    this.#store = new LmdbStore({ dir: this.#dir, segments: this.#segments })
    this.#journal = new Journal(this.#store, machineAuthorities())
  }

  check(): void {
    const journal = this.#journal
    const { floor } = journal
    // Times are of two clocks.
    const timeless = (records: Iterable<unknown>): unknown[] =>
      [...records].map((record) => ({ ...(record as object), timeMs: 0 }))
    const all = everything(this.#plain).filter(({ position }) => (position as number) >= floor)
    expect(timeless(everything(journal))).toEqual(timeless(all))
    for (let actor = 0; actor < ACTORS; actor++) {
      const read = [...journal.readActor(actor, 0)].map(shown)
      expect(timeless(read)).toEqual(timeless(all.filter((record) => record['actor'] === actor)))
      const highest = all.filter((record) => record['actor'] === actor).at(-1)?.['position'] ?? 0
      expect(journal.query({ actor }).highest).toBe(highest)
    }
    for (const correlation of [1, 3, 7, floor, floor + 8]) {
      const read = [...journal.readCorrelation(correlation)].map(shown)
      expect(timeless(read)).toEqual(timeless(all.filter((record) => record['correlation'] === correlation)))
    }
    for (let n = 0; n < this.#written; n += 9) {
      const position = this.#plain.correlationOf(`name ${n}`)
      expect(journal.correlationOf(`name ${n}`)).toBe(position >= floor ? position : 0)
    }
    expect([journal.at(floor - 1), journal.messageAt(floor - 1)]).toEqual([undefined, undefined])
    expect(journal.positionAtTime(0)).toBe(floor)
    expect(verifyStore(this.#store)).toMatchObject({ ok: true, findings: [], floor, next: journal.next })
  }

  async end(): Promise<void> {
    await this.#journal.close()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

describe('a log with random moves and cuts', () => {
  it('holds from its floor on what a plain one holds, by every way to a record', async () => {
    await fc.assert(
      fc.asyncProperty(bounds, moves, async (segments, made) => {
        const pair = new Pair(segments)
        try {
          for (const move of made) {
            await pair.move(move)
            if (move.kind !== 'write') pair.check()
          }
          pair.check()
        } finally {
          await pair.end()
        }
      }),
      { numRuns: 12 },
    )
  })
})
