import { describe, expect, it } from 'vitest'
import { recorded } from './bank.fixture.js'
import { causationOf, type Caused } from './causation.js'
import { Incident } from './incident.js'

function outline(nodes: readonly Caused[]): unknown[] {
  return nodes.map(({ type, actor, sender, turns, caused }) => [
    `${sender} ${type} ${actor}`,
    turns.map(({ error, directive, results }) =>
      [error?.message ?? 'ok', directive, ...results.map(({ name, ok }) => `${name} ${ok}`)].join(' ').trim(),
    ),
    ...outline(caused),
  ])
}

describe('the causation of an incident', () => {
  it('is a tree of messages with the turns that handled them, and what these learned (B1)', async () => {
    const { journal } = await recorded([10, 20])
    expect(outline(causationOf(new Incident(journal, 'payment-1')))).toEqual([
      [
        ' pay /bank/teller',
        ['ok  answer true pay-out true'],
        ['/bank/teller take /bank/ledger', ['ok']],
        ['/bank/teller note /bank/clerk', ['ok']],
      ],
    ])
  })

  it('says what a turn failed with and what was decided', async () => {
    const { journal } = await recorded([500])
    expect(outline(causationOf(new Incident(journal, 'payment-0')))).toEqual([
      [
        ' pay /bank/teller',
        [expect.stringContaining('failed while it handled this: 500 is more than 100 resume answer false')],
        ['/bank/teller take /bank/ledger', ['500 is more than 100 resume']],
      ],
    ])
  })

  it('of a range has a root for each message whose cause lies outside (B1)', async () => {
    const { journal } = await recorded([10, 20, 30])
    const roots = causationOf(new Incident(journal, { from: 1, to: journal.next - 1 }))
    expect(roots.map(({ type }) => type)).toEqual(['pay', 'pay', 'pay'])
  })
})
