// Random swarms: a tree of supervisors and actors, what the handlers of each kind of actor do, and a script of what
// happens to all of them. A swarm is plain data; another side makes definitions of it and runs them.

import fc from 'fast-check'
import type { Directive, RestartType } from 'holdfast'

const ERRORS = ['Slip', 'Crash', 'Doom'] as const
type ErrorName = (typeof ERRORS)[number]

type Policy = Readonly<Partial<Record<ErrorName | 'default', Directive>>>
type StrategyName = 'one-for-one' | 'all-for-one' | 'rest-for-one'

/** What is sent: a value that the handler makes. */
export type Value = 'one' | 'n' | 'time' | 'dice' | 'id' | 'given' | 'me'

/** Something that is waited for. */
export type Reach =
  | {
      readonly do: 'ask'
      readonly to: number
      readonly type: string
      readonly value: Value
      readonly timeoutMs: number
    }
  | {
      readonly do: 'effect'
      readonly name: string
      readonly how: 'now' | 'later' | 'hangs'
      readonly tries: number
    }
  | { readonly do: 'lives'; readonly to: number }

/** One thing that a handler does. */
export type Op =
  | Reach
  | {
      readonly do: 'tell'
      readonly to: number
      readonly type: string
      readonly value: Value
      readonly named: boolean
    }
  | { readonly do: 'race' | 'all'; readonly reaches: readonly Reach[] }
  | {
      readonly do: 'schedule'
      readonly type: string
      readonly afterMs: number
      readonly everyMs: number
      readonly key: string
    }
  | { readonly do: 'unschedule'; readonly key: string }
  | { readonly do: 'stash' | 'unstash' | 'mutate' | 'noise' | 'reply' | 'well' }
  | { readonly do: 'watch' | 'unwatch' | 'link' | 'dependOn' | 'unlink'; readonly to: number }
  | {
      readonly do: 'spawn'
      readonly name: boolean
      readonly restart: 'transient' | 'temporary'
      readonly own: boolean
    }
  | { readonly do: 'stop'; readonly whom: 'self' | 'kid'; readonly how: 'stop' | 'drain' | 'kill' }
  | { readonly do: 'throw'; readonly error: ErrorName; readonly sides: number }
  | { readonly do: 'add'; readonly by: number }
  | { readonly do: 'renew' }
  | { readonly do: 'patched'; readonly id: string }
  /** What `patched` comes to in a turn that is recorded without the patch. No swarm is made with it. */
  | { readonly do: 'unpatched' }
  | { readonly do: 'pool'; readonly what: 'start' | 'terminate'; readonly id: string }

/** The programs of an actor by message type; those of hooks have names of their own. */
type Programs = Readonly<Record<string, readonly Op[]>>

/** One kind of actor. */
export interface Kind {
  readonly on: Programs
  readonly digestEvery: number | undefined
  readonly everyBytes: number
  readonly attempts: number
  readonly policy: Policy
  readonly stash: number
  readonly capacity: number | undefined
  readonly overflow: 'reject' | 'drop-oldest' | 'drop-newest' | 'backpressure'
  readonly turnTimeoutMs: number | undefined
  readonly keepChildren: boolean
  readonly hasRestartHook: boolean
  readonly isUrgent: boolean
}

interface Limit {
  readonly maxRestarts: number
  readonly withinMs: number
}

interface Terms {
  readonly restart: RestartType
  readonly backoffMs: number | undefined
  readonly budget: (Limit & { readonly then: 'stop' | 'quarantine' }) | undefined
}

/** A child of the tree: an actor of a kind, a supervisor, a pool of actors that come and go, a home of virtual ones. */
export type Node = Terms & { readonly name: string } & (
    | { readonly is: 'actor'; readonly kind: number }
    | ({ readonly is: 'supervisor' } & Supervising)
    | { readonly is: 'pool'; readonly kind: number }
    | { readonly is: 'home'; readonly kind: number; readonly idleMs: number }
  )

interface Supervising {
  readonly strategy: StrategyName
  readonly limit: Limit
  readonly policy: Policy
  readonly children: readonly Node[]
}

/** What happens next. */
export type Step =
  | {
      readonly do: 'tell'
      readonly to: number
      readonly type: string
      readonly v: number
      readonly name: string | undefined
    }
  | { readonly do: 'ask'; readonly to: number; readonly type: string; readonly v: number }
  | { readonly do: 'advance'; readonly byMs: number }
  | { readonly do: 'settle' }
  | { readonly do: 'crash'; readonly awayMs: number; readonly cutAfter: number }
  | { readonly do: 'reopen' }
  | {
      readonly do: 'steer'
      readonly command: 'pause' | 'resume' | 'quarantine' | 'release'
      readonly to: number
    }
  | { readonly do: 'parked'; readonly command: 'redrive' | 'drop'; readonly nth: number }

