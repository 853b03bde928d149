import { actor, child, oneForOne, supervisor } from 'holdfast'
import type { ChildSpec } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { chronicle, ends, failEach, lines, member, ownerOf, rootOf } from './chronicle.js'

/** A group that its owner stops while the system goes on, so that the end of each child stands in the log. */
async function owned(...children: readonly ChildSpec[]): Promise<World> {
  const strategy = oneForOne({ maxRestarts: 1_000 })
  const world = await World.start({
    root: rootOf(child(ownerOf(supervisor({ name: 'group', strategy, children })))),
  })
  await world.settle()
  world.tell('/root/chronicle', 'clear')
  await world.settle()
  return world
}

const GROUP = '/root/owner/group'
const statusOf = (world: World, name: string): string => world.system.inspect(`${GROUP}/${name}`).status
const notices = (world: World): unknown => world.state('/root/owner').notices

async function stopGroup(world: World): Promise<void> {
  world.tell('/root/owner', 'stop')
  await world.settle()
}

describe('A supervisor that is stopped', () => {
  it('SUP-83 stops its children, those of its children too, each level in reverse and before the one above', async () => {
    const inner = supervisor({ name: 'inner', children: [child(member('b')), child(member('c'))] })
    const world = await owned(child(member('a')), child(inner), child(member('d')))
    await stopGroup(world)
    expect(ends(world)).toEqual([
      'd shutdown',
      'c shutdown',
      'b shutdown',
      'inner shutdown',
      'a shutdown',
      'group normal',
    ])
    expect(lines(world)).toEqual(['stop d', 'stop c', 'stop b', 'stop a'])
    expect(world.system.inspect('/root/owner').children).toEqual([])
    expect(await world.askFails(`${GROUP}/inner/b`, 'add')).toMatchObject({ code: 'HF_NO_SUCH_ACTOR' })
  })

  it('SUP-84 waits for them: their stop hooks have run before anybody hears that it has ended', async () => {
    const gate = new Later()
    const slow = actor({
      name: 'slow',
      async onStop(ctx) {
        await ctx.effect('gate', () => gate.promise)
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', 'slow has stopped')
      },
      on: {},
    })
    const world = await owned(child(slow), child(member('quick')))
    const stopped = world.events('stopped')
    await stopGroup(world)
    expect(lines(world)).toEqual(['stop quick'])
    expect(world.system.inspect(GROUP).status).toBe('stopping')
    expect(notices(world)).toEqual([])
    gate.resolve(1)
    await world.settle()
    expect(lines(world)).toEqual(['stop quick', 'slow has stopped'])
    expect(stopped.map(({ actor: path }) => path)).toEqual([`${GROUP}/quick`, `${GROUP}/slow`, GROUP])
    expect(notices(world)).toEqual([{ path: GROUP, reason: 'normal' }])
  })

  it('SUP-80 is content with a permanent child that ends itself meanwhile: nobody restarts or reports it', async () => {
    const gate = new Later()
    const ending = actor({
      name: 'ending',
      on: {
        async hold(ctx) {
          await ctx.effect('gate', () => gate.promise)
          ctx.stop(ctx.self)
        },
      },
    })
    const world = await owned(child(ending))
    world.tell(`${GROUP}/ending`, 'hold')
    await world.settle()
    await stopGroup(world)
    expect(statusOf(world, 'ending')).toBe('stopping')
    gate.resolve(1)
    await world.settle()
    expect(ends(world)).toEqual(['ending shutdown', 'group normal'])
    expect(world.recordsOf('restarted')).toEqual([])
    expect(world.recordsOf('failed')).toEqual([])
    expect(notices(world)).toHaveLength(1)
  })

  it('SUP-70 in the midst of a restart that does not come off ends at once, and tries no more', async () => {
    const gate = new Later()
    let starts = 0
    const flaky = actor({
      ...member('flaky').spec,
      durable: false,
      async onStart(ctx) {
        starts++
        if (starts > 1) await ctx.effect('gate', () => gate.promise)
      },
    })
    const world = await owned(child(flaky))
    await failEach(world, `${GROUP}/flaky`)
    expect(statusOf(world, 'flaky')).toBe('restarting')
    await stopGroup(world)
    gate.reject(new TypeError('still not'))
    await world.settle()
    expect(ends(world)).toEqual(['flaky shutdown', 'group normal'])
    expect(starts).toBe(2)
    expect(world.recordsOf('restarted')).toHaveLength(1)
    expect(world.authorities.timers).toBe(0)
  })

  it('SUP-87 starts no more children: what a stop hook wants to spawn is refused, and is in no list', async () => {
    const late = member('late')
    const world = await owned(
      child(
        actor({
          name: 'spawning',
          spawns: [late],
          onStop(ctx) {
            ctx.spawn(late, { name: 'late' })
          },
          on: {},
        }),
      ),
    )
    const warnings = world.events('warning')
    await stopGroup(world)
    expect(warnings).toMatchObject([{ actor: `${GROUP}/spawning`, error: { code: 'HF_ACTOR_STOPPED' } }])
    expect(world.recordsOf('spawned').map((each) => each.data().name)).not.toContain('late')
    expect(ends(world)).toEqual(['spawning shutdown', 'group normal'])
    expect(lines(world)).toEqual([])
  })

  it('SUP-88 whose children wait for it while they stop does not wait for ever', async () => {
    const kid = actor({
      name: 'kid',
      onStop: (ctx) => ctx.ask(ctx.parent, 'ping', undefined, { timeoutMs: 600_000 }),
      on: {},
    })
    const parent = actor({
      name: 'parent',
      spawns: [kid],
      onStart(ctx) {
        for (const name of ['one', 'two', 'three']) ctx.spawn(kid, { name })
      },
      on: { ping: () => 'pong' },
    })
    const world = await World.start({ root: rootOf(child(parent)) })
    await world.settle()
    const stopped = world.events('stopped')
    const stopping = world.system.stop()
    await world.advance(14_999)
    expect(stopped.map(({ actor: path }) => path)).toEqual(['/root/parent/three', '/root/parent/two'])
    await world.advance(1)
    await world.settled(stopping)
    expect(stopped.map(({ actor: path }) => path).slice(2)).toEqual([
      '/root/parent/one',
      '/root/parent',
      '/root/chronicle',
      '/root',
    ])
    expect(world.authorities.timers).toBe(0)
  })
})

