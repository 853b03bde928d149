import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import { durabilityOf } from './durability.js'
import { FlakyStore } from './flaky-store.fixture.js'
import { Journal } from './journal.js'
import { COMMIT_BYTES_MAX, FLUSH_EVERY_MS } from './limits.js'
import { everything, journalOn, tell, turnOf } from './log.fixture.js'
import { memoryJournal } from './open-journal.js'
import { verifyStore } from './verify.js'

describe('a relaxed journal', () => {
  let authorities: VirtualAuthorities
  let store: FlakyStore
  let journal: Journal

  beforeEach(() => {
    authorities = new VirtualAuthorities()
    store = new FlakyStore()
    journal = new Journal(store, authorities, { durability: 'relaxed' })
  })

  /** One record, and what the dispatcher does after a round of turns. */
  async function round(payload: unknown = 'x'): Promise<void> {
    tell(journal, { to: 1, payload })
    journal.flush()
    await authorities.settle()
  }

  it('lets out at once what it was given, and goes to the disk once in a while', async () => {
    await round()
    await authorities.advance(FLUSH_EVERY_MS - 10)
    await round()
    expect([journal.released, journal.durable, store.tried.length]).toEqual([3, 1, 0])
    await authorities.advance(10)
    expect([journal.released, journal.durable, store.tried.length]).toEqual([3, 3, 1])
    await authorities.advance(10 * FLUSH_EVERY_MS)
    expect(store.tried.length).toBe(1)
  })

  it('goes to the disk at once for somebody who waits for it, and as slowly as before after that', async () => {
    await round()
    journal.hasten()
    await round()
    expect([journal.durable, store.tried.length]).toEqual([3, 1])
    await round()
    expect([journal.durable, store.tried.length]).toEqual([3, 1])
    await authorities.advance(FLUSH_EVERY_MS)
    expect(journal.durable).toBe(4)
  })

  it('does not wait for its time when much has come together', async () => {
    const payload = Buffer.alloc(100_000)
    for (let bytes = 0; bytes <= COMMIT_BYTES_MAX + 1_000_000; bytes += payload.byteLength)
      tell(journal, { to: 1, payload })
    journal.flush()
    await authorities.settle()
    expect(store.tried.length).toBeGreaterThan(0)
  })

  it('lets nothing out while the store has failed, and what it let out before is stored first', async () => {
    store.fates = ['lost']
    await round('out already')
    await authorities.advance(FLUSH_EVERY_MS)
    tell(journal, { to: 1, payload: 'held back' })
    expect([journal.released, journal.durable]).toEqual([1, 1])
    expect(journal.failure).toMatchObject({ code: 'HF_STORE_FULL' })
    await authorities.advance(250 + FLUSH_EVERY_MS)
    expect([journal.failure, journal.released, journal.durable]).toEqual([null, 3, 3])
    expect(verifyStore(store)).toMatchObject({ ok: true, records: 2 })
  })

  it('loses the end of its log in a crash and nothing before it: what is left is a prefix, in order and without half a turn', async () => {
    for (let n = 0; n < 43; n++) {
      turnOf(journal, 1, 1, [
        { to: 2, payload: n },
        { to: 3, payload: n },
      ])
      journal.flush()
      await authorities.advance(13)
    }
    const before = everything(journal)
    const left = everything(journalOn(store))
    expect(left).toEqual(before.slice(0, left.length))
    expect([left.length % 3, left.length > 60, left.length < before.length]).toEqual([0, true, true])
    // 13 ms a round: what is lost was written since the flush before the last.
    expect(before.length - left.length).toBeLessThanOrEqual(3 * Math.ceil(FLUSH_EVERY_MS / 13))
  })

  it('does not let time stand still for its turns', async () => {
    const times = new Set<number>()
    for (let n = 0; n < 10; n++) {
      await round()
      times.add(journal.at(journal.next - 1)!.timeMs)
      await authorities.advance(9)
    }
    expect(times.size).toBe(10)
  })

  it('stores everything when it is closed, and leaves no timer behind', async () => {
    await round()
    await journal.close()
    expect([journal.durable, authorities.timers]).toEqual([2, 0])
    expect(everything(journalOn(store))).toHaveLength(1)
  })
})

describe('the durability of a journal', () => {
  it('is strict on a store that lasts, memory on one that does not, and what it is told to be', () => {
    const authorities = new VirtualAuthorities()
    expect(journalOn(new FlakyStore()).durability).toBe('strict')
    expect(memoryJournal(authorities).durability).toBe('memory')
    expect(new Journal(new FlakyStore(), authorities, { durability: 'relaxed' }).durability).toBe('relaxed')
  })

  it.each([
    [true, 'durability', { durability: 'memory' }],
    [true, 'durability', { durability: 'fast' }],
    [false, 'durability', { durability: 'strict' }],
    [false, 'durability', { durability: 'relaxed' }],
    [true, 'flushEveryMs', { flushEveryMs: 0 }],
    [true, 'flushEveryMs', { flushEveryMs: 60_001 }],
    [true, 'flushDeadlineMs', { flushDeadlineMs: 1.5 }],
    [true, 'flushDeadlineMs', { flushDeadlineMs: Number.NaN }],
  ])('is refused by the name of the option: lasting %s, %s of %o', (isLasting, field, options) => {
    const refused = { code: 'HF_INVALID', field }
    expect(() => durabilityOf(options as Parameters<typeof durabilityOf>[0], isLasting)).toThrow(
      expect.objectContaining(refused),
    )
  })
})
