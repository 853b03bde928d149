// The measure of a machine's state is XState itself: for random machines and random events, with crashes in between,
// it is the one that XState's own `transition` gives.

import { child, machine, supervisor } from 'holdfast'
import type { MachineState } from 'holdfast'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assign,
  fromPromise,
  initialTransition,
  raise,
  setup,
  transition,
  type AnyMachineSnapshot,
  type AnyStateMachine,
} from 'xstate'
import { World } from '../semantics/world.js'

const EVENTS = ['A', 'B', 'C'] as const
const GUARDS = ['always', 'even', 'small'] as const

/** One transition of a random state; where it goes is counted over all states of the machine. */
interface RandomTransition {
  readonly event: (typeof EVENTS)[number] | 'eventless' | 'delayed'
  readonly target: number
  readonly guard: (typeof GUARDS)[number]
  readonly reenter: boolean
  readonly raises: boolean
}

interface RandomState {
  readonly kind: 'plain' | 'parallel' | 'history' | 'final'
  readonly invokes: boolean
  readonly transitions: readonly RandomTransition[]
  readonly states: readonly RandomState[]
}

const randomTransition: fc.Arbitrary<RandomTransition> = fc.record({
  event: fc.constantFrom(...EVENTS, ...EVENTS, 'eventless' as const, 'delayed' as const),
  target: fc.nat(30),
  guard: fc.constantFrom(...GUARDS),
  reenter: fc.boolean(),
  raises: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
})

const randomStates = fc.letrec<{ state: RandomState }>((tie) => ({
  state: fc.record({
    kind: fc.constantFrom('plain', 'plain', 'plain', 'parallel', 'history', 'final'),
    invokes: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    transitions: fc.array(randomTransition, { maxLength: 3 }),
    states: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constant([]),
      fc.array(tie('state'), { minLength: 2, maxLength: 3 }),
    ),
  }),
}))

type Config = Record<string, unknown>

/** The configuration of a random machine. */
class Made {
  readonly ids: string[] = []
  readonly #later: (() => void)[] = []

  machine(states: readonly RandomState[]): AnyStateMachine {
    const config = this.#states(states)
    for (const step of this.#later) step()
    return setup({
      types: { context: {} as { n: number; trail: string[] } },
      actors: { idle: fromPromise(() => new Promise<void>(() => undefined)) },
      guards: {
        always: () => true,
        even: ({ context }) => context.n % 2 === 0,
        small: ({ context }) => context.n < 6,
      },
      actions: {
        count: assign({ n: ({ context }) => context.n + 1 }),
        trail: assign({ trail: ({ context }, { at }: { at: string }) => [...context.trail.slice(-40), at] }),
      },
    }).createMachine({
      ...config,
      id: 'random',
      context: { n: 0, trail: [] },
      output: ({ context }: { context: { n: number } }) => context.n,
      // A cycle fails in both alike.
      options: { maxIterations: 30 },
    } as never) as unknown as AnyStateMachine
  }

  #states(states: readonly RandomState[]): Config {
    const keys = states.map((_, i) => `k${i}`)
    const made = states.map((state, i) => [keys[i]!, this.#state(state, i === 0)])
    return { initial: keys[0], states: Object.fromEntries(made) as unknown }
  }

  #state({ kind, invokes, transitions, states }: RandomState, isFirst: boolean): Config {
    const id = `s${this.ids.length}`
    // The first of its siblings is the one that is entered, so it must be a state of its own.
    if (kind === 'history' && !isFirst) {
      this.ids.push(id)
      return { id, type: 'history', history: 'deep' }
    }
    this.ids.push(id)
    const trail = (at: string): unknown => ({ type: 'trail', params: { at } })
    const config: Config = { id, entry: [trail(`>${id}`)], exit: [trail(`<${id}`)] }
    if (invokes) config['invoke'] = { id: `i${id}`, src: 'idle' }
    if (kind === 'final' && !isFirst) return { id, type: 'final', entry: config['entry'] }
    const inner = states.length === 0 ? {} : this.#states(states)
    if (kind === 'parallel' && states.length > 0)
      Object.assign(inner, { type: 'parallel', initial: undefined })
    this.#later.push(() => {
      Object.assign(config, this.#transitions(transitions))
    })
    return Object.assign(config, inner)
  }

