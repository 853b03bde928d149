// An incident that went through machines is replayed like any other: same states, same decisions, nothing done again.

import { child, machine, supervisor } from 'holdfast'
import { Incident, replay } from 'holdfast/replay'
import { describe, expect, it } from 'vitest'
import { assign, fromCallback, fromPromise, sendTo, setup } from 'xstate'
import { World } from '../semantics/world.js'

let quotes = 0
const path = '/root/order'

/** An order: a quote from outside, a parcel machine of its own, a reminder later. */
function order({ fee = 0 }: { readonly fee?: number } = {}) {
  const parcel = setup({
    types: {
      context: {} as { weight: number },
      input: {} as { weight: number },
      events: {} as { type: 'SHIP' },
      output: {} as number,
    },
  }).createMachine({
    context: ({ input }) => ({ weight: input.weight }),
    initial: 'packed',
    states: { packed: { on: { SHIP: 'shipped' } }, shipped: { type: 'final' } },
    output: ({ context }) => context.weight,
  })
  const orderMachine = setup({
    types: {
      context: {} as { price: number; shipped: number; reminded: boolean },
      events: {} as { type: 'ORDER' } | { type: 'SHIP' } | { type: 'BREAK' } | { type: 'HELLO' },
    },
    actors: {
      parcel,
      quote: fromPromise(() => Promise.resolve(40 + quotes++)),
      horn: fromCallback(({ sendBack }) => {
        sendBack({ type: 'HELLO' })
      }),
    },
    actions: {
      breakDown: () => {
        throw new RangeError('broken')
      },
    },
  }).createMachine({
    id: 'order',
    context: { price: 0, shipped: 0, reminded: false },
    initial: 'new',
    on: { HELLO: {} },
    states: {
      new: { on: { ORDER: 'quoting' } },
      quoting: {
        invoke: {
          src: 'quote',
          onDone: { target: 'packing', actions: assign({ price: ({ event }) => event.output + fee }) },
        },
      },
      packing: {
        invoke: [
          {
            id: 'parcel',
            src: 'parcel',
            input: ({ context }) => ({ weight: context.price }),
            onDone: { target: 'sent', actions: assign({ shipped: ({ event }) => event.output }) },
          },
          { id: 'horn', src: 'horn' },
        ],
        after: { 60_000: { actions: assign({ reminded: true }) } },
        on: { SHIP: { actions: sendTo('parcel', { type: 'SHIP' }) }, BREAK: { actions: 'breakDown' } },
      },
      sent: { after: { 1_000: 'closed' } },
      closed: {},
    },
  })
  return machine({ name: 'order', machine: orderMachine, digestEvery: 1, onFailure: { default: 'resume' } })
}

const rootOf = (definition: ReturnType<typeof order>) =>
  supervisor({ name: 'root', children: [child(definition)] })

async function happened(): Promise<World> {
  const world = await World.start({ root: rootOf(order()) })
  world.tell(path, 'ORDER', undefined, { correlation: 'incident' })
  await world.settle()
  world.tell(path, 'BREAK', undefined, { correlation: 'incident' })
  await world.advance(60_000)
  world.tell(path, 'SHIP', undefined, { correlation: 'incident' })
  await world.advance(1_000)
  expect(world.state(path)).toMatchObject({ value: 'closed', context: { reminded: true } })
  return world
}

describe('An incident that went through machines', () => {
  it('is identical when it is replayed, and no promise is done again', async () => {
    const world = await happened()
    const before = quotes
    const report = await replay(new Incident(world.journal, 'incident'), { swarm: { root: rootOf(order()) } })
    expect(report.divergences).toEqual([])
    expect(report.identical).toBe(true)
    expect(report.counts.digests).toBeGreaterThan(5)
    expect([...report.actors].sort()).toEqual([path, `${path}/0.order.quoting-1`, `${path}/parcel-2`])
    expect(report.turns.filter(({ replayed }) => !replayed.ok).map(({ kind }) => kind)).toEqual(['BREAK'])
    expect(quotes).toBe(before)
  })

  it('names the turn where other code decides otherwise', async () => {
    const world = await happened()
    const report = await replay(new Incident(world.journal, 'incident'), {
      swarm: { root: rootOf(order({ fee: 5 })) },
    })
    expect(report.identical).toBe(false)
    expect(report.divergences[0]).toMatchObject({ actor: path, message: 'xstate.settled' })
  })

  it('after a crash in its midst is identical too', async () => {
    const world = await World.start({ root: rootOf(order()) })
    world.tell(path, 'ORDER', undefined, { correlation: 'incident' })
    await world.settle()
    await world.recover()
    world.tell(path, 'SHIP', undefined, { correlation: 'incident' })
    await world.settle()
    expect(world.state(path)).toMatchObject({ value: 'sent' })
    const report = await replay(new Incident(world.journal, 'incident'), { swarm: { root: rootOf(order()) } })
    expect(report.divergences).toEqual([])
  })
})
