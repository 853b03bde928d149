import assert from 'node:assert/strict'
import { actor, child, createSystem, virtualActors } from 'holdfast'
import { AMOUNT } from './bursts.js'
import { benchRoot } from './holdfast-root.js'

/** How often it is asked whether all are asleep. */
const LOOK_MS = 50

/** Two hours: who is measured awake does not fall asleep meanwhile. */
export const SLEEPLESS_MS = 7_200_000

/** The key of the n-th virtual actor. */
export function keyOf(n: number): string {
  return `customer-${n}`
}

/**
 * A durable system with a home of virtual actors, and what reaches them by their number. Each handles `add` and keeps a
 * sum; `handled` counts on the way, and a rebuild would count again, so it also shows that the states came back from
 * snapshots.
 */
export async function openVirtuals(data: string, idleMs: number) {
  let handled = 0
  let sent = 0
  const customer = actor({
    name: 'customer',
    state: () => ({ n: 0 }),
    on: {
      add(ctx, { amount }: { amount: number }) {
        handled++
        ctx.state.n += amount
      },
      total: (ctx) => ctx.state.n,
    },
  })
  const home = virtualActors({ name: 'customers', of: customer, idleMs })
  const system = await createSystem({ name: 'bench', data, root: benchRoot([child(home)]) })
  const customers = system.ref(home, '/bench/customers')
  return {
    system,
    customers,
    get handled() {
      return handled
    },
    total: (n: number) => system.get(customer, keyOf(n)).ask('total'),
    /** Tells so many of them one message each, and waits until that is handled and its turns are on the disk. */
    async reach(from: number, count: number): Promise<number> {
      for (let n = from; n < from + count; n++) {
        system.get(customer, keyOf(n)).tell('add', { amount: AMOUNT })
      }
      sent += count
      const goal = sent
      do await new Promise((resolve) => setImmediate(resolve))
      while (handled < goal)
      await system.flushed()
      return count
    },
    /** Resolves when every one of them sleeps. */
    async asleep(known: number): Promise<void> {
      for (;;) {
        const counts = await customers.ask('count')
        assert.equal(counts.known, known, 'every key is known')
        if (counts.active === 0) return
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      }
    },
  }
}
