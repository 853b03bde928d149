// What has to be looked at when an actor has done something, for the few actors that have such things.

import { easePressure } from './backpressure.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell, Rare } from './cell.js'
import { idleAfterSlice, idleAfterWait } from './idle.js'
import type { Kernel } from './kernel.js'

/** An actor has taken so many messages from its mailbox. */
export function sliceEnded(kernel: Kernel, cell: Cell, rare: Rare, handled: number): void {
  if (rare.pressure !== null) easePressure(kernel, cell, rare.pressure)
  if (rare.caution !== null) rare.caution.handled(cell, handled)
  if (rare.idle !== null) idleAfterSlice(kernel, cell, rare.idle, handled)
}

/** A turn that waited has ended. */
export function waitEnded(kernel: Kernel, cell: Cell, entry: HandlerEntry): void {
  const idle = cell.rare?.idle ?? null
  if (idle !== null) idleAfterWait(kernel, cell, idle, entry)
  kernel.dispatcher.wake()
}
