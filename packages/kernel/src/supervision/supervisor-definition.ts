import type { ArgsOf, Definition, WithArgs } from '../definition.js'
import { isDefinition, isStrategy } from '../definition-check.js'
import { HoldfastError, refuse } from '../errors.js'
import { CHILDREN_MAX, SHUTDOWN_MS, TIMER_MS_MAX } from '../limits.js'
import { checkName } from '../path.js'
import { oneForOne } from '../strategy/one-for-one.js'
import { restartLimitOf, type Strategy } from '../strategy/strategy.js'
import { backoffOf, type BackoffOptions } from './backoff.js'
import type { ChildBudget, ChildBudgetOptions, ChildTerms, RestartType } from './child-terms.js'
import { DIRECTIVES } from './directive.js'
import type { FailurePolicy } from '../definition.js'

/** How one child is started, restarted and stopped. */
export interface ChildSpec extends ChildTerms {
  readonly definition: Definition
  /** Unique among its siblings; the child's name in its path. */
  readonly id: string
  readonly args: unknown
}

/** What `child` takes beside the definition. */
export interface ChildOptions<A> {
  /** @default the definition's name */
  readonly id?: string
  /** What its state is made from. */
  readonly args?: A
  /** @default `permanent` */
  readonly restart?: RestartType
  /** @default 5,000 ms for an actor, `infinity` for a supervisor */
  readonly shutdown?: number | 'infinity' | 'brutal'
  /** Pauses before it is restarted; without, it is restarted at once. */
  readonly backoff?: BackoffOptions
  /**
   * Restarts of this child alone. One more, and it ends with the reason `gave-up` or is quarantined, while its supervisor
   * and its siblings go on. @default as many as the supervisor grants
   */
  readonly budget?: ChildBudgetOptions
  /** Its end counts for the supervisor's `autoShutdown`. Not for a permanent child. @default false */
  readonly significant?: boolean
}

/** When a supervisor ends by itself: never, with the first significant child that ended, or with the last one. */
export type AutoShutdown = 'never' | 'any' | 'all'

/** A supervisor as `supervisor` gives it back. */
export interface SupervisorDefinition extends Definition {
  readonly kind: 'supervisor'
  readonly strategy: Strategy
  readonly children: readonly ChildSpec[]
  readonly onFailure: FailurePolicy | undefined
  readonly autoShutdown: AutoShutdown
  /** What every child of a dynamic supervisor is made from; `undefined` for a supervisor whose spec names its children. */
  readonly template: ChildSpec | undefined
  /** Children that it may have at once. */
  readonly maxChildren: number
  /** Its children are partitions: a path that ends in a key leads to one of them. */
  readonly isPartitioned: boolean
  /** Its children are virtual actors, which sleep when they have been idle for so long. */
  readonly idleMs: number | undefined
}

/** What `supervisor` takes. */
export interface SupervisorSpec {
  readonly name: string
  /** @default one-for-one, 3 restarts in 5 s */
  readonly strategy?: Strategy
  /** Started in this order, stopped in reverse. */
  readonly children: readonly ChildSpec[]
  /** Directives for children whose own definition says nothing about an error. */
  readonly onFailure?: FailurePolicy
  /**
   * Ends the supervisor, as one whose work is done, when significant children have ended by themselves and for good: at
   * the first one (`any`), or when none is left (`all`). A root that is done stops its system. @default `never`
   */
  readonly autoShutdown?: AutoShutdown
}

/**
 * A child spec with OTP's defaults: permanent, and 5 s for its stop.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 * @example child(account, { id: 'reserve', args: { currency: 'EUR' } })
 */
