// Volatile actors
// ===============
// What is volatile ends with the process, and with it all that is below: no log knows who spawned it, so no later process
// could find it. A supervisor keeps nothing itself and is as durable as what is above it; a durable actor is refused
// there, because it would forget what it was told to keep.

import type { Definition } from './definition.js'
import { HoldfastError } from './errors.js'
import type { SupervisorDefinition } from './supervision/supervisor-definition.js'

/** Whether actors of a definition keep nothing. */
export function isVolatile(definition: Definition): boolean {
  return (
    (definition as Definition & { readonly spec?: { readonly durable?: boolean } }).spec?.durable === false
  )
}

/**
 * Refuses a durable actor under a volatile one, also where it is a supervisor in between that names it.
 *
 * @throws {HoldfastError} `HF_INVALID` with the path of the durable one
 */
export function refuseDurable(definition: Definition, path: string): void {
  if (definition.kind === 'supervisor') {
    const { children, template } = definition as SupervisorDefinition
    for (const spec of children) refuseDurable(spec.definition, `${path}/${spec.id}`)
    if (template !== undefined) refuseDurable(template.definition, `${path}/*`)
  } else if (!isVolatile(definition)) {
    const message = `${path} would be durable, and above it is a volatile actor, which ends with the process.`
    throw new HoldfastError('HF_INVALID', message, {
      actor: path,
      field: 'durable',
      hint: 'Make it volatile as well, with `durable: false`, or start it under a durable actor.',
    })
  }
}
