import type { FailurePolicy } from '../definition.js'
import { HoldfastError } from '../errors.js'

/** What happens to an actor whose turn failed (after the four verbs of Akka's supervision). */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate'

/** The four, for validation. */
export const DIRECTIVES: readonly Directive[] = ['resume', 'restart', 'stop', 'escalate']

/**
 * Chooses the directive for an error: its code first, then the names of its class and of the classes above, then
 * `default`, then restart.
 */
export function directiveFor(error: unknown, policy: FailurePolicy | undefined): Directive {
  if (policy === undefined) return 'restart'
  if (error instanceof HoldfastError && policy[error.code] !== undefined) return policy[error.code]!
  for (const name of namesOf(error)) {
    if (Object.hasOwn(policy, name)) return policy[name]!
  }
  return policy['default'] ?? 'restart'
}

// An error that came out of the log is a plain `Error` with the name of its class, so the name counts first.
function* namesOf(error: unknown): Generator<string> {
  if (typeof error !== 'object' || error === null) return
  const code = (error as { readonly code?: unknown }).code
  if (typeof code === 'string') yield code
  const name = (error as { readonly name?: unknown }).name
  if (typeof name === 'string') yield name
  for (
    let at = Object.getPrototypeOf(error) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    if (at.constructor.name !== 'Object') yield at.constructor.name
  }
}
