import type { HoldfastError } from '../errors.js'
import { FAILED, QUARANTINED, RESTARTING, STOPPED, STOPPING, UNBORN, WAITING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { failOf, recall } from './remote-slice.js'

// Who is out of service already has had what it gets, and a turn that waits hears of its thread itself.
const HEARD = UNBORN | WAITING | FAILED | RESTARTING | STOPPING | STOPPED | QUARANTINED

/** Fails an actor that has ended its thread between its turns, as with an error in a timer. No message is at fault. */
export function failBetweenTurns(kernel: Kernel, actor: number, error: HoldfastError): void {
  const cell = kernel.cells.get(actor)
  const remote = cell?.rare?.remote ?? null
  if (cell === undefined || remote === null || (cell.gate & HEARD) !== 0) return
  if (remote.work !== null) {
    remote.fault = error
    return
  }
  recall(kernel, cell)
  failOf(kernel, cell, error)
}
