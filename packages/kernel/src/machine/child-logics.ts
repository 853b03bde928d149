// The logics that a machine may start, each with a definition under a name that recovery finds again.

import { refuse } from '../errors.js'
import { logicsOf } from './check-machine.js'
import { kindOf } from './logic-kind.js'
import { checkEffect, type LooseOptions, type LooseSpec } from './loose-spec.js'
import type { machineDefinition } from './machine-definition.js'
import { SNAPSHOT } from './machine-handlers.js'
import type { ChildLogic, Common } from './machine-plan.js'
import { promiseActor } from './promise-actor.js'
import { reducerActor } from './reducer-actor.js'
import { sourceActor } from './source-actor.js'
import { isMachine, RESERVED, type Logic, type MachineLogic } from './xstate.js'

/** What the definitions of the logics need to know of the machine that starts them. */
export interface Above {
  readonly spec: LooseSpec
  readonly machine: MachineLogic
  /** The types of its events. */
  readonly known: ReadonlySet<string>
  /** What it was made from, and the machines above it. */
  readonly lineage: readonly unknown[]
  readonly define: typeof machineDefinition
}

const NONE: ReadonlySet<string> = new Set()

/** The logics of a machine, by the names that it has for them. */
export function childLogics(above: Above): ReadonlyMap<string, ChildLogic> {
  const { name, children = {} } = above.spec
  const found = logicsOf(name, above.machine)
  for (const src of Object.keys(children))
    if (!found.has(src)) refuse(`children.${src}`, src, `one of: ${[...found.keys()].join(', ')}`, name)
  return new Map([...found].map(([src, logic]) => [src, childLogic(above, src, logic, children[src] ?? {})]))
}

function childLogic(above: Above, src: string, logic: unknown, options: LooseOptions): ChildLogic {
  const { spec, known, lineage, define } = above
  const name = nameFor(spec.name, src)
  const common: Common = { version: options.version ?? spec.version ?? 1, durable: spec.durable ?? true }
  const kind = kindOf(logic)!
  if (isMachine(logic)) {
    const definition = define({ ...options, ...common, name, machine: logic }, known, lineage)
    const types = Object.keys(definition.spec.on).filter((type) => !type.startsWith(RESERVED))
    const events = new Set(types.filter((type) => type !== SNAPSHOT))
    return { kind, known: events, definition: definition as ChildLogic['definition'] }
  }
  if (kind === 'reducer') return { kind, known: NONE, definition: reducerActor(name, logic as Logic, common) }
  if (kind !== 'promise')
    return { kind, known: NONE, definition: sourceActor(name, kind, logic as Logic, known, common) }
  checkEffect(spec.name, src, options)
  return { kind, known: NONE, definition: promiseActor(name, src, logic as Logic, options, common) }
}

// An inline logic is named after the state that invokes it, and states may be named anything.
function nameFor(name: string, src: string): string {
  return `${name}.${src.replace(/[/\u0000-\u001f\u007f]/g, '|')}`
}
