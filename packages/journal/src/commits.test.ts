// K1 to K3: what becomes of commits that fail, that come too late, and that never end.

import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import { FlakyStore } from './flaky-store.fixture.js'
import { Journal } from './journal.js'
import { FLUSH_DEADLINE_MS, REOPEN_MAX_MS } from './limits.js'
import { everything, journalOn, stored, tell } from './log.fixture.js'
import { verifyStore } from './verify.js'

const HOUR_MS = 3_600_000

let authorities: VirtualAuthorities
let store: FlakyStore
let journal: Journal

beforeEach(async () => {
  authorities = new VirtualAuthorities()
  store = new FlakyStore()
  journal = journalOn(store, authorities)
  tell(journal, { to: 1, payload: 'confirmed' })
  await stored(journal)
  store.calls.length = 0
})

/** Hands one more record to a store that does not answer. */
async function hang(): Promise<void> {
  store.hold()
  tell(journal, { to: 1, payload: 'hanging' })
  journal.flush()
  await authorities.settle()
}

describe('a commit that fails once and would succeed then', () => {
  it('F-6 I-10 is believed neither time: nothing is released before the store was opened anew and looked at', async () => {
    const released: string[] = []
    journal.onProgress(() => released.push(`${journal.durable} after ${store.calls.join(' ')}`))
    store.fates = ['lost']
    tell(journal, { to: 1, payload: 'lost at first' })
    journal.flush()
    await authorities.settle()
    // Whoever asks for a flush meanwhile gets none.
    tell(journal, { to: 1, payload: 'in between' })
    journal.flush()
    await authorities.advance(249)
    expect([journal.durable, journal.released, store.calls]).toEqual([2, 2, ['commit']])
    await authorities.advance(1)
    expect(released).toEqual([
      '2 after commit',
      '3 after commit reopen look commit',
      '4 after commit reopen look commit commit',
    ])
    expect(verifyStore(store)).toMatchObject({ ok: true, records: 3, findings: [] })
  })

  it('K2 J-6 is not gone on from when a batch that was confirmed is no longer there', async () => {
    tell(journal, { to: 1, payload: 'confirmed as well' })
    await stored(journal)
    store.fates = ['lost']
    tell(journal, { to: 1, payload: 'lost' })
    journal.flush()
    await authorities.settle()
    store.goneFrom = 2
    await authorities.advance(HOUR_MS)
    expect(journal.failure).toMatchObject({
      code: 'HF_STORE_DAMAGED',
      hint: expect.stringContaining('backup') as string,
    })
    expect([journal.durable, store.tried.length]).toEqual([3, 3])
    // A disk that has it again is believed again.
    store.goneFrom = Infinity
    await authorities.advance(REOPEN_MAX_MS)
    expect([journal.failure, journal.durable]).toEqual([null, 4])
  })

  it('K2 is not gone on from when a batch that was confirmed has changed', async () => {
    store.fates = ['lost']
    tell(journal, { to: 1, payload: 'lost' })
    journal.flush()
    await authorities.settle()
    const { bytes } = store.last()!
    bytes[bytes.byteLength - 1]! ^= 1
    await authorities.advance(HOUR_MS)
    expect(journal.failure).toMatchObject({ code: 'HF_STORE_DAMAGED' })
    expect([journal.durable, store.tried.length]).toEqual([2, 2])
  })
})

describe('a commit that does not come to an end', () => {
  it('K1 counts as failed when its time is over, and nothing is asked of the store while it goes on', async () => {
    await hang()
    await authorities.advance(FLUSH_DEADLINE_MS - 1)
    expect(journal.failure).toBeNull()
    await authorities.advance(1)
    expect(journal.failure).toMatchObject({
      code: 'HF_STORE_LATE',
      disposition: 'retryable',
      message: `The store has not answered within ${FLUSH_DEADLINE_MS} ms.`,
      hint: expect.stringContaining('disk') as string,
    })
    tell(journal, { to: 1, payload: 'behind it' })
    journal.flush()
    await authorities.advance(HOUR_MS)
    expect([journal.pressed, journal.durable, store.calls]).toEqual([true, 2, ['commit']])
    expect(everything(journal)).toHaveLength(3)
  })

  it.each([
    ['is stored after all', 'stored', ['commit', 'reopen', 'look', 'commit']],
    ['fails after all', 'lost', ['commit', 'reopen', 'look', 'commit', 'commit']],
  ] as const)(
    'K2 J-8 J-9 and %s, is looked for in the store, and stands there once',
    async (_, fate, calls) => {
      store.fates = [fate]
      await hang()
      await authorities.advance(FLUSH_DEADLINE_MS)
      tell(journal, { to: 1, payload: 'behind it' })
      store.letGo()
      await authorities.settle()
      expect(journal.durable).toBe(2)
      await authorities.advance(250)
      expect([journal.failure, journal.durable, store.calls]).toEqual([null, 4, calls])
      expect(verifyStore(store)).toMatchObject({ ok: true, records: 3, findings: [] })
      await journal.close()
      expect(authorities.timers).toBe(0)
    },
  )

  it('K3 does not hold up a close for longer than its time, and close says why', async () => {
    await hang()
    const closing = journal.close()
    const ended = expect(closing).rejects.toMatchObject({ code: 'HF_STORE_LATE' })
    await authorities.advance(FLUSH_DEADLINE_MS)
    await ended
    expect(authorities.timers).toBe(0)
    store.letGo()
    await authorities.advance(HOUR_MS)
    expect([journal.durable, store.reopened]).toEqual([2, 0])
  })

  it('K3 nor does an opening that does not end, nor a close of the store', async () => {
    store.fates = ['lost']
    store.isStuck = 'reopen'
    tell(journal, { to: 1 })
    journal.flush()
    await authorities.advance(250)
    const closing = journal.close()
    const ended = expect(closing).rejects.toMatchObject({ code: 'HF_STORE_LATE' })
    await authorities.advance(FLUSH_DEADLINE_MS)
    await ended

    const other = new FlakyStore()
    other.isStuck = 'close'
    const closed = journalOn(other, authorities).close()
    const late = expect(closed).rejects.toMatchObject({ code: 'HF_STORE_LATE' })
    await authorities.advance(FLUSH_DEADLINE_MS)
    await late
  })

  it('has the time that it was given', async () => {
    journal = new Journal(new FlakyStore(), authorities, { flushDeadlineMs: 50 })
    const held = new FlakyStore()
    held.hold()
    journal = new Journal(held, authorities, { flushDeadlineMs: 50 })
    tell(journal, { to: 1 })
    journal.flush()
    await authorities.advance(50)
    expect(journal.failure).toMatchObject({ code: 'HF_STORE_LATE' })
    held.letGo()
    await authorities.advance(250)
    expect([journal.failure, journal.durable]).toEqual([null, 2])
    await journal.close()
  })
})
