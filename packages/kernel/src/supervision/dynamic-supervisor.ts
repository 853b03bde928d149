import type { Definition, FailurePolicy } from '../definition.js'
import { isDefinition } from '../definition-check.js'
import { refuse } from '../errors.js'
import { CHILDREN_MAX } from '../limits.js'
import { checkName } from '../path.js'
import { isTriedOnce } from '../task.js'
import { oneForOne } from '../strategy/one-for-one.js'
import type { BudgetOptions } from '../strategy/strategy.js'
import type { BackoffOptions } from './backoff.js'
import type { ChildBudgetOptions, ChildTerms, RestartType } from './child-terms.js'
import { checkPolicy, child, type ChildSpec, type SupervisorDefinition } from './supervisor-definition.js'

/** What `dynamicSupervisor` takes. */
export interface DynamicSupervisorSpec<D extends Definition> {
  readonly name: string
  /** What every child is made from. */
  readonly of: D
  /** Children that it may have at once; one more is refused with `HF_MAX_CHILDREN`. @default 1,000,000 */
  readonly maxChildren?: number
  /**
   * @default `transient`: started again after a failure, forgotten when it ends; `temporary` for a task that is tried
   *   once: forgotten in either case
   */
  readonly restart?: RestartType
  /** @default 5,000 ms for an actor, `infinity` for a supervisor */
  readonly shutdown?: ChildTerms['shutdown']
  /** Pauses before a child is restarted. */
  readonly backoff?: BackoffOptions
  /** Restarts of one child alone; one more, and that child ends with the reason `gave-up`, or is quarantined. */
  readonly budget?: ChildBudgetOptions
  /** Restarts of all children together; one more, and the supervisor fails. @default 3 in 5 s */
  readonly strategy?: BudgetOptions
  /** Directives for errors of which the children's definition says nothing. */
  readonly onFailure?: FailurePolicy
}

/** A dynamic supervisor as `dynamicSupervisor` gives it back. */
export interface DynamicSupervisorDefinition<D extends Definition> extends SupervisorDefinition {
  readonly of: D
  readonly template: ChildSpec
}

/**
 * Defines a supervisor of many children of one kind, which come and go: each is asked for with `start`, fails and
 * restarts alone, and is forgotten when it ends. When the supervisor stops, they stop together, and when it is restarted,
 * they are gone.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 * @example
 * const teller = actor({ name: 'teller', on: { greet: () => 'hello' } })
 * const tellers = dynamicSupervisor({ name: 'tellers', of: teller, maxChildren: 1_000 })
 * const bank = supervisor({ name: 'bank', children: [child(tellers)] })
 * // const ref = await system.ref(tellers, '/bank/tellers').ask('start', { id: 'ana' })
 */
export function dynamicSupervisor<D extends Definition>(
  spec: DynamicSupervisorSpec<D>,
): DynamicSupervisorDefinition<D> {
  const name = checkName(spec.name, 'name')
  const { of, maxChildren = CHILDREN_MAX, shutdown, backoff, budget } = spec
  if (!isDefinition(of)) refuse('of', of, 'what actor() or supervisor() gives back', name)
  const { restart = isTriedOnce(of) ? 'temporary' : 'transient' } = spec
  if (!Number.isSafeInteger(maxChildren) || maxChildren < 0 || maxChildren > CHILDREN_MAX)
    refuse('maxChildren', maxChildren, `a whole number from 0 to ${CHILDREN_MAX}`, name)
  checkPolicy(spec.onFailure, name)
  const template = child(of as Definition, { restart, shutdown, backoff, budget })
  return Object.freeze({
    kind: 'supervisor',
    name,
    version: 1,
    strategy: oneForOne(spec.strategy),
    children: Object.freeze([]),
    onFailure: spec.onFailure,
    autoShutdown: 'never',
    of,
    template,
    maxChildren,
    isPartitioned: false,
    idleMs: undefined,
  })
}
