import type { ContractPart } from './contract-part.js'
import { ACTOR } from './log-world.js'
import { stored, tell } from './shorthand.js'

/** What is deleted is not read any more, and its positions are not given again. */
export const deleting: ContractPart = ({ it, expect }, world) => {
  it('T-13 up to the third answers with the third, and only the rest is read', async () => {
    const { at } = world()
    expect(await world().journal.deleteUpTo(ACTOR, at[3]!)).toBe(at[3])
    expect(world().numbers()).toEqual([[4, 5], 5])
    await world().reopen()
    expect(world().numbers()).toEqual([[4, 5], 5])
    const left = [...world().journal.readActor(ACTOR, 0)].map(({ position }) => position)
    expect(left).toEqual([at[4], at[5]])
  })

  it('T-14 J-11 a part leaves the highest position as it was', async () => {
    const { journal, at } = world()
    await journal.deleteUpTo(ACTOR, at[3]!)
    expect(journal.query({ actor: ACTOR }).highest).toBe(at[5])
  })

  it('T-15 T-39 T-43 J-11 everything leaves the highest position as it was: positions are never given again', async () => {
    await world().journal.deleteUpTo(ACTOR, world().journal.next - 1)
    expect(world().numbers()).toEqual([[], 5])
    await world().reopen()
    expect(world().numbers()).toEqual([[], 5])
    const { journal } = world()
    const next = tell(journal, { to: ACTOR })
    expect(next > world().event(5)).toBe(true)
    expect(journal.query({ actor: ACTOR })).toMatchObject({ highest: next, records: [{ position: next }] })
  })

  it('T-20 J-12 a window that touches what was deleted keeps to its bounds and its limit', async () => {
    const { journal, at } = world()
    await journal.deleteUpTo(ACTOR, at[3]!)
    expect(world().numbers({ from: at[2]!, limit: 1 })).toEqual([[4], 5])
    expect(world().numbers({ from: at[2]!, to: at[3]! })).toEqual([[], 5])
    expect(world().numbers({ from: at[3]!, to: at[4]! })).toEqual([[4], 5])
    expect(world().numbers({ to: at[2]! })).toEqual([[], 5])
  })

  it('J-13 beyond the end stops at the end, and what is written later is not deleted ahead of time', async () => {
    const { journal } = world()
    const end = journal.next - 1
    expect(await journal.deleteUpTo(ACTOR, 1_000_000)).toBe(end)
    const next = tell(journal, { to: ACTOR })
    await stored(journal)
    expect(journal.query({ actor: ACTOR }).records.map(({ position }) => position)).toEqual([next])
    expect(await journal.deleteUpTo(ACTOR, 1)).toBe(end)
  })

  it('J-13 what is not on stable storage is not deleted, because its position may be given again', async () => {
    const { journal } = world()
    const end = journal.durable - 1
    tell(journal, { to: ACTOR })
    expect(await journal.deleteUpTo(ACTOR, journal.next - 1)).toBe(end)
  })

  it('what is pinned is not deleted, and can be once the pin is gone', async () => {
    const { journal, at } = world()
    const actors = [{ id: ACTOR, path: '/pinned', from: at[3]!, snapshots: [] }]
    world().store.pin({ id: 1, correlation: 'incident', from: 1, to: journal.next - 1, actors })
    expect(await journal.deleteUpTo(ACTOR, at[5]!)).toBe(at[3]! - 1)
    await world().reopen()
    expect(world().numbers()).toEqual([[3, 4, 5], 5])
    expect([world().store.unpin(1), world().store.unpin(1)]).toEqual([true, false])
    expect(await world().journal.deleteUpTo(ACTOR, at[5]!)).toBe(at[5])
  })
}
