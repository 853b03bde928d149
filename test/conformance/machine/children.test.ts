// Machines and reducers that a machine invokes or spawns, and what they say to each other.

import { actor, child, machine, supervisor } from 'holdfast'
import type { ActorRef, Definition, TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import {
  assign,
  enqueueActions,
  fromTransition,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
  type AnyActorRef,
} from 'xstate'
import { World } from '../semantics/world.js'
import { counterMachine } from './counter-machine.js'

const path = '/root/parent'
const look = (world: World, at = path) => world.system.inspect(at)

const setUp = setup({
  types: {
    context: {} as {
      threes: number
      got: unknown
      errors: string[]
      seen: unknown[]
      ref: AnyActorRef | undefined
    },
    events: {} as
      | { type: 'START'; from?: number }
      | { type: 'LEAVE' }
      | { type: 'AGAIN' }
      | { type: 'PASS'; by: number }
      | { type: 'BREAK' }
      | { type: 'FAIL' }
      | { type: 'THREE' },
  },
  actions: {
    fail: () => {
      throw new TypeError('fails')
    },
  },
  actors: {
    counter: counterMachine,
    tally: fromTransition((n: number, event: { type: string; by?: number }) => n + (event.by ?? 0), 100),
  },
})

const parentMachine = setUp.createMachine({
  id: 'parent',
  context: { threes: 0, got: null, errors: [], seen: [], ref: undefined },
  initial: 'idle',
  on: {
    THREE: { actions: assign({ threes: ({ context }) => context.threes + 1 }) },
    FAIL: { actions: 'fail' },
  },
  states: {
    idle: { on: { START: 'busy' } },
    busy: {
      invoke: {
        id: 'counter',
        src: 'counter',
        input: ({ event }) => ({ from: event.type === 'START' ? event.from : undefined }),
        onDone: { target: 'idle', actions: assign({ got: ({ event }) => event.output }) },
        onError: {
          target: 'idle',
          actions: assign({ errors: ({ context, event }) => [...context.errors, String(event.error)] }),
        },
        onSnapshot: {
          actions: assign({
            seen: ({ context, event }) => [...context.seen, event.snapshot.context.n],
          }),
        },
      },
      exit: sendTo('counter', { type: 'ADD', by: 0 }),
      on: {
        LEAVE: 'idle',
        AGAIN: { target: 'busy', reenter: true },
        PASS: { actions: sendTo('counter', ({ event }) => ({ type: 'ADD', by: event.by })) },
        BREAK: { actions: sendTo('counter', { type: 'BREAK' }) },
      },
    },
  },
})

const parent = machine({ name: 'parent', machine: parentMachine, digestEvery: 1 })

function rootOf(definition: Definition) {
  return supervisor({ name: 'root', children: [child(definition, { id: 'parent' })] })
}

async function busy(from?: number): Promise<World> {
  const world = await World.start({ root: rootOf(parent) })
  await world.ask(path, 'START', from === undefined ? undefined : { from })
  await world.settle()
  return world
}

describe('A machine that a machine invokes', () => {
  it('is a child of the actor with a state of its own, and both hear of each other', async () => {
    const world = await busy(1)
    await world.ask(path, 'PASS', { by: 2 })
    await world.settle()
    expect(look(world, `${path}/counter-1`)).toMatchObject({
      definition: 'parent.counter',
      state: { value: 'counting', context: { n: 3 } },
    })
    expect(look(world).state).toMatchObject({ context: { threes: 1, seen: [1, 3] } })
  })

  it('that is done tells its output, and ends', async () => {
    const world = await busy(1)
    await world.ask(path, 'PASS', { by: 10 })
    await world.settle()
    expect(look(world)).toMatchObject({ children: [], state: { value: 'idle', context: { got: 11 } } })
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('that is done at once tells it too', async () => {
    const world = await busy(5)
    expect(look(world)).toMatchObject({ children: [], state: { value: 'idle', context: { got: 5 } } })
  })

  it('survives a crash of the process and goes on', async () => {
    const world = await busy(1)
    await world.ask(path, 'PASS', { by: 1 })
    await world.settle()
    await world.recover()
    await world.ask(path, 'PASS', { by: 1 })
    await world.settle()
    expect(look(world, `${path}/counter-1`).state).toMatchObject({ context: { n: 3 } })
    await world.reopen()
    await world.ask(path, 'PASS', { by: 2 })
    await world.settle()
    expect(look(world).state).toMatchObject({ value: 'idle', context: { got: 5, threes: 1 } })
  })

  it('that fails is heard as an error, and its failure is on record', async () => {
    const world = await busy(1)
    const failed = world.events('failed')
    await world.ask(path, 'BREAK')
    await world.settle()
    expect(failed).toMatchObject([{ offender: `${path}/counter-1`, reason: { name: 'RangeError' } }])
    expect(look(world)).toMatchObject({
      incarnation: 1,
      children: [],
      state: { value: 'idle', context: { errors: ['RangeError: broken'] } },
    })
  })

  it('is stopped when the machine leaves the state, after what was sent to it before', async () => {
    const world = await busy(1)
    const stopped = world.events('stopped')
    world.tell(path, 'PASS', { by: 2 })
    world.tell(path, 'LEAVE')
    await world.settle()
    expect(stopped).toMatchObject([{ actor: `${path}/counter-1`, reason: 'normal' }])
    expect(look(world)).toMatchObject({ children: [], state: { value: 'idle', context: { threes: 2 } } })
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('gives way to a new one when the state is entered again', async () => {
    const world = await busy(1)
    await world.ask(path, 'AGAIN')
    await world.settle()
    expect(look(world).children).toEqual(['counter-2'])
    expect(look(world, `${path}/counter-2`).state).toMatchObject({ context: { n: 0 } })
  })

  it('begins anew with the input that it had when the machine above it is restarted', async () => {
    const world = await busy(2)
    await world.ask(path, 'PASS', { by: 2 })
    await world.settle()
    expect(await world.askFails(path, 'FAIL')).toMatchObject({ code: 'HF_ACTOR_FAILED' })
    expect(look(world)).toMatchObject({ incarnation: 2, children: ['counter-2'] })
    expect(look(world, `${path}/counter-2`).state).toMatchObject({ context: { n: 2 } })
    await world.ask(path, 'PASS', { by: 3 })
    await world.settle()
    expect(look(world).state).toMatchObject({ value: 'idle', context: { got: 5 } })
  })
})

describe('A machine that is told to resume', () => {
  it('keeps its children as they are', async () => {
    const calm = machine({ name: 'parent', machine: parentMachine, onFailure: { default: 'resume' } })
    const world = await World.start({ root: rootOf(calm) })
    await world.ask(path, 'START', { from: 1 })
    await world.ask(path, 'PASS', { by: 1 })
    expect(await world.askFails(path, 'FAIL')).toMatchObject({ code: 'HF_ACTOR_FAILED' })
    await world.settle()
    expect(look(world)).toMatchObject({ incarnation: 1, children: ['counter-1'] })
    await world.ask(path, 'PASS', { by: 4 })
    await world.settle()
    expect(look(world).state).toMatchObject({ value: 'idle', context: { got: 6 } })
  })
})

describe('Children that a machine spawns', () => {
  const nursery = machine({
    name: 'nursery',
    digestEvery: 1,
    machine: setUp.createMachine({
      context: { threes: 0, got: null, errors: [], seen: [], ref: undefined },
      on: {
        START: {
          actions: assign({
            ref: ({ spawn, event }) => spawn('counter', { id: 'kept', input: { from: event.from } }),
          }),
        },
        PASS: {
          actions: sendTo(
            ({ context }) => context.ref!,
            ({ event }) => ({ type: 'ADD', by: event.by }),
          ),
        },
        LEAVE: { actions: stopChild(({ context }) => context.ref!) },
        AGAIN: { actions: [spawnChild('tally'), spawnChild('tally')] },
        BREAK: {
          actions: enqueueActions(({ enqueue }) => {
            enqueue.spawnChild('tally', { id: 'brief' })
            enqueue.stopChild('brief')
          }),
        },
        THREE: { actions: assign({ threes: ({ context }) => context.threes + 1 }) },
      },
    }),
  })

  it('are found by the refs that the context keeps, also after a crash', async () => {
    const world = await World.start({ root: rootOf(nursery) })
    await world.ask(path, 'START', { from: 1 })
    const state = look(world).state
    expect(state).toMatchObject({ context: { ref: { id: 'kept', nth: 1 } } })
    expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
    await world.recover()
    await world.ask(path, 'PASS', { by: 2 })
    await world.settle()
    expect(look(world, `${path}/kept-1`).state).toMatchObject({ context: { n: 3 } })
    expect(look(world).state).toMatchObject({ context: { threes: 1 } })
    await world.ask(path, 'LEAVE')
    await world.settle()
    expect(look(world).children).toEqual([])
    // The ref is of nobody now, and what is sent to it comes to nothing.
    await world.ask(path, 'PASS', { by: 2 })
    expect(look(world)).toMatchObject({ status: 'running', incarnation: 1 })
  })

  it('get ids that follow from the message when they have none', async () => {
    const world = await World.start({ root: rootOf(nursery) })
    await world.ask(path, 'AGAIN')
    const before = look(world).children
    expect(before).toHaveLength(2)
    await world.recover()
    expect(look(world).children).toEqual(before)
    await world.ask(path, 'AGAIN')
    expect(look(world).children).toHaveLength(4)
  })

  it('that are stopped in the same step are never born', async () => {
    const world = await World.start({ root: rootOf(nursery) })
    await world.ask(path, 'BREAK')
    expect(look(world)).toMatchObject({ children: [], state: { children: {} } })
    expect(world.recordsOf('spawned')).toHaveLength(2)
  })
})

describe('A reducer that a machine invokes', () => {
  const keeper = machine({
    name: 'keeper',
    machine: setUp.createMachine({
      context: { threes: 0, got: null, errors: [], seen: [], ref: undefined },
      invoke: {
        id: 'tally',
        src: 'tally',
        onSnapshot: {
          actions: assign({ seen: ({ context, event }) => [...context.seen, event.snapshot.context] }),
        },
      },
      on: { PASS: { actions: sendTo('tally', ({ event }) => ({ type: 'any at all', by: event.by })) } },
    }),
  })

  it('keeps its snapshot as a state, over a crash', async () => {
    const world = await World.start({ root: rootOf(keeper) })
    await world.ask(path, 'PASS', { by: 1 })
    await world.recover()
    await world.ask(path, 'PASS', { by: 2 })
    await world.settle()
    expect(look(world, `${path}/tally-1`)).toMatchObject({
      definition: 'keeper.tally',
      state: { snapshot: { status: 'active', context: 103 } },
    })
    expect(look(world).state).toMatchObject({ context: { seen: [100, 101, 103] } })
  })
})
