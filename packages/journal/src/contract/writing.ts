import type { ContractPart } from './contract-part.js'
import { ACTOR, OTHER, refusalOf } from './log-world.js'
import { contents, everything, named, stored, tell, turnOf } from './shorthand.js'

/** What is written is acknowledged, and read as it was written. */
export const writing: ContractPart = ({ it, expect }, world) => {
  it('T-1 every accepted record is acknowledged in order, with payload, position, actor and sender intact', async () => {
    const { journal } = world()
    const acknowledged: number[] = []
    journal.onProgress(() => acknowledged.push(journal.durable))
    const first = tell(journal, { to: ACTOR, payload: { n: 6 }, sender: OTHER })
    expect(journal.durable).toBe(first)
    await stored(journal)
    const second = tell(journal, { to: ACTOR, payload: { n: 7 }, sender: OTHER })
    await stored(journal)
    expect(acknowledged).toEqual([first + 1, second + 1])
    const { records } = journal.query({ actor: ACTOR, from: first })
    const seen = records.map((record) =>
      record.kind === 'message'
        ? [record.position, record.actor, record.sender, record.payload()]
        : record.kind,
    )
    expect(seen).toEqual([
      [first, ACTOR, OTHER, { n: 6 }],
      [second, ACTOR, OTHER, { n: 7 }],
    ])
  })

  it('J-1 everything that was appended is read in the same order with the same bytes, gapless from 1', async () => {
    const { journal, store } = world()
    const before = everything(journal)
    const bytes = contents(store, [ACTOR, OTHER])
    expect(before.map(({ position }) => position)).toEqual(before.map((_, i) => i + 1))
    await world().reopen()
    expect(everything(world().journal)).toEqual(before)
    expect(contents(world().store, [ACTOR, OTHER])).toEqual(bytes)
  })

  it('J-10 where nothing was written, nothing is stored, and the next position stays', async () => {
    const { journal, store } = world()
    const before = contents(store, [ACTOR, OTHER])
    const { next } = journal
    journal.mark()
    journal.keep()
    journal.flush()
    journal.mark()
    journal.rewind()
    await stored(journal)
    expect([journal.next, journal.durable, contents(store, [ACTOR, OTHER])]).toEqual([next, next, before])
    await world().reopen()
    expect(world().journal.next).toBe(next)
  })

  it('J-20 what happens to a message or a buffer after it was written changes nothing', async () => {
    const { journal } = world()
    const payload = { text: 'before', list: [1, 2], bytes: Buffer.from('before') }
    const position = tell(journal, { to: ACTOR, payload })
    const copy = journal.copy
    const encoded = journal.encode(payload)
    payload.text = 'after'
    payload.list.push(3)
    payload.bytes.fill(0)
    journal.encode({ text: 'something else', list: [9, 9, 9, 9], bytes: Buffer.alloc(64) })
    const later = journal.messageEncoded(ACTOR, named('note'), encoded, 0, 0, 0, null)
    await stored(journal)
    const kept = { text: 'before', list: [1, 2], bytes: Buffer.from('before') }
    expect([copy, encoded.copy]).toEqual([kept, kept])
    expect(journal.messageAt(position)?.payload()).toEqual(kept)
    expect(journal.messageAt(later)?.payload()).toEqual(kept)
  })

  it('T-16 one that cannot be stored is refused by its path, and its neighbours are stored', async () => {
    const { journal } = world()
    const before = tell(journal, { to: ACTOR, payload: 'before' })
    const bad = { list: [1, { deep: () => undefined }] }
    const refusal = { code: 'HF_NOT_STORABLE', field: 'list.1.deep' }
    expect(await refusalOf(() => tell(journal, { to: ACTOR, payload: bad }))).toEqual(refusal)
    const after = tell(journal, { to: ACTOR, payload: 'after' })
    await stored(journal)
    expect(after).toBe(before + 1)
    expect(journal.query({ actor: ACTOR, from: before }).records.length).toBe(2)
  })

  it('L5 a value that cannot be stored leaves nothing behind, in a turn neither', async () => {
    const { journal } = world()
    const before = everything(journal)
    const bad = { list: [1, { deep: () => undefined }] }
    const refusal = { code: 'HF_NOT_STORABLE', field: 'list.1.deep' }
    journal.mark()
    tell(journal, { to: OTHER, payload: 'told by the turn' })
    expect(await refusalOf(() => journal.turn(ACTOR, 1, 1, 1, bad, -1))).toEqual(refusal)
    journal.rewind()
    expect(await refusalOf(() => journal.record('timer', ACTOR, 0, 0, bad))).toEqual(refusal)
    expect(everything(journal)).toEqual(before)
  })

  it('L2 a turn that was taken back left nothing, and its positions go to what comes next', async () => {
    const { journal } = world()
    const before = everything(journal)
    journal.mark()
    tell(journal, { to: ACTOR, payload: 'never', extras: { correlationName: 'never' } })
    journal.rewind()
    expect([everything(journal), journal.correlationOf('never')]).toEqual([before, 0])
    const next = tell(journal, { to: ACTOR, payload: 'instead' })
    await stored(journal)
    expect(next).toBe(before.length + 1)
    await world().reopen()
    expect(world().journal.messageAt(next)?.payload()).toBe('instead')
    expect(world().journal.correlationOf('never')).toBe(0)
  })

  // No store may be without: there is nothing to declare.
  it('T-19 a turn stands in one batch, with all that it told, on every store', async () => {
    const { journal, store } = world()
    const told = Array.from({ length: 500 }, (_, n) => ({
      to: OTHER,
      payload: { n, text: 'x'.repeat(1_000) },
    }))
    tell(journal, { to: ACTOR, payload: 'before' })
    const positions = turnOf(journal, ACTOR, 1, told)
    tell(journal, { to: ACTOR, payload: 'after' })
    await stored(journal)
    const batches = new Set(positions.map((position) => store.batchAt(position)?.first))
    expect([positions.length, batches.size]).toEqual([501, 1])
  })

  it('T-18 what is known of a message beside its payload comes back, and its own window finds it alone', async () => {
    const { journal } = world()
    const extras = { correlationName: 'incident-6', outside: true }
    const six = tell(journal, { to: ACTOR, type: 'sixth', version: 3, cause: 2, sender: OTHER, extras })
    await stored(journal)
    await world().reopen()
    const { records, highest } = world().journal.query({ actor: ACTOR, from: six, to: six, limit: 1 })
    expect([records.length, highest]).toEqual([1, six])
    const { timeMs } = world().journal.at(1)!
    const known = { type: 'sixth', version: 3, cause: 2, sender: OTHER, outside: true, timeMs }
    expect(records[0]).toMatchObject({ ...known, correlationName: 'incident-6' })
    expect(world().journal.correlationOf('incident-6')).toBe(six)
  })

  it('T-17 T-32 T-42 there is one encoding and none to choose: what it does not bring back is refused', async () => {
    const { journal } = world()
    class Money {
      readonly cents = 5
    }
    const refusal = { code: 'HF_NOT_STORABLE', field: 'price' }
    expect(await refusalOf(() => tell(journal, { to: ACTOR, payload: { price: new Money() } }))).toEqual(
      refusal,
    )
    expect(await refusalOf(() => journal.saveSnapshot(ACTOR, 1, 1, { price: new Money() }))).toEqual(refusal)
    const values = {
      at: NaN,
      big: 2n ** 70n,
      set: new Set([1]),
      bytes: Buffer.from('b'),
      none: undefined,
    }
    const position = tell(journal, { to: ACTOR, payload: values })
    journal.saveSnapshot(ACTOR, 1, 1, values)
    tell(journal, { to: OTHER })
    await stored(journal)
    await world().reopen()
    expect(world().journal.messageAt(position)?.payload()).toEqual(values)
    expect(world().journal.snapshot(ACTOR)?.state).toEqual(values)
  })
}
