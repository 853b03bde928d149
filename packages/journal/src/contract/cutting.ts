import type { LogRecord } from '@holdfast/kernel'
import type { ContractPart } from './contract-part.js'
import { ACTOR, OTHER, refusalOf, type LogWorld } from './log-world.js'
import { everything, stored, tell } from './shorthand.js'
import { verifyStore } from '../verify.js'

const RECORDS = 40

/** Adds records, each in a batch of its own, and each the beginning of a correlation with a name. */
async function grow({ journal }: LogWorld): Promise<void> {
  for (let n = 0; n < RECORDS; n++) {
    const extras = { correlationName: `grown ${n}` }
    tell(journal, { to: n % 2 === 0 ? ACTOR : OTHER, payload: { n }, extras })
    await stored(journal)
  }
}

/** Cuts, with time in the test's hand: the store may do it in steps. */
async function cut(world: LogWorld, position: number): Promise<number> {
  let isDone = false
  const floor = world.journal.cut(position).finally(() => {
    isDone = true
  })
  while (!isDone) await world.authorities.settle()
  return floor
}

/**
 * The beginning of a log can be cut away. How much of that a store can do is its own matter: one that cuts whole files
 * cuts less than was asked for. What it says it has done, it has done.
 */
export const cutting: ContractPart = ({ it, expect }, world) => {
  it('begins a log at 1, and cuts nothing behind the position that is asked for', async () => {
    await grow(world())
    expect(world().journal.floor).toBe(1)
    expect(await cut(world(), 1)).toBe(1)
    const middle = world().journal.next - 20
    const floor = await cut(world(), middle)
    expect([floor >= 1 && floor <= middle, world().journal.floor]).toEqual([true, floor])
  })

  it('leaves the rest as it was, also when it is opened again, and it verifies from there', async () => {
    await grow(world())
    const before = everything(world().journal)
    const floor = await cut(world(), world().journal.next - 10)
    expect(everything(world().journal)).toEqual(before.slice(floor - 1))
    await world().reopen()
    expect(world().journal.floor).toBe(floor)
    expect(everything(world().journal)).toEqual(before.slice(floor - 1))
    expect(verifyStore(world().store)).toMatchObject({ ok: true, findings: [], floor, cut: floor - 1 })
    expect(tell(world().journal, { to: ACTOR })).toBe(before.length + 1)
    await stored(world().journal)
    expect(verifyStore(world().store).ok).toBe(true)
  })

  it('makes what lies below the floor not there, by every way to it', async () => {
    await grow(world())
    const { journal } = world()
    const before = everything(journal)
    const named = before.filter(({ correlationName }) => correlationName !== undefined)
    const floor = await cut(world(), journal.next - 5)
    const isLeft = ({ position }: Record<string, unknown>): boolean => Number(position) >= floor
    const positionsOf = (records: readonly Record<string, unknown>[]): unknown[] =>
      records.map(({ position }) => position)
    expect(before.map(({ position }) => journal.at(Number(position))?.position)).toEqual(
      before.map((record) => (isLeft(record) ? record['position'] : undefined)),
    )
    for (const actor of [ACTOR, OTHER]) {
      const left = before.filter((record) => record['actor'] === actor && isLeft(record))
      expect([...journal.readActor(actor, 0)].map(({ position }) => position)).toEqual(positionsOf(left))
      const { records, highest } = journal.query({ actor, from: 0, limit: 3 })
      expect(records.map(({ position }) => position)).toEqual(positionsOf(left.slice(0, 3)))
      expect(highest).toBe(left.at(-1)?.['position'] ?? 0)
    }
    expect(named.map((record) => journal.correlationOf(String(record['correlationName'])))).toEqual(
      named.map((record) => (isLeft(record) ? record['position'] : 0)),
    )
    expect([...journal.readCorrelation(1)].every(({ position }) => position >= floor)).toBe(true)
    expect(journal.positionAtTime(0)).toBe(floor)
    expect(world().store.batchAt(floor - 1) === undefined).toBe(true)
    expect([...world().store.firsts(1)][0]).toBe(floor)
  })

  it('lets a name that was cut away be brought in anew', async () => {
    await grow(world())
    const { journal } = world()
    await cut(world(), journal.next - 5)
    const again = tell(journal, { to: ACTOR, extras: { correlationName: 'grown 0' } })
    const isThere = journal.floor === 1
    expect(journal.correlationOf('grown 0')).toBe(isThere ? journal.correlationOf('grown 0') : again)
    await stored(journal)
    await world().reopen()
    expect(world().journal.correlationOf('grown 0')).toBe(again)
  })

  it('makes its index again from what is left', async () => {
    await grow(world())
    const { journal } = world()
    await cut(world(), journal.next - 5)
    const before = [...journal.readActor(ACTOR, 0)].map(({ position }) => position)
    await journal.rebuildIndex()
    expect([...journal.readActor(ACTOR, 0)].map(({ position }) => position)).toEqual(before)
    expect(verifyStore(world().store).ok).toBe(true)
  })

  it('keeps what is pinned, and lets it go with the pin', async () => {
    await grow(world())
    const { journal, store } = world()
    store.pin({
      id: 1,
      correlation: 'incident',
      from: 20,
      to: 30,
      actors: [{ id: ACTOR, path: '/a', from: 12, snapshots: [] }],
    })
    const kept = await cut(world(), journal.next - 5)
    expect(kept <= 12).toBe(true)
    store.unpin(1)
    expect((await cut(world(), journal.next - 5)) >= kept).toBe(true)
  })

  it('goes back neither to an earlier floor nor beyond what is on stable storage', async () => {
    await grow(world())
    const { journal } = world()
    const floor = await cut(world(), journal.next - 15)
    expect(await cut(world(), 2)).toBe(floor)
    tell(journal, { to: ACTOR })
    expect((await cut(world(), Infinity)) < journal.next).toBe(true)
    await stored(journal)
    expect(everything(journal).at(-1)?.['position']).toBe(journal.next - 1)
  })

  it('ends a reading that it overtakes, and does not skip', async () => {
    await grow(world())
    const { journal } = world()
    const reading = journal.read(1)
    const [first] = [reading.next() as IteratorResult<LogRecord, undefined>]
    const floor = await cut(world(), journal.next - 5)
    const refusal = await refusalOf(() => {
      const left = [...reading]
      expect(left.length).toBe(journal.next - 2)
    })
    const expected = floor > world().event(5) + 2 ? 'HF_LOG_CUT' : 'not refused'
    expect([first.value?.position, refusal.code]).toEqual([1, expected])
  })
}
