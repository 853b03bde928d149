// Promises that a machine invokes: children of its actor, whose results are records.

import { child, machine, supervisor } from 'holdfast'
import { beforeEach, describe, expect, it } from 'vitest'
import { assign, fromPromise, setup } from 'xstate'
import { Later, World } from '../semantics/world.js'

/** What the outside saw, and the means to let it answer. */
const shop = {
  charges: [] as { readonly amount: number; readonly signal: AbortSignal }[],
  answers: [] as Later<string>[],
  isReceiptBroken: false,
}

beforeEach(() => {
  shop.charges = []
  shop.answers = []
  shop.isReceiptBroken = false
})

interface Order {
  readonly amount: number
  readonly receipt: string
  readonly failures: readonly string[]
}

const setUp = setup({
  types: {
    context: {} as Order,
    input: {} as { amount: number },
    events: {} as { type: 'PAY' } | { type: 'CANCEL' } | { type: 'NOTE'; text: string },
    output: {} as { receipt: string },
  },
  actors: {
    charge: fromPromise<string, { amount: number }>(({ input, signal }) => {
      shop.charges.push({ amount: input.amount, signal })
      const answer = new Later<string>()
      shop.answers.push(answer)
      return answer.promise
    }),
  },
  actions: {
    file: () => {
      if (shop.isReceiptBroken) throw new TypeError('the printer is on fire')
    },
  },
})

const checkoutMachine = setUp.createMachine({
  id: 'checkout',
  initial: 'open',
  context: ({ input }) => ({ amount: input.amount, receipt: '', failures: [] }),
  states: {
    open: { on: { PAY: 'paying' } },
    paying: {
      invoke: {
        id: 'charge',
        src: 'charge',
        input: ({ context }) => ({ amount: context.amount }),
        onDone: { target: 'paid', actions: [assign({ receipt: ({ event }) => event.output }), 'file'] },
        onError: {
          target: 'open',
          actions: assign({
            failures: ({ context, event }) => [...context.failures, (event.error as Error).message],
          }),
        },
      },
      on: { CANCEL: 'open', NOTE: {} },
    },
    paid: { type: 'final' },
  },
  output: ({ context }) => ({ receipt: context.receipt }),
})

const checkout = machine({ name: 'checkout', machine: checkoutMachine, digestEvery: 1 })
const path = '/root/checkout'
const root = supervisor({
  name: 'root',
  children: [child(checkout, { args: { amount: 7 }, restart: 'transient' })],
})

async function paying(): Promise<World> {
  const world = await World.start({ root })
  await world.ask(path, 'PAY')
  await world.settle()
  return world
}

const look = (world: World) => world.system.inspect(path)

