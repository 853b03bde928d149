// Code that has changed since: part of each log was written by what stood there before.

import { actor, child, supervisor, type Definition } from 'holdfast'
import { Outside, sent, started, type Programs } from '../program.js'

const rootOf = (definition: Definition) => ({
  root: supervisor({ name: 'root', children: [child(definition)] }),
})
const outside = new Outside()

const till = actor({
  name: 'till',
  digestEvery: 1,
  state: () => ({ cents: 0, slips: [] as string[] }),
  on: {
    sell(ctx, cents: number) {
      ctx.state.cents += cents
    },
    async wait(ctx) {
      ctx.state.slips.push(String(await ctx.effect('slip', () => outside.asked('slip'))))
    },
  },
})
const tillWithTax = actor({
  ...till.spec,
  on: {
    sell(ctx, cents: number) {
      ctx.state.cents += ctx.patched('tax') ? Math.round(cents * 1.19) : cents
    },
    async wait(ctx) {
      const slip = String(await ctx.effect('slip', () => outside.asked('slip')))
      ctx.state.slips.push(ctx.patched('tax') ? `${slip} with tax` : slip)
    },
  },
})

const purse = actor({
  name: 'purse',
  digestEvery: 1,
  state: () => ({ cents: 0 }),
  on: {
    pay(ctx, cents: number) {
      ctx.state.cents += cents
    },
    hold: (ctx) => ctx.effect('hold', () => outside.asked('hold')),
  },
})
const purseOfToday = actor({
  name: 'purse',
  version: 3,
  digestEvery: 1,
  state: () => ({ euros: 0, notes: [] as string[] }),
  migrate: {
    2: (old: { cents: number }) => ({ euros: old.cents / 100 }),
    3: (old: { euros: number }) => ({ ...old, notes: [] }),
  },
  upcast: {
    pay: {
      2: (cents: number) => ({ euros: cents / 100 }),
      3: (old: { euros: number }) => ({ ...old, note: 'from before' }),
    },
  },
  on: {
    pay(ctx, { euros, note }: { euros: number; note: string }) {
      ctx.state.euros += euros
      ctx.state.notes.push(note)
    },
    hold: (ctx) => ctx.effect('hold', () => outside.asked('hold')),
  },
})

export const versions: Programs = {
  'patched-handlers': {
    swarm: rootOf(tillWithTax),
    async record() {
      const world = await started(rootOf(till))
      await sent(world, '/root/till', [
        ['sell', 100],
        ['sell', 50],
      ])
      await world.recover(rootOf(tillWithTax))
      await sent(world, '/root/till', [['sell', 100], ['wait']])
      outside.answers('slip', 'slip 1')
      await world.settle()
      return world
    },
  },
  migrations: {
    swarm: rootOf(purseOfToday),
    async record() {
      const world = await started(rootOf(purse))
      world.tell('/root/purse', 'pay', 150)
      await world.settle()
      await world.reopen(rootOf(purseOfToday))
      await sent(world, '/root/purse', [['pay', { euros: 2, note: 'new' }]])
      return world
    },
  },
  upcasts: {
    swarm: rootOf(purseOfToday),
    async record() {
      const world = await started(rootOf(purse))
      await sent(world, '/root/purse', [['hold'], ['pay', 250], ['pay', 40]])
      await world.recover(rootOf(purseOfToday))
      outside.answers('hold', 'held')
      await world.settle()
      await sent(world, '/root/purse', [['pay', { euros: 1, note: 'new' }]])
      return world
    },
  },
}
