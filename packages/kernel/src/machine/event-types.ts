// The event types of a machine: those that its transitions name. A wildcard names none; what it is to take is said
// beside the machine.

import { RESERVED, ROUTE, statesOf, type MachineLogic } from './xstate.js'

/** The event types that the transitions of a machine name. */
export function eventTypes(machine: MachineLogic): ReadonlySet<string> {
  const types = new Set<string>()
  for (const state of statesOf(machine.root)) {
    for (const descriptor of state.transitions.keys()) {
      const isWildcard = descriptor === '*' || descriptor.endsWith('.*')
      if (!isWildcard && (!descriptor.startsWith(RESERVED) || descriptor === ROUTE)) types.add(descriptor)
    }
  }
  return types
}
