import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { actor, child, supervisor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { Incident } from './incident.js'
import { replay } from './player.js'

type Reach = (ctx: { now(): number }) => unknown

/** An actor that reaches for something in its turn, the second time it is asked: in the replay. */
function reaching(reach: Reach = () => undefined) {
  const own = actor({
    name: 'own',
    state: (): { seen: unknown } => ({ seen: undefined }),
    on: {
      briefly(ctx) {
        ctx.state.seen = reach(ctx)
      },
      async waiting(ctx) {
        await ctx.effect('wait', () => undefined)
        ctx.state.seen = await reach(ctx)
      },
      chained: (ctx) => Promise.resolve().then(() => reach(ctx)),
    },
  })
  return { root: supervisor({ name: 'house', children: [child(own)] }) }
}

async function replayed(type: string, reach: Reach) {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const starting = System.start({ name: 'house', ...reaching(), log: journal, authorities })
  await authorities.settle()
  const ref = (await starting).ref('/house/own')
  ref.tell(type, undefined, { correlation: 'second' })
  await authorities.settle()
  const { divergences } = await replay(new Incident(journal, 'second'), { swarm: reaching(reach) })
  return divergences.filter(({ isContext }) => !isContext).map(({ kind, what }) => ({ kind, what }))
}

describe.each(['briefly', 'waiting', 'chained'])('what a handler reaches for past ctx (%s)', (type) => {
  it('for time is given the time of the record, and told with its line', async () => {
    const seen: unknown[] = []
    const found = await replayed(type, (ctx) => void seen.push([Date.now(), new Date().getTime(), ctx.now()]))
    expect(found.map(({ kind }) => kind)).toEqual(['leak', 'leak'])
    expect(found[0]!.what).toMatch(/^it calls Date\.now past ctx, at .*replay-guard\.test\.ts:\d+:\d+$/)
    const [now, date, recorded] = seen.at(-1) as number[]
    expect([now, date]).toEqual([recorded, recorded])
  })

  it('for chance is given the same numbers each time', async () => {
    const seen: number[] = []
    await replayed(type, () => void seen.push(Math.random()))
    const once = [...seen]
    seen.length = 0
    await replayed(type, () => void seen.push(Math.random()))
    expect(seen).toEqual(once)
  })

  it('for the network, for files and for processes is refused, and nothing of it happens', async () => {
    const reach = [
      () => connect(1),
      () => fetch('http://127.0.0.1:1/'),
      () => writeFileSync('/nowhere/at/all', ''),
    ]
    for (const each of reach) {
      const found = await replayed(type, each)
      expect(found.map(({ kind }) => kind)).toEqual(['leak', 'outcome'])
    }
  })
})

describe('a replay', () => {
  it('leaves the process as it was', async () => {
    const before = [Date.now, Math.random, fetch, setTimeout]
    await replayed('briefly', () => Date.now())
    expect([Date.now, Math.random, fetch, setTimeout]).toEqual(before)
  })
})
