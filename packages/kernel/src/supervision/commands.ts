// What a supervisor can be asked for. Its administration is its protocol: each command is a message like any other, so it
// is in the log with who asked and why, belongs to an incident, and waits its turn.

import type { RunHandler } from '../blueprint.js'
import type { SupervisorDefinition } from './supervisor-definition.js'

/** A command to a supervisor. */
export type Command = 'start' | 'terminate' | 'restart' | 'delete' | 'which' | 'count' | 'run' | 'resize'

/** A turn that can carry a command out. */
export interface Administers {
  administer(command: Command, order: unknown): void
}

const COMMON = ['terminate', 'which', 'count'] as const

/** The commands that a supervisor knows. */
export function commandsOf(definition: SupervisorDefinition): readonly Command[] {
  const { template, idleMs, isPartitioned } = definition
  if (idleMs !== undefined) return ['which', 'count']
  if (isPartitioned) return [...COMMON, 'restart', 'resize']
  if (template === undefined) return [...COMMON, 'start', 'restart', 'delete']
  return canRun(template.definition) ? [...COMMON, 'start', 'run'] : [...COMMON, 'start']
}

/** The handler of a command. */
export function administering(command: Command): RunHandler {
  return (ctx, order) => {
    ;(ctx as unknown as Administers).administer(command, order)
  }
}

function canRun(definition: object): boolean {
  const { spec } = definition as { readonly spec?: { readonly on?: object } }
  return spec?.on !== undefined && Object.hasOwn(spec.on, 'run')
}
