import { describe, expect, it } from 'vitest'
import { recorded } from './bank.fixture.js'
import { incidentsOf } from './incidents.js'
import { Paths } from './paths.js'

describe('the incidents of a log', () => {
  it('are the correlations in which something went wrong, and say who failed first', async () => {
    const { journal } = await recorded([10, 500, 20, 700])
    const found = incidentsOf(journal, new Paths(journal))
    expect(
      found.map(({ correlation, failures, actor, error, actors }) => ({
        correlation,
        failures,
        actor,
        error,
        actors,
      })),
    ).toEqual([
      {
        correlation: 'payment-1',
        failures: 2,
        actor: '/bank/ledger',
        error: { name: 'Declined', message: '500 is more than 100' },
        actors: 2,
      },
      {
        correlation: 'payment-3',
        failures: 2,
        actor: '/bank/ledger',
        error: { name: 'Declined', message: '700 is more than 100' },
        actors: 2,
      },
    ])
    expect(found[0]!.first).toBeGreaterThan(found[0]!.root)
    expect(found[0]!.last).toBeGreaterThan(found[0]!.first)
  })

  it('are none when all went well', async () => {
    const { journal } = await recorded([10])
    expect(incidentsOf(journal, new Paths(journal))).toEqual([])
  })
})
