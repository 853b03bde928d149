// Delayed transitions and delayed events: durable timers of the machine's actor.

import { actor, child, ctxOf, machine, supervisor } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { assign, cancel, createMachine, raise, sendParent, sendTo, setup } from 'xstate'
import { World } from '../semantics/world.js'

const lightMachine = setup({
  types: { events: {} as { type: 'POWER_OUT' } | { type: 'POWER_ON' } | { type: 'BREAK' } },
  actions: {
    fail: () => {
      throw new RangeError('no lamp')
    },
  },
}).createMachine({
  id: 'light',
  initial: 'green',
  on: { BREAK: { actions: 'fail' } },
  states: {
    green: { after: { 1_000: 'yellow' }, on: { POWER_OUT: 'off' } },
    yellow: { after: { 200: 'red' } },
    red: { after: { 2_000: 'green' } },
    off: { on: { POWER_ON: 'green' } },
  },
})

const light = machine({ name: 'light', machine: lightMachine, digestEvery: 1 })
const root = supervisor({ name: 'root', children: [child(light)] })
const path = '/root/light'
const value = (world: World): unknown => world.state(path).value
const timers = (world: World, at = path): string[] => world.system.inspect(at).timers.map(({ key }) => key)

describe('A delayed transition', () => {
  it('is taken when its time has come, and the next one after it', async () => {
    const world = await World.start({ root })
    for (const [ms, state] of [
      [999, 'green'],
      [1, 'yellow'],
      [200, 'red'],
      [2_000, 'green'],
    ] as const) {
      await world.advance(ms)
      expect(value(world)).toBe(state)
    }
    expect(timers(world)).toEqual(['xstate.after.1000.light.green'])
  })

  it('goes on over a crash for the rest of its time', async () => {
    const world = await World.start({ root })
    await world.advance(300)
    await world.recover({ awayMs: 500 })
    await world.advance(199)
    expect(value(world)).toBe('green')
    await world.advance(1)
    expect(value(world)).toBe('yellow')
  })

  it('whose time came while the system was down is taken when it is up', async () => {
    const world = await World.start({ root })
    await world.recover({ awayMs: 60_000 })
    await world.advance(0)
    expect(value(world)).toBe('yellow')
  })

  it('stays over an ordered stop', async () => {
    const world = await World.start({ root })
    await world.advance(300)
    await world.reopen()
    expect(timers(world)).toEqual(['xstate.after.1000.light.green'])
    await world.advance(700)
    expect(value(world)).toBe('yellow')
  })

  it('is given up when the state is left, and begins anew when it is entered again', async () => {
    const world = await World.start({ root })
    await world.advance(900)
    await world.ask(path, 'POWER_OUT')
    expect(timers(world)).toEqual([])
    await world.advance(5_000)
    expect(value(world)).toBe('off')
    await world.ask(path, 'POWER_ON')
    await world.recover()
    await world.advance(999)
    expect(value(world)).toBe('green')
    await world.advance(1)
    expect(value(world)).toBe('yellow')
    expect(world.authorities.timers).toBe(1)
  })

  it('goes on over a restart, which cancels the timers of an actor', async () => {
    const world = await World.start({ root })
    await world.advance(300)
    await world.askFails(path, 'BREAK')
    expect(world.system.inspect(path)).toMatchObject({ incarnation: 2 })
    expect(timers(world)).toEqual(['xstate.after.1000.light.green'])
    await world.advance(699)
    expect(value(world)).toBe('green')
    await world.advance(1)
    expect(value(world)).toBe('yellow')
    // And once more, through a crash between the failure and the next life.
    await world.askFails(path, 'BREAK')
    await world.recover({ awayMs: 150 })
    await world.advance(50)
    expect(value(world)).toBe('red')
  })

  it('that fails is tried again in the next life: what is due is not lost', async () => {
    let failures = 1
    const sticky = machine({
      name: 'light',
      machine: setup({
        actions: {
          switch: () => {
            if (failures-- > 0) throw new Error('stuck')
          },
        },
      }).createMachine({
        initial: 'green',
        states: { green: { after: { 1_000: { target: 'red', actions: 'switch' } } }, red: {} },
      }),
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(sticky)] }) })
    await world.advance(1_000)
    await world.advance(0)
    expect(world.system.inspect(path)).toMatchObject({ incarnation: 2, state: { value: 'red' } })
  })

  it('may be longer than a timer can be', async () => {
    const month = 30 * 24 * 3_600_000
    const patient = machine({
      name: 'light',
      machine: createMachine({
        initial: 'trial',
        states: { trial: { after: { [month]: 'over' } }, over: {} },
      }),
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(patient)] }) })
    await world.advance(month - 1_000)
    await world.recover({ awayMs: 999 })
    await world.advance(0)
    expect(value(world)).toBe('trial')
    await world.advance(1)
    expect(value(world)).toBe('over')
  })
})