describe('The time of a child for its stop', () => {
  it('SUP-74 of one second gives up a turn that takes longer; the obedient child stops as it should', async () => {
    const signals: AbortSignal[] = []
    const stubborn = actor({
      ...member('stubborn').spec,
      on: {
        hold: (ctx) =>
          ctx.effect(
            'hold',
            (signal) => {
              signals.push(signal)
              return new Promise<number>(() => undefined)
            },
            { timeoutMs: 600_000 },
          ),
      },
    })
    const shutdown = 1_000
    const world = await owned(child(member('obedient'), { shutdown }), child(stubborn, { shutdown }))
    const { id } = world.system.inspect(`${GROUP}/stubborn`)
    world.tell(`${GROUP}/stubborn`, 'hold')
    await world.settle()
    await stopGroup(world)
    await world.advance(999)
    expect([statusOf(world, 'stubborn'), statusOf(world, 'obedient')]).toEqual(['stopping', 'running'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await world.advance(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(ends(world)).toEqual(['stubborn shutdown', 'obedient shutdown', 'group normal'])
    expect(lines(world)).toEqual(['stop stubborn', 'stop obedient'])
    const failed = world.recordsOf('failed')
    expect(failed.map((each) => each.actor)).toEqual([id])
    expect(failed.map((each) => each.data())).toMatchObject([
      { context: 'stop', parked: true, error: { code: 'HF_ACTOR_STOPPED' } },
    ])
  })

  it('SUP-75 that is brutal ends it at once: the turn in hand is given up, and its stop hook does not run', async () => {
    const world = await owned(child(member('gentle')), child(member('victim'), { shutdown: 'brutal' }))
    world.tell(`${GROUP}/victim`, 'hold')
    await world.settle()
    await stopGroup(world)
    expect(ends(world)).toEqual(['victim shutdown', 'gentle shutdown', 'group normal'])
    expect(lines(world)).toEqual(['stop gentle'])
    expect(world.recordsOf('failed').map((each) => each.data())).toMatchObject([
      { context: 'stop', error: { code: 'HF_ACTOR_STOPPED' } },
    ])
    expect(world.authorities.timers).toBe(0)
  })

  it.each(['actor', 'supervisor'] as const)(
    'SUP-76 without end is waited for, when it is that of an %s',
    async (kind) => {
      const gate = new Later()
      const slow = actor({
        ...member('slow').spec,
        on: {
          hold: (ctx) => ctx.effect('hold', () => gate.promise, { timeoutMs: 2_147_483_647 }),
        },
      })
      const patient = child(slow, { shutdown: 'infinity' })
      const inner = supervisor({ name: 'inner', children: [patient] })
      const world = await owned(kind === 'actor' ? patient : child(inner))
      const path = kind === 'actor' ? `${GROUP}/slow` : `${GROUP}/inner/slow`
      world.tell(path, 'hold')
      await world.settle()
      await stopGroup(world)
      await world.advance(86_400_000)
      expect(world.system.inspect(path).status).toBe('stopping')
      expect(ends(world)).toEqual([])
      gate.resolve(1)
      await world.settle()
      const last = ['slow shutdown', 'inner shutdown', 'group normal']
      expect(ends(world)).toEqual(last.filter((end) => kind === 'supervisor' || !end.startsWith('inner')))
      expect(lines(world)).toEqual(['stop slow'])
      expect(world.recordsOf('failed')).toEqual([])
    },
  )

  it('SUP-79 of one millisecond gives up a stop hook that hangs, and lets those end that do not', async () => {
    const hanging = actor({
      name: 'hanging',
      onStop: (ctx) => ctx.effect('hang', () => new Promise<number>(() => undefined)),
      on: {},
    })
    const shutdown = 1
    const world = await owned(
      child(member('first'), { shutdown }),
      child(hanging, { shutdown }),
      child(member('last'), { shutdown }),
    )
    const warnings = world.events('warning')
    await stopGroup(world)
    expect(ends(world)).toEqual(['last shutdown'])
    expect([statusOf(world, 'hanging'), statusOf(world, 'first')]).toEqual(['stopping', 'running'])
    await world.advance(1)
    expect(ends(world)).toEqual(['last shutdown', 'hanging shutdown', 'first shutdown', 'group normal'])
    expect(lines(world)).toEqual(['stop last', 'stop first'])
    expect(warnings).toMatchObject([{ actor: `${GROUP}/hanging`, error: { code: 'HF_ACTOR_STOPPED' } }])
    expect(world.authorities.timers).toBe(0)
  })
})
