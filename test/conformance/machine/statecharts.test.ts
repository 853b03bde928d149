// An XState machine as an actor: what its states, guards, actions and its end mean here.

import { child, machine, supervisor } from 'holdfast'
import type { Definition, MachineAnswer } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { and, assign, createMachine, fromPromise, setup, stateIn } from 'xstate'
import { World } from '../semantics/world.js'

const path = '/root/it'
const look = (world: World) => world.system.inspect(path)

async function started(definition: Definition, options: { readonly args?: unknown } = {}): Promise<World> {
  const transient = { id: 'it', restart: 'transient', ...options } as never
  return World.start({ root: supervisor({ name: 'root', children: [child(definition, transient)] }) })
}

const playerMachine = setup({
  types: {
    context: {} as { trail: string[]; volume: number },
    events: {} as
      | { type: 'POWER' }
      | { type: 'PLAY' }
      | { type: 'NEXT' }
      | { type: 'LOUDER'; by?: number }
      | { type: 'MUTE' }
      | { type: 'FORBIDDEN' },
  },
  guards: { isLoud: ({ context }) => context.volume >= 3, isPlaying: stateIn({ on: { deck: 'playing' } }) },
  actions: {
    trail: assign({ trail: ({ context }, { step }: { step: string }) => [...context.trail, step] }),
  },
}).createMachine({
  id: 'player',
  context: { trail: [], volume: 0 },
  initial: 'off',
  entry: { type: 'trail', params: { step: '>player' } },
  states: {
    off: {
      entry: { type: 'trail', params: { step: '>off' } },
      exit: { type: 'trail', params: { step: '<off' } },
      on: { POWER: 'on.hist' },
    },
    on: {
      type: 'parallel',
      entry: { type: 'trail', params: { step: '>on' } },
      exit: { type: 'trail', params: { step: '<on' } },
      on: { POWER: 'off' },
      states: {
        hist: { type: 'history', history: 'deep' },
        deck: {
          initial: 'idle',
          states: {
            idle: {
              on: { PLAY: { target: 'playing', actions: { type: 'trail', params: { step: 'play' } } } },
            },
            playing: {
              entry: { type: 'trail', params: { step: '>playing' } },
              exit: { type: 'trail', params: { step: '<playing' } },
              on: { NEXT: { target: 'playing', reenter: true }, FORBIDDEN: undefined },
            },
          },
        },
        sound: {
          initial: 'normal',
          states: {
            normal: {
              always: { guard: and(['isLoud', 'isPlaying']), target: 'party' },
              on: {
                LOUDER: {
                  actions: assign({ volume: ({ context, event }) => context.volume + (event.by ?? 1) }),
                },
              },
            },
            party: { on: { MUTE: { target: 'normal', actions: assign({ volume: 0 }) } } },
          },
        },
      },
    },
  },
})
const player = machine({ name: 'player', machine: playerMachine, digestEvery: 1 })

