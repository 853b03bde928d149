import { actor, child, supervisor, virtualActors, type System, type TerminatedNotice } from 'holdfast'

// region: cart
const cart = actor({
  name: 'cart',
  state: () => ({ items: [] as string[] }),
  on: {
    add(ctx, item: string) {
      ctx.state.items.push(item)
      return ctx.state.items.length
    },
    empty(ctx) {
      const { items } = ctx.state
      ctx.state.items = []
      return items
    },
    spoil() {
      throw new Error('a bad apple')
    },
  },
  onFailure: { default: 'stop' },
})

/** A cart for every customer that there is or will be; it sleeps when it was idle for ten minutes. */
const carts = virtualActors({ name: 'carts', of: cart, idleMs: 600_000 })
// end: cart

// region: outside
/** Puts something into the cart of a customer. */
export function put(system: System, customer: string, item: string): Promise<number> {
  return system.get(cart, customer).ask('add', item)
}
// end: outside

// region: inside
const till = actor({
  name: 'till',
  state: () => ({ sold: [] as string[] }),
  on: {
    async pay(ctx, customer: string) {
      const items = await ctx.ask(ctx.ref(cart, `/shop/carts/${customer}`), 'empty')
      ctx.state.sold.push(...items)
      return items.length
    },
  },
})
// end: inside

// region: watch
const guard = actor({
  name: 'guard',
  state: () => ({ spoiled: [] as string[] }),
  on: {
    follow(ctx, customer: string) {
      ctx.watch(ctx.ref(cart, `/shop/carts/${customer}`))
    },
    terminated(ctx, { path, reason }: TerminatedNotice) {
      if (reason === 'failed') ctx.state.spoiled.push(path)
    },
  },
})
// end: watch

// region: shop
export const shop = supervisor({ name: 'shop', children: [child(carts), child(till), child(guard)] })
// end: shop

// region: count
/** How many carts there are, and how many of them are awake. */
export async function counted(system: System): Promise<string> {
  const { known, active } = await system.ref(carts, '/shop/carts').ask('count')
  return `${known} carts, ${active} awake`
}
// end: count