/** A swarm, and what happens to it. */
export interface Swarm {
  readonly root: Supervising
  /** The last kind is that of the actors that others spawn. */
  readonly kinds: readonly Kind[]
  readonly script: readonly Step[]
  readonly seed: number
  readonly cutAfter: number
}

/** Message types that are sent. Not every kind of actor knows each. */
export const TYPES = ['a', 'b', 'c'] as const
export const KEYS = ['ana', 'bob'] as const
const KINDS = 3
export const LEAF = KINDS - 1

const often = <T>(usual: T, seldom: fc.Arbitrary<T>, weight = 4): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: seldom })

const one = <const T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name)
const to = fc.nat(11)
const type = fc.constantFrom<string>(...TYPES)
const value = fc.constantFrom<Value>('one', 'n', 'time', 'dice', 'id', 'given', 'me')
const key = fc.constantFrom('k', 'l')

const ask: fc.Arbitrary<Reach> = fc.record({
  do: one('ask'),
  to,
  type,
  value,
  timeoutMs: fc.constantFrom(20, 200, 5_000),
})
const effect: fc.Arbitrary<Reach> = fc.record({
  do: one('effect'),
  name: fc.constantFrom('look', 'pay'),
  how: fc.constantFrom('now' as const, 'now' as const, 'later' as const, 'hangs' as const),
  tries: often(1, fc.constant(2)),
})
const lives: fc.Arbitrary<Reach> = fc.record({ do: one('lives'), to })
const reach = fc.oneof(
  { weight: 4, arbitrary: ask },
  { weight: 4, arbitrary: effect },
  { weight: 1, arbitrary: lives },
)

const weighted = (arbitrary: fc.Arbitrary<Op>, weight: number) => ({ weight, arbitrary })

/** Anything that a handler does. */
export const op: fc.Arbitrary<Op> = fc.oneof(
  weighted(fc.record({ do: one('tell'), to, type, value, named: often(false, fc.constant(true), 8) }), 10),
  weighted(reach, 5),
  weighted(
    fc.record({
      do: fc.constantFrom('race' as const, 'all' as const),
      reaches: fc.array(reach, { minLength: 2, maxLength: 3 }),
    }),
    3,
  ),
  weighted(
    fc.record({
      do: one('schedule'),
      type,
      afterMs: fc.constantFrom(1, 30, 400),
      everyMs: often(0, fc.constant(150)),
      key,
    }),
    3,
  ),
  weighted(fc.record({ do: one('unschedule'), key }), 1),
  weighted(fc.record({ do: fc.constantFrom('stash' as const, 'unstash' as const) }), 3),
  weighted(
    fc.record({
      do: fc.constantFrom('mutate' as const, 'noise' as const, 'reply' as const, 'well' as const),
    }),
    5,
  ),
  weighted(
    fc.record({
      do: fc.constantFrom(
        'watch' as const,
        'watch' as const,
        'unwatch' as const,
        'link' as const,
        'dependOn' as const,
        'unlink' as const,
      ),
      to,
    }),
    4,
  ),
  weighted(
    fc.record({
      do: one('spawn'),
      name: fc.boolean(),
      restart: fc.constantFrom('transient' as const, 'temporary' as const),
      own: often(false, fc.constant(true)),
    }),
    3,
  ),
  weighted(
    fc.record({
      do: one('stop'),
      whom: fc.constantFrom('self' as const, 'kid' as const, 'kid' as const),
      how: fc.constantFrom('stop' as const, 'drain' as const, 'kill' as const),
    }),
    1,
  ),
  weighted(
    fc.record({ do: one('throw'), error: fc.constantFrom(...ERRORS), sides: fc.constantFrom(1, 2, 4) }),
    2,
  ),
  weighted(fc.record({ do: one('add'), by: fc.integer({ min: 1, max: 9 }) }), 6),
  weighted(fc.record({ do: one('renew') }), 1),
  weighted(fc.record({ do: one('patched'), id: fc.constantFrom('x', 'y') }), 1),
  weighted(
    fc.record({
      do: one('pool'),
      what: fc.constantFrom('start' as const, 'terminate' as const),
      id: fc.constantFrom('p', 'q'),
    }),
    1,
  ),
)
const program = fc.array(op, { minLength: 1, maxLength: 5 })
/** Whether a hook may do it. */
// Hooks are left alone mostly, and do not fail each time: a virtual actor that never comes up would be woken by its mail
// for ever, without any time going by.
export const isSafe = (each: Op): boolean =>
  !['throw', 'stop', 'link', 'dependOn', 'tell', 'schedule'].includes(each.do)
const hook = often<readonly Op[]>([], fc.array(op.filter(isSafe), { maxLength: 2 }))

const directive = fc.constantFrom<Directive>('resume', 'resume', 'restart', 'restart', 'stop', 'escalate')
const policy: fc.Arbitrary<Policy> = fc.record(
  { Slip: directive, Crash: directive, Doom: directive, default: directive },
  { requiredKeys: [] },
)
const limit: fc.Arbitrary<Limit> = fc.record({
  maxRestarts: fc.integer({ min: 1, max: 5 }),
  withinMs: fc.constantFrom(1_000, 5_000),
})

