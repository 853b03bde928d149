// Processes that die in the middle, and systems that stop in order and go on.

import { actor, child, oneForOne, supervisor } from 'holdfast'
import { incident, Outside, sent, started, type Programs } from '../program.js'

const outside = new Outside()

const courier = actor({
  name: 'courier',
  digestEvery: 1,
  state: () => ({ drops: [] as unknown[], starts: 0 }),
  onStart(ctx) {
    ctx.state.starts++
  },
  on: {
    async deliver(ctx, to: string) {
      const key = ctx.id()
      const route = await ctx.effect('route', () => outside.asked('route'))
      const slip = await ctx.effect('drop', () => outside.asked('drop'))
      ctx.state.drops.push({ to, key, route, slip, at: ctx.now() })
      ctx.tell(ctx.ref('/root/office'), 'done', to)
    },
  },
})
const office = actor({
  name: 'office',
  digestEvery: 1,
  state: () => ({ done: [] as string[] }),
  on: {
    done(ctx, to: string) {
      ctx.state.done.push(to)
      if (to === 'nowhere') throw new RangeError('no such place')
    },
  },
})
const root = supervisor({
  name: 'root',
  strategy: oneForOne({ maxRestarts: 5 }),
  children: [child(courier), child(office)],
})
const swarm = { root }

export const crashes: Programs = {
  'crash-and-recovery': {
    swarm,
    async record() {
      const world = await started(swarm)
      await sent(world, '/root/courier', [['deliver', 'nowhere']])
      outside.answers('route', 'over the hill')
      await world.settle()
      await world.recover({ awayMs: 5_000 })
      outside.answers('drop', 'slip 1')
      await world.settle()
      world.tell('/root/office', 'done', 'after all', incident)
      await world.settle()
      return world
    },
  },
  'stop-and-start': {
    swarm,
    async record() {
      const world = await started(swarm)
      await sent(world, '/root/office', [['done', 'first']])
      await world.reopen()
      await sent(world, '/root/office', [
        ['done', 'second'],
        ['done', 'nowhere'],
      ])
      return world
    },
  },
}
