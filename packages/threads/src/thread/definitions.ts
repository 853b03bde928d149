// Definitions are found in a thread as they are in a log: by their names. What a definition closes over never travels; each
// thread loads the module for itself.

import { Blueprints, HoldfastError, isDefinition, type Blueprint, type Definition } from '@holdfast/kernel'

/** Finds the blueprints of definitions in the modules that export them. */
export class Definitions {
  readonly #modules = new Map<string, Promise<Blueprints>>()

  /** Loads modules before they are needed. What cannot be loaded is told whoever needs it. */
  async load(modules: readonly string[]): Promise<void> {
    await Promise.allSettled(modules.map((module) => this.#load(module)))
  }

  /** @throws {HoldfastError} `HF_THREAD_UNLOADABLE` */
  async find(name: string, module: string): Promise<Blueprint> {
    const blueprints = await this.#load(module)
    if (!blueprints.has(name))
      throw unloadable(name, module, 'it exports no such definition, nor what is above one')
    return blueprints.named(name, module)
  }

  #load(module: string): Promise<Blueprints> {
    let loading = this.#modules.get(module)
    if (loading === undefined) this.#modules.set(module, (loading = load(module)))
    return loading
  }
}

async function load(module: string): Promise<Blueprints> {
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(module)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw unloadable('', module, error instanceof Error ? error.message : String(error), error)
  }
  const inner = (exported['default'] as { readonly default?: unknown } | null | undefined)?.default
  const found = new Set([...Object.values(exported), inner].flatMap(definitionsIn))
  const [first, ...more] = found
  if (first === undefined) throw unloadable('', module, 'it exports no definition')
  return new Blueprints(first, more)
}

// What a module exports may be a definition, or a swarm that has some. A module that was compiled to CommonJS carries its
// default export one level down.
function definitionsIn(value: unknown): readonly Definition[] {
  if (isDefinition(value)) return [value]
  if (typeof value !== 'object' || value === null) return []
  const { kind, root, definitions } = value as { kind?: unknown; root?: unknown; definitions?: unknown }
  if (kind !== 'swarm') return []
  return [root, ...(Array.isArray(definitions) ? (definitions as unknown[]) : [])].filter(isDefinition)
}

function unloadable(name: string, module: string, why: string, cause?: unknown): HoldfastError {
  const what = name === '' ? '' : ` for "${name}"`
  return new HoldfastError('HF_THREAD_UNLOADABLE', `A thread cannot load ${module}${what}: ${why}.`, {
    field: 'module',
    cause,
    hint: 'Export the definition from the module that its `module` names, mostly import.meta.url.',
  })
}
