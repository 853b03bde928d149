import { isFields } from './fields.js'
import type { MachineLogic } from './xstate.js'

/** The text of a machine: what its states say, and the source of the functions in them. Another text is another code. */
export function sourceText({ id, config, implementations }: MachineLogic): string {
  const { actions, guards, delays } = implementations
  try {
    return JSON.stringify({ config, actions, guards, delays }, (key, value: unknown) => {
      // Logics have definitions of their own.
      if (key === 'src' && isFields(value)) return undefined
      return typeof value === 'function' ? Object.assign({}, value, { source: String(value) }) : value
    })
  } catch {
    return id
  }
}
