// Supervision: each strategy, what is handed on, what is held, and who gives up.

import {
  actor,
  allForOne,
  child,
  dynamicSupervisor,
  oneForOne,
  restForOne,
  supervisor,
  type ActorRef,
  type RestartNotice,
  type Strategy,
} from 'holdfast'
import { sent, started, type Program, type Programs } from '../program.js'

const worker = actor({
  name: 'worker',
  digestEvery: 1,
  state: () => ({ done: 0, lives: [] as string[] }),
  onFailure: { RangeError: 'resume', SyntaxError: 'stop', EvalError: 'escalate', default: 'restart' },
  onRestart(ctx, { incarnation, reason }: RestartNotice) {
    ctx.state.lives.push(`${incarnation} after ${reason?.name ?? 'another one'}`)
  },
  onStop: () => undefined,
  on: {
    work: (ctx) => ++ctx.state.done,
    fail(ctx, kind: string) {
      ctx.state.done = -1
      if (kind === 'RangeError') throw new RangeError('out of range')
      if (kind === 'SyntaxError') throw new SyntaxError('not understood')
      if (kind === 'EvalError') throw new EvalError('not mine')
      throw new TypeError('not right')
    },
  },
})

const ids = ['a', 'b', 'c']
const team = (name: string, strategy: Strategy) =>
  supervisor({ name, strategy, children: ids.map((id) => child(worker, { id })) })

function shared(strategy: Strategy): Program {
  const swarm = { root: team('team', strategy) }
  return {
    swarm,
    async record() {
      const world = await started(swarm)
      for (const id of ids) world.tell(`/team/${id}`, 'work')
      await world.settle()
      await sent(world, '/team/b', [
        ['work'],
        ['fail', 'TypeError'],
        ['work'],
        ['fail', 'RangeError'],
        ['work'],
      ])
      await sent(world, '/team/c', [['fail', 'SyntaxError']])
      await sent(world, '/team/a', [['work']])
      return world
    },
  }
}

const nested = {
  root: supervisor({
    name: 'root',
    children: [child(team('team', oneForOne({ maxRestarts: 1 }))), child(worker)],
  }),
}

const held = {
  root: supervisor({
    name: 'root',
    children: [child(worker, { budget: { maxRestarts: 1, withinMs: 60_000, then: 'quarantine' } })],
  }),
}

const patient = {
  root: supervisor({
    name: 'root',
    children: [child(worker, { backoff: { minMs: 100, maxMs: 1_000, jitter: 0.5 } })],
  }),
}

const parent = actor({
  name: 'parent',
  digestEvery: 1,
  spawns: [worker],
  keepChildren: true,
  state: () => ({ children: [] as ActorRef[] }),
  on: {
    add(ctx, name: string) {
      const ref = ctx.spawn(worker, name === '' ? {} : { name })
      ctx.state.children.push(ref)
      ctx.tell(ref, 'work')
    },
    remove(ctx, how: 'now' | 'drain' | 'kill') {
      const ref = ctx.state.children.shift()
      if (ref !== undefined) ctx.stop(ref, how === 'now' ? undefined : how)
    },
    fail() {
      throw new TypeError('the parent fails')
    },
  },
})
const crowd = dynamicSupervisor({ name: 'crowd', of: worker, maxChildren: 3 })
const family = { root: supervisor({ name: 'root', children: [child(parent), child(crowd)] }) }

export const supervision: Programs = {
  'one-for-one': shared(oneForOne()),
  'all-for-one': shared(allForOne()),
  'rest-for-one': shared(restForOne()),
  escalation: {
    swarm: nested,
    async record() {
      const world = await started(nested)
      await sent(world, '/root/team/a', [['fail', 'EvalError'], ['work']])
      await sent(world, '/root/team/b', [['fail', 'TypeError'], ['fail', 'TypeError'], ['work']])
      return world
    },
  },
  quarantine: {
    swarm: held,
    async record() {
      const world = await started(held)
      await sent(world, '/root/worker', [['work'], ['fail', 'TypeError'], ['fail', 'TypeError'], ['work']])
      const given = { by: 'ana', reason: 'it was me' }
      await world.settled(world.system.steer.release('/root/worker', given))
      await sent(world, '/root/worker', [['work']])
      return world
    },
  },
  backoff: {
    swarm: patient,
    async record() {
      const world = await started(patient)
      for (let i = 0; i < 3; i++) {
        await sent(world, '/root/worker', [['fail', 'TypeError'], ['work']])
        await world.advance(2_000)
      }
      return world
    },
  },
  'giving-up': {
    swarm: { root: team('team', oneForOne({ maxRestarts: 1 })) },
    async record() {
      const world = await started(this.swarm)
      await sent(world, '/team/b', [['work']])
      // The root restarts, too, before it gives up.
      for (let i = 0; world.system.failure === null && i < 20; i++)
        await sent(world, '/team/a', [['fail', 'TypeError']])
      return world
    },
  },
  'changed-by-hand': {
    // The code that stands in the file since the change; the log only says that there was one.
    swarm: { root: team('team', allForOne()), definitions: [worker] },
    async record() {
      const world = await started({ root: team('team', oneForOne()), definitions: [worker] })
      await sent(world, '/team', [
        ['start', { definition: 'worker', id: 'd' }],
        ['terminate', { id: 'c' }],
        ['restart', { id: 'c' }],
        ['terminate', { id: 'd' }],
        ['delete', { id: 'd' }],
      ])
      world.system.change('/team', team('team', allForOne()))
      await sent(world, '/team/b', [['fail', 'TypeError'], ['work']])
      return world
    },
  },
  'children-on-demand': {
    swarm: family,
    async record() {
      const world = await started(family)
      await sent(world, '/root/parent', [
        ['add', 'x'],
        ['add', ''],
        ['add', 'y'],
        ['fail'],
        ['remove', 'now'],
      ])
      await sent(world, '/root/parent/y', [['fail', 'TypeError']])
      await sent(world, '/root/parent', [
        ['remove', 'drain'],
        ['remove', 'kill'],
      ])
      await sent(world, '/root/crowd', [
        ['start', { id: 'one' }],
        ['start', { id: 'two' }],
      ])
      await sent(world, '/root/crowd/one', [['work'], ['fail', 'SyntaxError']])
      await sent(world, '/root/crowd', [['terminate', { id: 'two' }]])
      return world
    },
  },
}
