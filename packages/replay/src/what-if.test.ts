import { actor, child, oneForOne, supervisor, System, type ActorRef } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { bank, recorded } from './bank.fixture.js'
import { Incident } from './incident.js'
import type { Policy } from './policy.js'
import { whatIf } from './what-if.js'

class Stale extends Error {}

interface Shop {
  readonly isMended?: boolean
  readonly calls?: { count: number }
  /** What the desk does past ctx. */
  readonly reach?: () => Promise<void>
}

/**
 * A shop whose desk keeps the number of the ledger's first page: when the ledger is restarted without the desk, the desk
 * asks for a page that is no longer there.
 */
function shop({ isMended = false, calls = { count: 0 }, reach }: Shop = {}) {
  const pages = actor({
    name: 'pages',
    onRestart: (ctx) => {
      ctx.state.first += 1
    },
    state: () => ({ first: 1 }),
    on: {
      first: (ctx) => ctx.state.first,
      tear() {
        throw new Error('torn')
      },
      read(ctx, { page }: { page: number }) {
        if (page !== ctx.state.first) throw new Stale(`page ${page} is gone`)
        return page
      },
    },
  })
  const desk = actor({
    name: 'desk',
    state: () => ({ page: 0, luck: 0 }),
    async onStart(ctx) {
      ctx.state.page = await ctx.ask(ctx.ref(pages, '/shop/pages'), 'first')
    },
    on: {
      async sell(ctx, { to }: { to: string }) {
        ctx.state.luck = ctx.random()
        await reach?.()
        const paid = await ctx.effect('charge', () => ++calls.count)
        if (isMended) return paid
        await ctx.ask(ctx.ref(pages, '/shop/pages'), 'read', { page: ctx.state.page })
        return `${to} ${paid}`
      },
      async order(ctx) {
        await ctx.effect('note', () => undefined)
        ctx.tell(ctx.ref(pages, '/shop/pages'), 'tear')
        ctx.tell(ctx.self, 'sell', { to: 'bob' })
      },
    },
  })
  return {
    root: supervisor({
      name: 'shop',
      strategy: oneForOne({ maxRestarts: 2, withinMs: 60_000 }),
      onFailure: { HF_ACTOR_FAILED: 'restart', Stale: 'resume', default: 'restart' },
      children: [child(pages), child(desk)],
    }),
  }
}

async function incidentOf() {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const calls = { count: 0 }
  const starting = System.start({ name: 'shop', root: shop({ calls }).root, log: journal, authorities })
  await authorities.settle()
  const system = await starting
  const desk: ActorRef = system.ref('/shop/desk')
  desk.tell('sell', { to: 'ada' }, { correlation: 'before' })
  await authorities.advance(1_000)
  desk.tell('order', undefined, { correlation: 'storm' })
  await authorities.advance(5_000)
  return { incident: new Incident(journal, 'storm'), journal, calls }
}