  #transitions(transitions: readonly RandomTransition[]): Config {
    const on: Record<string, unknown[]> = {}
    const always: unknown[] = []
    const after: Record<number, unknown[]> = {}
    for (const { event, target, guard, reenter, raises } of transitions) {
      const made = {
        target: `#${this.ids[target % this.ids.length]!}`,
        guard: event === 'eventless' ? 'small' : guard,
        reenter,
        actions: raises ? ['count', raise({ type: 'B' })] : ['count'],
      }
      if (event === 'eventless') always.push(made)
      else if (event === 'delayed') (after[1_000] ??= []).push(made)
      else (on[event] ??= []).push(made)
    }
    return { on, always, after }
  }
}

interface Seen {
  readonly value: unknown
  readonly context: unknown
  readonly status: string
  readonly output: unknown
  readonly historyValue: unknown
  readonly children: readonly string[]
}

/** What XState itself makes of the events; one that fails changes nothing. `undefined` when XState gets lost. */
function folded(made: AnyStateMachine, events: readonly string[]): Seen | undefined {
  let [snapshot] = initialTransition(made)
  if (snapshot.status === 'error') return undefined
  for (const type of events) {
    if (!isWhole(made, snapshot)) return undefined
    if (snapshot.status !== 'active') break
    try {
      snapshot = transition(made, snapshot, { type })[0]
    } catch {
      // The next event goes on from where this one began.
    }
  }
  const { value, context, status, output, historyValue, children } = snapshot as unknown as MachineState
  return {
    value,
    context: context,
    status,
    output,
    historyValue: remembered(historyValue),
    children: status === 'done' ? [] : Object.keys(children).sort(),
  }
}

// A transition between the regions of a parallel state, to a history state for one, may leave XState in a set of states
// that is no configuration of the machine, and that no snapshot of its own can say.
function isWhole(made: AnyStateMachine, { value, _nodes }: AnyMachineSnapshot): boolean {
  const named = made.resolveState({ value: value as string, context: {} })._nodes
  const ids = (nodes: readonly { readonly id: string }[]): string =>
    nodes
      .map(({ id }) => id)
      .sort()
      .join()
  return ids(named) === ids(_nodes)
}

function seenOf(world: World): Seen {
  const state = world.state<MachineState>('/root/random')
  expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
  const { value, context, status, output, historyValue, children } = state
  const history = remembered(historyValue)
  return { value, context, status, output, historyValue: history, children: Object.keys(children).sort() }
}

type Remembered = Readonly<Record<string, readonly { readonly id: string }[]>>

// It is a set of states: XState enters them in the order of the document, whatever their order here.
function remembered(historyValue: Remembered): unknown {
  const entries = Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map((node) => node.id).sort()])
  return Object.fromEntries(entries) as unknown
}

describe('M1: the state of a machine', () => {
  const program = fc.record({
    states: fc.array(randomStates.state, { minLength: 2, maxLength: 3 }),
    events: fc.array(fc.constantFrom(...EVENTS, 'crash' as const), { maxLength: 25 }),
  })

  it("is the one that XState's own transition gives for the same events, crashes or not", async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ states, events }) => {
        const made = new Made().machine(states)
        const expected = folded(
          made,
          events.filter((type) => type !== 'crash'),
        )
        fc.pre(expected !== undefined)
        const random = machine({
          name: 'random',
          machine: made,
          events: EVENTS,
          digestEvery: 1,
          snapshot: { everyBytes: 300 },
          onFailure: { default: 'resume' },
        })
        const world = await World.start({
          root: supervisor({ name: 'root', children: [child(random, { restart: 'temporary' })] }),
        })
        for (const type of events) {
          if (type === 'crash') {
            await world.settled(world.system.flushed())
            await world.recover()
          } else world.tell('/root/random', type)
          await world.settle()
        }
        expect(seenOf(world)).toEqual(expected)
        if (expected?.status !== 'done') await world.recover()
        expect(seenOf(world)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })
})
