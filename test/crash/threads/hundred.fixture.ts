import { actor, child, supervisor } from 'holdfast'

const one = actor({
  name: 'one',
  runsIn: 'thread',
  state: () => ({ n: 0, text: 'x'.repeat(100) }),
  on: { add: (ctx) => ++ctx.state.n },
})

const big = actor({
  name: 'big',
  runsIn: 'thread',
  state: () => ({ n: 0, text: 'x'.repeat(10_000) }),
  on: { add: (ctx) => ++ctx.state.n },
})

export const HUNDRED = 100

/** A hundred actors whose states come back with what they do, and a hundred whose states stay in their thread. */
export const root = supervisor({
  name: 'root',
  children: ['s', 'b'].flatMap((kind) =>
    Array.from({ length: HUNDRED }, (_, i) => child(kind === 's' ? one : big, { id: `${kind}${i}` })),
  ),
})
