import { SHUTDOWN_MS } from '../limits.js'
import type { BudgetOptions, RestartLimit } from '../strategy/strategy.js'
import type { Backoff } from './backoff.js'

/** When a child that ended is started again: always, only after a failure, never. */
export type RestartType = 'permanent' | 'transient' | 'temporary'

/** What becomes of a child whose own budget is exhausted. */
type Exhausted = 'stop' | 'quarantine'

/** How often one child may be restarted, and what becomes of it then. */
export interface ChildBudgetOptions extends BudgetOptions {
  /**
   * `stop`: it ends with the reason `gave-up`. `quarantine`: it is held on its last good state, and its mail waits, until
   * `system.steer.release`. @default `stop`
   */
  readonly then?: Exhausted
}

/** The same with its defaults. */
export interface ChildBudget extends RestartLimit {
  readonly then: Exhausted
}

/** On which terms a child is restarted and stopped. Children share them: a million of one kind have one object. */
export interface ChildTerms {
  readonly restart: RestartType
  /** Milliseconds that it has for its stop, `infinity`, or `brutal`: at once, without its stop hook. */
  readonly shutdown: number | 'infinity' | 'brutal'
  readonly backoff: Backoff | undefined
  readonly budget: ChildBudget | undefined
  readonly significant: boolean
}

/** The terms alone, out of what may say more. */
export function termsOf({ restart, shutdown, backoff, budget, significant }: ChildTerms): ChildTerms {
  return { restart, shutdown, backoff, budget, significant }
}

const plain = (restart: RestartType, shutdown: ChildTerms['shutdown']): ChildTerms =>
  Object.freeze({ restart, shutdown, backoff: undefined, budget: undefined, significant: false })

const PLAIN = {
  actor: {
    permanent: plain('permanent', SHUTDOWN_MS),
    transient: plain('transient', SHUTDOWN_MS),
    temporary: plain('temporary', SHUTDOWN_MS),
  },
  supervisor: {
    permanent: plain('permanent', 'infinity'),
    transient: plain('transient', 'infinity'),
    temporary: plain('temporary', 'infinity'),
  },
} as const

/** The terms of a child about which nobody has said more than when it is restarted. */
export function plainTerms(restart: RestartType, isSupervisor: boolean): ChildTerms {
  return PLAIN[isSupervisor ? 'supervisor' : 'actor'][restart]
}
