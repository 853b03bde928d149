import { actor, child, createSystem } from 'holdfast'
import { Goal, measureTells } from '../bursts.js'
import { contend } from '../contender.js'
import { benchRoot } from '../holdfast-root.js'

await contend(async (assignment) => {
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
  await using system = await createSystem({ name: 'bench', root: benchRoot([child(counter)]) })
  const ref = system.ref(counter, '/bench/counter')
  return await measureTells(
    assignment,
    goal,
    (amount) => ref.tell('add', { amount }),
    () => ref.ask('total'),
  )
})
