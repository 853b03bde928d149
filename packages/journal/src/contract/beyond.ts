// What a log in which everything stands must hold beyond the cases of a store of events: one writer, time that does not go
// back, readers that disturb nobody, and a chain that can be verified.

import type { LogRecord } from '@holdfast/kernel'
import { verifyStore } from '../verify.js'
import type { ContractPart } from './contract-part.js'
import { ACTOR, OTHER, refusalOf } from './log-world.js'
import { everything, shown, stored, tell } from './shorthand.js'

const HOUR_MS = 3_600_000

/** Beyond a store of events. */
export const beyond: ContractPart = ({ it, expect }, world) => {
  it('what was written verifies, and so does what is written after it was opened again', async () => {
    expect(verifyStore(world().store)).toMatchObject({ ok: true, findings: [], next: world().journal.next })
    const { head } = verifyStore(world().store)
    await world().reopen()
    tell(world().journal, { to: ACTOR })
    await stored(world().journal)
    const report = verifyStore(world().store)
    expect(report).toMatchObject({ ok: true, findings: [], next: world().journal.next })
    expect(report.head === head).toBe(false)
  })

  it('J-41 the time of a record is never before that of the one before it, also when the clock goes back', async () => {
    const { authorities } = world()
    const before = world().journal.at(1)!.timeMs
    authorities.stepClock(-HOUR_MS)
    tell(world().journal, { to: ACTOR })
    await stored(world().journal)
    await world().reopen()
    tell(world().journal, { to: ACTOR })
    await stored(world().journal)
    const times = [...world().journal.read(1)].map(({ timeMs }) => timeMs)
    expect(times.slice(-2)).toEqual([before, before])
    authorities.stepClock(24 * HOUR_MS)
    const next = tell(world().journal, { to: ACTOR })
    expect(world().journal.positionAtTime(before + 1)).toBe(next)
  })

  it('a reading that nobody ends holds up no writing, and shows what it began with', async () => {
    const { journal } = world()
    const before = everything(journal)
    const readings = Array.from({ length: 50 }, () => journal.read(1))
    const begun = readings.map(
      (reading) => (reading.next() as IteratorResult<LogRecord, undefined>).value?.position,
    )
    expect(new Set(begun)).toEqual(new Set([1]))
    for (let n = 0; n < 100; n++) {
      tell(journal, { to: OTHER, payload: 'x'.repeat(10_000) })
      await stored(journal)
    }
    expect(journal.durable).toBe(before.length + 101)
    for (const reading of readings.slice(0, 3)) expect([...reading].map(shown)).toEqual(before.slice(1))
  })

  it('what a reader was given does not change while more is written', async () => {
    const { journal, store } = world()
    const batch = store.batchAt(1)!
    const before = Buffer.from(batch.bytes)
    const payload = tell(journal, { to: ACTOR, payload: Buffer.alloc(200_000, 1) })
    await stored(journal)
    const seen = journal.messageAt(payload)?.payload() as Buffer
    for (let n = 0; n < 50; n++) {
      tell(journal, { to: ACTOR, payload: Buffer.alloc(200_000, n) })
      await stored(journal)
    }
    expect([Buffer.compare(batch.bytes, before), seen.every((byte) => byte === 1)]).toEqual([0, true])
  })

  it('closing twice is closing once, and writing after it is refused or lost, never half done', async () => {
    const { journal } = world()
    const before = everything(journal)
    await Promise.all([journal.close(), journal.close()])
    tell(journal, { to: ACTOR, payload: 'too late' })
    journal.flush()
    await world().reopen()
    expect(everything(world().journal)).toEqual(before)
  })
}

/** Only one writer at a time: for stores that outlive their process. */
export const fencing: ContractPart = ({ it, expect }, world) => {
  it('a second writer is refused while the first one is there, and the first one notices nothing', async () => {
    const refusal = await refusalOf(() => world().place.open())
    expect(refusal.code).toBe('HF_STORE_IN_USE')
    const next = tell(world().journal, { to: ACTOR })
    await stored(world().journal)
    await world().reopen()
    expect(world().journal.next).toBe(next + 1)
  })

  it('each opening for writing has an epoch that is higher than the one before', async () => {
    const { epoch } = world().journal
    await world().reopen()
    expect(world().journal.epoch > epoch).toBe(true)
    return Promise.resolve()
  })
}
