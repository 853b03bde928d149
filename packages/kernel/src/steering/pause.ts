// A paused actor takes no message: what it has in hand ends, and the rest waits under the bound of its mailbox. Whether
// it is paused is its own fact, which outlives its incarnations; the gate says so only while it is at work, so that a
// start hook runs and nobody who waits for it is stuck.

import type { Cell } from '../cell.js'
import { PAUSED } from '../gate.js'
import type { Kernel } from '../kernel.js'

/** Has an actor take no further message. */
export function pause(cell: Cell): void {
  cell.extra().isPaused = true
  if (cell.lifecycle === 'running' || cell.lifecycle === 'failed') cell.gate |= PAUSED
}

/** Has it take messages again. */
export function resume(kernel: Kernel, cell: Cell): void {
  if (cell.rare !== null) cell.rare.isPaused = false
  cell.gate &= ~PAUSED
  if (cell.gate === 0 && (cell.mailbox?.size ?? 0) > 0) kernel.dispatcher.enqueue(cell)
}
