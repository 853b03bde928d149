// Actors that are found by a key, and one that is a state machine.

import { actor, child, ctxOf, keyed, machine, partitions, supervisor, virtualActors } from 'holdfast'
import { assign, fromPromise, setup } from 'xstate'
import { Outside, sent, started, type Programs } from '../program.js'

const cart = actor({
  name: 'cart',
  digestEvery: 1,
  onFailure: { default: 'resume' },
  state: () => ({ items: [] as string[] }),
  on: {
    add(ctx, item: string) {
      ctx.state.items.push(item)
      if (item === '') throw new RangeError('nothing')
      return ctx.state.items.length
    },
  },
})
const shelf = actor({
  name: 'shelf',
  digestEvery: 1,
  state: () => ({ n: 0 }),
  on: {
    async put(ctx, { customer, item }: { customer: string; item: string }) {
      ctx.state.n += await ctx.ask(ctx.ref(cart, `/root/carts/${customer}`), 'add', item)
    },
  },
})
const homes = {
  root: supervisor({
    name: 'root',
    children: [
      child(virtualActors({ name: 'carts', of: cart, idleMs: 1_000 })),
      child(partitions({ name: 'shelves', of: shelf, count: 3 })),
    ],
  }),
}

const outside = new Outside()

const order = machine({
  name: 'order',
  digestEvery: 1,
  onFailure: { default: 'resume' },
  machine: setup({
    types: {
      context: {} as { price: number; key: string; reminded: boolean },
      events: {} as { type: 'PAY' } | { type: 'BREAK' } | { type: 'SEND'; by: string },
    },
    actors: { quote: fromPromise<number>(() => outside.asked('quote') as Promise<number>) },
    actions: {
      breakDown: () => {
        throw new RangeError('broken')
      },
    },
  }).createMachine({
    id: 'order',
    initial: 'new',
    context: { price: 0, key: '', reminded: false },
    on: { BREAK: { actions: 'breakDown' } },
    states: {
      new: {
        on: { PAY: { target: 'quoting', actions: assign({ key: ({ self }) => ctxOf(self).id() }) } },
      },
      quoting: {
        invoke: {
          src: 'quote',
          onDone: { target: 'paid', actions: assign({ price: ({ event }) => event.output }) },
        },
      },
      paid: { after: { 60_000: { actions: assign({ reminded: true }) } }, on: { SEND: 'sent' } },
      sent: { type: 'final' },
    },
  }),
})
const shop = { root: supervisor({ name: 'root', children: [child(order, { restart: 'transient' })] }) }

export const homesAndMachines: Programs = {
  'virtual-actors': {
    swarm: homes,
    async record() {
      const world = await started(homes)
      await sent(world, '/root/carts/eva', [
        ['add', 'tea'],
        ['add', ''],
      ])
      await sent(world, '/root/carts/tom', [['add', 'milk']])
      await world.advance(2_000)
      await sent(world, '/root/carts/eva', [['add', 'salt']])
      return world
    },
  },
  partitions: {
    swarm: homes,
    async record() {
      const world = await started(homes)
      for (const customer of ['eva', 'tom', 'ida', 'max'])
        await sent(world, keyed('/root/shelves', customer), [['put', { customer, item: 'tea' }]])
      return world
    },
  },
  machines: {
    swarm: shop,
    async record() {
      const world = await started(shop)
      await sent(world, '/root/order', [['PAY']])
      outside.answers('quote', 42)
      await sent(world, '/root/order', [['BREAK']])
      await world.advance(60_000)
      await sent(world, '/root/order', [['SEND', { by: 'bike' }]])
      return world
    },
  },
}
