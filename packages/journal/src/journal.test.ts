import { NO_ANSWER } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import { headerOf } from './batch-format.js'
import { FlakyStore, type Fate } from './flaky-store.fixture.js'
import type { Journal } from './journal.js'
import { BATCH_BYTES, COMMIT_BYTES_MAX, PENDING_BYTES_MAX } from './limits.js'
import { everything, journalOn, stored, tell, turnOf } from './log.fixture.js'
import { verifyStore } from './verify.js'

let authorities: VirtualAuthorities
let store: FlakyStore
let journal: Journal
let heard: string[]

beforeEach(() => {
  authorities = new VirtualAuthorities()
  store = new FlakyStore()
  journal = journalOn(store, authorities)
  heard = []
  journal.onProgress(() => heard.push(`${journal.durable} ${journal.failure?.code ?? 'ok'}`))
})

describe('turns in a journal', () => {
  it('one that fails after it had waited takes nothing of others along', async () => {
    const message = tell(journal, { to: 1, payload: 'wait' })
    journal.mark()
    tell(journal, { to: 2, payload: 'told before it waited' })
    journal.rewind()
    const others = [
      journal.record('began', 1, message, message, { attempt: 1 }),
      tell(journal, { to: 3, payload: 'from outside' }),
      ...turnOf(journal, 3, 3, [{ to: 4, payload: 'of another turn' }]),
      tell(journal, { to: 3, payload: 'from outside again' }),
    ]
    const before = everything(journal)
    journal.rewind()
    expect(everything(journal)).toEqual(before)
    expect(others).toEqual([2, 3, 4, 5, 6])
    await stored(journal)
    journal.rewind()
    tell(journal, { to: 3, payload: 'in the next batch' })
    journal.rewind()
    await stored(journal)
    expect(everything(journal)).toHaveLength(7)
    expect(verifyStore(store)).toMatchObject({ ok: true, records: 7 })
  })

  it('one whose answer is refused is taken back whole', () => {
    tell(journal, { to: 1 })
    const before = everything(journal)
    journal.mark()
    tell(journal, { to: 2 })
    expect(() => journal.turn(1, 1, 1, 1, () => 1, -1)).toThrow(
      expect.objectContaining({ code: 'HF_NOT_STORABLE' }),
    )
    journal.rewind()
    expect(everything(journal)).toEqual(before)
  })

  it('many of them in one round of the event loop fill many batches, and none is split', async () => {
    const payload = 'x'.repeat(1_000)
    for (let i = 0; i < 1_200; i++)
      turnOf(journal, 1, 1, [
        { to: 2, payload },
        { to: 3, payload },
      ])
    turnOf(
      journal,
      1,
      1,
      Array.from({ length: 700 }, () => ({ to: 4, payload })),
    )
    turnOf(journal, 1, 1, [])
    await stored(journal)
    const batches = [...store.batches(1)].map(({ bytes }) => bytes)
    expect(batches.length).toBeGreaterThan(8)
    for (const bytes of batches) {
      const { first, count } = headerOf(bytes)!
      const turns = [...journal.read(first, first + count)].filter((record) => record.kind === 'turn')
      const records = turns.reduce((sum, turn) => sum + turn.told + 1, 0)
      expect(records).toBe(count)
      if (turns.length > 1) expect(bytes.byteLength).toBeLessThan(BATCH_BYTES * 1.1 + 700_000)
    }
    expect(verifyStore(store).ok).toBe(true)
  })
})

describe('wall time', () => {
  it('is that of the batch, and a batch that nothing was written to does not hold it back', async () => {
    expect(journal.timeMs).toBe(authorities.now())
    journal.mark()
    tell(journal, { to: 1 })
    journal.rewind()
    journal.flush()
    await authorities.advance(3_600_000)
    const position = tell(journal, { to: 1 })
    expect(journal.timeMs).toBe(authorities.now())
    expect(journal.at(position)?.timeMs).toBe(authorities.now())
  })

  it('J-41 never goes back, also when the clock does, and over a restart', async () => {
    tell(journal, { to: 1 })
    await stored(journal)
    const before = journal.at(1)!.timeMs
    authorities.stepClock(-3_600_000)
    tell(journal, { to: 1 })
    await stored(journal)
    expect(journal.at(2)?.timeMs).toBe(before)
    journal = journalOn(store, authorities)
    tell(journal, { to: 1 })
    expect(journal.at(3)?.timeMs).toBe(before)
    await stored(journal)
    authorities.stepClock(2 * 86_400_000)
    tell(journal, { to: 1 })
    expect(journal.at(4)?.timeMs).toBe(authorities.now())
    expect(journal.positionAtTime(before)).toBe(1)
    expect(journal.positionAtTime(before + 1)).toBe(4)
    expect(journal.positionAtTime(authorities.now() + 1)).toBe(5)
  })
})

