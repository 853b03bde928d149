import type { Definition, FailurePolicy } from '../definition.js'
import { isDefinition } from '../definition-check.js'
import { refuse } from '../errors.js'
import { TIMER_MS_MAX, VIRTUAL_IDLE_MS } from '../limits.js'
import { checkName } from '../path.js'
import { oneForOne } from '../strategy/one-for-one.js'
import { isVolatile } from '../volatile.js'
import type { BackoffOptions } from './backoff.js'
import type { ChildBudgetOptions, ChildTerms } from './child-terms.js'
import { checkPolicy, child, type ChildSpec, type SupervisorDefinition } from './supervisor-definition.js'

/** What `virtualActors` takes. */
export interface VirtualActorsSpec<D extends Definition> {
  readonly name: string
  /** What every one of them is made from: a durable actor whose state needs no arguments. */
  readonly of: D
  /** One that has handled nothing for so long goes to sleep. @default 60,000 ms */
  readonly idleMs?: number
  /** @default 5,000 ms */
  readonly shutdown?: ChildTerms['shutdown']
  /** Pauses before one is restarted. */
  readonly backoff?: BackoffOptions
  /** Restarts of one of them; one more, and it sleeps until its next message, or is quarantined. @default 3 in 5 s */
  readonly budget?: ChildBudgetOptions
  /** Directives for errors of which their definition says nothing. */
  readonly onFailure?: FailurePolicy
}

/** A home of virtual actors as `virtualActors` gives it back. */
export interface VirtualActorsDefinition<D extends Definition> extends SupervisorDefinition {
  readonly of: D
  readonly template: ChildSpec
  readonly idleMs: number
}

/**
 * Defines the home of virtual actors (after Orleans): each is known by its key and is always there. Its first message
 * brings it to life; when it is idle it goes to sleep, which is a snapshot and no memory but its name; its next message
 * wakes it with the state that it had. It ends never: a stop, a failure or a restart of its home only send it to sleep.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 * @example
 * const cart = actor({ name: 'cart', state: () => ({ items: 0 }), on: { add: (ctx) => ++ctx.state.items } })
 * const shop = supervisor({ name: 'shop', children: [child(virtualActors({ name: 'carts', of: cart }))] })
 * // await system.get(cart, 'customer-42').ask('add')
 */
export function virtualActors<D extends Definition>(spec: VirtualActorsSpec<D>): VirtualActorsDefinition<D> {
  const name = checkName(spec.name, 'name')
  const { of, idleMs = VIRTUAL_IDLE_MS, shutdown, backoff, budget } = spec
  if (!isDefinition(of) || of.kind !== 'actor' || isVolatile(of)) refuse('of', of, 'a durable actor', name)
  if (!(idleMs > 0 && idleMs <= TIMER_MS_MAX))
    refuse('idleMs', idleMs, `1 to ${TIMER_MS_MAX} milliseconds`, name)
  checkPolicy(spec.onFailure, name)
  const template = child(of as Definition, {
    restart: 'transient',
    shutdown,
    backoff,
    // The home is charged for nobody: it would take a million others along.
    budget: budget ?? {},
  })
  return Object.freeze({
    kind: 'supervisor',
    name,
    version: 1,
    strategy: oneForOne({ maxRestarts: Number.MAX_SAFE_INTEGER, withinMs: 1 }),
    children: Object.freeze([]),
    onFailure: spec.onFailure,
    autoShutdown: 'never',
    of,
    template,
    maxChildren: Number.MAX_SAFE_INTEGER,
    isPartitioned: false,
    idleMs,
  })
}
