// Turns: those that end at once, those that wait for the world or for each other, and in which order they hear of it.

import { actor, child, supervisor } from 'holdfast'
import { incident, Outside, sent, started, type Programs } from '../program.js'

const outside = new Outside()

const ledger = actor({
  name: 'ledger',
  digestEvery: 1,
  state: () => ({ balance: 100, log: [] as string[] }),
  onFailure: { default: 'resume' },
  on: {
    book(ctx, { amount }: { amount: number }) {
      ctx.state.balance += amount
      ctx.state.log.push(`${amount} at ${ctx.now()}`)
      if (ctx.state.balance < 0) throw new RangeError(`${-ctx.state.balance} short`)
      return ctx.state.balance
    },
    slow: () => outside.asked('slow'),
    silent: (ctx) => ctx.effect('silent', () => outside.asked('silent')),
  },
})

const clerk = actor({
  name: 'clerk',
  digestEvery: 1,
  state: () => ({ done: [] as unknown[] }),
  on: {
    pass(ctx, { amount }: { amount: number }) {
      ctx.state.done.push(amount)
      ctx.tell(ctx.ref(ledger, '/root/ledger'), 'book', { amount })
      ctx.tell(ctx.self, 'seen', amount * 2)
    },
    seen(ctx, n: number) {
      ctx.state.done.push({ seen: n })
    },
    async waits(ctx, name: string) {
      ctx.state.done.push(`${name} begins`)
      await Promise.resolve()
      const first = await ctx.effect(name, () => outside.asked(name))
      await Promise.resolve()
      ctx.state.done.push(first, ctx.now())
      const second = await ctx.effect(`${name} again`, () => outside.asked('again'))
      ctx.tell(ctx.self, 'seen', Number(second))
    },
    async race(ctx) {
      const run = (name: string) => ctx.effect(name, () => outside.asked(name))
      const both = [run('left'), run('right')]
      ctx.state.done.push(await Promise.race(both))
      ctx.state.done.push(await Promise.all(both))
    },
    async all(ctx) {
      const names = ['one', 'two', 'three', 'four']
      const order: string[] = []
      const values = await Promise.all(
        names.map(async (name) => {
          const value = await ctx.effect(name, () => outside.asked(name))
          order.push(name)
          return value
        }),
      )
      ctx.state.done.push({ order, values })
    },
    async fails(ctx) {
      const retry = { attempts: 3, minMs: 10, maxMs: 20 }
      let tries = 0
      const once = await ctx.effect('flaky', () => flaky(++tries), { retry })
      ctx.state.done.push(once)
      try {
        await ctx.effect('broken', () => Promise.reject(new TypeError('no such thing')))
      } catch (error) {
        ctx.state.done.push(String(error))
      }
    },
    async asksTwice(ctx) {
      const to = ctx.ref(ledger, '/root/ledger')
      const [a, b] = await Promise.all([
        ctx.ask(to, 'book', { amount: 5 }),
        ctx.ask(to, 'book', { amount: 7 }),
      ])
      ctx.state.done.push(a, b)
      try {
        await ctx.ask(to, 'book', { amount: -1_000 })
      } catch (error) {
        ctx.state.done.push((error as Error).name)
      }
      return a + b
    },
    async asksInVain(ctx) {
      try {
        await ctx.ask(ctx.ref(ledger, '/root/ledger'), 'silent', undefined, { timeoutMs: 100 })
      } catch (error) {
        ctx.state.done.push((error as { code?: string }).code)
      }
    },
  },
})

// Fails twice, then works.
function flaky(tries: number): string {
  if (tries < 3) throw new RangeError(`try ${tries}`)
  return `after ${tries}`
}

const boss = actor({
  name: 'boss',
  digestEvery: 1,
  state: () => ({ sums: [] as number[] }),
  on: {
    async order(ctx) {
      const to = ctx.ref(clerk, '/root/clerk')
      ctx.tell(to, 'seen', 1)
      ctx.state.sums.push(await ctx.ask(to, 'asksTwice'))
      ctx.tell(to, 'seen', 2)
    },
  },
})

const hurried = actor({
  name: 'hurried',
  digestEvery: 1,
  turnTimeoutMs: 50,
  onFailure: { default: 'resume' },
  state: () => ({ n: 0 }),
  on: {
    async wait(ctx) {
      ctx.state.n++
      await ctx.effect('never', () => outside.asked('never'))
    },
    add(ctx) {
      ctx.state.n += 10
    },
  },
})

const root = supervisor({
  name: 'root',
  children: [child(ledger), child(clerk), child(boss), child(hurried)],
})
const swarm = { root }

/** A clerk who has done something before. */
async function open() {
  const world = await started(swarm)
  world.tell('/root/clerk', 'pass', { amount: 1 })
  await world.settle()
  return world
}

export const turns: Programs = {
  'sync-turns': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/clerk', [
        ['pass', { amount: 10 }],
        ['pass', { amount: -30 }],
        ['pass', { amount: -500 }],
        ['pass', { amount: 2 }],
      ])
      return world
    },
  },
  'async-turns': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/clerk', [
        ['waits', 'first'],
        ['seen', 3],
      ])
      await world.advance(500)
      outside.answers('first', { text: 'well' })
      await world.advance(500)
      outside.answers('again', 7)
      await world.settle()
      return world
    },
  },
  'effect-race': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/clerk', [['race']])
      outside.answers('right', 'right won')
      outside.answers('left', 'left lost')
      await world.settle()
      return world
    },
  },
  'effects-in-parallel': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/clerk', [['all']])
      for (const name of ['three', 'one', 'four', 'two']) {
        outside.answers(name, name.length)
        await world.advance(1)
      }
      return world
    },
  },
  'effects-that-fail': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/clerk', [['fails']])
      await world.advance(1_000)
      return world
    },
  },
  'asks-across-actors': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/boss', [['order'], ['order']])
      return world
    },
  },
  'ask-timeouts': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/clerk', [['asksInVain']])
      await world.advance(150)
      outside.answers('silent', 'too late')
      await world.settle()
      return world
    },
  },
  'turn-timeouts': {
    swarm,
    async record() {
      const world = await open()
      world.tell('/root/hurried', 'wait', undefined, incident)
      world.tell('/root/hurried', 'add', undefined, incident)
      await world.advance(60)
      return world
    },
  },
}
