import type { LogRecord } from '@holdfast/kernel'
import type { LogQuery } from '../log-reader.js'
import type { ContractPart } from './contract-part.js'
import { ACTOR, OTHER, refusalOf } from './log-world.js'
import { contents, everything, stored, tell } from './shorthand.js'

const WINDOWS: readonly [name: string, window: Pick<LogQuery, 'from' | 'to' | 'limit'>, events: number[]][] =
  [
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
  ]

/** What is there is found, by its actor, by its correlation, and between two positions. */
export const reading: ContractPart = ({ it, expect }, world) => {
  for (const [name, { from, to, limit }, events] of WINDOWS) {
    it(`${name}: and the highest is always the fifth`, async () => {
      const query = {
        ...(from === undefined ? {} : { from: world().event(from) }),
        ...(to === undefined ? {} : { to: world().event(to) }),
        ...(limit === undefined ? {} : { limit }),
      }
      expect(world().numbers(query)).toEqual([events, 5])
      return Promise.resolve()
    })
  }

  it('J-2 with bounds that fall between the positions of the actor, it finds those between', async () => {
    const { at } = world()
    expect(world().numbers({ from: at[2]! + 1, to: at[4]! - 1 })).toEqual([[3], 5])
    expect(world().numbers({ from: at[5]! + 1 })).toEqual([[], 5])
    expect(world().numbers({ to: at[1]! - 1 })).toEqual([[], 5])
    return Promise.resolve()
  })

  it('J-2 with bounds that are none, it refuses them by name', async () => {
    for (const field of ['actor', 'correlation', 'from', 'to', 'limit'] as const) {
      for (const value of [Number.NaN, -1, '3' as unknown as number]) {
        const refusal = { code: 'HF_INVALID', field: `query.${field}` }
        expect(await refusalOf(() => world().journal.query({ [field]: value }))).toEqual(refusal)
      }
    }
  })

  it('T-12 T-34 J-3 an actor that was never written has no records, no state and the highest 0, and reading writes nothing', async () => {
    const { journal, store } = world()
    const before = contents(store, [ACTOR, OTHER, 99])
    const size = store.size()
    expect(journal.query({ actor: 99 })).toEqual({ records: [], highest: 0 })
    expect([...journal.readActor(99, 0)]).toEqual([])
    expect(journal.query({ correlation: 9_999 })).toEqual({ records: [], highest: 0 })
    expect([journal.snapshot(99), journal.correlationOf('nobody')]).toEqual([undefined, 0])
    expect([contents(store, [ACTOR, OTHER, 99]), store.size()]).toEqual([before, size])
    return Promise.resolve()
  })

  it('by correlation it finds the records of all actors, and with both what both have', async () => {
    const { journal } = world()
    const found = journal.query({ correlation: 1 })
    expect(found.records.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['message', OTHER],
      ['message', ACTOR],
      ['message', ACTOR],
      ['turn', OTHER],
    ])
    expect(journal.query({ correlation: 1, actor: ACTOR }).highest).toBe(world().event(5))
    expect(journal.query({ correlation: 0 }).records).toEqual([])
    return Promise.resolve()
  })

  it('a reading shows the log as it stood when it began, also while more is written and stored', async () => {
    const { journal, at } = world()
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

  it('what is found by actor and by correlation is what a reading of everything finds', async () => {
    const { journal } = world()
    for (let n = 0; n < 600; n++) {
      const position = tell(journal, { to: n % 11, payload: n })
      if (n % 3 === 0) tell(journal, { to: (n * 5) % 11, correlation: position, cause: position })
      if (n % 2 === 0) await stored(journal)
    }
    await stored(journal)
    await world().reopen()
    const all = [...world().journal.read(1)]
    const positions = (records: Iterable<LogRecord>): number[] => [...records].map(({ position }) => position)
    for (let actor = 0; actor < 11; actor++) {
      const scanned = all.filter((record) => record.actor === actor)
      expect(positions(world().journal.readActor(actor, 0))).toEqual(positions(scanned))
    }
    for (let root = 1; root < all.length; root += 37) {
      const scanned = all.filter(({ correlation }) => correlation === root)
      expect(positions(world().journal.readCorrelation(root))).toEqual(positions(scanned))
    }
  })
}
