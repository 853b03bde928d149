import { type ActorRefFromLogic, assign, createActor, createMachine, fromTransition } from 'xstate'
import { packageVersion } from '../package-version.js'
import { type Population } from './population.js'

const idle = fromTransition((n: number, { amount }: { type: 'add'; amount: number }) => n + amount, 0)
const version = packageVersion('xstate')

/** Root actors: the fastest to start, since a machine copies its list of children with each new one. */
export function xstateRoots(): Population {
  const actors: ActorRefFromLogic<typeof idle>[] = []
  return {
    spawn(count) {
      for (let i = 0; i < count; i++) actors.push(createActor(idle).start())
    },
    alive: () => actors.filter((actor) => actor.getSnapshot().status === 'active').length,
    version,
  }
}

/** Children of one machine: the smallest, since a root actor brings a system of its own with it. */
export function xstateChildren(): Population {
  const machine = createMachine({
    types: {} as { context: { spawned: number }; events: { type: 'spawn'; count: number } },
    context: { spawned: 0 },
    on: {
      spawn: {
        actions: assign({
          spawned: ({ context, event, spawn }) => {
            for (let i = 0; i < event.count; i++) spawn(idle, { id: `idle-${context.spawned + i}` })
            return context.spawned + event.count
          },
        }),
      },
    },
  })
  const parent = createActor(machine).start()
  return {
    spawn: (count) => parent.send({ type: 'spawn', count }),
    alive: () => Object.keys(parent.getSnapshot().children).length,
    // Starting them takes a time that grows with the square of their number, their size does not.
    count: 20_000,
    version,
  }
}
