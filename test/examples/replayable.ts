import { readFileSync } from 'node:fs'
import { actor } from 'holdfast'

/** An order, as the shop keeps it. */
interface Order {
  readonly id: string
  readonly at: number
  readonly discount: number
  readonly rate: number
}

const rates = new URL('rates.json', import.meta.url)

// region: not
/** What it does depends on things that the log does not hold: run again, it does something else. */
export const forgetful = actor({
  name: 'orders',
  state: () => ({ orders: [] as Order[] }),
  digestEvery: 1,
  on: {
    place(ctx) {
      const id = crypto.randomUUID()
      const at = Date.now()
      const discount = Math.random() < 0.1 ? 5 : 0
      const { rate } = JSON.parse(readFileSync(rates, 'utf8')) as { rate: number }
      ctx.state.orders.push({ id, at, discount, rate })
    },
  },
})
// end: not

// region: good
/** The same orders, from what the turn itself has in hand. */
export const faithful = actor({
  name: 'orders',
  state: () => ({ orders: [] as Order[] }),
  digestEvery: 1,
  on: {
    async place(ctx) {
      const id = ctx.id()
      const at = ctx.now()
      const discount = ctx.random() < 0.1 ? 5 : 0
      const { rate } = await ctx.effect('read-rates', () => {
        return JSON.parse(readFileSync(rates, 'utf8')) as { rate: number }
      })
      ctx.state.orders.push({ id, at, discount, rate })
    },
  },
})
// end: good
