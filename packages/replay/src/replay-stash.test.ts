import { actor, child, supervisor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal, type Journal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { Incident } from './incident.js'
import { replay } from './player.js'

/** A shop that puts orders aside until it opens, two at the most. */
function shop({ isEager = false, takesBack = true } = {}) {
  const it = actor({
    name: 'shop',
    digestEvery: 1,
    mailbox: { stash: 2 },
    onFailure: { default: 'resume' },
    state: () => ({ isOpen: isEager, orders: [] as string[] }),
    on: {
      order(ctx, what: string) {
        if (!ctx.state.isOpen) return ctx.stash()
        ctx.state.orders.push(what)
        return what
      },
      tryToOrder(ctx, what: string) {
        try {
          ctx.stash()
        } catch {
          ctx.state.orders.push(`no room for ${what}`)
        }
      },
      open(ctx) {
        ctx.state.isOpen = true
        if (takesBack) ctx.unstash()
      },
    },
  })
  return { root: supervisor({ name: 'root', children: [child(it)] }) }
}

async function recorded(): Promise<Journal> {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const starting = System.start({ name: 'shop', root: shop().root, log: journal, authorities })
  await authorities.settle()
  const system = await starting
  const to = system.ref('/root/shop')
  for (const [type, what] of [
    ['order', 'tea'],
    ['order', 'milk'],
    ['order', 'salt'],
    ['tryToOrder', 'rice'],
    ['open', undefined],
    ['order', 'oil'],
  ] as const) {
    to.tell(type, what, { correlation: what ?? type })
    await authorities.settle()
  }
  expect(system.inspect('/root/shop').state).toEqual({
    isOpen: true,
    orders: ['no room for rice', 'tea', 'milk', 'oil'],
  })
  return journal
}

describe('replay of messages that were put aside', () => {
  it('is identical with the same code, refusals included', async () => {
    const journal = await recorded()
    for (const correlation of ['tea', 'salt', 'rice', 'open', 'oil']) {
      const report = await replay(new Incident(journal, correlation), { swarm: shop() })
      expect(report.divergences).toEqual([])
    }
    const { turns } = await replay(new Incident(journal, 'tea'), { swarm: shop() })
    const own = turns.filter(({ isContext }) => !isContext)
    expect(own.map(({ kind, attempt, told }) => [kind, attempt, told.map(({ subject }) => subject)])).toEqual(
      [
        ['order', 1, ['stash']],
        ['order', 2, []],
      ],
    )
  })

  it('names a message that is no longer put aside, and one that no longer comes back', async () => {
    const journal = await recorded()
    const eager = await replay(new Incident(journal, 'tea'), { swarm: shop({ isEager: true }) })
    expect(eager.divergences[0]).toMatchObject({
      kind: 'missing',
      subject: 'stash',
      what: 'stash order is missing',
    })
    const shut = await replay(new Incident(journal, 'open'), { swarm: shop({ takesBack: false }) })
    expect(shut.divergences).toMatchObject([
      { kind: 'missing', subject: 'unstash', what: 'unstash all is missing' },
    ])
  })
})
