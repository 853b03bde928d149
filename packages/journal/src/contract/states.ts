// There is no store of states beside the log, in which a value is put, replaced and taken away by its revision: a state is
// the fold of a log, a snapshot is a cache of that, and the position takes the place of the revision. The cases of such a
// store hold here in this sense.

import { NO_ANSWER } from '@holdfast/kernel'
import type { ContractPart } from './contract-part.js'
import { ACTOR, OTHER, type LogWorld } from './log-world.js'
import { stored, tell } from './shorthand.js'

/** One turn of an actor, and a snapshot of the state behind it. @returns its position */
async function put({ journal }: LogWorld, actor: number, state: unknown): Promise<number> {
  const message = tell(journal, { to: actor, payload: state })
  journal.mark()
  const position = journal.turn(actor, message, message, 1, NO_ANSWER, -1)
  journal.saveSnapshot(actor, 1, 1, state)
  await stored(journal)
  return position
}

/** The sum of what an actor was told behind a position. */
function fold({ journal }: LogWorld, actor: number, behind: number): number {
  let sum = 0
  for (const record of journal.readActor(actor, behind + 1))
    if (record.kind === 'message') sum += (record.payload() as { n: number }).n
  return sum
}

/** States of actors at positions. */
export const states: ContractPart = ({ it, expect }, world) => {
  it('T-35 T-36 a state is found with its position, and the next one with a higher position', async () => {
    const first = await put(world(), ACTOR, { n: 1 })
    expect(world().journal.snapshot(ACTOR)).toMatchObject({ position: first, state: { n: 1 } })
    const second = await put(world(), ACTOR, { n: 2 })
    expect(world().journal.snapshot(ACTOR)).toMatchObject({ position: second, state: { n: 2 } })
    expect(second > first).toBe(true)
  })

  it('T-37 T-38 one that is deleted is gone, and that of another actor is not', async () => {
    const mine = await put(world(), ACTOR, { n: 1 })
    const other = await put(world(), OTHER, { n: 2 })
    expect(await world().journal.deleteSnapshots(ACTOR, mine, mine)).toBe(1)
    expect(world().journal.snapshot(ACTOR)).toBe(undefined)
    expect(world().journal.snapshot(OTHER)).toMatchObject({ position: other })
  })

  it('T-40 T-41 with a position that is not that of a state, nothing is deleted and nothing put back', async () => {
    const position = await put(world(), ACTOR, { n: 1 })
    expect(await world().journal.deleteSnapshots(ACTOR, position + 1, position + 9)).toBe(0)
    expect(await world().journal.deleteSnapshots(ACTOR, position - 1, position - 1)).toBe(0)
    expect(world().journal.snapshot(ACTOR)).toMatchObject({ position, state: { n: 1 } })
    // A snapshot stands where the log stands when it is taken: none can be put at an older position.
    tell(world().journal, { to: ACTOR, payload: { n: 1 } })
    world().journal.saveSnapshot(ACTOR, 1, 2, { n: 2 })
    await stored(world().journal)
    expect(world().journal.snapshot(ACTOR)).toMatchObject({ position: position + 1 })
    expect(world().journal.snapshot(ACTOR, position)).toMatchObject({ position, state: { n: 1 } })
  })

  it('a snapshot and what stands behind it fold to what the whole log folds to', async () => {
    let sum = fold(world(), ACTOR, 0)
    for (let n = 1; n <= 50; n++) {
      sum += n
      tell(world().journal, { to: ACTOR, payload: { n } })
      if (n % 7 === 0) world().journal.saveSnapshot(ACTOR, 1, n, { sum })
      if (n % 5 === 0) await stored(world().journal)
    }
    await stored(world().journal)
    await world().reopen()
    const { journal } = world()
    const { position, state, digest } = journal.snapshot(ACTOR)!
    const from = (state as { sum: number }).sum
    expect([from + fold(world(), ACTOR, position), fold(world(), ACTOR, 0)]).toEqual([sum, sum])
    expect(journal.hasDigest({ sum: from }, digest)).toBe(true)
  })
}
