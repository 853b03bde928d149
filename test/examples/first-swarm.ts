import { actor, child, supervisor, swarm, type Definition } from 'holdfast'

// region: till
class NoPrice extends Error {}

export const till = actor({
  name: 'till',
  state: () => ({ plates: 0, total: 0 }),
  on: {
    charge(ctx, { dish, price }: { dish: string; price: number }) {
      ctx.state.plates += 1
      ctx.state.total += price
      if (Number.isNaN(price)) throw new NoPrice(`the ${dish} has no price`)
    },
    bill: (ctx) => ctx.state,
  },
})
// end: till

// region: cook
// Stands for a service that somebody else runs. Somebody forgot the price of the cake.
const MENU = new Map([
  ['soup', '4.50'],
  ['pasta', '9.00'],
  ['cake', 'see blackboard'],
])

const cook = actor({
  name: 'cook',
  on: {
    async order(ctx, { dish }: { dish: string }) {
      const price = await ctx.effect('read-menu', async () => Number(MENU.get(dish)))
      ctx.tell(ctx.ref(till, '/kitchen/till'), 'charge', { dish, price })
    },
  },
})
// end: cook

// region: waiter
const DISHES = ['soup', 'pasta', 'cake', 'soup', 'pasta', 'soup', 'pasta', 'soup']

const waiter = actor({
  name: 'waiter',
  state: () => ({ orders: 0 }),
  onStart(ctx) {
    ctx.schedule('serve', undefined, { afterMs: 500, everyMs: 500 })
  },
  on: {
    serve(ctx) {
      const dish = DISHES[ctx.state.orders % DISHES.length] ?? 'soup'
      ctx.state.orders += 1
      const order = `order-${ctx.state.orders}`
      ctx.tell(ctx.ref(cook, '/kitchen/cook'), 'order', { dish }, { correlation: order })
      ctx.log.info(`${order}: ${dish}`)
    },
  },
})
// end: waiter

// region: kitchen
export function kitchen(tillOfTheDay: Definition) {
  return supervisor({
    name: 'kitchen',
    children: [child(tillOfTheDay), child(cook), child(waiter)],
  })
}

export default swarm({
  name: 'kitchen',
  root: kitchen(till),
  on: {
    ready: (_system, run) => run.print(`The kitchen is open. To pull the plug: kill -9 ${process.pid}`),
  },
})
// end: kitchen
