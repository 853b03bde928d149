import { actor, swarm } from 'holdfast'
import { kitchen } from './first-swarm.js'

const till = actor({
  name: 'till',
  state: () => ({ plates: 0, total: 0 }),
  on: {
    charge(ctx, { price }: { dish: string; price: number }) {
      ctx.state.plates += 1
      if (!Number.isNaN(price)) ctx.state.total += price
    },
    bill: (ctx) => ctx.state,
  },
})

export default swarm({ name: 'kitchen', root: kitchen(till) })
