import { describe, expect, it } from 'vitest'
import {
  createMachine,
  enqueueActions,
  fromPromise,
  fromTransition,
  raise,
  sendTo,
  setup,
  spawnChild,
} from 'xstate'
import { Blueprints } from '../blueprints.js'
import { actor } from '../definition.js'
import { machine } from './machine.js'

/** Takes any spec, as plain JavaScript gives it. */
const loosely = machine as unknown as (spec: unknown) => unknown

const refused = (field: string, text = ''): unknown =>
  expect.objectContaining({ code: 'HF_INVALID', field, message: expect.stringContaining(text) as string })

const pay = fromPromise(() => Promise.resolve(1))

describe('machine()', () => {
  it('gives a definition like any other, with those of its logics under names of their own', () => {
    const inner = createMachine({ invoke: { src: 'pay' } }).provide({ actors: { pay } })
    const door = machine({
      name: 'door',
      version: 3,
      spawns: [actor({ name: 'guest', on: {} })],
      machine: setup({ actors: { pay, inner } }).createMachine({
        id: 'door',
        initial: 'closed',
        states: { closed: { invoke: { src: fromTransition(() => 0, 0) } }, open: {} },
      }),
    })
    expect(door).toMatchObject({ kind: 'actor', name: 'door', version: 3 })
    expect([...new Blueprints(door).all()].map(({ name, version }) => `${name} ${version}`).sort()).toEqual([
      'door 3',
      'door.inner 3',
      'door.inner.pay 3',
      'door.pay 3',
      'door.xstate.invoke.0.door.closed 3',
      'guest 1',
    ])
  })

  it('takes the events that transitions name, at any depth, and those that it is told of', () => {
    const definition = machine({
      name: 'deep',
      events: ['extra'],
      machine: createMachine({
        initial: 'a',
        on: { TOP: {}, '*': {}, 'mouse.*': {} },
        states: {
          a: {
            initial: 'b',
            after: { 10: 'c' },
            states: { b: { on: { DEEP: undefined }, onDone: {} } },
          },
          c: {},
        },
      }),
    })
    const types = new Blueprints(definition).of(definition).types()
    expect(types.filter((type) => !type.startsWith('xstate.')).sort()).toEqual([
      'DEEP',
      'TOP',
      'extra',
      'snapshot',
    ])
    expect(types.filter((type) => type.startsWith('xstate.after') || type.includes('*'))).toEqual([])
  })

  it.each([
    ['no machine', 'machine', {}],
    ['a config instead of a machine', 'machine', { initial: 'a', states: { a: {} } }],
    ['another logic', 'machine', pay],
    ['nothing', 'machine', undefined],
  ])('refuses %s', (_what, field, given) => {
    expect(() => loosely({ name: 'it', machine: given })).toThrow(refused(field, 'createMachine'))
  })

  it.each([
    ['entry', createMachine({ entry: 'gone' })],
    ['exit', createMachine({ exit: { type: 'gone' } })],
    ['a transition', createMachine({ on: { GO: { actions: ['gone'] } } })],
    ['always', createMachine({ always: { actions: 'gone' } })],
    [
      'the initial transition',
      createMachine({ initial: { target: 'a', actions: 'gone' }, states: { a: {} } } as never),
    ],
  ])('refuses an action that is nowhere, named in %s', (_where, named) => {
    expect(() => machine({ name: 'it', machine: named })).toThrow(refused('actions.gone'))
    expect(() => machine({ name: 'it', machine: named, actions: { gone: () => undefined } })).not.toThrow()
  })

  it.each([
    ['guards.gone', createMachine({ on: { GO: { guard: 'gone', target: undefined } } })],
    ['guards.gone', createMachine({ always: { guard: { type: 'gone' } } })],
    ['delays.gone', createMachine({ initial: 'a', states: { a: { after: { gone: 'b' } }, b: {} } })],
    ['delays.gone', createMachine({ entry: raise({ type: 'GO' }, { delay: 'gone' as never }) })],
    ['delays.gone', createMachine({ entry: sendTo('x', { type: 'GO' }, { delay: 'gone' as never }) })],
    ['actors.gone', createMachine({ invoke: { src: 'gone' } })],
    ['actors.gone', createMachine({ entry: spawnChild('gone') })],
    ['actors.odd', createMachine({}).provide({ actors: { odd: { start: () => undefined } as never } })],
    ['spawnChild', createMachine({ entry: spawnChild(pay) })],
    ['systemId', createMachine({ entry: spawnChild('pay', { systemId: 'x' }) }).provide({ actors: { pay } })],
    ['systemId', createMachine({ invoke: { src: 'pay', systemId: 'x' } }).provide({ actors: { pay } })],
    ['events', createMachine({ on: { snapshot: {} } })],
  ])('refuses what it cannot keep: %s', (field, given) => {
    expect(() => loosely({ name: 'it', machine: given })).toThrow(refused(field))
  })

  it.each([
    ['name', { name: 'a/b' }],
    ['events', { events: 'KEY' }],
    ['events', { events: ['xstate.stop'] }],
    ['events', { events: [''] }],
    ['actions.go', { actions: { go: 'a text' } }],
    ['children', { children: 'all' }],
    ['children.other', { children: { other: {} } }],
    ['children.pay.timeoutMs', { children: { pay: { timeoutMs: -1 } } }],
    ['children.pay.retry.attempts', { children: { pay: { retry: { attempts: 0 } } } }],
    ['onEmit', { onEmit: 'loud' }],
    ['version', { version: 0 }],
    ['mailbox.capacity', { mailbox: { capacity: 0 } }],
  ])('refuses a wrong %s', (field, wrong) => {
    const given = createMachine({ invoke: { src: 'pay' } }).provide({ actors: { pay } })
    expect(() => loosely({ name: 'it', machine: given, ...wrong })).toThrow(refused(field))
  })

  it('refuses a machine that is a part of itself', () => {
    const actors: Record<string, unknown> = {}
    const given = createMachine({ invoke: { src: 'self' } })
    const self = given.provide({ actors } as never)
    ;(self.implementations.actors as Record<string, unknown>)['self'] = self
    expect(() => loosely({ name: 'it', machine: self })).toThrow(refused('machine', 'part of itself'))
  })

  it('refuses two machines that are parts of each other', () => {
    const made = (src: string) => createMachine({ id: src, invoke: { src } }).provide({ actors: {} })
    const [a, b] = [made('b'), made('a')]
    ;(a.implementations.actors as Record<string, unknown>)['b'] = b
    ;(b.implementations.actors as Record<string, unknown>)['a'] = a
    expect(() => loosely({ name: 'it', machine: a })).toThrow(refused('machine', 'part of itself'))
  })

  it('cannot know what an action enqueues, and lets it pass until then', () => {
    const given = createMachine({
      entry: enqueueActions(({ enqueue }) => {
        enqueue('gone')
      }),
    })
    expect(() => machine({ name: 'it', machine: given })).not.toThrow()
  })
})
