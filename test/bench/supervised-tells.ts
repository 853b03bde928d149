import { actor, child, createSystem } from 'holdfast'
import { BURST_MESSAGES, Goal, measureTells } from './bursts.js'
import { type Assignment, type Measurement } from './contender.js'
import { benchRoot } from './holdfast-root.js'
import { latency } from './throughput.js'

/**
 * The cost of one message in nanoseconds, out of the median burst, because what is looked for is smaller than what a
 * busy machine adds to some of them: to an actor below a supervisor or to one that is the root itself.
 */
export async function measureMessageCost(
  assignment: Assignment,
  isSupervised: boolean,
): Promise<Measurement> {
  const goal = new Goal()
  const counter = actor({
    name: 'counter',
    durable: false,
    mailbox: { capacity: 1_048_576 },
    state: () => ({ n: 0 }),
    on: {
      add(ctx, { amount }: { amount: number }) {
        ctx.state.n += amount
        if (ctx.state.n === goal.total) goal.reached()
      },
      total: (ctx) => ctx.state.n,
    },
  })
  const root = isSupervised ? benchRoot([child(counter)]) : counter
  await using system = await createSystem({ name: 'bench', root })
  const ref = system.ref(counter, isSupervised ? '/bench/counter' : '/counter')
  const median = await measureTells(
    assignment,
    goal,
    (amount) => ref.tell('add', { amount }),
    () => ref.ask('total'),
    latency,
  )
  return { ...median, value: (median.value * 1e6) / BURST_MESSAGES }
}
