import { actor, child, createSystem, ctxOf, machine, supervisor, type System } from 'holdfast'
import { assign, fromPromise, setup } from 'xstate'

interface Payment {
  readonly amount: number
  /** The same for every try of one payment, so that the bank can tell a second try from a second payment. */
  readonly key: string
}

/** The bank, which is somewhere outside. */
export const bank = {
  charge: (payment: Payment, _signal: AbortSignal): Promise<string> =>
    Promise.resolve(`receipt for ${payment.amount}`),
}

// region: chart
/** Waits for the money, for at most a day; then the order is sent, or given up. */
const checkoutChart = setup({
  types: {
    context: {} as { amount: number; receipt: string },
    input: {} as { amount: number },
    events: {} as { type: 'PAY' } | { type: 'SEND'; by: string },
    output: {} as { receipt: string },
  },
  actors: {
    charge: fromPromise<string, Payment>(({ input, signal }) => bank.charge(input, signal)),
  },
  actions: {
    thank: (_args, _params: { text: string }) => undefined,
  },
}).createMachine({
  id: 'checkout',
  initial: 'open',
  context: ({ input }) => ({ amount: input.amount, receipt: '' }),
  states: {
    open: { on: { PAY: 'paying' }, after: { 86_400_000: 'gone' } },
    paying: {
      invoke: {
        src: 'charge',
        input: ({ context, self }) => ({ amount: context.amount, key: ctxOf(self).id() }),
        onDone: { target: 'paid', actions: assign({ receipt: ({ event }) => event.output }) },
        onError: 'open',
      },
    },
    paid: {
      entry: { type: 'thank', params: ({ context }) => ({ text: `thanks for ${context.amount}` }) },
      on: { SEND: 'sent' },
    },
    sent: { type: 'final' },
    gone: { type: 'final' },
  },
  output: ({ context }) => ({ receipt: context.receipt }),
})
// end: chart

export const mail = actor({
  name: 'mail',
  state: () => ({ sent: [] as string[] }),
  on: {
    write(ctx, text: string) {
      ctx.state.sent.push(text)
    },
  },
})

// region: actor
/** The same as an actor: durable, supervised, replayable. */
export const checkout = machine({
  name: 'checkout',
  machine: checkoutChart,
  actions: {
    thank(ctx, { text }: { text: string }) {
      ctx.tell(ctx.ref(mail, '/shop/mail'), 'write', text)
    },
  },
  children: { charge: { timeoutMs: 20_000, retry: 'default' } },
  onFailure: { default: 'resume' },
})

export const shop = supervisor({
  name: 'shop',
  children: [child(mail), child(checkout, { restart: 'transient', args: { amount: 40 } })],
})
// end: actor

/** Opens the shop on a directory. */
export function opened(data: string): Promise<System> {
  return createSystem({ name: 'shop', root: shop, data })
}

// region: use
export async function paid(system: System) {
  const order = system.ref(checkout, '/shop/checkout')
  const { value } = await order.ask('PAY') // 'paying': where it stands after the event
  const now = await order.ask('snapshot') // { value, context, status }, and nothing changes
  return { value, now }
}
// end: use
