// Machines among actors that are none: above them, beside them, and on the other side of a watch.

import { actor, child, machine, supervisor } from 'holdfast'
import type { ActorRef, Definition, TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { sendTo, setup, type AnyActorRef } from 'xstate'
import { World } from '../semantics/world.js'
import { counterMachine } from './counter-machine.js'

const path = '/root/parent'
const look = (world: World) => world.system.inspect(path)

function rootOf(definition: Definition) {
  return supervisor({ name: 'root', children: [child(definition, { id: 'parent' })] })
}

describe('An ordinary actor above a machine', () => {
  const counter = machine({ name: 'counter', machine: counterMachine })
  const owner = actor({
    name: 'parent',
    spawns: [counter],
    state: () => ({ threes: 0, over: [] as TerminatedNotice[] }),
    onStart(ctx) {
      ctx.watch(ctx.spawn(counter, { name: 'counter', args: { from: 1 } }), 'over')
    },
    on: {
      THREE(ctx) {
        ctx.state.threes++
      },
      over(ctx, notice: TerminatedNotice) {
        ctx.state.over.push(notice)
      },
    },
  })

  it('is sent what the machine sends to its parent, and learns its output by a watch', async () => {
    const world = await World.start({ root: rootOf(owner) })
    const ref = world.system.ref(counter, `${path}/counter`)
    expect(await world.settled(ref.ask('ADD', { by: 2 }))).toMatchObject({ context: { n: 3 } })
    expect(await world.settled(ref.ask('ADD', { by: 4 }))).toEqual({
      value: 'full',
      context: { n: 7 },
      status: 'done',
      output: 7,
    })
    await world.settle()
    expect(look(world).state).toEqual({
      threes: 1,
      over: [{ path: `${path}/counter`, reason: 'normal', output: 7 }],
    })
  })

  it('that asks after the end is told the same', async () => {
    const late = actor({
      name: 'late',
      state: () => ({ over: [] as TerminatedNotice[] }),
      on: {
        look(ctx) {
          ctx.watch(ctx.ref('/root/counter'), 'over')
        },
        over(ctx, notice: TerminatedNotice) {
          ctx.state.over.push(notice)
        },
      },
    })
    const root = supervisor({
      name: 'root',
      children: [child(counter, { restart: 'transient', args: { from: 5 } }), child(late)],
    })
    const world = await World.start({ root })
    await world.recover()
    await world.ask('/root/late', 'look')
    await world.settle()
    expect(world.state('/root/late')).toMatchObject({ over: [{ reason: 'normal', output: 5 }] })
  })
})

describe('A machine and actors that are none', () => {
  const ledger = actor({
    name: 'ledger',
    state: () => ({ booked: [] as unknown[] }),
    on: {
      book(ctx, what: { amount: number; from: ActorRef }) {
        ctx.state.booked.push([what.amount, what.from.path])
      },
    },
  })
  const buyer = machine({
    name: 'buyer',
    machine: setup({
      types: {
        context: {} as { ledger: AnyActorRef },
        input: {} as { ledger: unknown },
        events: {} as { type: 'BUY'; amount: number },
      },
    }).createMachine({
      context: ({ input }) => ({ ledger: input.ledger as AnyActorRef }),
      on: {
        BUY: {
          actions: sendTo(
            ({ context }) => context.ledger,
            ({ event, self }) => ({ type: 'book', amount: event.amount, from: self }),
          ),
        },
      },
    }),
  })
  const starter = actor({
    name: 'parent',
    spawns: [buyer],
    onStart(ctx) {
      ctx.spawn(buyer, { name: 'buyer', args: { ledger: ctx.ref('/root/ledger') } })
    },
    on: {},
  })

  it('talk to each other by refs', async () => {
    const root = supervisor({ name: 'root', children: [child(ledger), child(starter)] })
    const world = await World.start({ root })
    await world.ask(`${path}/buyer`, 'BUY', { amount: 3 })
    await world.recover()
    await world.ask(`${path}/buyer`, 'BUY', { amount: 4 })
    await world.settle()
    expect(world.state('/root/ledger')).toEqual({
      booked: [
        [3, `${path}/buyer`],
        [4, `${path}/buyer`],
      ],
    })
  })
})
