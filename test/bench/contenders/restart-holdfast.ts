import { actor, child, createSystem } from 'holdfast'
import { contend } from '../contender.js'
import { benchRoot } from '../holdfast-root.js'
import { measureRestarts, Restarted } from '../restarts.js'

await contend(async (assignment) => {
  const restarted = new Restarted()
  const fragile = actor({
    name: 'fragile',
    durable: false,
    state: () => ({ n: 0 }),
    on: {
      crash() {
        throw new Error('crash')
      },
      probe(ctx) {
        restarted.probed(ctx.state.n)
        ctx.state.n++
      },
    },
  })
  await using system = await createSystem({ name: 'bench', root: benchRoot([child(fragile)]) })
  const ref = system.ref(fragile, '/bench/fragile')
  return await measureRestarts(assignment, restarted, (type) => ref.tell(type))
})