describe('A machine', () => {
  it('enters, leaves and guards its states as XState does, and JSON keeps every state on the way', async () => {
    const world = await started(player)
    const values: unknown[] = [look(world).state]
    const send = async (type: string, payload?: unknown): Promise<unknown> => {
      const { value } = await world.ask<MachineAnswer>(path, type, payload)
      const { state } = look(world)
      expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
      return value
    }
    expect(values).toMatchObject([{ value: 'off', context: { trail: ['>player', '>off'] } }])
    expect(await send('POWER')).toEqual({ on: { deck: 'idle', sound: 'normal' } })
    expect(await send('LOUDER', { by: 3 })).toEqual({ on: { deck: 'idle', sound: 'normal' } })
    expect(await send('PLAY')).toEqual({ on: { deck: 'playing', sound: 'party' } })
    expect(await send('NEXT')).toEqual({ on: { deck: 'playing', sound: 'party' } })
    expect(await send('POWER')).toBe('off')
    await world.recover()
    // What history remembers is part of the state.
    expect(await send('POWER')).toEqual({ on: { deck: 'playing', sound: 'party' } })
    expect(await send('MUTE')).toEqual({ on: { deck: 'playing', sound: 'normal' } })
    const { context } = look(world).state as { context: { trail: string[] } }
    expect(context.trail.join(' ')).toBe(
      '>player >off <off >on play >playing <playing >playing <playing <on >off <off >on >playing',
    )
  })

  it('answers where it stands after the event, and "snapshot" changes nothing', async () => {
    const world = await started(player)
    const on = { value: { on: { deck: 'idle', sound: 'normal' } }, status: 'active' }
    expect(await world.ask(path, 'POWER')).toMatchObject(on)
    const before = look(world).state
    expect(await world.ask(path, 'snapshot')).toMatchObject(on)
    expect(look(world).state).toEqual(before)
  })

  it('ignores an event that it does not take where it stands', async () => {
    const world = await started(player)
    const { state } = look(world)
    expect(await world.ask(path, 'PLAY')).toMatchObject({ value: 'off', status: 'active' })
    expect(await world.ask(path, 'FORBIDDEN')).toMatchObject({ value: 'off' })
    expect(look(world)).toMatchObject({ state: state as object, incarnation: 1 })
  })

  it.each([
    ['an event that it never heard of', 'DANCE', undefined, 'HF_UNKNOWN_MESSAGE'],
    ['fields that are none', 'LOUDER', 3, 'HF_INVALID'],
    ['a list instead of fields', 'LOUDER', [3], 'HF_INVALID'],
    ['a message that only its children send', 'xstate.done', { child: 'x' }, 'HF_INVALID'],
    ['an event of XState itself', 'xstate.stop', undefined, 'HF_UNKNOWN_MESSAGE'],
  ])('refuses %s at the sender', async (_what, type, payload, code) => {
    const world = await started(player)
    expect(() => world.tell(path, type, payload)).toThrow(expect.objectContaining({ code }) as Error)
    expect(look(world).incarnation).toBe(1)
  })

  it('takes what a wildcard is to take, when it is said beside the machine', async () => {
    const curious = machine({
      name: 'curious',
      events: ['mouse.click', 'KEY'],
      machine: createMachine({
        context: { clicks: 0, others: 0 },
        on: {
          'mouse.*': { actions: assign({ clicks: ({ context }) => context.clicks + 1 }) },
          '*': { actions: assign({ others: ({ context }) => context.others + 1 }) },
        },
      }),
    })
    const world = await started(curious)
    await world.ask(path, 'mouse.click')
    expect(await world.ask(path, 'KEY')).toMatchObject({ context: { clicks: 1, others: 1 } })
  })

  it('ends a cycle in the first state of a machine that it invokes, too', async () => {
    const dizzy = createMachine({ initial: 'a', states: { a: { always: 'b' }, b: { always: 'a' } } })
    const above = machine({
      name: 'above',
      machine: setup({ types: { context: {} as { error: string } }, actors: { dizzy } }).createMachine({
        context: { error: '' },
        invoke: {
          src: 'dizzy',
          onError: { actions: assign({ error: ({ event }) => (event.error as Error).message }) },
        },
      }),
    })
    const world = await started(above)
    expect(look(world).state).toMatchObject({
      context: { error: expect.stringContaining('Infinite loop') as string },
    })
  })

  it('ends a cycle of transitions by failing, and holds up nobody', async () => {
    const dizzy = machine({
      name: 'dizzy',
      machine: createMachine({
        initial: 'still',
        states: { still: { on: { SPIN: 'a' } }, a: { always: 'b' }, b: { always: 'a' } },
      }),
    })
    const world = await started(dizzy)
    const { cause } = (await world.askFails(path, 'SPIN')) as Error
    expect(cause).toMatchObject({ message: expect.stringContaining('Infinite loop') as string })
    expect(look(world).state).toMatchObject({ value: 'still' })
  })

  it('may change its context in place: what a failure leaves behind is taken back', async () => {
    const careless = machine({
      name: 'careless',
      machine: setup({
        types: { context: {} as { items: string[] }, events: {} as { type: 'ADD'; item: string } },
      }).createMachine({
        context: { items: [] },
        on: {
          ADD: {
            actions: assign(({ context, event }) => {
              context.items.push(event.item)
              if (event.item === 'bad') throw new Error('no')
              return {}
            }),
          },
        },
      }),
    })
    const world = await started(careless)
    await world.ask(path, 'ADD', { item: 'a' })
    await world.askFails(path, 'ADD', { item: 'bad' })
    await world.ask(path, 'ADD', { item: 'b' })
    expect(look(world).state).toMatchObject({ context: { items: ['a', 'b'] } })
    await world.recover()
    expect(look(world).state).toMatchObject({ context: { items: ['a', 'b'] } })
  })
})

