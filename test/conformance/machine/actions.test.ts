// The actions of a machine: its own, those that get ctx, and what a failure of one of them means.

import { actor, child, ctxOf, machine, supervisor } from 'holdfast'
import type { MachineAnswer } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { assign, createActor, createMachine, emit, log, raise, sendTo, setup } from 'xstate'
import { Later, World } from '../semantics/world.js'

const path = '/root/it'
const look = (world: World) => world.system.inspect(path)

const chronicle = actor({
  name: 'chronicle',
  state: () => ({ lines: [] as unknown[] }),
  on: {
    note(ctx, line: unknown) {
      ctx.state.lines.push(line)
    },
  },
})

describe('The actions of a machine', () => {
  const gate = { later: new Later<number>(), isBroken: false, done: [] as string[] }
  const busyMachine = setup({
    types: {
      context: {} as { n: number; at: number; id: string },
      events: {} as { type: 'GO'; n: number } | { type: 'WAIT' } | { type: 'SAY' },
      emitted: {} as { type: 'said'; n: number },
    },
    actions: {
      notify: (_args, _params: { text: string }) => undefined,
      fetch: () => undefined,
      plain: () => {
        gate.done.push('plain')
      },
      breakDown: () => {
        if (gate.isBroken) throw new RangeError('broken')
      },
    },
  }).createMachine({
    context: { n: 0, at: 0, id: '' },
    initial: 'one',
    states: {
      one: {
        on: {
          GO: {
            target: 'two',
            actions: [
              assign({
                n: ({ event }) => event.n,
                at: ({ self }) => ctxOf(self).now(),
                id: ({ self }) => ctxOf(self).id(),
              }),
              { type: 'notify', params: ({ context }) => ({ text: `n is ${context.n}` }) },
              'plain',
              'breakDown',
            ],
          },
          WAIT: { target: 'two', actions: ['fetch', { type: 'notify', params: { text: 'waited' } }] },
          SAY: {
            actions: [
              emit(({ context }) => ({ type: 'said', n: context.n })),
              log(({ context }) => context.n, 'n'),
              raise({ type: 'GO', n: 5 }),
            ],
          },
        },
      },
      two: {},
    },
  })
  const busy = machine({
    name: 'busy',
    machine: busyMachine,
    digestEvery: 1,
    actions: {
      notify(ctx, { text }: { text: string }, { context }) {
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', [text, context.n])
      },
      async fetch(ctx) {
        const n = await ctx.effect('fetch', () => gate.later.promise)
        ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', n)
      },
    },
    onEmit(ctx, event) {
      ctx.tell(ctx.ref(chronicle, '/root/chronicle'), 'note', event)
    },
  })
  const root = supervisor({ name: 'root', children: [child(chronicle), child(busy, { id: 'it' })] })
  const lines = (world: World): unknown => world.state('/root/chronicle').lines

  async function begun(): Promise<World> {
    Object.assign(gate, { later: new Later(), isBroken: false, done: [] })
    return World.start({ root })
  }

  it('have ctx in hand when they are given beside the machine, and its own run in the turn', async () => {
    const world = await begun()
    const answer = await world.ask<MachineAnswer>(path, 'GO', { n: 3 })
    expect(answer).toMatchObject({ value: 'two', context: { n: 3, at: world.authorities.now() } })
    await world.settle()
    expect(lines(world)).toEqual([['n is 3', 3]])
    expect(gate.done).toEqual(['plain'])
    await world.recover()
    expect(world.state(path)).toMatchObject({ context: answer.context })
  })

  it('that fail take the whole turn back, and the directive is carried out', async () => {
    const world = await begun()
    gate.isBroken = true
    expect(await world.askFails(path, 'GO', { n: 3 })).toMatchObject({
      code: 'HF_ACTOR_FAILED',
      cause: { name: 'RangeError' },
    })
    await world.settle()
    expect(lines(world)).toEqual([])
    expect(look(world)).toMatchObject({ incarnation: 2, state: { value: 'one', context: { n: 0 } } })
    expect(world.recordsOf('directive').map((record) => record.data().directive)).toEqual(['restart'])
  })

  it('that return a promise are waited for, in their order, and the wait goes on after a crash', async () => {
    const world = await begun()
    world.tell(path, 'WAIT')
    world.tell(path, 'GO', { n: 1 })
    await world.settle()
    expect(look(world)).toMatchObject({ status: 'waiting', state: { value: 'one' } })
    await world.recover()
    gate.later.resolve(7)
    await world.settle()
    expect(lines(world)).toEqual([7, ['waited', 0]])
    expect(look(world)).toMatchObject({ state: { value: 'two', context: { n: 0 } } })
  })

  it('that emit and log are heard by onEmit and by who listens to the log', async () => {
    const world = await begun()
    const logged = world.events('log')
    await world.ask(path, 'SAY')
    await world.settle()
    expect(lines(world)).toEqual([{ type: 'said', n: 0 }, ['n is 5', 5]])
    expect(logged).toMatchObject([{ actor: path, level: 'info', message: 'n', data: { value: 0 } }])
  })
})

describe('A self and a child in the hands of an action', () => {
  const done: unknown[] = []
  const handy = machine({
    name: 'handy',
    machine: setup({
      types: {
        context: {} as { n: number },
        events: {} as { type: 'GO' } | { type: 'BACK' } | { type: 'LOOK' } | { type: 'LISTEN' },
      },
      actors: { kid: createMachine({ on: { HEY: {} } }) },
    }).createMachine({
      context: { n: 0 },
      invoke: { id: 'kid', src: 'kid' },
      on: {
        GO: {
          actions: [
            ({ self }) => {
              done.push(self.id, self.getSnapshot().value)
              self.send({ type: 'BACK' })
            },
            ({ system }) => {
              done.push(system.get('anybody'))
            },
          ],
        },
        BACK: { actions: assign({ n: ({ context }) => context.n + 1 }) },
        LOOK: {
          actions: sendTo('kid', ({ self }) => {
            const { children } = self.getSnapshot()
            return { type: 'HEY', seen: children['kid']!.getSnapshot() as unknown }
          }),
        },
        LISTEN: {
          actions: ({ self }) => {
            self.subscribe(() => undefined)
          },
        },
      },
    }),
    onFailure: { default: 'resume' },
  })
  const world = (): Promise<World> =>
    World.start({ root: supervisor({ name: 'root', children: [child(handy, { id: 'it' })] }) })

  it('can be sent to: that is a message of the turn', async () => {
    const it = await world()
    await it.ask(path, 'GO')
    await it.settle()
    expect(done).toEqual(['it', {}, undefined])
    expect(it.state(path)).toMatchObject({ context: { n: 1 } })
  })

  it.each([
    ['LOOK', 'getSnapshot'],
    ['LISTEN', 'subscribe'],
  ])('refuses on %s to %s, because a state belongs to one actor', async (type, field) => {
    const { cause } = (await (await world()).askFails(path, type)) as Error
    expect(cause).toMatchObject({ code: 'HF_INVALID', message: expect.stringContaining(field) as string })
  })

  it('is no way to ctx for code that Holdfast does not run', () => {
    const given = createMachine({
      context: ({ self }) => ({ at: ctxOf(self).now() }),
    })
    expect(createActor(given).getSnapshot()).toMatchObject({ status: 'error', error: { code: 'HF_INVALID' } })
  })
})
