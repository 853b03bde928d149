import { describe, expect, it } from 'vitest'
import { bank, recorded } from './bank.fixture.js'
import type { IncidentName } from './focus.js'
import { Incident } from './incident.js'
import { replay } from './player.js'

async function incidentOf(name: (journal: Awaited<ReturnType<typeof recorded>>['journal']) => IncidentName) {
  const { journal } = await recorded([10, 500, 20])
  return new Incident(journal, name(journal))
}

const failedAt = (journal: Awaited<ReturnType<typeof recorded>>['journal']) =>
  [...journal.read(1)].find((record) => record.kind === 'failed')!

describe('an incident', () => {
  it.each([
    ['the name of its correlation', () => ({ correlation: 'payment-1' })],
    ['the position of its failure', (journal) => ({ failure: failedAt(journal).position })],
    ['the position of the message that failed', (journal) => ({ failure: failedAt(journal).cause })],
    ['an actor and a time', (journal) => ({ actor: '/bank/ledger', atMs: failedAt(journal).timeMs + 5 })],
  ] as [string, Parameters<typeof incidentOf>[0]][])('is named by %s', async (_, name) => {
    const incident = await incidentOf(name)
    expect(incident.correlation).toBe('payment-1')
    expect((await replay(incident, { swarm: bank() })).identical).toBe(true)
  })

  it('is all that happened between two positions', async () => {
    const incident = await incidentOf((journal) => ({ from: 1, to: journal.next - 1 }))
    const report = await replay(incident, { swarm: bank() })
    expect([report.identical, report.counts.contextTurns]).toEqual([true, 0])
    expect(report.counts.turns).toBe(8)
  })

  it.each([
    ['HF_UNKNOWN_CORRELATION', { correlation: 'nowhere' }],
    ['HF_UNKNOWN_CORRELATION', { failure: 999 }],
    ['HF_NO_SUCH_ACTOR', { actor: '/bank/ledger', atMs: 1_000 }],
    ['HF_NO_SUCH_ACTOR', { actor: '/bank/vault', atMs: 2e12 }],
    ['HF_INVALID', { actor: '/bank/ledger', atMs: NaN }],
    ['HF_INVALID', { from: 0, to: 1 }],
    ['HF_INVALID', { from: 5, to: 4 }],
  ] as [string, IncidentName][])('that is nowhere is refused with %s: %o', async (code, name) => {
    await expect(incidentOf(() => name)).rejects.toMatchObject({ code })
  })
})
