// Random programs of calls on `ctx`, each run by an actor on the main thread and by one that runs ahead as in a thread: the two
// logs are the same, record for record.

import fc from 'fast-check'
import { actor, child, oneForOne, supervisor, type AnyRef, type Context, type Definition } from 'holdfast'
import { evidenceOf, Incident, replay } from 'holdfast/replay'
import { expect, it } from 'vitest'
import { triesOf } from '../tries.js'
import { World } from './world.js'

/** What a handler does, one thing after the other; those of the second kind are waited for. */
type Step =
  | readonly [
      'tell' | 'tellNamed' | 'set' | 'random' | 'id' | 'now' | 'log' | 'schedule' | 'patched' | 'well',
      number,
    ]
  | readonly ['spawn' | 'stop' | 'watch' | 'unwatch' | 'link' | 'unlink' | 'unschedule' | 'reply', number]
  | readonly ['throw' | 'throwUnstorable' | 'catchUnstorable' | 'catchUnknown' | 'stash' | 'unstash', number]
type WaitingStep =
  Step | readonly ['ask' | 'askTwo' | 'askFails' | 'effect' | 'effectFails' | 'lives', number]

interface State {
  n: number
  seen: unknown[]
}

const OTHER = '/root/other'

const leaf = actor({ name: 'leaf', state: () => ({ n: 0 }), on: { count: (ctx) => ++ctx.state.n } })

const other = actor({
  name: 'other',
  state: () => ({ got: [] as unknown[] }),
  on: {
    hear(ctx, what: unknown) {
      ctx.state.got.push(what)
    },
    double: (_ctx, n: number) => n * 2,
    refuses: () => {
      throw new TypeError('refused')
    },
  },
})

function step(ctx: Context<State>, [what, n]: Step): void {
  const { state } = ctx
  const there = ctx.ref(OTHER)
  const kin: AnyRef = ctx.ref(`${ctx.self.path}/leaf${n % 3}`)
  switch (what) {
    case 'tell':
      return ctx.tell(there, 'hear', { n, list: [n] })
    case 'tellNamed':
      return ctx.tell(there, 'hear', n, { correlation: `case ${n % 2}` })
    case 'set':
      state.n += n
      return
    case 'random':
      return void state.seen.push(ctx.random())
    case 'id':
      return void state.seen.push(ctx.id())
    case 'now':
      return void state.seen.push(ctx.now())
    case 'log':
      return ctx.log.info(`line ${n}`, { n })
    case 'schedule':
      return ctx.schedule('tick', n, { afterMs: 1 + (n % 50), key: `k${n % 3}` })
    case 'unschedule':
      return ctx.unschedule(`k${n % 3}`)
    case 'patched':
      return void state.seen.push(ctx.patched(`change ${n % 2}`))
    case 'well':
      return ctx.well()
    case 'spawn':
      // A second one of that name is refused, which a thread cannot know as it runs: those have no name.
      return void state.seen.push(ctx.spawn(leaf).path)
    case 'stop':
      return ctx.stop(kin)
    case 'watch':
      return ctx.watch(there)
    case 'unwatch':
      return ctx.unwatch(there)
    case 'link':
      return ctx.link(kin)
    case 'unlink':
      return ctx.unlink(kin)
    case 'reply':
      return ctx.reply(`early ${n}`)
    case 'stash':
      // Not for ever: what is put aside and taken back at once would be.
      if (state.n % 4 !== 1) return
      state.n++
      return ctx.stash()
    case 'unstash':
      return ctx.unstash()
    case 'throw':
      throw new RangeError(`at ${n}`)
    case 'catchUnstorable':
      try {
        ctx.tell(there, 'hear', () => n)
      } catch {
        state.seen.push('put up with')
      }
      return
    case 'throwUnstorable':
      return ctx.tell(there, 'hear', () => n)
    case 'catchUnknown':
      try {
        ctx.tell(there, 'nothing that it knows', n)
      } catch {
        state.seen.push('put up with')
      }
      return
  }
}

async function wait(ctx: Context<State>, each: WaitingStep): Promise<void> {
  const [what, n] = each
  const there = ctx.ref(OTHER)
  const keep = (value: unknown): void => void ctx.state.seen.push(value)
  switch (what) {
    case 'ask':
      return keep(await ctx.ask(there, 'double', n))
    case 'askTwo':
      return keep(await Promise.all([ctx.ask(there, 'double', n), ctx.ask(there, 'double', n + 1)]))
    case 'askFails':
      return keep(await ctx.ask(there, 'refuses').catch(String))
    case 'effect':
      return keep(await ctx.effect(`outside ${n}`, () => ({ n })))
    case 'effectFails':
      return keep(await ctx.effect('fails', () => Promise.reject(new RangeError('no'))).catch(String))
    case 'lives':
      return keep(await ctx.lives(n % 2 === 0 ? there : ctx.ref('/root/nobody')))
    default:
      step(ctx, each)
  }
}

function performer(runsIn: 'thread' | undefined): Definition {
  return actor({
    name: 'performer',
    ...(runsIn === undefined ? {} : { runsIn }),
    spawns: [leaf],
    digestEvery: 1,
    onFailure: { default: 'restart' },
    state: (): State => ({ n: 0, seen: [] }),
    on: {
      run(ctx, steps: readonly Step[]) {
        for (const each of steps) step(ctx, each)
        return ctx.state.n
      },
      async runs(ctx, steps: readonly WaitingStep[]) {
        for (const each of steps) await wait(ctx, each)
        return ctx.state.n
      },
      tick(ctx, n: number) {
        ctx.state.seen.push(`tick ${n}`)
      },
      terminated(ctx) {
        ctx.state.seen.push('terminated')
      },
    },
    onStart(ctx, incarnation) {
      ctx.state.seen.push(`start ${incarnation}`)
    },
    onStop(ctx) {
      ctx.tell(ctx.ref(OTHER), 'hear', 'stopped')
    },
  })
}

