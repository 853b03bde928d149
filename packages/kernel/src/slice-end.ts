import { easePressure } from './backpressure.js'
import type { Cell, Rare } from './cell.js'
import type { Kernel } from './kernel.js'

/** What has to be looked at when an actor has handled a slice, for actors that have such things. */
export function sliceEnded(kernel: Kernel, cell: Cell, rare: Rare): void {
  if (rare.pressure !== null) easePressure(kernel, cell, rare.pressure)
}
