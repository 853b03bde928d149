import { actor, child, supervisor, swarm, type Definition } from 'holdfast'

// region: prices
// Stands for a service that somebody else runs. One of its prices is a text.
const PRICES = new Map<string, unknown>([
  ['lemonade', 300],
  ['soup', 500],
  ['tonic', '450'],
])

export function priceOf(drink: string): Promise<number> {
  return Promise.resolve(PRICES.get(drink) as number)
}
// end: prices

export class TooMuch extends Error {}

export const till = actor({
  name: 'till',
  state: () => ({ cents: 0 }),
  on: {
    take(ctx, { cents }: { cents: number }) {
      ctx.state.cents += cents
    },
  },
})

// region: tabs
const tabs = actor({
  name: 'tabs',
  digestEvery: 1,
  state: (): { owed: Record<string, number> } => ({ owed: {} }),
  on: {
    async order(ctx, { guest, drink }: { guest: string; drink: string }) {
      const price = await ctx.effect('price', () => priceOf(drink))
      ctx.state.owed[guest] = (ctx.state.owed[guest] ?? 0) + price
    },
    pay(ctx, { guest }: { guest: string }) {
      const cents = ctx.state.owed[guest] ?? 0
      if (cents > 10_000) throw new TooMuch(`${guest} owes ${cents} cents`)
      ctx.tell(ctx.ref(till, '/bar/till'), 'take', { cents })
      delete ctx.state.owed[guest]
      return cents
    },
  },
})
// end: tabs

// region: swarm
const EVENING = [
  ['ben', 'lemonade'],
  ['eve', 'soup'],
  ['ben', 'tonic'],
  ['eve', 'lemonade'],
] as const

export function barWith(definition: Definition) {
  return supervisor({ name: 'bar', children: [child(definition), child(till)] })
}

export default swarm({
  name: 'bar',
  root: barWith(tabs),
  on: {
    async ready(system, run) {
      const bar = system.ref(tabs, '/bar/tabs')
      for (const [guest, drink] of EVENING) {
        await bar.ask('order', { guest, drink }, { correlation: guest })
      }
      for (const guest of ['eve', 'ben']) {
        const said = await bar.ask('pay', { guest }, { correlation: guest }).catch(String)
        run.print(`${guest} pays: ${said}`)
      }
      run.done()
    },
  },
})
// end: swarm
