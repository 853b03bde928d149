import { actor, swarm } from 'holdfast'
import { barWith, priceOf, till, TooMuch } from './bar.js'

// region: cents
// The price list promises numbers, and keeps no promise.
function centsOf(price: unknown): number {
  return Number(price)
}
// end: cents

// region: tabs
const tabs = actor({
  name: 'tabs',
  digestEvery: 1,
  state: (): { owed: Record<string, number> } => ({ owed: {} }),
  on: {
    async order(ctx, { guest, drink }: { guest: string; drink: string }) {
      const price = centsOf(await ctx.effect('price', () => priceOf(drink)))
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

export default swarm({ name: 'bar', root: barWith(tabs) })
