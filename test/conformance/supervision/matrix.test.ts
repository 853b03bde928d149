// Everything that can go wrong in one actor, everywhere where its code runs, under each strategy. It is the second of
// three children; what becomes of the three follows from a few rules, which stand here once.

import { actor, allForOne, child, oneForOne, restForOne, supervisor } from 'holdfast'
import type { Context, Definition, Strategy } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { ends, incarnations, member, rootOf } from './chronicle.js'

type State = { n: number }
type Deed = (ctx: Context<State>) => unknown

const GROUP = '/root/group'
const NAMES = ['a', 'b', 'c'] as const
const B = `${GROUP}/b`
const SHUTDOWN_MS = 1_000

const strategies: readonly Strategy[] = [oneForOne(), allForOne(), restForOne()]

const failing: Readonly<Record<string, Deed>> = {
  throws() {
    throw new RangeError('no')
  },
  rejects: () => Promise.reject(new RangeError('no')),
}

const ending: Readonly<Record<string, { readonly reason: string; readonly deed: Deed }>> = {
  'stops itself': { reason: 'normal', deed: (ctx) => ctx.stop(ctx.self) },
  'kills itself': { reason: 'killed', deed: (ctx) => ctx.stop(ctx.self, 'kill') },
}

/** How long a turn may wait. */
type Limit = { readonly turnTimeoutMs: number }
const LIMIT: Limit = { turnTimeoutMs: 500 }

const neverSettles: Deed = () => new Promise(() => undefined)

/** Handlers in which something may go wrong, of an actor and of one that is the parent of another. */
const handlers: Readonly<Record<string, (deed: Deed, limit?: Limit) => Definition>> = {
  'a handler': (deed, limit) =>
    actor({ ...member('b').spec, ...limit, on: { ...member('b').spec.on, do: deed } }),
  'a handler that has waited': (deed, limit) => {
    const once = async (ctx: Context<State>): Promise<unknown> => {
      await ctx.effect('look', () => 1)
      return deed(ctx)
    }
    return actor({ ...member('b').spec, ...limit, on: { ...member('b').spec.on, do: once } })
  },
  "a parent's own handler": (deed, limit) => {
    const kid = member('kid')
    const { on } = member('b').spec
    const bear = (ctx: Context<State>): void => void ctx.spawn(kid, { name: 'kid' })
    return actor({ ...member('b').spec, ...limit, spawns: [kid], onStart: bear, on: { ...on, do: deed } })
  },
}

/** The first time that a hook runs while it is armed, it does the deed. */
class Trap {
  isArmed = false

  of(deed: Deed): Deed {
    return (ctx) => {
      if (!this.isArmed) return undefined
      this.isArmed = false
      return deed(ctx)
    }
  }
}

async function worldOf(strategy: Strategy, subject: Definition): Promise<World> {
  const children = [child(member('a')), child(subject, { shutdown: SHUTDOWN_MS }), child(member('c'))]
  return World.start({ root: rootOf(child(supervisor({ name: 'group', strategy, children }))) })
}

const hooked = (hook: 'onStart' | 'onStop' | 'onRestart', deed: Deed, limit?: Limit): Definition =>
  actor({ ...member('b').spec, ...limit, [hook]: deed })

const lives = (world: World): number[] => incarnations(world, ...NAMES.map((name) => `${GROUP}/${name}`))

const contexts = (world: World): string[] => world.recordsOf('failed').map((each) => each.data().context)

const byKind = (
  { kind }: Strategy,
  of: Readonly<Record<Strategy['kind'], readonly number[]>>,
): readonly number[] => of[kind]

/** What has come of it, with what a process says that takes over from the log. */
async function sameAfterCrash(world: World): Promise<number[]> {
  const before = lives(world)
  await world.recover()
  expect(lives(world)).toEqual(before)
  expect(await world.ask(`${GROUP}/a`, 'add')).toBe(1)
  expect(await world.ask(`${GROUP}/c`, 'add')).toBe(1)
  return before
}

