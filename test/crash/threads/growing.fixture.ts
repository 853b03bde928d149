// Actors that keep their thread for as long as a test wants it.

import { existsSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { actor, child, oneForOne, supervisor } from 'holdfast'

/** Something to do, which is done once there is a file. */
export interface Work {
  readonly n: number
  readonly until: string
}

/** Milliseconds between two looks at whether there is the file. */
const LOOK_MS = 2

/** How many messages wait for one actor at the most. */
export const WAITING = 8

/** Says what it was given, as often as it was given it. */
const worker = actor({
  name: 'worker',
  runsIn: 'thread',
  pool: 'bounded',
  mailbox: { capacity: WAITING },
  state: () => ({ seen: [] as number[] }),
  on: {
    add(ctx, n: number) {
      ctx.state.seen.push(n)
    },
    hold(ctx, { n, until }: Work) {
      // Its state is made again on the main thread, and there nothing may be waited for.
      const nobody = new Int32Array(new SharedArrayBuffer(4))
      while (!isMainThread && !existsSync(until)) Atomics.wait(nobody, 0, 0, LOOK_MS)
      ctx.state.seen.push(n)
      return n
    },
    async rests(ctx, n: number) {
      const first = await ctx.effect('first', () => n)
      await ctx.effect('slow', () => new Promise((resolve) => setTimeout(resolve, 20, 0)))
      ctx.state.seen.push(first)
      return first
    },
    seen: (ctx) => ctx.state.seen,
  },
})

/** How many workers there are. */
export const WORKERS = 9

/** Milliseconds that a worker has to stop. */
export const SHUTDOWN_MS = 500

export const root = supervisor({
  name: 'root',
  strategy: oneForOne({ maxRestarts: 0, withinMs: 1_000 }),
  children: Array.from({ length: WORKERS }, (_, i) => child(worker, { id: `w${i}`, shutdown: SHUTDOWN_MS })),
})
