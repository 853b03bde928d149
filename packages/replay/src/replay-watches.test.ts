// What a turn does with watches and links, as a replay compares it.

import { actor, child, supervisor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal, type Journal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { Incident } from './incident.js'
import { replay } from './player.js'
import type { ReplayReport } from './report.js'

type Verb = 'watch' | 'unwatch' | 'link' | 'dependOn' | 'unlink'

/** Two peers; one does to the other, or to nobody, what its code says. */
function pair(verbs: readonly Verb[]) {
  const peer = actor({
    name: 'peer',
    onFailure: { default: 'resume' },
    on: {
      tie(ctx, path: string) {
        for (const verb of verbs) ctx[verb](ctx.ref(path))
      },
      async look(ctx, path: string) {
        const lives = await ctx.lives(ctx.ref(path))
        if (lives) ctx.unwatch(ctx.ref(path))
        return lives
      },
      terminated: () => undefined,
      fail() {
        throw new RangeError('peer failed')
      },
    },
  })
  const ending = actor({ ...peer.spec, name: 'ending', onFailure: { default: 'stop' } })
  const children = [child(peer), child(ending, { restart: 'transient' })]
  return supervisor({ name: 'pair', children })
}

async function recorded(verbs: readonly Verb[], path: string, endsFirst = false): Promise<Journal> {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const starting = System.start({ name: 'pair', root: pair(verbs), log: journal, authorities })
  await authorities.settle()
  const system = await starting
  const steps: [string, string][] = [
    ['/pair/peer', verbs.length === 0 ? 'look' : 'tie'],
    ['/pair/ending', 'fail'],
  ]
  for (const [to, type] of endsFirst ? steps.reverse() : steps) {
    system.ref(to).tell(type, path, { correlation: 'tied' })
    await authorities.settle()
  }
  return journal
}

const replayed = (journal: Journal, verbs: readonly Verb[]): Promise<ReplayReport> =>
  replay(new Incident(journal, 'tied'), { swarm: { root: pair(verbs) } })

const ALL: readonly Verb[] = ['watch', 'unwatch', 'link', 'unlink', 'dependOn', 'unlink']

describe('a turn that watches and links', () => {
  it.each([
    ['/pair/ending', false],
    ['/pair/ending', true],
    ['/pair/nobody', false],
  ])('is replayed as it was: %s, which had ended: %s', async (path, endsFirst) => {
    for (const verbs of [...ALL.map((verb) => [verb]), ALL, ['watch', 'link'] as const]) {
      const journal = await recorded(verbs, path, endsFirst)
      const report = await replayed(journal, verbs)
      expect(report.divergences).toEqual([])
      expect(report.turns.length).toBeGreaterThan(1)
    }
  })

  it.each([false, true])(
    'is replayed with what it learned of who lived; ended first: %s',
    async (endsFirst) => {
      const report = await replayed(await recorded([], '/pair/ending', endsFirst), [])
      expect(report.divergences).toEqual([])
      const looks = report.turns.filter(({ kind }) => kind === 'look')
      expect(looks.map(({ told }) => told.length)).toEqual([endsFirst ? 0 : 1])
    },
  )

  it('is replayed with the failure that a broken link was', async () => {
    const journal = await recorded(['link'], '/pair/ending')
    const { turns } = await replayed(journal, ['link'])
    expect(turns.map(({ kind, recorded: { ok } }) => [kind, ok])).toEqual([
      ['tie', true],
      ['fail', false],
      ['$pact', false],
    ])
  })

  it.each([
    [['link'], ['dependOn'], ['dependOn /pair/ending was not recorded', 'link /pair/ending is missing']],
    [
      ['watch'],
      ['unwatch'],
      ['unwatch /pair/ending was not recorded', 'watch "terminated" to /pair/ending is missing'],
    ],
    [['unwatch'], ['unlink'], ['unlink /pair/ending was not recorded', 'unwatch /pair/ending is missing']],
  ] as const)('diverges when other code does something else: %j, now %j', async (was, now, what) => {
    const journal = await recorded(was, '/pair/ending')
    const { divergences } = await replayed(journal, now)
    expect(divergences.map((each) => each.what).sort()).toEqual(what)
  })
})
