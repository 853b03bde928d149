import {
  actor,
  allForOne,
  child,
  oneForOne,
  restForOne,
  supervisor,
  System,
  type FailurePolicy,
  type Strategy,
} from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { Incident } from './incident.js'
import { replay } from './player.js'

class Broken extends Error {}

interface House {
  readonly strategy?: Strategy
  readonly onFailure?: FailurePolicy
  readonly ofSupervisor?: FailurePolicy
  readonly restart?: 'permanent' | 'temporary'
}

function house({ strategy = oneForOne(), onFailure, ofSupervisor, restart = 'permanent' }: House = {}) {
  const quiet = actor({ name: 'quiet', on: { nothing: () => undefined } })
  const loud = actor({
    name: 'loud',
    ...(onFailure === undefined ? {} : { onFailure }),
    on: {
      shout() {
        throw new Broken('too loud')
      },
    },
  })
  const children = [child(quiet, { id: 'a' }), child(loud, { id: 'b', restart }), child(quiet, { id: 'c' })]
  const policy = ofSupervisor === undefined ? {} : { onFailure: ofSupervisor }
  return { root: supervisor({ name: 'house', strategy, children, ...policy }) }
}

async function decisionsOf(recorded: House, replayed: House) {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const starting = System.start({ name: 'house', root: house(recorded).root, log: journal, authorities })
  await authorities.settle()
  const system = await starting
  system.ref('/house/b').tell('shout', undefined, { correlation: 'noise' })
  await authorities.settle()
  const report = await replay(new Incident(journal, 'noise'), { swarm: house(replayed) })
  const found = report.divergences.map(({ kind, subject, what }) => ({ kind, subject, what }))
  return { decisions: report.counts.decisions, found }
}

const differs = (what: string) => [{ kind: 'decision', subject: 'directive', what }]

describe('a decision', () => {
  it.each([{}, { strategy: allForOne() }, { strategy: restForOne() }, { restart: 'temporary' as const }])(
    'is the same with the same policies: %o',
    async (same) => {
      expect(await decisionsOf(same, same)).toEqual({ decisions: 1, found: [] })
    },
  )

  it.each([
    [{}, { onFailure: { Broken: 'resume' } as const }, 'it is told to resume instead of restart'],
    [{}, { ofSupervisor: { default: 'stop' } as const }, 'it is told to stop instead of restart'],
    [{}, { restart: 'temporary' as const }, 'it is told to stop instead of restart'],
    [
      {},
      {
        onFailure: () => {
          throw new Error('undecided')
        },
      },
      'it is told to escalate instead of restart',
    ],
    [{}, { strategy: allForOne() }, 'the restart concerns a, b, c instead of b'],
    [{}, { strategy: restForOne() }, 'the restart concerns b, c instead of b'],
    [{ strategy: allForOne() }, { strategy: restForOne() }, 'the restart concerns b, c instead of a, b, c'],
    [{ strategy: restForOne() }, {}, 'the restart concerns b instead of b, c'],
  ] as [House, House, string][])('of %o is another one with %o', async (recorded, replayed, what) => {
    expect(await decisionsOf(recorded, replayed)).toEqual({ decisions: 1, found: differs(what) })
  })
})
