import { actor, child, createSystem } from 'holdfast'
import { benchRoot } from '../holdfast-root.js'
import { type Population } from './population.js'

const SPAWNS_PER_TURN = 1_000

const idle = actor({
  name: 'idle',
  durable: false,
  state: () => ({ n: 0 }),
  on: {
    add(ctx, { amount }: { amount: number }) {
      ctx.state.n += amount
    },
  },
})

/** One actor spawns the others, a group of them in each turn. */
const nursery = actor({
  name: 'nursery',
  durable: false,
  state: () => ({ spawned: 0 }),
  spawns: [idle],
  on: {
    spawn(ctx, { count }: { count: number }) {
      for (let i = 0; i < count; i++) ctx.spawn(idle)
      ctx.state.spawned += count
    },
    spawned: (ctx) => ctx.state.spawned,
  },
})

export async function holdfastPopulation(): Promise<Population> {
  const system = await createSystem({ name: 'bench', root: benchRoot([child(nursery)]) })
  const ref = system.ref(nursery, '/bench/nursery')
  return {
    async spawn(count) {
      for (let left = count; left > 0; left -= SPAWNS_PER_TURN) {
        ref.tell('spawn', { count: Math.min(left, SPAWNS_PER_TURN) })
      }
      await ref.ask('spawned')
    },
    alive: () => ref.ask('spawned'),
  }
}
