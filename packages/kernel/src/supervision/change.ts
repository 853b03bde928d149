// The spec of a supervisor is changed while it runs (after OTP's code change of a supervisor): whoever is there goes on,
// under the new terms.

import type { Cell } from '../cell.js'
import { isDefinition } from '../definition-check.js'
import { HoldfastError, refuse } from '../errors.js'
import { fingerprintOf } from '../fingerprint.js'
import { STOPPED, UNBORN } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { noSuchActor } from '../refusals.js'
import { refuseDurable } from '../volatile.js'
import type { SupervisorDefinition } from './supervisor-definition.js'

/** Has a supervisor go on with another spec. Nothing has changed when it throws. */
export function changeSupervisor(kernel: Kernel, path: string, definition: SupervisorDefinition): void {
  const cell = kernel.find(path)
  if (cell === null || (cell.gate & (STOPPED | UNBORN)) !== 0) throw noSuchActor(path)
  const { blueprint } = cell
  if (!isDefinition(definition) || definition.kind !== 'supervisor')
    refuse('definition', definition, 'what supervisor() gives back', path)
  if (definition.name !== blueprint.name)
    refuse('definition.name', definition.name, `"${blueprint.name}", which runs there`, path)
  if ((definition.template === undefined) !== (blueprint.template === undefined)) {
    throw new HoldfastError('HF_INVALID', `${path} cannot become dynamic, or cease to be, while it runs.`, {
      actor: path,
      field: 'definition',
      hint: 'Start a supervisor of the other kind beside it.',
    })
  }
  if (!cell.durable) refuseDurable(definition, path)
  cell.blueprint = kernel.blueprints.replace(definition)
  kernel.supervisionOf(cell).change(definition.strategy)
  if (cell.durable) noteChange(kernel, cell, definition)
  kernel.dispatcher.wake()
}

function noteChange(kernel: Kernel, cell: Cell, definition: SupervisorDefinition): void {
  const { kind, maxRestarts, withinMs } = definition.strategy
  kernel.log.record('changed', cell.id, 0, 0, {
    strategy: `${kind} (${maxRestarts} in ${withinMs} ms)`,
    children: definition.children.map(({ id }) => id),
    fingerprint: fingerprintOf(cell.blueprint),
  })
}
