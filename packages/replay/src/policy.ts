// Policy
// ======
// A swarm with other policies and the same code: strategies, budgets, directives, restart types and pauses, by the name
// of the definition or the id of the child. What a handler does stays as it is.

import {
  allForOne,
  child,
  oneForOne,
  refuse,
  restForOne,
  type ActorDefinition,
  type BackoffOptions,
  type ChildSpec,
  type Definition,
  type FailurePolicy,
  type RestartType,
  type Strategy,
  type SupervisorDefinition,
} from '@holdfast/kernel'

/** What is different for one definition, or for one child. */
export interface PolicyChange {
  /** Of a supervisor. */
  readonly strategy?: Strategy['kind']
  /** Of a supervisor. */
  readonly maxRestarts?: number
  /** Of a supervisor, in milliseconds. */
  readonly withinMs?: number
  /** Of a supervisor or an actor. */
  readonly onFailure?: FailurePolicy
  /** Of a child, by its id. */
  readonly restart?: RestartType
  /** Of a child, by its id; `null` for none. */
  readonly backoff?: BackoffOptions | null
}

/** What is different, by the name of the definition, or by the id of the child. */
export type Policy = Readonly<Record<string, PolicyChange>>

const STRATEGIES = { 'one-for-one': oneForOne, 'all-for-one': allForOne, 'rest-for-one': restForOne }

const FIELDS: readonly (keyof PolicyChange)[] = [
  'strategy',
  'maxRestarts',
  'withinMs',
  'onFailure',
  'restart',
  'backoff',
]

/** A swarm, as far as its definitions go. */
export interface Definitions {
  readonly root: Definition
  readonly definitions?: readonly Definition[]
}

/**
 * A swarm with other policies.
 *
 * @throws {HoldfastError} `HF_INVALID` when a name is not in the tree of the swarm, or a field is none of a policy
 * @example withPolicy(swarm, { bank: { strategy: 'rest-for-one', maxRestarts: 10 }, teller: { restart: 'transient' } })
 */
export function withPolicy(swarm: Definitions, policy: Policy): Definitions {
  const changing = new Changing(policy)
  const root = changing.definition(swarm.root)
  const definitions = (swarm.definitions ?? []).map((each) => changing.definition(each))
  changing.check()
  return { root, definitions }
}

class Changing {
  readonly #policy: Policy
  readonly #done = new Map<Definition, Definition>()
  readonly #known = new Set<string>()

  constructor(policy: Policy) {
    this.#policy = policy
    for (const [name, change] of Object.entries(policy)) {
      if (typeof change !== 'object' || (change as unknown) === null)
        refuse(`policy.${name}`, change, 'an object')
      for (const field of Object.keys(change))
        if (!(FIELDS as readonly string[]).includes(field))
          refuse(`policy.${name}.${field}`, (change as never)[field], `one of ${FIELDS.join(', ')}`)
    }
  }

  definition(definition: Definition): Definition {
    const done = this.#done.get(definition)
    if (done !== undefined) return done
    this.#known.add(definition.name)
    const changed =
      definition.kind === 'supervisor'
        ? this.#supervisor(definition as SupervisorDefinition)
        : this.#actor(definition as ActorDefinition<unknown, unknown, unknown>)
    this.#done.set(definition, changed)
    return changed
  }

  /** @throws {HoldfastError} `HF_INVALID` for a name that the swarm does not have */
  check(): void {
    for (const name of Object.keys(this.#policy))
      if (!this.#known.has(name))
        refuse(`policy.${name}`, name, `one of ${[...this.#known].sort().join(', ')}`)
  }

  #supervisor(definition: SupervisorDefinition): SupervisorDefinition {
    const { strategy: kind, maxRestarts, withinMs, onFailure } = this.#policy[definition.name] ?? {}
    const { strategy, children, template } = definition
    if (kind !== undefined && !Object.hasOwn(STRATEGIES, kind))
      refuse(`policy.${definition.name}.strategy`, kind, Object.keys(STRATEGIES).join(', '))
    return {
      ...definition,
      strategy: STRATEGIES[kind ?? strategy.kind]({
        maxRestarts: maxRestarts ?? strategy.maxRestarts,
        withinMs: withinMs ?? strategy.withinMs,
      }),
      onFailure: onFailure ?? definition.onFailure,
      children: children.map((spec) => this.#child(spec)),
      template: template === undefined ? undefined : this.#child(template),
    }
  }

  #child(spec: ChildSpec): ChildSpec {
    const { id } = spec
    this.#known.add(id)
    const { restart, backoff } = this.#policy[id] ?? {}
    const definition = this.definition(spec.definition)
    const { restart: _, ...terms } = child(
      definition as never,
      {
        id,
        restart: restart ?? spec.restart,
        ...(backoff === undefined || backoff === null ? {} : { backoff }),
      } as never,
    )
    return {
      ...spec,
      definition,
      restart: restart ?? spec.restart,
      backoff: backoff === undefined ? spec.backoff : terms.backoff,
    }
  }

  // One that is spawned by its own definition is found by it, so a changed copy of it would not be found.
  #actor(definition: ActorDefinition<unknown, unknown, unknown>): Definition {
    const { spec } = definition
    for (const each of spec.spawns ?? []) {
      if (this.#policy[each.name]?.onFailure !== undefined)
        refuse(
          `policy.${each.name}.onFailure`,
          each.name,
          'a definition that is not spawned: change it in the code',
        )
    }
    const onFailure = this.#policy[definition.name]?.onFailure
    if (onFailure === undefined) return definition
    const changed: typeof definition = { ...definition, spec: { ...spec, onFailure } }
    return changed
  }
}
