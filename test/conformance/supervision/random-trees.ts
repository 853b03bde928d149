// Random trees of supervisors and actors, and random scripts of what happens to them. A case is plain data: one side
// makes definitions of it and runs them, the other one computes what has to come out.

import fc from 'fast-check'
import type { AutoShutdown, Directive, RestartType } from 'holdfast'

/** Classes of errors. Which directive each one gets is a matter of the policies in the tree. */
const ERRORS = ['Slip', 'Crash', 'Doom'] as const
export type ErrorName = (typeof ERRORS)[number]

type Policy = Readonly<Partial<Record<ErrorName | 'default', Directive>>>

export interface Limit {
  readonly maxRestarts: number
  readonly withinMs: number
}

interface Pausing {
  readonly minMs: number
  readonly maxMs: number
  readonly factor: number
  readonly resetAfterMs: number
}

/** What a child spec says, of an actor and of a supervisor. */
interface ChildNode {
  readonly name: string
  readonly restart: RestartType
  readonly shutdown: number | 'infinity' | 'brutal'
  readonly backoff: Pausing | undefined
  readonly budget: Limit | undefined
  readonly significant: boolean
  /** An actor's own, or what a supervisor says for its children. */
  readonly policy: Policy
}

export interface ActorNode extends ChildNode {
  readonly kind: 'actor'
  readonly durable: boolean
  readonly attempts: number
  /** How long its hooks take. */
  readonly startMs: number
  readonly stopMs: number
  readonly stopThrows: boolean
}

export interface SupervisorNode extends ChildNode {
  readonly kind: 'supervisor'
  readonly strategy: 'one-for-one' | 'all-for-one' | 'rest-for-one'
  readonly limit: Limit
  readonly autoShutdown: AutoShutdown
  readonly children: readonly TreeNode[]
}

export type TreeNode = ActorNode | SupervisorNode

/** One message. Its handler takes so long, and then works on, throws, or ends its actor in one of the ways. */
export interface Command {
  readonly what: 'work' | 'fail' | 'end' | 'kill'
  readonly afterMs: number
  readonly error: ErrorName
}

/** What happens next. Each is followed by everything that comes of it without time going by. */
export type Step =
  | { readonly do: 'tell'; readonly to: string; readonly command: Command }
  /** The next starts of an actor fail. */
  | { readonly do: 'break'; readonly whom: string; readonly times: number; readonly error: ErrorName }
  | { readonly do: 'advance'; readonly byMs: number }
  /** The process is killed, and after some time another one goes on. Only when nothing is under way but pauses. */
  | { readonly do: 'crash'; readonly awayMs: number }

/** A tree, and what happens to it. Starts may fail from the very first one on. */
export interface Case {
  readonly tree: SupervisorNode
  readonly broken: readonly Extract<Step, { readonly do: 'break' }>[]
  readonly script: readonly Step[]
}

const nodesOf = (node: TreeNode): readonly TreeNode[] =>
  node.kind === 'actor' ? [node] : [node, ...node.children.flatMap(nodesOf)]

const NODES_MAX = 15
const DEPTH_MAX = 4
const WINDOWS_MS = [1_000, 5_000, 60_000] as const

const often = <T>(usual: T, seldom: fc.Arbitrary<T>, weight = 4): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: seldom })

const limit: fc.Arbitrary<Limit> = fc.record({
  maxRestarts: fc.nat(3),
  withinMs: fc.constantFrom(...WINDOWS_MS),
})

const directive = fc.constantFrom<Directive>('resume', 'restart', 'stop', 'escalate')
const policy: fc.Arbitrary<Policy> = fc.record(
  { Slip: directive, Crash: directive, Doom: directive, default: directive },
  { requiredKeys: [] },
)

const backoff: fc.Arbitrary<Pausing> = fc
  .record({
    minMs: fc.constantFrom(0, 100, 1_000),
    growth: fc.constantFrom(1, 3, 8),
    factor: fc.constantFrom(1, 2, 3),
    resetAfterMs: fc.constantFrom(0, 500, 4_000),
  })
  .map(({ minMs, growth, ...rest }) => ({ minMs, maxMs: minMs * growth, ...rest }))

/** One node before it has a place. */
const seed = fc.record({
  under: fc.nat(NODES_MAX),
  supervises: often(false, fc.constant(true), 2),
  restart: fc.oneof(
    { weight: 4, arbitrary: fc.constant<RestartType>('permanent') },
    { weight: 3, arbitrary: fc.constantFrom<RestartType>('transient', 'temporary') },
  ),
  shutdown: often<'usual' | 'short' | 'brutal'>('usual', fc.constantFrom('short', 'brutal')),
  backoff: often(undefined, backoff),
  budget: often(undefined, limit),
  significant: fc.boolean(),
  policy: often({}, policy, 1),
  durable: often(true, fc.constant(false), 3),
  attempts: often(1, fc.constant(2)),
  slowStart: often(false, fc.constant(true)),
  slowStop: often(false, fc.constant(true)),
  stopThrows: often(false, fc.constant(true), 9),
  strategy: fc.constantFrom<SupervisorNode['strategy']>('one-for-one', 'all-for-one', 'rest-for-one'),
  limit,
  autoShutdown: often<AutoShutdown>('never', fc.constantFrom('any', 'all'), 2),
})
type Seed = typeof seed extends fc.Arbitrary<infer T> ? T : never

