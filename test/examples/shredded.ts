import { actor, child, createSystem, supervisor, virtualActors, type System } from 'holdfast'

// region: define
/** Each customer is a subject of its own: what its actor is told, keeps and answers is sealed with the key of that. */
export const customer = actor({
  name: 'customer',
  subject: (_args: undefined, name) => name,
  state: () => ({ orders: [] as string[] }),
  on: {
    order(ctx, what: string) {
      ctx.state.orders.push(what)
      ctx.tell(ctx.ref(mailer, '/shop/mailer'), 'send', `Thank you for ordering ${what}.`)
      return ctx.state.orders.length
    },
  },
})

/** Shared by all customers. What a customer has it send belongs to that customer; its state holds nothing of theirs. */
export const mailer = actor({
  name: 'mailer',
  state: () => ({ sent: 0 }),
  on: {
    async send(ctx, letter: string) {
      await ctx.effect('send', () => letter.length)
      ctx.state.sent++
    },
    sent: (ctx) => ctx.state.sent,
  },
})
// end: define

export const shop = supervisor({
  name: 'shop',
  children: [child(mailer, { id: 'mailer' }), child(virtualActors({ name: 'customers', of: customer }))],
})

// region: open
/** The keys of customers lie in a folder apart from the data. */
export function openShop(data: string, subjectKeys: string): Promise<System> {
  return createSystem({ name: 'shop', data, root: shop, subjectKeys })
}
// end: open

// region: say
/** A message from outside to an actor that everybody shares says whose data it carries. */
export function greet(system: System, name: string): void {
  system.ref(mailer, '/shop/mailer').tell('send', `Dear ${name}`, { subject: name })
}
// end: say

// region: shred
/** Destroys what belongs to a customer; it says how many actors ended, and of how many others the states were kept. */
export async function forget(system: System, name: string): Promise<number> {
  const { ended } = await system.shred(name, { timeoutMs: 60_000 })
  return ended
}
// end: shred
