// Values: all kinds that may be stored, chance, and states and incidents that are large.

import { actor, child, supervisor } from 'holdfast'
import { sent, started, type Programs } from '../program.js'

const store = actor({
  name: 'store',
  digestEvery: 1,
  onFailure: { default: 'resume' },
  state: () => ({
    map: new Map<unknown, unknown>([[1, 'one']]),
    set: new Set<unknown>(['a']),
    date: new Date(0),
    big: 0n,
    bytes: new Uint8Array([1, 2, 3]),
    odd: [] as unknown[],
  }),
  on: {
    fill(ctx, given: { map: Map<string, number>; date: Date; big: bigint; bytes: Uint8Array }) {
      const { state } = ctx
      for (const [key, value] of given.map) state.map.set(key, { value, at: given.date })
      state.set.add(given.big).add('b')
      state.date = new Date(given.date.getTime() + 1)
      state.big = state.big * 3n + given.big
      state.bytes = new Uint8Array([...state.bytes, ...given.bytes])
      state.odd.push(null, undefined, NaN, -0, Infinity, '', 'ünï\u{1f40c}', [], {}, ctx.self)
      return { map: state.map, set: state.set, date: state.date, big: state.big, bytes: state.bytes }
    },
    fail(_ctx, given: unknown) {
      throw new RangeError(`not ${typeof given}`, { cause: new TypeError('because of this') })
    },
  },
})

const dice = actor({
  name: 'dice',
  digestEvery: 1,
  attempts: 2,
  onFailure: { default: 'resume' },
  state: () => ({ rolls: [] as number[], ids: [] as string[], times: [] as number[] }),
  on: {
    async roll(ctx, count: number) {
      for (let i = 0; i < count; i++) ctx.state.rolls.push(Math.floor(ctx.random() * 6) + 1)
      ctx.state.ids.push(ctx.id(), ctx.id())
      ctx.state.times.push(ctx.now())
      const seed = await ctx.effect('seed', () => 4)
      ctx.state.rolls.push(ctx.random() * seed)
      ctx.state.ids.push(ctx.id())
      if (ctx.state.rolls[0] === 7 || count === 13)
        throw new RangeError(`unlucky: ${ctx.id()} ${ctx.random()}`)
    },
  },
})

const counter = actor({
  name: 'counter',
  state: () => ({ n: 0, last: '' }),
  on: {
    count(ctx, { text }: { text: string }) {
      ctx.state.n++
      ctx.state.last = text
      if (ctx.state.n % 100 === 0) ctx.tell(ctx.ref('/root/counter'), 'hundred')
    },
    hundred(ctx) {
      ctx.state.last = `${ctx.state.n} by now`
    },
  },
})

const library = actor({
  name: 'library',
  digestEvery: 1,
  snapshot: { everyBytes: 1_024 },
  state: () => ({ books: new Map<string, { title: string; pages: number }>() }),
  on: {
    buy(ctx, { from, count }: { from: number; count: number }) {
      for (let n = from; n < from + count; n++)
        ctx.state.books.set(`isbn-${n}`, { title: `The book of ${n}`, pages: (n * 37) % 400 })
    },
    lose(ctx, isbn: string) {
      ctx.state.books.delete(isbn)
      if (ctx.state.books.size < 2_000) throw new RangeError(`${isbn} was one too many`)
    },
  },
})

const root = supervisor({
  name: 'root',
  children: [child(store), child(dice), child(counter), child(library)],
})
const swarm = { root }

export const values: Programs = {
  'kinds-of-values': {
    swarm,
    async record() {
      const world = await started(swarm)
      const fill = (n: number) => ({
        map: new Map([['two', 2 * n]]),
        date: new Date(1_700_000_000_000 + n),
        big: 2n ** 70n + BigInt(n),
        bytes: new Uint8Array([n, 255]),
      })
      world.tell('/root/store', 'fill', fill(1))
      await world.settle()
      await sent(world, '/root/store', [
        ['fill', fill(2)],
        ['fail', new Set([1])],
        ['fill', fill(3)],
      ])
      return world
    },
  },
  'chance-and-ids': {
    swarm,
    async record() {
      const world = await started(swarm)
      await sent(world, '/root/dice', [
        ['roll', 3],
        ['roll', 13],
        ['roll', 1],
      ])
      return world
    },
  },
  'a-thousand-messages': {
    swarm,
    async record() {
      const world = await started(swarm)
      for (let n = 0; n < 1_000; n++)
        world.tell('/root/counter', 'count', { text: `message ${n}` }, { correlation: 'incident' })
      await world.settle()
      return world
    },
  },
  'a-large-state': {
    swarm,
    async record() {
      const world = await started(swarm)
      world.tell('/root/library', 'buy', { from: 0, count: 2_000 })
      await world.settle()
      await world.reopen()
      await sent(world, '/root/library', [
        ['buy', { from: 2_000, count: 1 }],
        ['lose', 'isbn-7'],
        ['lose', 'isbn-8'],
      ])
      return world
    },
  },
}
