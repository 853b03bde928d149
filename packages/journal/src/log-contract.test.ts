// The contract of a log, on every store that there is.
//
// It follows the persistence contract that stores for event sourced actors are commonly held to, with one difference
// that runs through all of it: here is one totally ordered log, so a position takes the place of a number per actor.
// An actor's positions rise and have gaps, and "the first event" is a position, not 1.

import { NO_ANSWER, type LogRecord } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal } from './journal.js'
import {
  contents,
  everything,
  journalOn,
  STORES,
  stored,
  tell,
  turnOf,
  type StorePlace,
} from './log.fixture.js'
import type { LogQuery } from './log-reader.js'
import type { BatchStore } from './store.js'

const OTHER = 3
const ACTOR = 7

describe.each(STORES)('a log on $store', ({ make }) => {
  let place: StorePlace
  let store: BatchStore
  let journal: Journal
  /** Positions of the five events of the actor, by their number; 0 stands for nothing. */
  let at: number[]

  beforeEach(async () => {
    place = make()
    store = place.open()
    journal = journalOn(store)
    at = [0]
    for (const n of [1, 2, 3]) {
      tell(journal, { to: OTHER, payload: 'between' })
      at.push(tell(journal, { to: ACTOR, payload: { n }, sender: OTHER }))
    }
    // The last two are told by one turn, so they are stored together or not at all.
    const [four = 0, five = 0] = turnOf(journal, OTHER, 1, [
      { to: ACTOR, payload: { n: 4 } },
      { to: ACTOR, payload: { n: 5 } },
    ])
    at.push(four, five)
    await stored(journal)
  })

  afterEach(async () => {
    await journal.close()
    place.remove()
  })

  /** Numbers of the events that a query of the actor finds, and its highest position as the number of an event. */
  function numbers(query: Omit<LogQuery, 'actor'>): [events: number[], highest: number] {
    const { records, highest } = journal.query({ actor: ACTOR, ...query })
    return [records.map(({ position }) => at.indexOf(position)), at.indexOf(highest)]
  }

  async function reopen(): Promise<void> {
    await journal.close()
    store = place.open()
    journal = journalOn(store)
  }

  describe('writing', () => {
    it('T-1 every accepted record is acknowledged in order, with payload, position, actor and sender intact', async () => {
      const acknowledged: number[] = []
      journal.onProgress(() => acknowledged.push(journal.durable))
      const first = tell(journal, { to: ACTOR, payload: { n: 6 }, sender: OTHER })
      const before = journal.durable
      await stored(journal)
      const second = tell(journal, { to: ACTOR, payload: { n: 7 }, sender: OTHER })
      await stored(journal)
      expect(before).toBe(first)
      expect(acknowledged).toEqual([first + 1, second + 1])
      const { records } = journal.query({ actor: ACTOR, from: first })
      expect(records.map((record) => [record.position, record.actor])).toEqual([
        [first, ACTOR],
        [second, ACTOR],
      ])
      const messages = records.filter((record) => record.kind === 'message')
      expect(messages.map((message) => [message.sender, message.payload()])).toEqual([
        [OTHER, { n: 6 }],
        [OTHER, { n: 7 }],
      ])
    })

    it('J-1 everything that was appended is read in the same order with the same bytes, gapless from 1', async () => {
      const before = everything(journal)
      const bytes = contents(store, [ACTOR, OTHER])
      expect(before.map(({ position }) => position)).toEqual(before.map((_, i) => i + 1))
      await reopen()
      expect(everything(journal)).toEqual(before)
      expect(contents(store, [ACTOR, OTHER])).toEqual(bytes)
    })

    it('J-20 what happens to a message or a buffer after it was written changes nothing', async () => {
      const payload = { text: 'before', list: [1, 2], bytes: Buffer.from('before') }
      const position = tell(journal, { to: ACTOR, payload })
      const copy = journal.copy
      const encoded = journal.encode(payload)
      payload.text = 'after'
      payload.list.push(3)
      payload.bytes.fill(0)
      journal.encode({ text: 'something else', list: [9, 9, 9, 9], bytes: Buffer.alloc(64) })
      const later = journal.messageEncoded(
        ACTOR,
        { type: 'note', version: 1, batch: -1, slot: 0 },
        encoded,
        0,
        0,
        0,
        null,
      )
      await stored(journal)
      const kept = { text: 'before', list: [1, 2], bytes: Buffer.from('before') }
      expect(copy).toEqual(kept)
      expect(encoded.copy).toEqual(kept)
      expect(journal.messageAt(position)?.payload()).toEqual(kept)
      expect(journal.messageAt(later)?.payload()).toEqual(kept)
    })

    it('L2 a turn that was taken back left nothing, and its positions go to what comes next', async () => {
      const before = everything(journal)
      journal.mark()
      tell(journal, { to: ACTOR, payload: 'never', extras: { correlationName: 'never' } })
      journal.rewind()
      expect(everything(journal)).toEqual(before)
      expect(journal.correlationOf('never')).toBe(0)
      const next = tell(journal, { to: ACTOR, payload: 'instead' })
      await stored(journal)
      expect(next).toBe(before.length + 1)
      await reopen()
      expect(journal.messageAt(next)?.payload()).toBe('instead')
      expect(journal.correlationOf('never')).toBe(0)
    })

    it('L5 a value that cannot be stored is refused by its path, and leaves nothing behind', () => {
      const before = everything(journal)
      const bad = { list: [1, { deep: () => undefined }] }
      const refused = { code: 'HF_NOT_STORABLE', field: 'list.1.deep' }
      expect(() => tell(journal, { to: ACTOR, payload: bad })).toThrow(expect.objectContaining(refused))
      journal.mark()
      expect(() => journal.turn(ACTOR, 1, 1, 1, bad, -1)).toThrow(expect.objectContaining(refused))
      journal.rewind()
      expect(() => journal.record('timer', ACTOR, 0, 0, bad)).toThrow(expect.objectContaining(refused))
      expect(everything(journal)).toEqual(before)
    })
  })

  describe('reading an actor', () => {
    it.each([
      ['T-2 with no bounds, everything in order', {}, [1, 2, 3, 4, 5]],
      ['T-3 from the third', { from: 3 }, [3, 4, 5]],
      ['T-4 up to the third', { to: 3 }, [1, 2, 3]],
      ['T-5 three at the most', { limit: 3 }, [1, 2, 3]],
      ['T-6 from the second to the third', { from: 2, to: 3 }, [2, 3]],
      ['T-7 from the second to the fifth, two at the most', { from: 2, to: 5, limit: 2 }, [2, 3]],
      ['T-8 from the second to the second', { from: 2, to: 2 }, [2]],
      ['T-9 from the second to the fourth, one at the most', { from: 2, to: 4, limit: 1 }, [2]],
      ['T-10 none at the most', { limit: 0 }, []],
      ['T-11 from the third to the second', { from: 3, to: 2 }, []],
    ])(
      '%s: and the highest is always the fifth',
      (_, { from, to, limit }: Omit<LogQuery, 'actor'>, events) => {
        const query = {
          ...(from === undefined ? {} : { from: at[from]! }),
          ...(to === undefined ? {} : { to: at[to]! }),
          ...(limit === undefined ? {} : { limit }),
        }
        expect(numbers(query)).toEqual([events, 5])
      },
    )

    it('J-2 with bounds that fall between the positions of the actor, it finds those between', () => {
      expect(numbers({ from: at[2]! + 1, to: at[4]! - 1 })).toEqual([[3], 5])
      expect(numbers({ from: at[5]! + 1 })).toEqual([[], 5])
      expect(numbers({ to: at[1]! - 1 })).toEqual([[], 5])
    })

    it('J-2 with bounds that are none, it refuses them by name', () => {
      for (const field of ['actor', 'correlation', 'from', 'to', 'limit'] as const) {
        for (const value of [Number.NaN, -1, '3' as unknown as number]) {
          const refused = { code: 'HF_INVALID', field: `query.${field}` }
          expect(() => journal.query({ [field]: value })).toThrow(expect.objectContaining(refused))
        }
      }
    })

    it('T-12 J-3 an actor that was never written has no records and the highest 0, and reading writes nothing', () => {
      const before = contents(store, [ACTOR, OTHER, 99])
      const size = store.size()
      expect(journal.query({ actor: 99 })).toEqual({ records: [], highest: 0 })
      expect([...journal.readActor(99, 0)]).toEqual([])
      expect(journal.query({ correlation: 9_999 })).toEqual({ records: [], highest: 0 })
      expect(journal.snapshot(99)).toBeUndefined()
      expect(journal.correlationOf('nobody')).toBe(0)
      expect(contents(store, [ACTOR, OTHER, 99])).toEqual(before)
      expect(store.size()).toBe(size)
    })

    it('by correlation it finds the records of all actors, and with both what both have', () => {
      const found = journal.query({ correlation: 1 })
      expect(found.records.map(({ kind, actor }) => [kind, actor])).toEqual([
        ['message', OTHER],
        ['message', ACTOR],
        ['message', ACTOR],
        ['turn', OTHER],
      ])
      expect(journal.query({ correlation: 1, actor: ACTOR })).toMatchObject({ highest: at[5] })
      expect(journal.query({ correlation: 0 }).records).toEqual([])
    })

    it('a reading shows the log as it stood when it began, also while more is written and stored', async () => {
      const before = everything(journal)
      tell(journal, { to: ACTOR, payload: 'open' })
      const all = journal.read(1)
      const mine = journal.readActor(ACTOR, 0)
      const next = (records: Iterator<LogRecord, void>): number => {
        const { value } = records.next()
        return value?.position ?? 0
      }
      const seen = [next(all)]
      const seenMine = [next(mine)]
      for (let i = 0; i < 70; i++) {
        tell(journal, { to: ACTOR, payload: 'later' })
        await stored(journal)
      }
      for (const { position } of all) seen.push(position)
      for (const { position } of mine) seenMine.push(position)
      expect(seen).toEqual([...before.map(({ position }) => position), before.length + 1])
      expect(seenMine).toEqual([...at.slice(1), before.length + 1])
    })
  })

  describe('deleting', () => {
    it('T-13 up to the third answers with the third, and only the rest is read', async () => {
      expect(await journal.deleteUpTo(ACTOR, at[3]!)).toBe(at[3])
      expect(numbers({})).toEqual([[4, 5], 5])
      await reopen()
      expect(numbers({})).toEqual([[4, 5], 5])
      expect([...journal.readActor(ACTOR, 0)].map(({ position }) => position)).toEqual([at[4], at[5]])
    })

    it('T-14 J-11 a part leaves the highest position as it was', async () => {
      await journal.deleteUpTo(ACTOR, at[3]!)
      expect(journal.query({ actor: ACTOR }).highest).toBe(at[5])
    })

    it('T-15 J-11 everything leaves the highest position as it was: positions are never given again', async () => {
      await journal.deleteUpTo(ACTOR, journal.next - 1)
      expect(numbers({})).toEqual([[], 5])
      await reopen()
      expect(numbers({})).toEqual([[], 5])
      const next = tell(journal, { to: ACTOR })
      expect(next).toBeGreaterThan(at[5]!)
      expect(journal.query({ actor: ACTOR })).toMatchObject({ highest: next, records: [{ position: next }] })
    })

    it('T-20 J-12 a window that touches what was deleted keeps to its bounds and its limit', async () => {
      await journal.deleteUpTo(ACTOR, at[3]!)
      expect(numbers({ from: at[2]!, limit: 1 })).toEqual([[4], 5])
      expect(numbers({ from: at[2]!, to: at[3]! })).toEqual([[], 5])
      expect(numbers({ from: at[3]!, to: at[4]! })).toEqual([[4], 5])
      expect(numbers({ to: at[2]! })).toEqual([[], 5])
    })

    it('J-13 beyond the end stops at the end, and what is written later is not deleted ahead of time', async () => {
      const end = journal.next - 1
      expect(await journal.deleteUpTo(ACTOR, 1_000_000)).toBe(end)
      const next = tell(journal, { to: ACTOR })
      await stored(journal)
      expect(journal.query({ actor: ACTOR }).records.map(({ position }) => position)).toEqual([next])
      expect(await journal.deleteUpTo(ACTOR, 1)).toBe(end)
    })

    it('J-13 what is not on stable storage is not deleted, because its position may be given again', async () => {
      const end = journal.durable - 1
      tell(journal, { to: ACTOR })
      expect(await journal.deleteUpTo(ACTOR, journal.next - 1)).toBe(end)
    })
  })

  describe('snapshots', () => {
    /** Snapshots of the actor, one behind each of the events with these numbers. */
    async function snapshots(...events: readonly number[]): Promise<number[]> {
      const positions: number[] = []
      for (const n of events) {
        journal.mark()
        positions.push(journal.turn(ACTOR, at[n]!, at[n]!, 1, NO_ANSWER, -1))
        journal.saveSnapshot(ACTOR, 1, n, { n })
        await stored(journal)
      }
      return positions
    }

    it('T-21 to T-26 J-15 the newest at or before a position and a time is found, or none', async () => {
      expect(journal.snapshot(ACTOR)).toBeUndefined()
      const [first, second] = await snapshots(1, 2)
      expect(journal.snapshot(ACTOR)).toMatchObject({ position: second, turns: 2, state: { n: 2 } })
      expect(journal.snapshot(ACTOR, second)).toMatchObject({ position: second })
      expect(journal.snapshot(ACTOR, second! - 1)).toMatchObject({ position: first, state: { n: 1 } })
      expect(journal.snapshot(ACTOR, first! - 1)).toBeUndefined()
      const { timeMs } = journal.snapshot(ACTOR)!
      expect(journal.snapshot(ACTOR, Infinity, timeMs)).toMatchObject({ position: second })
      expect(journal.snapshot(ACTOR, Infinity, timeMs - 1)).toBeUndefined()
      expect(journal.snapshot(ACTOR, first, timeMs)).toMatchObject({ position: first })
    })

    it('T-30 J-15 one at the same position takes the place of the one before', async () => {
      const [first, second] = await snapshots(1, 2)
      journal.saveSnapshot(ACTOR, 4, 2, { n: 'again' })
      tell(journal, { to: OTHER })
      await stored(journal)
      await reopen()
      expect(journal.snapshot(ACTOR)).toMatchObject({ position: second, version: 4, state: { n: 'again' } })
      expect(journal.snapshot(ACTOR, second! - 1)).toMatchObject({ position: first })
    })

    it('T-27 T-28 J-15 deleting one or a range leaves the others', async () => {
      const [first, second] = await snapshots(1, 2)
      expect(await journal.deleteSnapshots(ACTOR, second!, second!)).toBe(1)
      expect(journal.snapshot(ACTOR)).toMatchObject({ position: first })
      expect(await journal.deleteSnapshots(ACTOR, second!, Infinity)).toBe(0)
      expect(await journal.deleteSnapshots(OTHER, 0, Infinity)).toBe(0)
      expect(await journal.deleteSnapshots(ACTOR, 0, Infinity)).toBe(1)
      expect(journal.snapshot(ACTOR)).toBeUndefined()
    })

    it('T-31 J-15 one of more than ten megabytes comes back as it was', async () => {
      const state = {
        bytes: Buffer.alloc(11_000_000, 'holdfast'),
        list: Array.from({ length: 1_000 }, (_, i) => i),
      }
      journal.saveSnapshot(ACTOR, 1, 5, state)
      tell(journal, { to: OTHER })
      await stored(journal)
      await reopen()
      expect(Buffer.compare((journal.snapshot(ACTOR)!.state as typeof state).bytes, state.bytes)).toBe(0)
    })

    it('the two newest are kept', async () => {
      const [, second, third] = await snapshots(1, 2, 3)
      const kept = [...store.snapshots(ACTOR, Infinity)].map(({ position }) => position)
      expect(kept).toEqual([third, second])
    })
  })
})
