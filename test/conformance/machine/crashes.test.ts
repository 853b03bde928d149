// A machine with a promise, a machine below it and a delay, killed after every commit that there is on the way.

import { child, machine, supervisor } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { assign, fromPromise, sendParent, setup } from 'xstate'
import { Later, World } from '../semantics/world.js'

let charged = 0

const parcelMachine = setup({
  types: { input: {} as { weight: number }, context: {} as { weight: number }, output: {} as string },
}).createMachine({
  context: ({ input }) => ({ weight: input.weight }),
  initial: 'packing',
  states: {
    packing: { after: { 500: { target: 'packed', actions: sendParent({ type: 'PACKED' }) } } },
    packed: { type: 'final' },
  },
  output: ({ context }) => `parcel of ${context.weight}`,
})

const orderMachine = setup({
  types: {
    context: {} as { paid: number; packed: number; sent: string },
    events: {} as { type: 'ORDER' } | { type: 'PACKED' },
    output: {} as { sent: string },
  },
  actors: {
    parcel: parcelMachine,
    charge: fromPromise(async () => {
      charged++
      return 7
    }),
  },
}).createMachine({
  id: 'order',
  context: { paid: 0, packed: 0, sent: '' },
  initial: 'open',
  on: { PACKED: { actions: assign({ packed: ({ context }) => context.packed + 1 }) } },
  states: {
    open: { on: { ORDER: 'paying' } },
    paying: {
      invoke: {
        src: 'charge',
        onDone: { target: 'packing', actions: assign({ paid: ({ event }) => event.output }) },
      },
    },
    packing: {
      invoke: {
        id: 'parcel',
        src: 'parcel',
        input: ({ context }) => ({ weight: context.paid }),
        onDone: { target: 'waiting', actions: assign({ sent: ({ event }) => event.output }) },
      },
    },
    waiting: { after: { 1_000: 'closed' } },
    closed: { type: 'final' },
  },
  output: ({ context }) => ({ sent: context.sent }),
})

const order = machine({ name: 'order', machine: orderMachine, digestEvery: 1, snapshot: { everyBytes: 400 } })
const root = supervisor({ name: 'root', children: [child(order, { restart: 'transient' })] })
const path = '/root/order'

/** A world whose every turn and every result of an effect goes to the store on its own. */
function cautious(cut = Infinity): World {
  const world = new World({ root }, cut)
  const { journal } = world
  const turn = journal.turn.bind(journal)
  const record = journal.record.bind(journal)
  journal.turn = (...args) => {
    const position = turn(...args)
    journal.flush()
    return position
  }
  journal.record = (...args) => {
    const position = record(...args)
    if (args[0] === 'effect' || args[0] === 'stopped') journal.flush()
    return position
  }
  return world
}

/** Runs an order to its end, as far as the store lets it. */
async function run(world: World): Promise<void> {
  world.tell(path, 'ORDER')
  for (const ms of [0, 499, 1, 999, 1]) await world.advance(ms)
}

describe('A machine that is killed', () => {
  it('after any commit comes to the same end, and does nothing twice that was on record', async () => {
    const whole = cautious()
    await whole.open()
    await run(whole)
    const { commits } = whole.store
    expect(commits).toBeGreaterThan(10)
    for (let cut = 0; cut <= commits; cut++) {
      charged = 0
      const world = cautious(cut)
      await world.open()
      await run(world)
      world.crash()
      const isPaid = [...world.journal.read(1)].some(({ kind }) => kind === 'effect')
      const before = charged
      await world.open()
      await world.settle()
      // An order that nobody remembers is given again.
      if (world.state(path).value === 'open') await run(world)
      else for (const ms of [0, 500, 1_000]) await world.advance(ms)
      await world.settle()
      expect(world.system.inspect(path), `cut after ${cut}`).toMatchObject({
        stopped: 'normal',
        state: {
          status: 'done',
          context: { paid: 7, packed: 1 },
          output: { sent: 'parcel of 7' },
        },
        children: [],
      })
      expect(charged - before, `cut after ${cut}`).toBe(isPaid ? 0 : 1)
      expect(world.recordsOf('failed')).toEqual([])
      expect(world.system.deadLetters.count).toBe(0)
    }
  })
})

describe('A machine that is restarted', () => {
  const gate = { later: new Later<number>(), begun: 0, aborted: 0 }
  const payer = machine({
    name: 'payer',
    digestEvery: 1,
    machine: setup({
      types: { context: {} as { paid: number }, events: {} as { type: 'BREAK' } },
      actors: {
        charge: fromPromise<number, { key: string }>(({ signal }) => {
          gate.begun++
          signal.addEventListener('abort', () => gate.aborted++)
          return gate.later.promise
        }),
      },
      actions: {
        breakDown: () => {
          throw new RangeError('broken')
        },
      },
    }).createMachine({
      context: { paid: 0 },
      initial: 'paying',
      on: { BREAK: { actions: 'breakDown' } },
      states: {
        paying: {
          invoke: {
            id: 'charge',
            src: 'charge',
            input: { key: 'once' },
            onDone: { target: 'paid', actions: assign({ paid: ({ event }) => event.output }) },
          },
        },
        paid: {},
      },
    }),
  })
  const payerRoot = supervisor({ name: 'root', children: [child(payer)] })
  const look = (world: World) => world.system.inspect('/root/payer')

  async function failing(): Promise<World> {
    Object.assign(gate, { later: new Later(), begun: 0, aborted: 0 })
    const world = await World.start({ root: payerRoot })
    world.tell('/root/payer', 'BREAK')
    await world.settle()
    expect(look(world)).toMatchObject({ status: 'restarting', children: ['charge-1'] })
    return world
  }

  it('uses the result of a promise that comes while it leaves', async () => {
    const world = await failing()
    gate.later.resolve(7)
    await world.settle()
    expect(look(world)).toMatchObject({
      incarnation: 2,
      children: [],
      state: { value: 'paid', context: { paid: 7 } },
    })
    expect(gate.begun).toBe(1)
  })

  it('gives up a promise that takes longer, and begins it anew with the input that it had', async () => {
    const world = await failing()
    await world.advance(5_000)
    expect(gate).toMatchObject({ begun: 2, aborted: 1 })
    expect(look(world)).toMatchObject({
      incarnation: 2,
      children: ['charge-2'],
      state: { children: { charge: { input: { key: 'once' } } } },
    })
    await world.recover()
    gate.later.resolve(8)
    await world.settle()
    expect(look(world)).toMatchObject({ incarnation: 2, state: { value: 'paid', context: { paid: 8 } } })
  })
})
