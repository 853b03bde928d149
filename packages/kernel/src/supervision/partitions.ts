import type { ArgsOf, Definition, WithArgs } from '../definition.js'
import { refuse } from '../errors.js'
import { PARTITIONS_MAX } from '../limits.js'
import type { Strategy } from '../strategy/strategy.js'
import { child, supervisor, type ChildOptions, type SupervisorDefinition } from './supervisor-definition.js'

/** What `partitions` takes beside what every partition is made from. */
export interface PartitionsSpec<D extends Definition> {
  readonly name: string
  /** What every partition is made from. */
  readonly of: D
  /** How many there are. */
  readonly count: number
  /** @default one-for-one, 3 restarts in 5 s */
  readonly strategy?: Strategy
}

/** A partition supervisor as `partitions` gives it back. */
export interface PartitionsDefinition<D extends Definition> extends SupervisorDefinition {
  readonly of: D
  readonly isPartitioned: true
}

type PartitionOptions<A> = Omit<ChildOptions<A>, 'id' | 'significant'>

/**
 * Defines a supervisor of several copies of one definition, among which keys are spread: what is sent to
 * `keyed(path, key)` reaches one of those that run, the same one for a key as long as their number is the same.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 * @example
 * const cache = actor({ name: 'cache', on: { get: (_ctx, key: string) => key } })
 * const caches = partitions({ name: 'caches', of: cache, count: 8 })
 * // system.ref(cache, keyed('/root/caches', 'customer-42')).tell('get', 'x')
 */
export function partitions<D extends Definition>(
  spec: PartitionsSpec<D>,
  ...[options]: WithArgs<ArgsOf<D>, PartitionOptions<ArgsOf<D>>>
): PartitionsDefinition<D> {
  const { name, of, count, strategy } = spec
  checkPartitions(count, 'count', name)
  const children = Array.from({ length: count }, (_, i) =>
    child(of as Definition, { ...(options as ChildOptions<undefined>), id: String(i) }),
  )
  const definition = supervisor(strategy === undefined ? { name, children } : { name, children, strategy })
  return Object.freeze({ ...definition, of, isPartitioned: true })
}

/** Refuses a number of partitions that makes no sense. */
export function checkPartitions(count: unknown, field: string, name: string): asserts count is number {
  const isRight = Number.isSafeInteger(count) && (count as number) >= 1 && (count as number) <= PARTITIONS_MAX
  if (!isRight) refuse(field, count, `a whole number from 1 to ${PARTITIONS_MAX}`, name)
}

/** The path under which a partition supervisor finds the partition of a key. */
export function keyed(path: string, key: string): string {
  if (typeof key !== 'string' || key === '') refuse('key', key, 'a text of at least one character')
  return `${path}/${KEY}${encodeURIComponent(key)}`
}

/** Begins a name that is a key. */
export const KEY = '#'

/** Which of so many a key belongs to: FNV-1a, which spreads similar keys well enough. */
export function partitionOf(key: string, count: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % count
}