describe('J1 J2 what is durable', () => {
  it('is what the store has said is stored, no earlier', async () => {
    store.hold()
    tell(journal, { to: 1 })
    journal.flush()
    await authorities.settle()
    tell(journal, { to: 1 })
    journal.flush()
    await authorities.settle()
    expect([journal.durable, heard, store.tried.length]).toEqual([1, [], 1])
    store.letGo()
    await authorities.settle()
    expect(journal.durable).toBe(3)
    // What was written meanwhile went in one commit, right behind the first.
    expect(heard).toEqual(['2 ok', '3 ok'])
  })

  it('goes to the store in commits of bounded size, in order', async () => {
    const payload = Buffer.alloc(200_000)
    for (let i = 0; i < 100; i++) tell(journal, { to: 1, payload, extras: { correlationName: `n${i}` } })
    await stored(journal)
    expect(store.tried.length).toBeGreaterThan(1)
    for (const { batches, names } of store.tried) {
      const bytes = batches.reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
      const { first, count } = headerOf(batches.at(-1)!.bytes)!
      expect(bytes).toBeLessThan(COMMIT_BYTES_MAX + 2 * BATCH_BYTES)
      expect(names.every(({ position }) => position >= batches[0]!.first && position < first + count)).toBe(
        true,
      )
    }
    expect(verifyStore(store)).toMatchObject({ ok: true, records: 100 })
  })

  it('J4 presses when too much waits, and says so when it has gone', async () => {
    store.hold()
    tell(journal, { to: 1 })
    journal.flush()
    while (!journal.pressed) tell(journal, { to: 1, payload: Buffer.alloc(100_000) })
    expect(journal.next * 100_000).toBeGreaterThan(PENDING_BYTES_MAX)
    expect(journal.next * 100_000).toBeLessThan(PENDING_BYTES_MAX + 4 * BATCH_BYTES)
    store.letGo()
    await stored(journal)
    expect(journal.pressed).toBe(false)
    expect(heard.at(-1)).toBe(`${journal.next} ok`)
  })
})

describe('J3 a commit that failed', () => {
  /** Writes two batches and a name into one commit that goes as given, and one record more behind it. */
  async function failWith(fate: Fate): Promise<void> {
    tell(journal, { to: 1, payload: 'stored before' })
    await stored(journal)
    heard = []
    store.fates = [fate]
    turnOf(journal, 1, 1, [{ to: 2, payload: 'x'.repeat(BATCH_BYTES) }])
    tell(journal, { to: 2, payload: 'second batch', extras: { correlationName: 'a name' } })
    journal.saveSnapshot(2, 1, 1, { n: 1 })
    journal.flush()
    tell(journal, { to: 2, payload: 'written meanwhile' })
    journal.saveSnapshot(2, 1, 2, { n: 2 })
    await authorities.settle()
  }

  const fates: Fate[] = ['lost', 'stored, and said to be lost', 'first batch stored, and said to be lost']

  it.each(fates)(
    'J-9 and was %s: nothing is released until the store was opened anew, then all of it in order',
    async (fate) => {
      await failWith(fate)
      expect(journal.failure).toMatchObject({ code: 'HF_STORE_FULL' })
      expect([journal.pressed, journal.durable]).toEqual([true, 2])
      expect(heard).toEqual(['2 HF_STORE_FULL'])
      const read = everything(journal)
      expect(read).toHaveLength(5)
      await authorities.advance(250)
      expect([store.reopened, journal.failure, journal.pressed]).toEqual([1, null, false])
      await authorities.settle()
      // What was written while the store had failed needs nobody to push it.
      expect([journal.durable, heard.at(-1)]).toEqual([6, '6 ok'])
      expect(everything(journal)).toEqual(read)
      expect(journal.correlationOf('a name')).toBe(4)
      expect(journal.snapshot(2)).toMatchObject({ position: 5, state: { n: 2 } })
      expect(verifyStore(store)).toMatchObject({ ok: true, records: 5, findings: [] })
      await journal.close()
      expect(everything(journalOn(store))).toEqual(read)
      expect(authorities.timers).toBe(0)
    },
  )

  it('J-18 takes no snapshot along that stands on records which are not part of it', async () => {
    await failWith('lost')
    await authorities.advance(250)
    for (const { batches, snapshots } of store.tried) {
      const { first, count } = headerOf(batches.at(-1)!.bytes)!
      for (const { position } of snapshots) expect(position).toBeLessThan(first + count)
    }
    expect(store.tried.flatMap(({ snapshots }) => snapshots.map(({ position }) => position))).toEqual([
      4, 4, 5,
    ])
  })

  it('is tried again after ever longer pauses, up to five seconds, while it goes on failing', async () => {
    await failWith('lost')
    store.reopenFailures = 3
    store.fates = ['lost', 'lost', 'lost', 'lost']
    const at: number[] = []
    for (let ms = 0, before = 0; ms < 40_000 && journal.failure !== null; ms += 250) {
      await authorities.advance(250)
      if (store.reopened > before) at.push(ms + 250)
      before = store.reopened
    }
    expect(at).toEqual([250, 750, 1_750, 3_750, 7_750, 12_750, 17_750, 22_750])
    expect(journal.failure).toBeNull()
    await stored(journal)
    expect(verifyStore(store)).toMatchObject({ ok: true, records: 5 })
    store.fates = ['lost']
    tell(journal, { to: 1 })
    journal.flush()
    await authorities.advance(250)
    expect(journal.failure).toBeNull()
  })

  it('J-6 J-8 is never forgiven when the store holds something else in its place', async () => {
    await failWith('lost')
    const other = journalOn(new FlakyStore(), authorities)
    tell(other, { to: 1, payload: 'stored before' })
    for (let i = 0; i < 5; i++) tell(other, { to: 9, payload: 'not ours' })
    other.flush()
    await authorities.settle()
    const [, ours] = [1, store.last()!]
    const theirs = Buffer.from(ours.bytes)
    theirs.writeUInt32LE(4, 24)
    await store.commit({
      batches: [{ first: 2, bytes: theirs }],
      snapshots: [],
      outdated: [],
      groups: [],
      names: [],
    })
    await authorities.advance(60_000)
    expect(journal.failure).toMatchObject({ code: 'HF_STORE_DAMAGED' })
    expect(journal.durable).toBe(2)
  })

  it('is the answer of close when something was lost with it, and nothing goes on after that', async () => {
    await failWith('lost')
    const closing = journal.close()
    await expect(closing).rejects.toMatchObject({ code: 'HF_STORE_FULL' })
    expect([store.isClosed, authorities.timers]).toEqual([true, 0])
    await authorities.advance(60_000)
    expect(store.reopened).toBe(0)
    await expect(journal.close()).rejects.toMatchObject({ code: 'HF_STORE_FULL' })
  })

  it('while the journal is closing is the answer of close as well', async () => {
    store.fates = ['lost']
    tell(journal, { to: 1 })
    await expect(journal.close()).rejects.toMatchObject({ code: 'HF_STORE_FULL' })
    expect([store.isClosed, authorities.timers]).toEqual([true, 0])
  })
})

