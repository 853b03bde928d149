import { dispatch, spawn, start } from 'nact'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { measureRestarts, Restarted } from '../restarts.js'

await contend(async (assignment) => {
  const restarted = new Restarted()
  const system = start()
  const fragile = spawn(
    system,
    (state: { n: number }, { type }: { type: 'crash' | 'probe' }) => {
      if (type === 'crash') throw new Error('crash')
      restarted.probed(state.n)
      return { n: state.n + 1 }
    },
    'fragile',
    { initialStateFunc: () => ({ n: 0 }), onCrash: (_message, _error, context) => context.reset },
  )
  const restarts = await measureRestarts(assignment, restarted, (type) => dispatch(fragile, { type }))
  return { ...restarts, version: packageVersion('nact') }
})
