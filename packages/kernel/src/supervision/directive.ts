import type { FailurePolicy } from '../definition.js'
import { refuse } from '../errors.js'
import { storedError } from '../records.js'

/** What happens to an actor whose turn failed (after the four verbs of Akka's supervision). */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate'

/** The four, for validation. */
export const DIRECTIVES: readonly Directive[] = ['resume', 'restart', 'stop', 'escalate']

/**
 * Chooses the directive for an error: its code first, then the names of its class and of the classes above, then
 * `default`, then restart.
 */
export function directiveFor(error: unknown, policy: FailurePolicy | undefined): Directive {
  return matchOf(error, policy) ?? 'restart'
}

/** What a policy says of an error, or `undefined` when it says nothing. @throws what a function throws that decides */
export function matchOf(error: unknown, policy: FailurePolicy | undefined): Directive | undefined {
  if (policy === undefined) return undefined
  if (typeof policy === 'function') {
    const directive = policy(storedError(error))
    if (directive === undefined || DIRECTIVES.includes(directive)) return directive
    refuse('onFailure', directive, `${DIRECTIVES.join(', ')} or undefined`)
  }
  for (const name of namesOf(error)) if (Object.hasOwn(policy, name)) return policy[name]
  return Object.hasOwn(policy, 'default') ? policy['default'] : undefined
}

// As the log keeps them, so that a decision taken after a restart of the process is the one that was due before.
function* namesOf(error: unknown): Generator<string> {
  const { name, code, bases } = storedError(error)
  if (code !== undefined) yield code
  yield name
  yield* bases ?? []
  if (name !== 'Thrown') yield 'Error'
}