describe('closing', () => {
  it('waits for everything that was written, also for what came while it waited', async () => {
    store.hold()
    tell(journal, { to: 1 })
    journal.flush()
    tell(journal, { to: 1 })
    const closing = journal.close()
    await authorities.settle()
    expect(store.isClosed).toBe(false)
    store.letGo()
    await Promise.all([closing, journal.close()])
    expect([store.isClosed, journal.durable]).toEqual([true, 3])
  })

  it('J-10 of a journal that nothing was written to leaves the store as it was', async () => {
    await journal.close()
    expect([store.tried.length, [...store.batches(1)].length]).toEqual([0, 0])
  })
})

describe('records of every kind', () => {
  it('are read while they are open, sealed, on their way and stored, with the same answers', async () => {
    store.hold()
    const seen: unknown[] = []
    tell(journal, {
      to: 1,
      type: 'ask',
      version: 3,
      extras: { ask: { attempt: 2, index: 5 }, outside: true },
    })
    journal.mark()
    journal.turn(1, 1, 1, 2, { answer: 'yes' }, 12_345)
    journal.record('effect', 1, 1, 1, { attempt: 2, index: 5, ok: true, value: 7 })
    seen.push(everything(journal))
    journal.flush()
    seen.push(everything(journal))
    store.letGo()
    await stored(journal)
    seen.push(everything(journal))
    expect(seen[0]).toMatchObject([
      {
        kind: 'message',
        type: 'ask',
        version: 3,
        ask: { attempt: 2, index: 5 },
        outside: true,
        timer: undefined,
      },
      {
        kind: 'turn',
        message: 1,
        attempt: 2,
        told: 0,
        answered: true,
        answer: { answer: 'yes' },
        digest: 12_345,
      },
      { kind: 'effect', cause: 1, correlation: 1, data: { index: 5, value: 7 } },
    ])
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
    expect(journal.at(9)).toBeUndefined()
    expect(journal.messageAt(2)).toBeUndefined()
  })

  it('tell a turn without an answer from one that answered nothing', () => {
    journal.mark()
    journal.turn(1, 1, 1, 1, undefined, -1)
    journal.turn(1, 1, 1, 1, NO_ANSWER, -1)
    expect(everything(journal).map(({ answered, answer }) => [answered, answer])).toEqual([
      [true, undefined],
      [false, undefined],
    ])
  })
})