function rootOf(runsIn: 'thread' | undefined): Definition {
  return supervisor({
    name: 'root',
    strategy: oneForOne({ maxRestarts: 1_000, withinMs: 1_000 }),
    children: [child(other), child(performer(runsIn), { id: 'p' })],
  })
}

type Program = readonly {
  readonly type: 'run' | 'runs'
  readonly steps: readonly WaitingStep[]
  readonly ms: number
}[]

/** All that the log says, but for where in the code an error was made. */
async function logOf(runsIn: 'thread' | undefined, program: Program): Promise<unknown[]> {
  const world = await World.start({ root: rootOf(runsIn) })
  await world.settle()
  for (const { type, steps, ms } of program) {
    world.tell('/root/p', type, steps)
    await world.advance(ms)
  }
  await world.recover()
  world.tell('/root/p', 'run', [['set', 1]])
  await world.advance(100)
  const report = await replay(
    new Incident(evidenceOf(world.journal), { from: 1, to: world.records().length }),
    { swarm: { root: rootOf(runsIn) } },
  )
  expect(report.divergences).toEqual([])
  const ids = new Map<number, number>()
  return world
    .records()
    .filter(({ kind }) => kind !== 'opened')
    .map((record) => said(record, ids))
}

// A turn that fails has used up the numbers of the actors that it would have spawned, unless that was in a thread: numbers count
// in the order in which they come.
function said(record: ReturnType<World['records']>[number], ids: Map<number, number>): unknown {
  const { kind, position, actor: number, correlation, cause } = record
  const id = ids.get(number) ?? ids.size
  ids.set(number, id)
  const all = record as unknown as Record<string, unknown>
  const fields = Object.fromEntries(
    ['type', 'message', 'attempt', 'told', 'answered', 'digest', 'sender', 'correlationName', 'timer'].map(
      (name) => [name, all[name]],
    ),
  )
  const call = (name: string): unknown => {
    const method = all[name]
    return typeof method === 'function' ? (method.call(record) as unknown) : undefined
  }
  const whole = {
    kind,
    position,
    id,
    correlation,
    cause,
    ...fields,
    payload: call('payload'),
    answer: call('answer'),
    data: call('data'),
  }
  return JSON.parse(JSON.stringify(whole, (key, value: unknown) => (key === 'stack' ? undefined : value)))
}

const syncSteps = [
  'tell',
  'tellNamed',
  'set',
  'random',
  'id',
  'now',
  'log',
  'schedule',
  'patched',
  'well',
  'spawn',
  'watch',
  'unwatch',
  'unschedule',
  'unstash',
  'stash',
] as const
const endings = ['throw', 'throwUnstorable', 'catchUnstorable'] as const
const waitingSteps = ['ask', 'askTwo', 'askFails', 'effect', 'effectFails', 'lives'] as const

// What only the kernel refuses, a thread grants.
const refusals = ['catchUnknown'] as const

const n = fc.nat({ max: 20 })
const anyStep = fc.tuple(
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...syncSteps) }, fc.constantFrom(...endings)),
  n,
) as fc.Arbitrary<Step>
const anyWaitingStep = fc.oneof(
  anyStep,
  fc.tuple(fc.constantFrom(...waitingSteps), n),
) as fc.Arbitrary<WaitingStep>
// A message is put aside once. Only the kernel knows that a second time is refused.
function onceAside<T extends WaitingStep>(steps: readonly T[]): readonly T[] {
  const first = steps.findIndex(([what]) => what === 'stash')
  return steps.filter(([what], i) => what !== 'stash' || i === first)
}

const ms = fc.nat({ max: 40 })

function programOf(step: fc.Arbitrary<Step>, waiting: fc.Arbitrary<WaitingStep>): fc.Arbitrary<Program> {
  const run = { type: fc.constant('run'), steps: fc.array(step, { maxLength: 6 }).map(onceAside), ms }
  const runs = { type: fc.constant('runs'), steps: fc.array(waiting, { maxLength: 6 }).map(onceAside), ms }
  return fc.array(fc.oneof(fc.record(run), fc.record(runs)), {
    minLength: 1,
    maxLength: 6,
  })
}

const PROGRAMS = triesOf(40)

it(
  'whatever a handler does, the log of it is the same in a thread as on the main thread',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(programOf(anyStep, anyWaitingStep), async (program) => {
        const [here, there] = [await logOf(undefined, program), await logOf('thread', program)]
        expect(there).toEqual(here)
      }),
      { numRuns: PROGRAMS },
    )
  },
)

it(
  'a handler in a thread that would put up with what only the kernel refuses fails of it, also when it is replayed',
  { timeout: 120_000 },
  async () => {
    const refused = fc.tuple(fc.constantFrom(...refusals), n)
    const program = programOf(fc.oneof(anyStep, refused), fc.oneof(anyWaitingStep, refused))
    await fc.assert(
      fc.asyncProperty(program, async (each) => {
        const log = JSON.stringify(await logOf('thread', each))
        expect(log).not.toContain('HF_DIVERGED')
      }),
      { numRuns: PROGRAMS },
    )
  },
)