describe('A delayed event', () => {
  const alarmMachine = setup({
    types: {
      context: {} as { rings: string[]; at: number; delayMs: number },
      events: {} as
        | { type: 'SET'; what: string }
        | { type: 'CANCEL' }
        | { type: 'RING'; what: string }
        | { type: 'TELL' },
    },
    delays: { later: ({ context }) => context.delayMs },
  }).createMachine({
    context: { rings: [], at: 0, delayMs: 500 },
    on: {
      SET: {
        actions: [
          raise(({ event }) => ({ type: 'RING', what: event.what }), { delay: 'later', id: 'ring' }),
          assign({ at: ({ self }) => ctxOf(self).now() }),
        ],
      },
      CANCEL: { actions: cancel('ring') },
      RING: { actions: assign({ rings: ({ context, event }) => [...context.rings, event.what] }) },
      TELL: {
        actions: [sendParent({ type: 'told', n: 1 }, { delay: 100 }), sendParent({ type: 'told', n: 2 })],
      },
    },
  })
  const alarm = machine({ name: 'alarm', machine: alarmMachine, digestEvery: 1 })
  const owner = actor({
    name: 'owner',
    spawns: [alarm],
    state: () => ({ told: [] as number[] }),
    onStart(ctx) {
      if (ctx.state.told.length === 0) ctx.spawn(alarm, { name: 'alarm' })
    },
    on: {
      told(ctx, { n }: { n: number }) {
        ctx.state.told.push(n)
      },
    },
  })
  const at = '/root/owner/alarm'
  const rings = (world: World): unknown => world.state<{ context: { rings: unknown } }>(at).context.rings
  const started = (): Promise<World> =>
    World.start({ root: supervisor({ name: 'root', children: [child(owner)] }) })

  it('is raised when its time has come, also after a crash', async () => {
    const world = await started()
    const { context } = await world.ask<{ context: { at: number } }>(at, 'SET', { what: 'tea' })
    expect(context.at).toBe(world.authorities.now())
    await world.advance(100)
    await world.recover({ awayMs: 300 })
    await world.advance(99)
    expect(rings(world)).toEqual([])
    await world.advance(1)
    expect(rings(world)).toEqual(['tea'])
    expect(world.state(at).timers).toEqual({})
  })

  it('is cancelled by its id, and replaced by another of that id', async () => {
    const world = await started()
    await world.ask(at, 'SET', { what: 'tea' })
    await world.ask(at, 'CANCEL')
    await world.ask(at, 'CANCEL')
    await world.advance(500)
    expect(rings(world)).toEqual([])
    await world.ask(at, 'SET', { what: 'tea' })
    await world.advance(400)
    await world.ask(at, 'SET', { what: 'coffee' })
    await world.advance(400)
    expect(rings(world)).toEqual([])
    await world.advance(100)
    expect(rings(world)).toEqual(['coffee'])
  })

  it('may be for another actor', async () => {
    const world = await started()
    await world.ask(at, 'TELL')
    await world.settle()
    expect(world.state('/root/owner')).toEqual({ told: [2] })
    await world.recover()
    await world.advance(100)
    expect(world.state('/root/owner')).toEqual({ told: [2, 1] })
  })

  it('whose delay is no time fails the turn', async () => {
    const odd = machine({
      name: 'odd',
      machine: setup({ delays: { never: () => Infinity } }).createMachine({
        on: { GO: { actions: raise({ type: 'GO' }, { delay: 'never' }) } },
      }),
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(odd)] }) })
    const { cause } = (await world.askFails('/root/odd', 'GO')) as Error
    expect(cause).toMatchObject({
      code: 'HF_INVALID',
      message: expect.stringContaining('delay is Infinity') as string,
    })
  })

  it('for a child that has ended comes to nothing', async () => {
    const keeper = machine({
      name: 'keeper',
      machine: setup({ actors: { idle: createMachine({ on: { HEY: {} } }) } }).createMachine({
        initial: 'with',
        states: {
          with: {
            invoke: { id: 'kid', src: 'idle' },
            entry: sendTo('kid', { type: 'HEY' }, { delay: 100 }),
            on: { GO: 'without' },
          },
          without: {},
        },
      }),
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(keeper)] }) })
    await world.ask('/root/keeper', 'GO')
    await world.advance(100)
    expect(world.system.inspect('/root/keeper')).toMatchObject({ incarnation: 1, state: { timers: {} } })
    expect(world.system.deadLetters.count).toBe(0)
  })
})