describe('A machine that reaches its end', () => {
  const jobMachine = setup({
    types: {
      context: {} as { name: string },
      input: {} as { name: string },
      events: {} as { type: 'FINISH' },
      output: {} as { by: string },
    },
  }).createMachine({
    context: ({ input }) => ({ name: input.name }),
    initial: 'open',
    states: { open: { on: { FINISH: 'closed' }, after: { 1_000: 'closed' } }, closed: { type: 'final' } },
    output: ({ context }) => ({ by: context.name }),
  })
  const job = machine({ name: 'job', machine: jobMachine })

  it('stops its actor for good, and its output stays with its state', async () => {
    const world = await started(job, { args: { name: 'ana' } })
    const stopped = world.events('stopped')
    expect(await world.ask(path, 'FINISH')).toEqual({
      value: 'closed',
      context: { name: 'ana' },
      status: 'done',
      output: { by: 'ana' },
    })
    await world.settle()
    expect(stopped).toMatchObject([{ actor: path, reason: 'normal' }])
    await world.recover()
    expect(look(world)).toMatchObject({ status: 'stopped', state: { output: { by: 'ana' } } })
    expect(world.authorities.timers).toBe(0)
  })

  it('begins anew, with the input that it had, when it is a permanent child', async () => {
    const root = supervisor({ name: 'root', children: [child(job, { id: 'it', args: { name: 'ana' } })] })
    const world = await World.start({ root })
    await world.ask(path, 'FINISH')
    await world.settle()
    expect(look(world)).toMatchObject({
      incarnation: 2,
      status: 'running',
      state: { value: 'open', status: 'active', context: { name: 'ana' } },
    })
    await world.advance(1_000)
    expect(look(world).incarnation).toBe(3)
  })

  it('at once ends at once', async () => {
    const brief = machine({
      name: 'brief',
      machine: createMachine({ initial: 'end', states: { end: { type: 'final' } }, output: 42 }),
    })
    const world = await started(brief)
    expect(look(world)).toMatchObject({ stopped: 'normal', state: { status: 'done', output: 42 } })
  })
})

describe('A machine whose code has changed', () => {
  const before = machine({
    name: 'door',
    machine: setup({ types: { events: {} as { type: 'OPEN' } } }).createMachine({
      initial: 'closed',
      context: { opened: 0 },
      states: {
        closed: { on: { OPEN: { target: 'open', actions: assign({ opened: 1 }) } } },
        open: { on: {} },
      },
    }),
  })
  const after = machine({
    name: 'door',
    version: 2,
    migrate: {
      2: (old: { value: string; context: { opened: number } }) => ({
        ...old,
        value: old.value === 'open' ? 'ajar' : old.value,
        context: { times: old.context.opened },
      }),
    },
    machine: setup({ types: { events: {} as { type: 'OPEN' } | { type: 'PUSH' } } }).createMachine({
      initial: 'closed',
      context: { times: 0 },
      states: { closed: { on: { OPEN: 'ajar' } }, ajar: { on: { PUSH: 'wide' } }, wide: {} },
    }),
  })

  it('brings a snapshot of an older version up', async () => {
    const rootOf = (definition: Definition) =>
      supervisor({ name: 'root', children: [child(definition, { id: 'it' })] })
    const world = await World.start({ root: rootOf(before) })
    await world.ask(path, 'OPEN')
    await world.stop()
    await world.recover({ root: rootOf(after) })
    expect(look(world).state).toMatchObject({ value: 'ajar', context: { times: 1 } })
    expect(await world.ask(path, 'PUSH')).toMatchObject({ value: 'wide' })
    await world.recover({ root: rootOf(after) })
    expect(look(world).state).toMatchObject({ value: 'wide', context: { times: 1 } })
  })

  it('has another fingerprint in the log', async () => {
    const fingerprints = async (definition: Definition): Promise<unknown> => {
      const world = await started(definition)
      return world.recordsOf('opened')[0]!.data().definitions.door
    }
    const another = machine({
      name: 'door',
      machine: before.spec === undefined ? playerMachine : playerMachine,
    })
    const first = await fingerprints(before)
    expect(await fingerprints(before)).toBe(first)
    expect(await fingerprints(another)).not.toBe(first)
  })
})

describe('A volatile machine', () => {
  it('has volatile children', async () => {
    const loose = machine({
      name: 'loose',
      durable: false,
      machine: setup({
        types: { context: {} as { got: number[] } },
        actors: {
          ask: fromPromise(() => Promise.resolve(3)),
          kid: createMachine({ initial: 'end', states: { end: { type: 'final' } }, output: 4 }),
        },
      }).createMachine({
        context: { got: [] },
        invoke: [
          {
            src: 'ask',
            onDone: { actions: assign({ got: ({ context, event }) => [...context.got, event.output] }) },
          },
          { src: 'kid', onDone: { actions: assign({ got: ({ context }) => [...context.got, 4] }) } },
        ],
      }),
    })
    const world = await started(loose)
    const { context } = look(world).state as { context: { got: number[] } }
    expect(context.got.sort()).toEqual([3, 4])
    expect(world.recordsOf('turn').filter(({ actor: id }) => id === look(world).id)).toEqual([])
  })

  it('writes nothing and forgets all, and works as any other', async () => {
    const loose = machine({ name: 'loose', durable: false, machine: playerMachine })
    const world = await started(loose)
    await world.ask(path, 'POWER')
    expect(look(world).state).toMatchObject({ value: { on: { deck: 'idle' } } })
    await world.recover()
    expect(look(world).state).toMatchObject({ value: 'off' })
  })
})