interface Growing {
  readonly seed: Seed
  readonly index: number
  readonly depth: number
  readonly children: Growing[]
}

// Each node hangs itself under one of the supervisors before it, so that leaving one out leaves a tree.
function treeOf(seeds: readonly Seed[]): SupervisorNode {
  // What a child spec says is said of the root by nobody.
  const said = { supervises: true, restart: 'permanent', shutdown: 'usual' } as const
  const above: Seed = { ...seeds[0]!, ...said, backoff: undefined, budget: undefined }
  const root: Growing = { seed: above, index: 0, depth: 1, children: [] }
  const parents = [root]
  for (const [i, each] of seeds.slice(1).entries()) {
    const parent = parents[each.under % parents.length]!
    const node: Growing = { seed: each, index: i + 1, depth: parent.depth + 1, children: [] }
    parent.children.push(node)
    if (each.supervises && node.depth < DEPTH_MAX) parents.push(node)
  }
  return supervisorOf(root, 'never')
}

function nodeOf(growing: Growing, above: AutoShutdown): TreeNode {
  const { seed: from, depth } = growing
  return from.supervises && depth < DEPTH_MAX ? supervisorOf(growing, above) : actorOf(growing, above)
}

function supervisorOf({ seed: from, index, children }: Growing, above: AutoShutdown): SupervisorNode {
  const { strategy, autoShutdown } = from
  return {
    kind: 'supervisor',
    ...childOf(from, index, above),
    name: index === 0 ? 'root' : `s${index}`,
    shutdown: from.shutdown === 'brutal' ? 'brutal' : 'infinity',
    strategy,
    limit: from.limit,
    autoShutdown,
    children: children.map((each) => nodeOf(each, autoShutdown)),
  }
}

// No two times of different actors are the same, so that it is seldom chance what comes first.
function actorOf({ seed: from, index }: Growing, above: AutoShutdown): ActorNode {
  const { durable, attempts, stopThrows } = from
  return {
    kind: 'actor',
    ...childOf(from, index, above),
    durable,
    attempts,
    startMs: from.slowStart ? 7 + 20 * index : 0,
    stopMs: from.slowStop ? 13 + 20 * index : 0,
    stopThrows,
  }
}

function childOf(from: Seed, index: number, above: AutoShutdown): ChildNode {
  const { restart, shutdown, significant, policy: says, backoff: pausing, budget } = from
  return {
    name: `a${index}`,
    restart,
    shutdown: shutdown === 'usual' ? 5_000 : shutdown === 'brutal' ? 'brutal' : 61 + index,
    backoff: pausing,
    budget,
    significant: above !== 'never' && restart !== 'permanent' && significant,
    policy: says,
  }
}

const command: fc.Arbitrary<Command> = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('fail' as const) },
    { weight: 3, arbitrary: fc.constantFrom('work' as const, 'end' as const, 'kill' as const) },
  ),
  afterMs: often(0, fc.constantFrom(5, 49, 333, 2_222), 5),
  error: fc.constantFrom(...ERRORS),
})

/** A step before it knows its tree. */
const rough = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('tell' as const), to: fc.nat(NODES_MAX), command }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('break' as const),
      to: fc.nat(NODES_MAX),
      times: fc.integer({ min: 1, max: 3 }),
      error: fc.constantFrom(...ERRORS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      awayMs: fc.constantFrom(0, 400, 1_000, 5_000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      /** To the edge of a window or of a pause, or one millisecond short of it or beyond. */
      byMs: fc.oneof(
        fc.constantFrom(1, 10, 30, 100, 400),
        fc.tuple(fc.constantFrom(100, 500, 1_000, 5_000), fc.constantFrom(-1, 0, 1)).map(([a, b]) => a + b),
      ),
    }),
  },
)
type Rough = typeof rough extends fc.Arbitrary<infer T> ? T : never

function stepsOf(actors: readonly string[], steps: readonly Rough[]): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.do === 'advance' || step.do === 'crash') return [step]
    const name = actors[step.to % actors.length]
    if (name === undefined) return []
    if (step.do === 'tell') return [{ do: 'tell', to: name, command: step.command }]
    return [{ do: 'break', whom: name, times: step.times, error: step.error }]
  })
}

/** Trees of at most 15 nodes and four levels, with scripts of up to 16 steps. */
export const cases: fc.Arbitrary<Case> = fc
  .record({
    seeds: fc.array(seed, { minLength: 2, maxLength: NODES_MAX }),
    broken: often<readonly Rough[]>([], fc.array(rough, { maxLength: 2 })),
    steps: fc.array(rough, { minLength: 1, maxLength: 16 }),
  })
  .map(({ seeds, broken, steps }) => {
    const tree = treeOf(seeds)
    const actors = nodesOf(tree).flatMap((node) => (node.kind === 'actor' ? [node.name] : []))
    return {
      tree,
      broken: stepsOf(actors, broken).filter((step) => step.do === 'break'),
      script: stepsOf(actors, steps),
    }
  })
