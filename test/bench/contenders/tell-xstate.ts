import { createActor, fromTransition } from 'xstate'
import { Goal, measureTells } from '../bursts.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

interface Add {
  type: 'add'
  amount: number
}

// Of XState's kinds of logic a transition function is the fastest that keeps state: no chart to evaluate.
await contend(async (assignment) => {
  const goal = new Goal()
  const logic = fromTransition(
    (state: { n: number }, { amount }: Add) => {
      const n = state.n + amount
      if (n === goal.total) goal.reached()
      return { n }
    },
    { n: 0 },
  )
  const counter = createActor(logic).start()
  const tells = await measureTells(
    assignment,
    goal,
    (amount) => counter.send({ type: 'add', amount }),
    () => counter.getSnapshot().context.n,
  )
  return { ...tells, version: packageVersion('xstate') }
})
