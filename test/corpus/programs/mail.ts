// Mail: what comes later, what is put aside, what nobody can handle, and what has no room.

import { actor, child, supervisor } from 'holdfast'
import { incident, sent, started, type Programs } from '../program.js'

const desk = actor({
  name: 'desk',
  digestEvery: 1,
  attempts: 2,
  onFailure: { default: 'resume' },
  mailbox: { capacity: 4, overflow: 'drop-oldest', urgent: ['alarm'], stash: 3 },
  state: () => ({ isOpen: false, seen: [] as unknown[] }),
  on: {
    serve(ctx, what: string) {
      if (!ctx.state.isOpen) return ctx.stash()
      ctx.state.seen.push(what)
      return what
    },
    open(ctx) {
      ctx.state.isOpen = true
      ctx.unstash()
    },
    remind(ctx) {
      ctx.state.seen.push('reminder is set')
      ctx.schedule('tick', { n: 1 }, { afterMs: 100, everyMs: 200 })
      ctx.schedule('once', 'first', { afterMs: 150, key: 'once' })
      ctx.schedule('once', 'second', { afterMs: 250, key: 'once' })
      ctx.schedule('never', undefined, { afterMs: 50 })
      ctx.unschedule('never')
    },
    tick(ctx, { n }: { n: number }) {
      ctx.state.seen.push(`tick ${n} at ${ctx.now()}`)
    },
    once(ctx, which: string) {
      ctx.state.seen.push(`once, ${which}`)
      ctx.unschedule('tick')
    },
    never: () => undefined,
    read(ctx, text: string) {
      ctx.state.seen.push(text)
      if (!ctx.patched('mended') || text.includes('ß')) throw new RangeError(`cannot read ${text}`)
    },
    alarm(ctx, text: string) {
      ctx.state.seen.push(`alarm ${text}`)
    },
    note(ctx, n: number) {
      ctx.state.seen.push(n)
    },
  },
})

// Handles what the desk had given up, once somebody says that it can: by a message, so that a replay knows as well.
const reader = actor({
  name: 'reader',
  digestEvery: 1,
  onFailure: { default: 'resume' },
  state: () => ({ canRead: false, read: [] as string[] }),
  on: {
    learn(ctx) {
      ctx.state.canRead = true
    },
    read(ctx, text: string) {
      ctx.state.read.push(text)
      if (!ctx.state.canRead) throw new TypeError(`what does "${text}" say?`)
    },
  },
})

const root = supervisor({ name: 'root', children: [child(desk), child(reader)] })
const swarm = { root }
const open = () => started(swarm)

export const mail: Programs = {
  timers: {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/desk', [['remind']])
      await world.advance(1_000)
      // What a timer sends is a correlation of its own; the incident has it as what the desk did in between.
      await sent(world, '/root/desk', [['note', 3]])
      return world
    },
  },
  stash: {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/desk', [
        ['serve', 'tea'],
        ['serve', 'milk'],
        ['note', 1],
        ['open'],
        ['serve', 'salt'],
      ])
      return world
    },
  },
  'parked-messages': {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/desk', [
        ['read', 'Straße'],
        ['note', 2],
      ])
      return world
    },
  },
  redrive: {
    swarm,
    async record() {
      const world = await open()
      await sent(world, '/root/reader', [['read', 'runes'], ['learn']])
      const given = { by: 'ana', reason: 'it has learned to read' }
      for (const { position } of world.system.parked({ actor: '/root/reader' }))
        await world.settled(world.system.steer.redrive(position, given))
      await world.settle()
      return world
    },
  },
  'urgent-and-dropped': {
    swarm,
    async record() {
      const world = await open()
      for (let n = 0; n < 7; n++) world.tell('/root/desk', 'note', n, incident)
      world.tell('/root/desk', 'alarm', 'fire', incident)
      await world.settle()
      return world
    },
  },
}
