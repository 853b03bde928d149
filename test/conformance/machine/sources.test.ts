// Callbacks and observables of a machine: they live outside of the turns and are begun anew after a crash.

import { actor, child, machine, supervisor } from 'holdfast'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  assign,
  fromCallback,
  fromEventObservable,
  fromObservable,
  sendTo,
  setup,
  type EventObject,
  type Observer,
} from 'xstate'
import { World } from '../semantics/world.js'

/** The world outside: whoever listens now, and what has happened. */
const outside = {
  begun: 0,
  ended: 0,
  heard: [] as EventObject[],
  send: (_event: EventObject): void => undefined,
  observer: undefined as Observer<never> | undefined,
}

beforeEach(() => {
  Object.assign(outside, { begun: 0, ended: 0, heard: [], observer: undefined })
})

function subscribable() {
  return {
    subscribe(observer: unknown) {
      outside.begun++
      outside.observer = observer as Observer<never>
      return {
        unsubscribe() {
          outside.ended++
        },
      }
    },
  }
}

const logics = {
  sensor: fromCallback(({ sendBack, receive, input }) => {
    outside.begun++
    outside.send = sendBack
    if (input === 'broken') throw new RangeError('no sensor')
    sendBack({ type: 'SENSED', value: 0 })
    receive((event) => {
      outside.heard.push(event)
      sendBack({ type: 'SENSED', value: -1 })
    })
    return () => {
      outside.ended++
    }
  }),
  stream: fromObservable(() => subscribable() as never),
  eventStream: fromEventObservable(() => subscribable() as never),
}

const setUp = setup({
  types: {
    context: {} as { got: unknown[]; errors: string[] },
    events: {} as { type: 'GO' } | { type: 'LEAVE' } | { type: 'PING' } | { type: 'SENSED'; value: number },
  },
  actors: { source: logics.stream },
})

function listening(src: keyof typeof logics, input?: string) {
  const watching = setUp.createMachine({
    context: { got: [], errors: [] },
    initial: 'idle',
    on: {
      SENSED: { actions: assign({ got: ({ context, event }) => [...context.got, event.value] }) },
    },
    states: {
      idle: { on: { GO: 'on' } },
      on: {
        invoke: {
          id: 'source',
          src: 'source',
          input,
          onDone: 'done',
          onSnapshot: {
            actions: assign({
              got: ({ context, event }) => [
                ...context.got,
                (event.snapshot as { context?: unknown }).context,
              ],
            }),
          },
          onError: {
            target: 'idle',
            actions: assign({ errors: ({ context, event }) => [...context.errors, String(event.error)] }),
          },
        },
        on: { LEAVE: 'idle', PING: { actions: sendTo('source', { type: 'PING' }) } },
      },
      done: {},
    },
  })
  const listener = watching.provide({ actors: { source: logics[src] as never } })
  return machine({ name: 'watcher', digestEvery: 1, machine: listener })
}

const path = '/root/watcher'
const got = (world: World): unknown => world.state<{ context: { got: unknown } }>(path).context.got

async function watching(src: keyof typeof logics, input?: string): Promise<World> {
  const root = supervisor({ name: 'root', children: [child(listening(src, input)), child(shouter)] })
  const world = await World.start({ root })
  await world.ask(path, 'GO')
  await world.settle()
  return world
}

/** Does in its turn what makes a listener elsewhere send something. */
const shouter = actor({
  name: 'shouter',
  on: {
    shout: () => {
      outside.send({ type: 'SENSED', value: 9 } as EventObject)
    },
  },
})

describe('A callback that a machine invokes', () => {
  it('sends events to the machine whenever it likes, also out of the turn of another actor', async () => {
    const world = await watching('sensor')
    expect(got(world)).toEqual([0])
    outside.send({ type: 'SENSED', value: 1 } as EventObject)
    await world.settle()
    await world.ask('/root/shouter', 'shout')
    await world.settle()
    expect(got(world)).toEqual([0, 1, 9])
  })

  it('hears what is sent to it, and may answer at once', async () => {
    const world = await watching('sensor')
    await world.ask(path, 'PING')
    await world.settle()
    expect(outside.heard).toEqual([{ type: 'PING' }])
    expect(got(world)).toEqual([0, -1])
  })

  it('is begun anew after a crash, and what it had sent is still there', async () => {
    const world = await watching('sensor')
    await world.recover()
    expect(outside.begun).toBe(2)
    expect(got(world)).toEqual([0, 0])
    outside.send({ type: 'SENSED', value: 2 } as EventObject)
    await world.settle()
    await world.recover()
    expect(got(world)).toEqual([0, 0, 2, 0])
  })

  it('is cleaned up when the machine leaves the state, and says no more', async () => {
    const world = await watching('sensor')
    await world.ask(path, 'LEAVE')
    await world.settle()
    expect(outside).toMatchObject({ begun: 1, ended: 1 })
    outside.send({ type: 'SENSED', value: 1 } as EventObject)
    await world.settle()
    expect(got(world)).toEqual([0])
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('is cleaned up when the system stops', async () => {
    const world = await watching('sensor')
    await world.stop()
    expect(outside.ended).toBe(1)
    outside.send({ type: 'SENSED', value: 1 } as EventObject)
    await world.recover()
    expect(outside.begun).toBe(2)
  })

  it('that throws is heard as an error', async () => {
    const world = await watching('sensor', 'broken')
    expect(world.state(path)).toMatchObject({
      value: 'idle',
      context: { errors: ['RangeError: no sensor'] },
    })
  })
})

describe('An observable that a machine invokes', () => {
  it('tells its values as snapshots, and its end', async () => {
    const world = await watching('stream')
    for (const value of [1, 2]) outside.observer!.next!(value as never)
    await world.settle()
    expect(got(world)).toEqual([1, 2])
    outside.observer!.complete!()
    await world.settle()
    expect(world.state(path)).toMatchObject({ value: 'done' })
    expect(world.system.inspect(path).children).toEqual([])
  })

  it('that fails is heard as an error', async () => {
    const world = await watching('stream')
    outside.observer!.error!(new RangeError('no stream'))
    await world.settle()
    expect(world.state(path)).toMatchObject({ value: 'idle', context: { errors: ['RangeError: no stream'] } })
  })

  it('is given up with the state', async () => {
    const world = await watching('stream')
    await world.ask(path, 'LEAVE')
    await world.settle()
    outside.observer!.next!(3 as never)
    await world.settle()
    expect(outside).toMatchObject({ begun: 1, ended: 1 })
    expect(got(world)).toEqual([])
  })

  it('of events sends them as such', async () => {
    const world = await watching('eventStream')
    outside.observer!.next!({ type: 'SENSED', value: 5 } as never)
    await world.settle()
    expect(got(world)).toEqual([5])
  })
})
