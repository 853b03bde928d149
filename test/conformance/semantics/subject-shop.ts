// A shop whose customers are subjects, and two actors that everybody shares: what they are told of a customer, and what
// they pass on, belongs to that customer.

import { actor, child, dynamicSupervisor, supervisor, virtualActors } from 'holdfast'

export const customer = actor({
  name: 'customer',
  subject: (_args: undefined, name) => name,
  snapshot: { everyBytes: 0 },
  state: () => ({ notes: [] as string[] }),
  on: {
    note(ctx, text: string) {
      ctx.state.notes.push(text)
      ctx.tell(ctx.ref(mailer, '/shop/mailer'), 'send', `letter about ${text}`)
      return `kept ${text}`
    },
    async lookUp(ctx, text: string) {
      const found = await ctx.effect('look-up', () => `found ${text}`)
      ctx.state.notes.push(found)
      return found
    },
    fail(_ctx, text: string) {
      throw new Error(`no way with ${text}`)
    },
    tick(ctx, text: string) {
      ctx.tell(ctx.ref(ticker, '/shop/ticker'), 'tick', text)
    },
    spawn(ctx, text: string) {
      ctx.spawn(helper, { name: 'helper', args: { text } })
    },
    remind(ctx, text: string) {
      ctx.schedule('note', text, { afterMs: 3_600_000 })
    },
    notes: (ctx) => ctx.state.notes,
  },
})

/** Says nothing of subjects, and belongs to whom its parent does. */
export const helper = actor({
  name: 'helper',
  state: ({ text }: { text: string }) => ({ text }),
  on: { text: (ctx) => ctx.state.text },
})

export const mailer = actor({
  name: 'mailer',
  state: () => ({ sent: 0, letters: 0 }),
  on: {
    send(ctx, letter: string) {
      ctx.state.sent++
      ctx.state.letters += letter.length
      ctx.tell(ctx.ref(archive, '/shop/archive'), 'file', { letter })
    },
    later(ctx, letter: string) {
      ctx.schedule('send', letter, { afterMs: 3_600_000, key: `later-${ctx.message.position}` })
    },
    async askFor(ctx, key: string) {
      const notes: string[] = await ctx.ask(ctx.ref(customer, `/shop/customers/${key}`), 'notes')
      ctx.state.letters += notes.join('').length
      ctx.tell(ctx.ref(archive, '/shop/archive'), 'file', { letter: notes.join(' ') })
      return notes.length
    },
    pause: (ctx) =>
      ctx.effect('pause', refuse, { retry: { attempts: 2, minMs: 15, maxMs: 15 } }).catch(() => 0),
    wait: (ctx) => ctx.effect('wait', () => new Promise(() => undefined)),
    async read(ctx, key: string) {
      const notes: string[] = await ctx.ask(ctx.ref(customer, `/shop/customers/${key}`), 'notes')
      if (notes.length > 1) throw new Error(`too much: ${notes.join()}`)
      return notes
    },
    tellCustomer(ctx, { name, text }: { name: string; text: string }) {
      ctx.tell(ctx.ref(customer, `/shop/customers/${name}`), 'note', text)
    },
    tellFor(ctx, { name, letter }: { name: string; letter: string }) {
      ctx.tell(ctx.ref(archive, '/shop/archive'), 'file', { letter }, { subject: name })
    },
    sent: (ctx) => ctx.state.sent,
  },
})

export const archive = actor({
  name: 'archive',
  state: () => ({ filed: 0 }),
  on: {
    file(ctx, { letter }: { letter: string }) {
      if (letter.includes('unfileable')) throw new Error(`cannot file ${letter}`)
      ctx.state.filed += letter.length > 0 ? 1 : 0
    },
    async relay(ctx, key: string) {
      const notes = await ctx.ask(ctx.ref(mailer, '/shop/mailer'), 'read', key).catch(() => [])
      ctx.state.filed += notes.length
      ctx.tell(ctx.self, 'file', { letter: notes.join() })
    },
    filed: (ctx) => ctx.state.filed,
  },
})

/** A customer whose spec names it: it is there without being told anything. */
const member = actor({
  name: 'member',
  subject: ({ of }: { of: string }) => of,
  state: ({ of }) => ({ of, visits: 0 }),
  on: { visit: (ctx) => ++ctx.state.visits },
})

/** Started on demand, for one customer each. */
const courier = actor({
  name: 'courier',
  subject: ({ of }: { of: string; what: string }) => of,
  state: ({ what }) => ({ what }),
  on: { what: (ctx) => ctx.state.what },
})

/** Writes no records: nobody knows what becomes of what it is told. */
const ticker = actor({
  name: 'ticker',
  durable: false,
  state: () => ({ ticks: 0 }),
  on: {
    tick(ctx, _text: string) {
      ctx.state.ticks++
    },
  },
})

export const shop = supervisor({
  name: 'shop',
  children: [
    child(mailer, { id: 'mailer' }),
    child(archive, { id: 'archive' }),
    child(member, { id: 'first', args: { of: 'ana' } }),
    child(virtualActors({ name: 'customers', of: customer })),
    child(dynamicSupervisor({ name: 'couriers', of: courier })),
    child(ticker, { id: 'ticker' }),
  ],
})

function refuse(): Promise<never> {
  return Promise.reject(new Error('not yet'))
}

/** A text that is nobody's business but its customer's. */
export function secretOf(name: string): string {
  return `secret-of-${name}`
}
