// One handler of a random swarm changed at random. A change is plain data, and what it comes to is found out when it is
// known which handlers have really run.

import fc from 'fast-check'
import type { LogRecord } from '@holdfast/kernel'
import { isSafe, op, TYPES, type Op, type Reach, type Swarm } from './random-swarms.js'
import { isWaiting, type TurnOf } from './swarm-programs.js'
import { written, type Code } from './swarm-world.js'

/** What is done to one handler. */
export interface HandlerChange {
  /** Which of those that have run. */
  readonly handler: number
  readonly how: 'insert' | 'remove' | 'replace' | 'alter' | 'swap'
  /** Which of its ops. */
  readonly at: number
  /** What is put in. */
  readonly op: Op
  /** What of an op is altered. */
  readonly by: number
}

/** A handler: that of a message type or of a hook of one kind of actor. */
export interface Handler {
  readonly kind: number
  readonly name: string
}

export const handlerChanges: fc.Arbitrary<HandlerChange> = fc.record({
  handler: fc.nat(30),
  how: fc.constantFrom<HandlerChange['how']>('insert', 'remove', 'replace', 'alter', 'alter', 'swap'),
  at: fc.nat(4),
  op,
  by: fc.nat(11),
})

const HOOKS: Readonly<Record<string, string>> = { $start: 'onStart', $restart: 'onRestart', $stop: 'onStop' }

/** The handlers that have run, by the log. */
export function handlersRun(records: readonly LogRecord[]): Handler[] {
  const kinds = new Map<number, number>()
  const types = new Map<number, string>()
  const found = new Map<string, Handler>()
  for (const record of records) {
    if (record.kind === 'spawned') {
      const { definition } = record.data()
      if (definition.startsWith('kind-')) kinds.set(record.actor, Number(definition.slice(5)))
    } else if (record.kind === 'message') types.set(record.position, record.type)
    else if (record.kind === 'turn' || record.kind === 'failed') {
      const [kind, type] = [kinds.get(record.actor), types.get(record.cause)]
      if (kind === undefined || type === undefined) continue
      const name = HOOKS[type] ?? type
      found.set(`${kind} ${name}`, { kind, name })
    }
  }
  return [...found.keys()].sort().map((key) => found.get(key)!)
}

/** The code of a swarm with one handler that does something else, in all its turns or in some. */
export function withHandler(
  swarm: Swarm,
  { kind, name }: Handler,
  ops: readonly Op[],
  isChanged: (turn: TurnOf) => boolean = () => true,
): Code {
  const as = written(swarm)
  const other = { ops, waits: ops.some(isWaiting) }
  return (of, message, turn) =>
    of === kind && message === name && isChanged(turn) ? other : as(of, message, turn)
}

// Whether something is refused follows from others: of what fails anyway, no log tells what it would have been refused.
function unrefused(each: Op): Op {
  if (each.do === 'link' || each.do === 'dependOn') return { ...each, do: 'watch' }
  return each.do === 'tell' || each.do === 'schedule'
    ? { ...each, type: each.type === 'c' ? 'a' : each.type }
    : each
}

function hasLives(each: Op): boolean {
  return each.do === 'lives' || ('reaches' in each && each.reaches.some(hasLives))
}

// That an effect was begun stands nowhere before it has ended: one that hangs is like any other of its name.
function hangs(each: Op | undefined): boolean {
  return (
    each !== undefined &&
    'reaches' in each &&
    each.reaches.some((one) => one.do === 'effect' && one.how === 'hangs')
  )
}

/** The name of a patch that no log holds. */
const NEW_PATCH = 'z'

/** The same in a run from the start, where a patch that no log holds is none. */
export function asRecorded(ops: readonly Op[]): readonly Op[] {
  return ops.map((each) => (each.do === 'patched' && each.id === NEW_PATCH ? { do: 'unpatched' } : each))
}

