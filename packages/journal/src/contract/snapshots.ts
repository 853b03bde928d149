import { NO_ANSWER } from '@holdfast/kernel'
import type { ContractPart } from './contract-part.js'
import { ACTOR, OTHER, type LogWorld } from './log-world.js'
import { stored, tell } from './shorthand.js'

/** Milliseconds between two snapshots of a test. */
const APART_MS = 1_000

/** Takes snapshots of the actor, one behind each of the events with these numbers. @returns their positions */
async function take(world: LogWorld, ...events: readonly number[]): Promise<number[]> {
  const { journal } = world
  const positions: number[] = []
  for (const n of events) {
    await world.authorities.advance(APART_MS)
    journal.mark()
    positions.push(journal.turn(ACTOR, world.event(n), world.event(n), 1, NO_ANSWER, -1))
    journal.saveSnapshot(ACTOR, 1, n, { n })
    await stored(journal)
  }
  return positions
}

/** Snapshots are found by position and time, replaced and deleted. */
export const snapshots: ContractPart = ({ it, expect }, world) => {
  it('T-21 of an actor that has none, none is found, whatever the bounds', async () => {
    const { journal } = world()
    expect([journal.snapshot(ACTOR), journal.snapshot(99, 5), journal.snapshot(99, 5, 5)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    return Promise.resolve()
  })

  it('T-22 T-23 none is found before the time, or below the position, of the first', async () => {
    const [first = 0] = await take(world(), 1, 2)
    const { journal } = world()
    const { timeMs } = journal.snapshot(ACTOR, first)!
    expect(journal.snapshot(ACTOR, Infinity, timeMs - 1)).toBe(undefined)
    expect(journal.snapshot(ACTOR, first - 1)).toBe(undefined)
    expect(journal.snapshot(ACTOR, first - 1, timeMs)).toBe(undefined)
  })

  it('T-24 T-25 T-26 J-15 the newest at or before a position and a time is found', async () => {
    const [first = 0, second = 0] = await take(world(), 1, 2)
    const { journal } = world()
    expect(journal.snapshot(ACTOR)).toMatchObject({ position: second, turns: 2, state: { n: 2 } })
    expect(journal.snapshot(ACTOR, second)).toMatchObject({ position: second })
    expect(journal.snapshot(ACTOR, second - 1)).toMatchObject({ position: first, state: { n: 1 } })
    const { timeMs } = journal.snapshot(ACTOR)!
    expect(journal.snapshot(ACTOR, Infinity, timeMs)).toMatchObject({ position: second })
    expect(journal.snapshot(ACTOR, Infinity, timeMs - 1)).toMatchObject({ position: first })
    expect(journal.snapshot(ACTOR, first, timeMs)).toMatchObject({ position: first })
  })

  it('T-27 T-28 J-15 deleting one or a range leaves the others', async () => {
    const [first = 0, second = 0] = await take(world(), 1, 2)
    const { journal } = world()
    expect(await journal.deleteSnapshots(ACTOR, second, second)).toBe(1)
    expect(journal.snapshot(ACTOR)).toMatchObject({ position: first })
    expect(await journal.deleteSnapshots(ACTOR, second, Infinity)).toBe(0)
    expect(await journal.deleteSnapshots(OTHER, 0, Infinity)).toBe(0)
    expect(await journal.deleteSnapshots(ACTOR, 0, Infinity)).toBe(1)
    expect(journal.snapshot(ACTOR)).toBe(undefined)
  })

  // Deleting knows positions only; a time leads to one.
  it('T-29 deleting what is older than a time leaves one that was taken a millisecond later', async () => {
    const [first = 0, second = 0] = await take(world(), 1, 2)
    const { journal } = world()
    const { timeMs } = journal.snapshot(ACTOR, first)!
    const olderThan = (ms: number): Promise<number> =>
      journal.deleteSnapshots(ACTOR, 0, journal.positionAtTime(ms) - 1)
    expect(await olderThan(timeMs)).toBe(0)
    expect(await olderThan(timeMs + 1)).toBe(1)
    expect(journal.snapshot(ACTOR)).toMatchObject({ position: second })
  })

  it('T-30 J-15 one at the same position takes the place of the one before', async () => {
    const [first = 0, second = 0] = await take(world(), 1, 2)
    world().journal.saveSnapshot(ACTOR, 4, 2, { n: 'again' })
    tell(world().journal, { to: OTHER })
    await stored(world().journal)
    await world().reopen()
    const { journal } = world()
    expect(journal.snapshot(ACTOR)).toMatchObject({ position: second, version: 4, state: { n: 'again' } })
    expect(journal.snapshot(ACTOR, second - 1)).toMatchObject({ position: first })
  })

  it('T-31 J-15 one of more than ten megabytes comes back as it was', async () => {
    const list = Array.from({ length: 1_000 }, (_, i) => i)
    const state = { bytes: Buffer.alloc(11_000_000, 'holdfast'), list }
    world().journal.saveSnapshot(ACTOR, 1, 5, state)
    tell(world().journal, { to: OTHER })
    await stored(world().journal)
    await world().reopen()
    const { bytes, list: kept } = world().journal.snapshot(ACTOR)!.state as typeof state
    expect([Buffer.compare(bytes, state.bytes), kept]).toEqual([0, list])
  })

  it('T-33 what is known of one beside its state comes back', async () => {
    const state = { n: 3 }
    world().journal.saveSnapshot(ACTOR, 5, 77, state)
    const position = world().journal.next - 1
    const { timeMs } = world().journal
    tell(world().journal, { to: OTHER })
    await stored(world().journal)
    await world().reopen()
    const { journal } = world()
    const known = { actor: ACTOR, position, version: 5, turns: 77, timeMs }
    expect(journal.snapshot(ACTOR)).toMatchObject(known)
    expect(journal.hasDigest(state, journal.snapshot(ACTOR)!.digest)).toBe(true)
  })

  it('the two newest are kept', async () => {
    const [, second, third] = await take(world(), 1, 2, 3)
    const kept = [...world().store.snapshots(ACTOR, Infinity)].map(({ position }) => position)
    expect(kept).toEqual([third, second])
  })
}
