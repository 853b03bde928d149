// Bonds: who hears of whose end, and whom it takes along.

import { actor, child, supervisor, type TerminatedNotice } from 'holdfast'
import { sent, started, type Programs } from '../program.js'

const tied = actor({
  name: 'tied',
  digestEvery: 1,
  state: () => ({ heard: [] as string[] }),
  onFailure: { HF_LINK_BROKEN: 'stop', RangeError: 'stop', default: 'restart' },
  on: {
    link(ctx, path: string) {
      ctx.link(ctx.ref(path))
    },
    unlink(ctx, path: string) {
      ctx.unlink(ctx.ref(path))
    },
    dependOn(ctx, path: string) {
      ctx.dependOn(ctx.ref(path))
    },
    watch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
    },
    gone(ctx, { path }: TerminatedNotice) {
      ctx.state.heard.push(`${path} is gone`)
    },
    watchAs(ctx, path: string) {
      ctx.watch(ctx.ref(path), 'gone')
    },
    unwatch(ctx, path: string) {
      ctx.unwatch(ctx.ref(path))
    },
    async lives(ctx, path: string) {
      ctx.state.heard.push(`${path} ${await ctx.lives(ctx.ref(path))}`)
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
    fail(ctx) {
      throw new RangeError(`${ctx.self.path} failed`)
    },
    terminated(ctx, { path, reason }: TerminatedNotice) {
      ctx.state.heard.push(`${path} ${reason}`)
    },
  },
})

const names = ['a', 'b', 'c', 'd']
const root = supervisor({
  name: 'root',
  children: names.map((id) => child(tied, { id, restart: 'temporary' })),
})
const swarm = { root }

export const bonds: Programs = {
  links: {
    swarm,
    async record() {
      const world = await started(swarm)
      await sent(world, '/root/a', [
        ['link', '/root/b'],
        ['link', '/root/d'],
        ['unlink', '/root/d'],
      ])
      await sent(world, '/root/c', [['dependOn', '/root/a']])
      await sent(world, '/root/b', [['fail']])
      await sent(world, '/root/d', [
        ['lives', '/root/a'],
        ['lives', '/root/d'],
      ])
      return world
    },
  },
  watches: {
    swarm,
    async record() {
      const world = await started(swarm)
      await sent(world, '/root/a', [
        ['watch', '/root/b'],
        ['watchAs', '/root/c'],
        ['watch', '/root/d'],
        ['unwatch', '/root/d'],
      ])
      await sent(world, '/root/b', [['fail']])
      await sent(world, '/root/c', [['end']])
      await sent(world, '/root/d', [['end']])
      return world
    },
  },
}