/** What a handler does after a change. */
export function changedOps(swarm: Swarm, { kind, name }: Handler, change: HandlerChange): readonly Op[] {
  const ops = swarm.kinds[kind]!.on[name] ?? []
  const isHook = !TYPES.includes(name as never)
  const { how, by } = change
  // A hook that tells or fails each time might be run again for ever.
  const fits = (each: Op): Op => {
    if (each.do === 'patched') return { ...each, id: NEW_PATCH }
    // Of whom it was asked whether he lives is not in the log, so that one such question is like another.
    if (hasLives(each) && ops.some(hasLives)) return { do: 'add', by: by + 1 }
    // What a hook sees of time and chance shows in the log of a hook that waits for a thread, and in no other.
    if (isHook && (!isSafe(each) || each.do === 'noise')) return { do: 'add', by: by + 1 }
    return unrefused(each)
  }
  const other = fits(change.op)
  const at = change.at % Math.max(1, ops.length)
  // The patch of an old log stays where it is: code that has lost it is under it all the same.
  const pair = [ops[at], ops[(at + 1) % Math.max(1, ops.length)]]
  const isPatch = pair.some((each) => each?.do === 'patched')
  const isLives = pair.every((each) => each !== undefined && hasLives(each))
  // Who hears something follows from when it is told, and what is behind a wait is told later.
  const isLater = pair.some((each) => each !== undefined && isWaiting(each) !== isWaiting(pair[0]!))
  // Of two that are refused the log has the first one, and of the other not whether it would have been.
  const isRefused = pair.every((each) => each !== undefined && 'type' in each && each.type === 'c')
  const isUnclear = how === 'swap' ? isLives || isLater || isRefused : how === 'alter' && hangs(ops[at])
  if (ops.length === 0 || how === 'insert' || isPatch || isUnclear)
    return ops.toSpliced(change.at % (ops.length + 1), 0, other)
  if (how === 'remove') return ops.toSpliced(at, 1)
  if (how === 'replace') return ops.toSpliced(at, 1, other)
  if (how === 'alter') return ops.toSpliced(at, 1, fits(altered(ops[at]!, by)))
  const next = (at + 1) % ops.length
  return ops.with(at, ops[next]!).with(next, ops[at]!)
}

const other = <T>(of: readonly T[], value: T, by: number): T =>
  of[(of.indexOf(value) + 1 + (by % (of.length - 1))) % of.length]!

const VALUES = ['one', 'n', 'time', 'dice', 'id', 'given', 'me'] as const
const ERRORS = ['Slip', 'Crash', 'Doom'] as const
const ENDS = ['stop', 'drain', 'kill'] as const
const FATES = ['watch', 'unwatch', 'link', 'dependOn', 'unlink'] as const
const ALONE = ['stash', 'unstash', 'mutate', 'noise', 'reply'] as const

/** Another op of the same sort. */
function altered(each: Op, by: number): Op {
  const half = Math.floor(by / 3)
  switch (each.do) {
    case 'ask':
    case 'effect':
    case 'lives':
      return alteredReach(each, by)
    case 'race':
    case 'all': {
      const at = by % each.reaches.length
      return { ...each, reaches: each.reaches.with(at, alteredReach(each.reaches[at]!, half)) }
    }
    case 'tell':
      if (by % 4 === 0) return { ...each, type: other(TYPES, each.type, by) }
      if (by % 4 === 1) return { ...each, to: each.to + 1 }
      if (by % 4 === 2) return { ...each, named: !each.named }
      return { ...each, value: other(VALUES, each.value, by) }
    case 'schedule':
      if (by % 3 === 0) return { ...each, type: other(TYPES, each.type, by) }
      return by % 3 === 1 ? { ...each, afterMs: each.afterMs + 1 } : { ...each, everyMs: each.everyMs + 100 }
    case 'unschedule':
      return { ...each, key: each.key === 'k' ? 'l' : 'k' }
    case 'throw':
      return by % 2 === 0
        ? { ...each, error: other(ERRORS, each.error, by) }
        : { ...each, sides: each.sides + 1 }
    case 'add':
      return { ...each, by: each.by + 1 + by }
    case 'spawn':
      return by % 2 === 0 ? { ...each, name: !each.name } : { ...each, own: !each.own }
    case 'stop':
      return by % 2 === 0 ? { ...each, how: other(ENDS, each.how, by) } : { ...each, whom: 'self' }
    case 'pool':
      return by % 2 === 0
        ? { ...each, what: each.what === 'start' ? 'terminate' : 'start' }
        : { ...each, id: each.id === 'p' ? 'q' : 'p' }
    case 'watch':
    case 'unwatch':
    case 'link':
    case 'dependOn':
    case 'unlink':
      return by % 2 === 0 ? { ...each, do: other(FATES, each.do, by) } : { ...each, to: each.to + 1 }
    case 'stash':
    case 'unstash':
    case 'mutate':
    case 'noise':
    case 'reply':
      return { do: other(ALONE, each.do, by) }
    default:
      return { do: 'add', by: by + 1 }
  }
}

function alteredReach(each: Reach, by: number): Reach {
  if (each.do === 'lives')
    return { do: 'ask', to: each.to, type: other(TYPES, 'a', by), value: 'one', timeoutMs: 200 }
  if (each.do === 'effect') {
    if (by % 3 === 0) return { ...each, name: each.name === 'look' ? 'pay' : 'look' }
    return by % 3 === 1 ? { ...each, tries: 3 - each.tries } : { ...each, how: other(HOWS, each.how, by) }
  }
  if (by % 3 === 0) return { ...each, value: other(VALUES, each.value, by) }
  return by % 3 === 1 ? { ...each, to: each.to + 1 } : { ...each, type: other(TYPES, each.type, by) }
}

const HOWS = ['now', 'later', 'hangs'] as const
