// What the benchmarks of threads have run there. A thread loads this file by itself, so nothing happens in it.

import { actor, type Context } from 'holdfast'
import { isMainThread } from 'node:worker_threads'

/** Where what is sent to a thread comes back to. */
const BACK = '/bench/back'

interface Counted {
  count: number
}

/** Sends back what it is sent. */
export const echo = actor({
  name: 'echo',
  runsIn: 'thread',
  module: import.meta.url,
  state: (): Counted => ({ count: 0 }),
  mailbox: { capacity: 1_000_000 },
  on: {
    there(ctx, { amount }: { amount: number }) {
      ctx.state.count++
      ctx.tell(ctx.ref(BACK), 'here', { amount })
    },
    count: (ctx) => ctx.state.count,
  },
})

/** Turns that need the processor for a while, and nothing else. */
export const cruncher = actor({
  name: 'cruncher',
  runsIn: 'thread',
  module: import.meta.url,
  on: { crunch: (_ctx, rounds: number) => crunch(rounds) },
})

/** Counts, and ends its thread when it is told to. */
export const mortal = actor({
  name: 'mortal',
  runsIn: 'thread',
  module: import.meta.url,
  state: (): Counted => ({ count: 0 }),
  on: {
    add: (ctx: Context<Counted>) => ++ctx.state.count,
    exit: () => (isMainThread ? undefined : process.exit(1)),
    spin() {
      for (;;);
    },
  },
})

/** Work of which a compiler cannot see that nobody wants the result. */
export function crunch(rounds: number): number {
  let hash = 17
  for (let i = 0; i < rounds; i++) hash = (Math.imul(hash, 31) + i) | 0
  return hash
}