describe('A promise that a machine invokes', () => {
  it('runs as a child of the actor, with its input, and its result moves the machine on', async () => {
    const world = await paying()
    expect(shop.charges).toMatchObject([{ amount: 7 }])
    expect(look(world)).toMatchObject({ children: ['charge-1'], state: { value: 'paying' } })
    expect(world.system.inspect(`${path}/charge-1`)).toMatchObject({ definition: 'checkout.charge' })
    shop.answers[0]!.resolve('r-1')
    await world.settle()
    expect(look(world)).toMatchObject({
      status: 'stopped',
      stopped: 'normal',
      state: { value: 'paid', status: 'done', output: { receipt: 'r-1' } },
      children: [],
    })
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('that was answered before the process died is read from the log, and not done again', async () => {
    const world = await paying()
    shop.answers[0]!.resolve('r-1')
    // As far as the record of the effect, and no further.
    while (world.recordsOf('effect').length === 0) await Promise.resolve()
    world.journal.flush()
    await new Promise((resolve) => setImmediate(resolve))
    expect(look(world).state).toMatchObject({ value: 'paying' })
    await world.recover()
    expect(shop.charges).toHaveLength(1)
    expect(look(world)).toMatchObject({ stopped: 'normal', state: { output: { receipt: 'r-1' } } })
  })

  it('that was not answered when the process died is done again by the child that goes on', async () => {
    const world = await paying()
    await world.recover()
    expect(shop.charges).toMatchObject([{ amount: 7 }, { amount: 7 }])
    expect(look(world).children).toEqual(['charge-1'])
    shop.answers[1]!.resolve('r-2')
    await world.settle()
    expect(look(world)).toMatchObject({ stopped: 'normal', state: { output: { receipt: 'r-2' } } })
  })

  it('goes on when a system that was stopped in order is opened again', async () => {
    const world = await paying()
    const stopping = world.system.stop()
    await world.advance(5_000)
    await stopping
    await world.recover()
    expect(look(world).children).toEqual(['charge-1'])
    expect(shop.charges).toHaveLength(2)
    shop.answers[1]!.resolve('r-2')
    await world.settle()
    expect(look(world)).toMatchObject({ stopped: 'normal', state: { output: { receipt: 'r-2' } } })
  })

  it('is given up when the machine leaves the state, and what it says later is not heard', async () => {
    const world = await paying()
    expect(await world.ask(path, 'CANCEL')).toMatchObject({ value: 'open' })
    await world.settle()
    expect(shop.charges[0]!.signal.aborted).toBe(true)
    expect(look(world)).toMatchObject({ children: [], state: { children: {} } })
    await world.ask(path, 'PAY')
    await world.settle()
    shop.answers[0]!.resolve('too late')
    await world.settle()
    expect(look(world)).toMatchObject({ children: ['charge-2'], state: { value: 'paying' } })
    shop.answers[1]!.resolve('r-2')
    await world.settle()
    expect(look(world).state).toMatchObject({ output: { receipt: 'r-2' } })
  })

  it('that fails is heard as an error, and is no failure of an actor', async () => {
    const world = await paying()
    const failures = world.events('failed')
    shop.answers[0]!.reject(new RangeError('no money'))
    await world.settle()
    expect(look(world).state).toMatchObject({ value: 'open', context: { failures: ['no money'] } })
    expect(failures).toEqual([])
  })

  it('is not done again when what follows from its result fails: the result is kept', async () => {
    const world = await paying()
    shop.isReceiptBroken = true
    shop.answers[0]!.resolve('r-1')
    const failing = world.events('failed')
    const off = world.system.on('failed', () => {
      shop.isReceiptBroken = false
    })
    await world.settle()
    off()
    expect(failing).toMatchObject([{ offender: path, reason: { name: 'TypeError' } }])
    expect(look(world)).toMatchObject({
      incarnation: 2,
      stopped: 'normal',
      state: { output: { receipt: 'r-1' } },
    })
    expect(shop.charges).toHaveLength(1)
  })

  it('in a state that JSON gives back as it was', async () => {
    const world = await paying()
    const states = [look(world).state]
    shop.answers[0]!.resolve('r-1')
    await world.settle()
    states.push(look(world).state)
    for (const state of states) expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
  })
})

describe('An error that the machine does not take', () => {
  const careless = machine({
    name: 'careless',
    machine: setUp.createMachine({
      id: 'careless',
      initial: 'paying',
      context: { amount: 1, receipt: '', failures: [] },
      states: {
        paying: {
          invoke: { id: 'charge', src: 'charge', input: { amount: 1 }, onDone: 'paid' },
        },
        paid: {},
      },
    }),
  })
  const at = '/root/careless'
  const carelessRoot = supervisor({ name: 'root', children: [child(careless, { args: { amount: 1 } })] })

  it('fails the actor, whose next life begins the promise anew', async () => {
    const world = await World.start({ root: carelessRoot })
    const failures = world.events('failed')
    shop.answers[0]!.reject(new RangeError('no money'))
    await world.settle()
    expect(failures).toMatchObject([{ offender: at, reason: { name: 'RangeError', message: 'no money' } }])
    expect(world.system.inspect(at)).toMatchObject({ incarnation: 2, children: ['charge-2'] })
    shop.answers[1]!.resolve('r-2')
    await world.settle()
    expect(world.state(at)).toMatchObject({ value: 'paid' })
  })

  it('again and again goes up to the supervisor', async () => {
    const world = await World.start({ root: carelessRoot })
    for (let i = 0; i < 4; i++) {
      shop.answers.at(-1)!.reject(new RangeError('no money'))
      await world.settle()
    }
    expect(
      world.recordsOf('directive').map((record) => record.data().reason.code ?? record.data().reason.name),
    ).toEqual(['RangeError', 'RangeError', 'RangeError', 'RangeError', 'HF_GAVE_UP'])
  })
})

describe('How a promise is done', () => {
  it('can be said beside the machine: its time, and how often it is tried', async () => {
    const patient = machine({
      name: 'checkout',
      machine: checkoutMachine,
      children: { charge: { timeoutMs: 1_000, retry: { attempts: 2, minMs: 10, maxMs: 10 } } },
    })
    const world = await World.start({
      root: supervisor({ name: 'root', children: [child(patient, { args: { amount: 7 } })] }),
    })
    await world.ask(path, 'PAY')
    await world.advance(1_000)
    expect(shop.charges).toHaveLength(1)
    expect(shop.charges[0]!.signal.aborted).toBe(true)
    await world.advance(10)
    expect(shop.charges).toHaveLength(2)
    await world.advance(1_000)
    expect(world.state(path)).toMatchObject({
      value: 'open',
      context: { failures: [expect.stringContaining('1000 ms')] },
    })
  })
})