describe('what if', () => {
  it('nothing is changed: the rehearsal comes to what was recorded, and nothing is done for real (H1)', async () => {
    const { incident, journal, calls } = await incidentOf()
    const before = [journal.next, calls.count]
    const {
      control,
      recorded: as,
      isFaithful,
      verdict,
    } = await whatIf(incident, {
      swarm: shop({ calls }),
      changed: shop({ calls }),
    })
    expect(control.failures).toEqual(as.failures)
    expect([isFaithful, verdict]).toEqual([true, 'It would have gone the same way.'])
    expect([journal.next, calls.count]).toEqual(before)
  })

  it('the desk were restarted with the pages: nothing would have followed', async () => {
    const { incident } = await incidentOf()
    const report = await whatIf(incident, { swarm: shop(), policy: { shop: { strategy: 'rest-for-one' } } })
    expect(report.recorded.failed).toBeGreaterThan(1)
    expect(report.changed).toMatchObject({
      failed: 1,
      restarted: ['/shop/desk', '/shop/pages'],
      contained: true,
    })
  })

  it('the budget were none: the first failure goes to the one above', async () => {
    const { incident } = await incidentOf()
    const { changed } = await whatIf(incident, { swarm: shop(), policy: { shop: { maxRestarts: 0 } } })
    expect(changed).toMatchObject({ escalations: 1, contained: false })
  })

  it('the code were mended: nothing of it would have failed but the first', async () => {
    const { incident } = await incidentOf()
    const { changed } = await whatIf(incident, { swarm: shop(), changed: shop({ isMended: true }) })
    expect(changed.failures.map(({ error }) => error.message)).toEqual(['torn'])
  })

  it('the code reached past ctx: nothing leaves the process, and the rehearsal says what it comes to (H1)', async () => {
    const { incident } = await incidentOf()
    const tried: string[] = []
    const reach = async (): Promise<void> => {
      tried.push('fetch')
      await fetch('http://127.0.0.1:1/')
    }
    const { changed } = await whatIf(incident, { swarm: shop(), changed: shop({ isMended: true, reach }) })
    expect(tried.length).toBeGreaterThan(0)
    expect(changed.failures.map(({ error }) => error.code)).toContain('HF_LEAK')
  })

  it('of an incident that an actor of another correlation has begun, which only stands by: it is faithful', async () => {
    class NoPrice extends Error {}
    const till = actor({
      name: 'till',
      on: {
        charge() {
          throw new NoPrice('no price')
        },
      },
    })
    let served = 0
    const waiter = actor({
      name: 'waiter',
      onStart: (ctx) => {
        ctx.schedule('serve', undefined, { afterMs: 500, everyMs: 500 })
      },
      on: {
        serve(ctx) {
          served++
          ctx.tell(ctx.ref(till, '/kitchen/till'), 'charge', undefined, { correlation: `order-${served}` })
        },
      },
    })
    const root = supervisor({ name: 'kitchen', children: [child(till), child(waiter)] })
    const authorities = new VirtualAuthorities()
    const journal = memoryJournal(authorities)
    const starting = System.start({ name: 'kitchen', root, log: journal, authorities })
    await authorities.settle()
    await starting
    await authorities.advance(1_100)
    expect(served).toBe(2)
    const policy: Policy = { kitchen: { strategy: 'all-for-one' } }
    const { isFaithful, control, changed } = await whatIf(new Incident(journal, 'order-2'), {
      swarm: { root },
      policy,
    })
    expect([isFaithful, control.failed, control.restarted]).toEqual([true, 1, ['/kitchen/till']])
    // The waiter is restarted as well, and serves nobody: what it had in hand is no part of this incident.
    expect([changed.failed, changed.restarted]).toEqual([1, ['/kitchen/till', '/kitchen/waiter']])
    expect(served).toBe(2)
  })

  it('is asked with a policy or with other code, and with names that are there', async () => {
    const { incident } = await incidentOf()
    const swarm = shop()
    const asked: unknown[] = [undefined, { shops: {} }, { shop: { strategie: 1 } }, { shop: null }]
    for (const policy of asked) {
      const options = policy === undefined ? { swarm } : { swarm, policy: policy as Policy }
      await expect(whatIf(incident, options)).rejects.toMatchObject({ code: 'HF_INVALID' })
    }
  })

  it('plays an incident that crossed three actors with an ask, an effect and a tell', async () => {
    const { journal } = await recorded([10, 500, 20])
    const incident = new Incident(journal, 'payment-1')
    const report = await whatIf(incident, { swarm: bank(), changed: bank({ limit: 1_000 }) })
    expect([report.isFaithful, report.verdict]).toEqual([true, 'Nothing would have failed.'])
    // What was paid out then was never recorded, so the nearest one stands in.
    expect(report.supplied.map(({ what, by }) => [what, by])).toEqual([['pay-out', 'nearest']])
  })
})

describe('a rehearsal', () => {
  const early = (spins: boolean) => {
    const it = actor({
      name: 'it',
      state: () => ({ key: '' }),
      async onStart(ctx) {
        ctx.state.key = (await ctx.effect('key', () => later('k'), { timeoutMs: 60_000 })) as string
      },
      onFailure: { default: 'resume' },
      on: {
        go(ctx) {
          if (spins) ctx.tell(ctx.self, 'go')
          else throw new Error(`no ${ctx.state.key}`)
        },
      },
    })
    return { root: supervisor({ name: 'root', children: [child(it)] }) }
  }
  let authorities = new VirtualAuthorities()
  const later = (value: string) => new Promise((resolve) => authorities.timer(40, () => resolve(value)))

  async function wholeLog() {
    authorities = new VirtualAuthorities()
    const journal = memoryJournal(authorities)
    const starting = System.start({ name: 'root', root: early(false).root, log: journal, authorities })
    await authorities.advance(50)
    const system = await starting
    system.ref('/root/it').tell('go')
    await authorities.advance(10)
    return new Incident(journal, { from: 1, to: journal.next - 1 })
  }

  it('waits for a start hook that waits, as long as it did', async () => {
    const policy: Policy = { it: { onFailure: { default: 'stop' } } }
    const report = await whatIf(await wholeLog(), { swarm: early(false), policy })
    expect(report.isFaithful).toBe(true)
    expect([report.recorded.directives.resume, report.changed.directives.stop]).toEqual([1, 1])
  })

  it('of what has no end is cut off, and says so (H3)', async () => {
    const report = await whatIf(await wholeLog(), { swarm: early(false), changed: early(true) })
    expect([report.control.isEndless, report.changed.isEndless]).toEqual([false, true])
    expect(report.verdict).toBe('It would go on without an end: it was cut off.')
  })
})
