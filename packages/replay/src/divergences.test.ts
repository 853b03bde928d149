import { describe, expect, it } from 'vitest'
import { bank, recorded, replayed } from './bank.fixture.js'
import { Incident } from './incident.js'
import { replay } from './player.js'
import type { UnrecordedRule } from './unrecorded.js'

describe('differences', () => {
  it('rest on the first one: the ledger answers otherwise, and whoever it told is reached', async () => {
    const { journal } = await recorded([10, 20])
    const { firstCause, divergences, spread } = await replayed(journal, 'payment-1', { fee: 1 })
    expect(firstCause).toBe(divergences[0])
    expect(firstCause).toMatchObject({ actor: '/bank/ledger', subject: 'answer', because: 0 })
    const first = firstCause!.position
    expect(divergences.filter(({ because }) => because !== 0).every(({ because }) => because >= first)).toBe(
      true,
    )
    expect(spread[0]).toMatchObject({ actor: '/bank/ledger', position: first, because: first, turns: 2 })
  })

  it('reach whoever was told something in a turn that differs', async () => {
    const { journal } = await recorded([10])
    const { spread } = await replayed(journal, 'payment-0', { notice: 'gave' })
    expect(spread.map(({ actor, turns }) => [actor, turns])).toEqual([
      ['/bank/teller', 1],
      ['/bank/clerk', 1],
    ])
    expect(spread[1]!.because).toBe(spread[0]!.position)
  })

  it('count how often a turn reached outside', async () => {
    const { journal } = await recorded([10])
    const incident = new Incident(journal, 'payment-0')
    const options = { swarm: bank({ asksTwice: true }), unrecorded: () => 7 }
    const { divergences, counts, supplied } = await replay(incident, options)
    expect(divergences.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['extra', 'ask'],
      ['cost', 'call'],
    ])
    expect([counts.recordedCalls, counts.replayedCalls]).toEqual([2, 3])
    expect(supplied).toEqual([
      { position: divergences[0]!.position, actor: '/bank/teller', what: '/bank/ledger take', by: 'given' },
    ])
  })
})

describe('what the record does not hold', () => {
  const run = async (rule: UnrecordedRule, amounts = [10]) => {
    const { journal } = await recorded(amounts)
    const incident = new Incident(journal, 'payment-0')
    return replay(incident, { swarm: bank({ asksTwice: true }), unrecorded: rule })
  }

  it('fails the turn unless a rule says otherwise', async () => {
    const { divergences, supplied } = await run('fail')
    expect(divergences.at(-1)).toMatchObject({ kind: 'outcome', subject: 'error' })
    expect(supplied).toEqual([])
  })

  it('is the nearest answer to the same question', async () => {
    const { supplied, turns } = await run('nearest')
    expect(supplied).toMatchObject([{ actor: '/bank/teller', by: 'nearest' }])
    expect(turns.every(({ replayed: { ok } }) => ok)).toBe(true)
  })

  it('is done for real as often as it may be', async () => {
    const { journal } = await recorded([10, 20])
    const incident = new Incident(journal, { from: 1, to: journal.next - 1 })
    const { supplied, turns } = await replay(incident, {
      swarm: bank({ effect: 'wire' }),
      unrecorded: { live: 1 },
    })
    expect(supplied.map(({ what, by }) => [what, by])).toEqual([['wire', 'live']])
    const pays = turns.filter(({ kind }) => kind === 'pay')
    expect(pays.map(({ replayed: { ok } }) => ok)).toEqual([true, false])
  })
})

describe('volatile fields', () => {
  it('are not compared', async () => {
    const { journal } = await recorded([10])
    const incident = new Incident(journal, 'payment-0')
    const swarm = bank({ notice: 'gave' })
    expect((await replay(incident, { swarm })).identical).toBe(false)
    expect((await replay(incident, { swarm, volatile: ['note.text'] })).identical).toBe(true)
    expect((await replay(incident, { swarm, volatile: ['*.text'] })).identical).toBe(true)
  })

  it('of a state leave its digests out', async () => {
    const { journal } = await recorded([10])
    const incident = new Incident(journal, 'payment-0')
    const { counts } = await replay(incident, { swarm: bank(), volatile: ['state.luck'] })
    expect(counts.digests).toBe(0)
  })

  it.each(['paid', '.at', 'paid.', 7, null])(
    'are refused when they are not of the form that they have: %s',
    async (rule) => {
      const { journal } = await recorded([10])
      const run = replay(new Incident(journal, 'payment-0'), { swarm: bank(), volatile: [rule as string] })
      await expect(run).rejects.toMatchObject({ code: 'HF_INVALID', field: 'volatile' })
    },
  )
})
