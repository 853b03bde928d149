import { dispatch, query, type Ref, spawn, start } from 'nact'
import { Goal, measureTells } from '../bursts.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

type Message = { type: 'add'; amount: number } | { type: 'total'; asker: Ref<number> }

await contend(async (assignment) => {
  const goal = new Goal()
  const system = start()
  const counter = spawn(
    system,
    (state: { n: number }, message: Message) => {
      if (message.type === 'total') {
        dispatch(message.asker, state.n)
        return state
      }
      state.n += message.amount
      if (state.n === goal.total) goal.reached()
      return state
    },
    'counter',
    { initialState: { n: 0 } },
  )
  const tells = await measureTells(
    assignment,
    goal,
    (amount) => dispatch(counter, { type: 'add', amount }),
    () => query(counter, (asker: Ref<number>) => ({ type: 'total', asker }), 5_000),
  )
  return { ...tells, version: packageVersion('nact') }
})