const kind: fc.Arbitrary<Kind> = fc.record({
  on: fc.record(
    { a: program, b: program, c: program, terminated: hook, onStart: hook, onRestart: hook, onStop: hook },
    { requiredKeys: ['a', 'b', 'terminated', 'onStart', 'onRestart', 'onStop'] },
  ),
  digestEvery: often<number | undefined>(1, fc.constantFrom(undefined, 3)),
  everyBytes: fc.constantFrom(200, 600, 16_384),
  attempts: often(1, fc.constantFrom(2, 3), 2),
  policy: often<Policy>({}, policy, 1),
  stash: fc.constantFrom(2, 1_000),
  capacity: often<number | undefined>(undefined, fc.constant(3)),
  overflow: fc.constantFrom<Kind['overflow']>('reject', 'drop-oldest', 'drop-newest', 'backpressure'),
  turnTimeoutMs: often<number | undefined>(undefined, fc.constantFrom(50, 3_000)),
  keepChildren: fc.boolean(),
  hasRestartHook: fc.boolean(),
  isUrgent: often(false, fc.constant(true)),
})

const terms = {
  restart: fc.oneof(
    { weight: 4, arbitrary: fc.constant<RestartType>('permanent') },
    { weight: 3, arbitrary: fc.constantFrom<RestartType>('transient', 'temporary') },
  ),
  backoffMs: often<number | undefined>(undefined, fc.constantFrom(0, 100)),
  budget: often<Terms['budget']>(
    undefined,
    fc
      .tuple(limit, fc.constantFrom('stop' as const, 'quarantine' as const))
      .map(([each, then]) => ({ ...each, maxRestarts: each.maxRestarts - 1, then })),
    2,
  ),
}
const anActor = fc.record({ ...terms, is: one('actor'), kind: fc.nat(KINDS - 1) })
const actors = fc.array(anActor, { minLength: 1, maxLength: 3 })
const strategy = fc.constantFrom<StrategyName>('one-for-one', 'all-for-one', 'rest-for-one')
const below = fc.record({ strategy, limit, policy: often<Policy>({}, policy, 2), children: actors })
const tree = fc.record({
  strategy,
  limit: limit.map((each) => ({ ...each, maxRestarts: each.maxRestarts + 3 })),
  policy: often<Policy>({}, policy, 2),
  actors,
  groups: fc.array(fc.tuple(fc.record(terms), below), { maxLength: 2 }),
  pool: fc.option(anActor, { freq: 2 }),
  home: fc.option(fc.tuple(anActor, fc.constantFrom(40, 300)), { freq: 2 }),
})
type Tree = typeof tree extends fc.Arbitrary<infer T> ? T : never

// Every node has a name of its own.
function rootOf({ actors: own, groups, pool, home, ...rest }: Tree): Supervising {
  const name = (each: (typeof own)[number], at: string): Node => ({ ...each, name: at })
  const children: Node[] = own.map((each, i) => name(each, `a${i}`))
  groups.forEach(([of, group], g) => {
    const children2 = group.children.map((each, i) => name(each, `g${g}a${i}`))
    children.push({ ...of, is: 'supervisor', ...group, children: children2, name: `g${g}` })
  })
  if (pool !== null) children.push({ ...pool, is: 'pool', name: 'pool' })
  if (home !== null) children.push({ ...home[0], is: 'home', idleMs: home[1], name: 'home' })
  return { ...rest, children }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      do: one('tell'),
      to,
      type,
      v: fc.nat(9),
      name: often<string | undefined>(undefined, fc.constantFrom('north', 'south')),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: one('ask'), to, type, v: fc.nat(9) }) },
  { weight: 8, arbitrary: fc.record({ do: one('advance'), byMs: fc.constantFrom(1, 25, 60, 450, 1_100) }) },
  { weight: 4, arbitrary: fc.record({ do: one('settle') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: one('crash'),
      awayMs: fc.constantFrom(0, 100, 5_000),
      cutAfter: often(Infinity, fc.nat(12), 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('reopen') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: one('steer'),
      command: fc.constantFrom(
        'pause' as const,
        'resume' as const,
        'quarantine' as const,
        'release' as const,
      ),
      to,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: one('parked'),
      command: fc.constantFrom('redrive' as const, 'redrive' as const, 'drop' as const),
      nth: fc.nat(3),
    }),
  },
)

/** Swarms of up to twelve actors with scripts of up to 24 steps. */
export const swarms: fc.Arbitrary<Swarm> = fc.record({
  root: tree.map(rootOf),
  kinds: fc.array(kind, { minLength: KINDS, maxLength: KINDS }),
  script: fc.array(step, { minLength: 4, maxLength: 24 }),
  seed: fc.nat(1_000_000),
  cutAfter: often(Infinity, fc.nat(12)),
})
