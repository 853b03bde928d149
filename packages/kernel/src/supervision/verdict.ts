// What is to be done about a failure, from the code alone: the same for an actor that runs and for a failure in a log.

import type { Blueprint } from '../blueprint.js'
import type { FailureContext, StoredError } from '../records.js'
import type { RestartType } from './child-terms.js'
import { directiveFor, matchOf, type Directive } from './directive.js'

/**
 * The directive for the failure of an actor below another one.
 *
 * @throws what a function throws that decides
 */
export function directiveOf(
  blueprint: Blueprint,
  above: Blueprint | undefined,
  restart: RestartType,
  stored: StoredError,
  context: FailureContext,
): Directive {
  const directive = context === 'child' ? 'restart' : policyOf(blueprint, above, stored)
  // There is no last good state to resume to when the start itself failed.
  const wanted = context === 'start' && directive === 'resume' ? 'restart' : directive
  return wanted === 'restart' && restart === 'temporary' ? 'stop' : wanted
}

// What the definition itself says comes first, then what the supervisor says for those that say nothing.
function policyOf(blueprint: Blueprint, above: Blueprint | undefined, stored: StoredError): Directive {
  const own = blueprint.isSupervisor ? undefined : matchOf(stored, blueprint.onFailure)
  return own ?? directiveFor(stored, above?.isSupervisor === true ? above.onFailure : undefined)
}