/** One that hangs is stopped by hand, within its time, and its supervisor serves others meanwhile. */
async function stopsInTime(world: World): Promise<void> {
  expect(await world.ask(GROUP, 'count')).toMatchObject({ specs: 3 })
  const stopping = world.system.ref(GROUP).ask('terminate', { id: 'b' })
  await world.advance(SHUTDOWN_MS - 1)
  expect(world.system.inspect(B).status).not.toBe('stopped')
  await world.advance(1)
  await world.settled(stopping)
  expect(world.system.inspect(B)).toMatchObject({ status: 'stopped', stopped: 'shutdown' })
  expect(NAMES.map((name) => world.system.inspect(`${GROUP}/${name}`).status)).toEqual([
    'running',
    'stopped',
    'running',
  ])
}

describe.each(strategies)('Under $kind, the second of three', (strategy) => {
  // Those who share its fate begin a second life with it.
  const together = byKind(strategy, {
    'one-for-one': [1, 2, 1],
    'all-for-one': [2, 2, 2],
    'rest-for-one': [1, 2, 2],
  })
  // When it comes up, the third one has not yet come.
  const asItStarts = byKind(strategy, {
    'one-for-one': [1, 2, 1],
    'all-for-one': [2, 2, 1],
    'rest-for-one': [1, 2, 1],
  })
  const asItRestarts = byKind(strategy, {
    'one-for-one': [1, 3, 1],
    'all-for-one': [3, 3, 2],
    'rest-for-one': [1, 3, 2],
  })

  describe.each(Object.entries(handlers))('in %s', (place, subject) => {
    const kid = place.startsWith('a parent') ? ['kid shutdown'] : []

    it.each(Object.entries(failing))('%s: the group is restarted', async (_name, deed) => {
      const world = await worldOf(strategy, subject(deed))
      world.tell(B, 'do')
      await world.settle()
      expect(contexts(world)).toEqual(['message'])
      expect(ends(world)).toEqual(kid)
      expect(await world.ask(B, 'add')).toBe(1)
      expect(await sameAfterCrash(world)).toEqual(together)
    })

    it.each(Object.entries(ending))('%s: the group is restarted', async (_name, { reason, deed }) => {
      const world = await worldOf(strategy, subject(deed))
      world.tell(B, 'do')
      await world.settle()
      expect(contexts(world)).toEqual([])
      expect(ends(world)).toEqual([...kid, `b ${reason}`])
      expect(await world.ask(B, 'add')).toBe(1)
      expect(await sameAfterCrash(world)).toEqual(together)
    })

    it('never settles, and has a time limit: the group is restarted', async () => {
      const world = await worldOf(strategy, subject(neverSettles, LIMIT))
      world.tell(B, 'do')
      await world.advance(LIMIT.turnTimeoutMs - 1)
      expect(contexts(world)).toEqual([])
      await world.advance(1)
      expect(world.recordsOf('failed').map((each) => each.data().error.code)).toEqual(['HF_TURN_TIMEOUT'])
      expect(ends(world)).toEqual(kid)
      expect(await world.ask(B, 'add')).toBe(1)
      expect(await sameAfterCrash(world)).toEqual(together)
    })

    it('never settles: it holds up nobody else, and can be stopped', async () => {
      const world = await worldOf(strategy, subject(neverSettles))
      world.tell(B, 'do')
      await world.settle()
      expect(world.system.inspect(B).status).toBe('waiting')
      await stopsInTime(world)
      expect(ends(world)).toEqual([...kid, 'b shutdown'])
      expect(await sameAfterCrash(world)).toEqual([1, 1, 1])
    })
  })

  describe('in its start hook', () => {
    const start = async (deed: Deed): Promise<World> => {
      const trap = new Trap()
      trap.isArmed = true
      return worldOf(strategy, hooked('onStart', trap.of(deed)))
    }

    it.each(Object.entries(failing))('%s: it is started again, before the third', async (_name, deed) => {
      const world = await start(deed)
      expect(contexts(world)).toEqual(['start'])
      expect(ends(world)).toEqual([])
      expect(await world.ask(B, 'add')).toBe(1)
      expect(await sameAfterCrash(world)).toEqual(asItStarts)
    })

    it.each(Object.entries(ending))(
      '%s: it is started again, before the third',
      async (_name, { reason, deed }) => {
        const world = await start(deed)
        expect(contexts(world)).toEqual([])
        expect(ends(world)).toEqual([`b ${reason}`])
        expect(await world.ask(B, 'add')).toBe(1)
        expect(await sameAfterCrash(world)).toEqual(asItStarts)
      },
    )

    it('never settles: its supervisor goes on, and it can be stopped', async () => {
      const trap = new Trap()
      const world = await worldOf(strategy, hooked('onStart', trap.of(neverSettles)))
      await world.ask(GROUP, 'terminate', { id: 'b' })
      trap.isArmed = true
      const starting = world.system.ref(GROUP).ask('restart', { id: 'b' })
      const told = expect(starting).rejects.toMatchObject({ code: 'HF_START_FAILED' })
      await world.settle()
      await stopsInTime(world)
      await told
      expect(await sameAfterCrash(world)).toEqual([1, 2, 1])
    })
  })

  describe('in its restart hook', () => {
    const restart = async (deed: Deed, limit?: Limit): Promise<World> => {
      const trap = new Trap()
      const world = await worldOf(strategy, hooked('onRestart', trap.of(deed), limit))
      trap.isArmed = true
      world.tell(B, 'fail')
      await world.settle()
      return world
    }

    it.each(Object.entries(failing))('%s: the group is restarted once more', async (_name, deed) => {
      const world = await restart(deed)
      expect(contexts(world)).toEqual(['message', 'start'])
      expect(ends(world)).toEqual([])
      expect(await world.ask(B, 'add')).toBe(1)
      expect(await sameAfterCrash(world)).toEqual(asItRestarts)
    })

    it.each(Object.entries(ending))(
      '%s: the group is restarted once more',
      async (_name, { reason, deed }) => {
        const world = await restart(deed)
        expect(contexts(world)).toEqual(['message'])
        expect(ends(world)).toEqual([`b ${reason}`])
        expect(await world.ask(B, 'add')).toBe(1)
        expect(await sameAfterCrash(world)).toEqual(asItRestarts)
      },
    )

    it('never settles, and has a time limit: the group is restarted once more', async () => {
      const world = await restart(neverSettles, LIMIT)
      await world.advance(LIMIT.turnTimeoutMs)
      expect(contexts(world)).toEqual(['message', 'start'])
      expect(await world.ask(B, 'add')).toBe(1)
      expect(await sameAfterCrash(world)).toEqual(asItRestarts)
    })

    it('never settles: it can be stopped, and those behind it come back', async () => {
      const world = await restart(neverSettles)
      expect(world.system.inspect(B).status).toBe('restarting')
      await stopsInTime(world)
      expect(await sameAfterCrash(world)).toEqual(together)
    })
  })

  describe('in its stop hook', () => {
    const stop = async (deed: Deed): Promise<World> => {
      const trap = new Trap()
      const world = await worldOf(strategy, hooked('onStop', trap.of(deed)))
      trap.isArmed = true
      return world
    }

    it.each(Object.entries(failing))('%s: it has ended all the same, and alone', async (_name, deed) => {
      const world = await stop(deed)
      await world.ask(GROUP, 'terminate', { id: 'b' })
      expect(contexts(world)).toEqual(['stop'])
      expect(ends(world)).toEqual(['b shutdown'])
      expect(await sameAfterCrash(world)).toEqual([1, 1, 1])
    })

    it.each(Object.entries(ending))('%s: it ends as it was told to', async (_name, { deed }) => {
      const world = await stop(deed)
      await world.ask(GROUP, 'terminate', { id: 'b' })
      expect(contexts(world)).toEqual([])
      expect(ends(world)).toEqual(['b shutdown'])
      expect(await sameAfterCrash(world)).toEqual([1, 1, 1])
    })

    it('never settles: the hook is given up in time', async () => {
      const world = await stop(neverSettles)
      await stopsInTime(world)
      expect(contexts(world)).toEqual(['stop'])
      expect(ends(world)).toEqual(['b shutdown'])
      expect(await sameAfterCrash(world)).toEqual([1, 1, 1])
    })
  })
})