export function child<D extends Definition>(
  definition: D,
  ...[options = {}]: WithArgs<ArgsOf<D>, ChildOptions<ArgsOf<D>>>
): ChildSpec {
  // Two modules that import each other are the usual reason why there is none yet.
  if (!isDefinition(definition))
    refuse('child.definition', definition, 'what actor() or supervisor() gives back')
  const supervises = definition.kind === 'supervisor'
  const spec: ChildSpec = {
    definition,
    id: checkName(options.id ?? definition.name, 'child.id'),
    args: options.args,
    restart: options.restart ?? 'permanent',
    shutdown: options.shutdown ?? (supervises ? 'infinity' : SHUTDOWN_MS),
    backoff:
      options.backoff === undefined ? undefined : backoffOf(options.backoff, options.id ?? definition.name),
    budget: options.budget === undefined ? undefined : childBudgetOf(options.budget),
    significant: options.significant ?? false,
  }
  if (!['permanent', 'transient', 'temporary'].includes(spec.restart)) {
    refuse('child.restart', spec.restart, '"permanent", "transient" or "temporary"', spec.id)
  }
  if (spec.significant && spec.restart === 'permanent') {
    refuse('child.significant', true, 'false for a permanent child, which never ends for good', spec.id)
  }
  const { shutdown } = spec
  const isTime = typeof shutdown === 'number' && shutdown >= 0 && shutdown <= TIMER_MS_MAX
  if (!isTime && shutdown !== 'infinity' && shutdown !== 'brutal') {
    refuse('child.shutdown', shutdown, 'milliseconds, "infinity" or "brutal"', spec.id)
  }
  return Object.freeze(spec)
}

/** @throws {HoldfastError} `HF_INVALID` with the field's name */
function childBudgetOf(options: ChildBudgetOptions): ChildBudget {
  const { then = 'stop' } = options
  if (then !== 'stop' && then !== 'quarantine') refuse('child.budget.then', then, '"stop" or "quarantine"')
  return { ...restartLimitOf(options, 'child.budget'), then }
}

/**
 * Defines a supervisor: its children, the order in which they start, and who shares the fate of one that fails.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_DUPLICATE_NAME` when two children have one id
 * @example
 * supervisor({ name: 'bank', strategy: restForOne(), children: [child(account, { id: 'reserve' })] })
 */
export function supervisor(spec: SupervisorSpec): SupervisorDefinition {
  checkName(spec.name, 'name')
  const children = spec.children as unknown
  if (!Array.isArray(children)) refuse('children', children, 'an array of child specs', spec.name)
  const ids = new Set<string>()
  for (const [i, each] of (children as readonly ChildSpec[]).entries()) {
    if (typeof (each as Partial<ChildSpec> | null)?.id !== 'string')
      refuse(`children.${i}`, each, 'a child spec: child(definition)', spec.name)
    if (ids.has(each.id)) {
      throw new HoldfastError(
        'HF_DUPLICATE_NAME',
        `${spec.name} has two children with the id "${each.id}".`,
        {
          field: 'children',
          actor: spec.name,
          hint: 'Give each child an id of its own: child(definition, { id }).',
        },
      )
    }
    ids.add(each.id)
  }
  if (spec.strategy !== undefined && !isStrategy(spec.strategy))
    refuse('strategy', spec.strategy, 'a strategy such as oneForOne()', spec.name)
  const { autoShutdown = 'never' } = spec
  if (!['never', 'any', 'all'].includes(autoShutdown))
    refuse('autoShutdown', autoShutdown, '"never", "any" or "all"', spec.name)
  const idle = (children as readonly ChildSpec[]).find(({ significant }) => significant)
  if (autoShutdown === 'never' && idle !== undefined)
    refuse('autoShutdown', autoShutdown, `"any" or "all", because "${idle.id}" is significant`, spec.name)
  checkPolicy(spec.onFailure, spec.name)
  return Object.freeze({
    kind: 'supervisor',
    name: spec.name,
    version: 1,
    strategy: spec.strategy ?? oneForOne(),
    children: Object.freeze([...(children as readonly ChildSpec[])]),
    onFailure: spec.onFailure,
    autoShutdown,
    template: undefined,
    maxChildren: CHILDREN_MAX,
    isPartitioned: false,
    idleMs: undefined,
  })
}

/** Refuses directives that are none. */
export function checkPolicy(policy: FailurePolicy | undefined, name: string): void {
  if (typeof policy === 'function') return
  for (const [error, directive] of Object.entries(policy ?? {})) {
    if (!DIRECTIVES.includes(directive)) refuse(`onFailure.${error}`, directive, DIRECTIVES.join(', '), name)
  }
}
