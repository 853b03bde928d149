import type { Around } from './around.js'
import { Blueprint } from './blueprint.js'
import type { Definition } from './definition.js'
import { isDefinition } from './definition-check.js'
import { HoldfastError, refuse } from './errors.js'
import type { SupervisorDefinition } from './supervision/supervisor-definition.js'

/** All definitions that a system knows, found by walking from its root through children and `spawns`. */
export class Blueprints {
  readonly #byName = new Map<string, Blueprint>()
  readonly #around: Around | undefined

  constructor(root: Definition, more: readonly Definition[] = [], around?: Around) {
    this.#around = around
    if (!isDefinition(root)) refuse('root', root, 'what actor() or supervisor() gives back')
    for (const [i, each] of more.entries())
      if (!isDefinition(each)) refuse(`definitions.${i}`, each, 'what actor() or supervisor() gives back')
    const waiting: Definition[] = [root, ...more]
    for (let definition = waiting.pop(); definition !== undefined; definition = waiting.pop()) {
      if (!this.#add(definition)) continue
      // One by one, because a supervisor may name more children than a call takes arguments.
      for (const each of below(definition)) waiting.push(each)
    }
  }

  /** The blueprint of a definition. @throws {HoldfastError} `HF_DEFINITION_UNLISTED` */
  of(definition: Definition): Blueprint {
    const blueprint = this.#byName.get(definition.name)
    if (blueprint?.definition === definition) return blueprint
    throw new HoldfastError(
      'HF_DEFINITION_UNLISTED',
      `The definition "${definition.name}" is not known to this system.`,
      {
        field: 'spawns',
        hint: `List it under "spawns" of the actor that spawns it, so that recovery finds it by its name.`,
      },
    )
  }

  /** The blueprint of a name in the log. @throws {HoldfastError} `HF_DEFINITION_MISSING` */
  named(name: string, actor: string): Blueprint {
    const blueprint = this.#byName.get(name)
    if (blueprint !== undefined) return blueprint
    throw new HoldfastError(
      'HF_DEFINITION_MISSING',
      `${actor} was made from the definition "${name}", which this system does not have.`,
      {
        actor,
        field: 'definition',
        hint: 'Give the definition back its name, or list it under "spawns" of the actor that spawns it.',
      },
    )
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  all(): IterableIterator<Blueprint> {
    return this.#byName.values()
  }

  /**
   * Takes a definition in the place of the one of the same name, with those below it that are new.
   *
   * @throws {HoldfastError} `HF_DUPLICATE_NAME` when one below it has the name of another one; then nothing has changed
   */
  replace(definition: SupervisorDefinition): Blueprint {
    const added = new Blueprints(definition, [], this.#around)
    for (const blueprint of added.all()) {
      if (blueprint.definition === definition) continue
      const known = this.#byName.get(blueprint.name)
      if (known !== undefined && known.definition !== blueprint.definition) throw twoNamed(blueprint.name)
    }
    for (const blueprint of added.all())
      if (blueprint.definition === definition || !this.has(blueprint.name))
        this.#byName.set(blueprint.name, blueprint)
    return this.#byName.get(definition.name)!
  }

  #add(definition: Definition): boolean {
    const known = this.#byName.get(definition.name)
    if (known?.definition === definition) return false
    if (known !== undefined) throw twoNamed(definition.name)
    this.#byName.set(definition.name, new Blueprint(definition, this.#around))
    return true
  }
}

function twoNamed(name: string): HoldfastError {
  return new HoldfastError('HF_DUPLICATE_NAME', `Two definitions are named "${name}".`, {
    field: 'name',
    hint: 'Give each definition a name of its own: the log finds it by that name.',
  })
}

function below(definition: Definition): readonly Definition[] {
  if (definition.kind === 'supervisor') {
    const { children, template } = definition as SupervisorDefinition
    const specs = template === undefined ? children : [...children, template]
    return specs.map((spec) => spec.definition)
  }
  return (
    (definition as unknown as { readonly spec: { readonly spawns?: readonly Definition[] } }).spec.spawns ??
    []
  )
}
