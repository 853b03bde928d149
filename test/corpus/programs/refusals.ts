// Refusals: handlers that go on without what was refused to them, and one that fails with it.

import { actor, child, supervisor } from 'holdfast'
import { sent, started, type Programs } from '../program.js'

const guest = actor({ name: 'guest', on: { hear: (_ctx, _what: unknown) => undefined } })

const host = actor({
  name: 'host',
  digestEvery: 1,
  mailbox: { stash: 1 },
  spawns: [guest],
  onFailure: { default: 'resume' },
  state: () => ({ notes: [] as string[] }),
  on: {
    invite(ctx, name: string) {
      try {
        ctx.tell(ctx.spawn(guest, { name }), 'hear', 'welcome')
      } catch (error) {
        ctx.state.notes.push((error as Error).message)
      }
    },
    shout(ctx, name: string) {
      ctx.tell(ctx.ref(`/root/host/${name}`), 'shouted at' as 'hear', 1)
    },
    keep(ctx) {
      try {
        ctx.stash()
      } catch {
        ctx.state.notes.push('no room')
      }
    },
    // Somebody who has gone: it does nothing.
    dismiss(ctx, name: string) {
      ctx.stop(ctx.ref(`/root/host/${name}`))
    },
  },
})

const swarm = { root: supervisor({ name: 'root', children: [child(host)] }) }

export const refusals: Programs = {
  'refused-calls': {
    swarm,
    async record() {
      const world = await started(swarm)
      await sent(world, '/root/host', [
        ['invite', 'ana'],
        ['invite', 'ana'],
        ['shout', 'ana'],
        ['keep'],
        ['keep'],
        ['dismiss', 'bob'],
      ])
      await world.recover()
      await sent(world, '/root/host', [
        ['dismiss', 'ana'],
        ['invite', 'ana'],
      ])
      return world
    },
  },
}
